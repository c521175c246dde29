import FileSync
import Foundation
import Glibc
import LocalCluster
import Postgres
import Replication
import Settings
import Sites
import Synchronization
import TestSupport
import Testing

@testable import Failover

/// Plans that move files with the database: two clusters, two folders a job, real rsync.
@Suite("A site that moves with its files (P8, P11)", .serialized) struct FilePlanTests {
    private static let rules = [
        ("newer", "conflict: newer, "), ("keep", "conflict: keep_both, "), ("first", "conflict: primary, "),
        ("second", "conflict: secondary, "),
    ]

    /// Both sites had these in common when they parted.
    private static let common = ["both": "base both", "only": "base only", "gone": "base gone", "same": "base same"]

    /// Life at both sites after they parted: `both` differs, and is newer at the primary.
    private static func part(_ place: FilePlace, _ job: String) {
        let (primary, secondary) = (place.primary(job), place.secondary(job))
        primary.write("uploads/late", "only the dead primary had it")
        primary.write("both", "late at the primary", at: 4_000_000_000)
        secondary.write("both", "at the secondary")
        secondary.write("only", "changed at the secondary")
        secondary.write("new/file", "new at the secondary")
        secondary.remove("gone")
    }

    @Test func `a failover and a failback take the files along, by every rule, and nothing is lost`() async throws {
        let place = try await FilePlace.make(Self.rules)
        for job in place.jobs {
            for (path, text) in Self.common { place.primary(job).write(path, text) }
            #expect(try await place.sync(job).files == 4)
        }
        let there = try await place.run(.failover)
        #expect(there.outcome == .done, "\(there)")
        #expect(there.lines.first { $0.step == .filesFreeze }?.numbers["files_in_base"] == 16)
        for job in place.jobs { Self.part(place, job) }
        try await expectNoPush(place, "newer")
        var ledger = FileLedger()
        for job in place.jobs {
            ledger.take(job, [place.primary(job), place.secondary(job)], common: Self.common)
        }

        // All of it is told before anything moves.
        let orchestrator = try place.setup.orchestrator()
        let plan = try await orchestrator.plan(.failback, mode: .freeze, id: "shown", cause: "a test")
        let outlook = await orchestrator.outlook(of: plan)
        for job in try #require(outlook.files) {
            #expect(job.obstacle == nil && job.note == nil)
            let reasons = Dictionary(uniqueKeysWithValues: job.entries.map { ($0.path, $0.reason) })
            #expect(
                reasons == [
                    "uploads": "rescue", "uploads/late": "rescue", "both": "conflict", "only": "copy_back",
                    "new": "copy_back", "new/file": "copy_back", "gone": "delete",
                ], "\(job.job)")
        }
        #expect(place.primary("newer").text("only") == "base only")

        let back = try await place.run(.failback)
        #expect(back.outcome == .done, "\(back)")
        #expect(back.numbers["files_rescued"] == 8 && back.numbers["files_in_conflict"] == 4, "\(back.numbers)")
        #expect(back.numbers["files_deleted"] == 4 && back.numbers["files_moved"] == 12, "\(back.numbers)")
        for (job, winner) in [
            ("newer", "late at the primary"), ("keep", "at the secondary"), ("first", "late at the primary"),
            ("second", "at the secondary"),
        ] {
            let (primary, secondary) = (place.primary(job), place.secondary(job))
            #expect(primary.files() == secondary.files(), "\(job)")
            #expect(primary.text("both") == winner && primary.text("gone") == nil, "\(job)")
            #expect(primary.text("uploads/late") == "only the dead primary had it" && primary.text("new/file") != nil)
            let copies = primary.files().filter { $0.key.hasPrefix("both.conflict-primary-") }
            #expect(copies.values.sorted() == (job == "keep" ? ["late at the primary"] : []), "\(job)")
            let reported = try await place.reported(job)
            let aside = Set(reported.filter { $0.setAside != nil }.map(\.path))
            #expect(ledger.lost(job, primary, secondary, reported: aside) == [], "\(job)")
            #expect(aside == ["both", "only", "gone"], "\(job)")
        }
        try await expectGoingOn(place)
    }

    /// Whoever still takes the old site for the active one pushes nothing, whatever it believes.
    private func expectNoPush(_ place: FilePlace, _ job: String) async throws {
        let before = place.secondary(job).files()
        let asked = await #expect(throws: FileSyncError.self) { _ = try await place.sync(job) }
        #expect(asked?.kind == .standby)
        for epoch in [0, 1] {
            let believed = place.job(job, active: FixedActiveSite(site: "primary", epoch: epoch - 1)).mover
            let refused = await #expect(throws: FileSyncError.self) {
                _ = try await believed.sync(SyncOptions()) { _ in }
            }
            #expect(refused?.kind == .stale, "\(epoch)")
        }
        #expect(place.secondary(job).files() == before)
    }

    /// The jobs go forward again; what somebody wrote at the old site after the last pass is rescued, not deleted.
    private func expectGoingOn(_ place: FilePlace) async throws {
        place.secondary("newer").write("straggler", "written after the last pass")
        place.primary("newer").write("after", "forward again")
        place.primary("newer").remove("same")
        _ = try await place.sync("newer")
        let files = place.primary("newer").files()
        #expect(files == place.secondary("newer").files())
        #expect(files["straggler"] == "written after the last pass" && files["after"] != nil && files["same"] == nil)
        #expect(try await place.reported("newer").contains { $0.path == "straggler" })
    }

    @Test func `a failover back from a site that was lost meanwhile merges before it sends`() async throws {
        let place = try await FilePlace.make([("opt", "")])
        let (primary, secondary) = (place.primary("opt"), place.secondary("opt"))
        for (path, text) in Self.common { primary.write(path, text) }
        _ = try await place.sync("opt")
        #expect(try await place.run(.failover).outcome == .done)
        secondary.write("upload", "only the secondary had it")
        secondary.remove("gone")
        // Now the secondary is the one that is lost.
        let back = try await place.run(.failover)
        #expect(back.outcome == .done && back.plan.to.name == "primary", "\(back)")
        primary.write("only", "changed at the primary")
        _ = try await place.sync("opt")
        #expect(primary.files() == secondary.files())
        // Of a lost site nobody knows whether a file was deleted or lost with it.
        #expect(primary.text("upload") == "only the secondary had it" && primary.text("gone") == "base gone")
        #expect(secondary.text("only") == "changed at the primary")
        // A pass of the way back that was still under way under the old epoch is refused.
        let old = place.job("opt", active: FixedActiveSite(site: "secondary", epoch: 1)).mover
        let refused = await #expect(throws: FileSyncError.self) { _ = try await old.pass(isFinal: false) { _ in } }
        #expect(refused?.message.contains("last written under epoch") == true, "\(String(describing: refused))")
    }

    @Test func `a switchover sends the last files inside of the freeze, and overlap brings them back`() async throws {
        let place = try await FilePlace.make([("opt", "")], failover: "  limits: { linger: 200ms }\n")
        let (primary, secondary) = (place.primary("opt"), place.secondary("opt"))
        for (path, text) in Self.common { primary.write(path, text) }
        let there = try await place.run(.switchover)
        #expect(there.outcome == .done, "\(there)")
        #expect(there.numbers["files_moved"] == 4 && secondary.files() == Self.common)
        secondary.write("new", "at the secondary")
        secondary.remove("gone")
        let back = try await place.run(.failback, .overlap)
        #expect(back.outcome == .done, "\(back)")
        #expect(primary.files() == secondary.files() && primary.text("new") != nil && primary.text("gone") == nil)
        #expect(back.lines.last?.note == "files go from primary to secondary again: opt")
    }

    @Test func `what a guard refuses undoes a failback before anything is changed, and says what to do`() async throws {
        let place = try await FilePlace.make([("opt", "max_deletions: 2, ")])
        let (primary, secondary) = (place.primary("opt"), place.secondary("opt"))
        for number in 0..<6 { primary.write("\(number)", "\(number)") }
        _ = try await place.sync("opt")
        #expect(try await place.run(.failover).outcome == .done)
        for number in 0..<3 { secondary.remove("\(number)") }
        let refused = try await place.run(.failback)
        #expect(refused.outcome == .undone)
        #expect(
            refused.reason?.contains("3 files would be deleted at primary, and the limit is 2") == true, "\(refused)")
        #expect(refused.lines.first { $0.step == .filesAhead }?.seconds == nil)
        #expect(primary.files().count == 6)
        // The site is where it was, and a later failback goes through.
        secondary.write("0", "0 again")
        #expect(try await place.run(.failback).outcome == .done)
        #expect(primary.files() == secondary.files() && primary.files().count == 4)
    }

    @Test func `a failback is held until the files that rows name are there`() async throws {
        let place = try await FilePlace.make(
            [("assets", "referenced_by: { table: public.item, column: v, hold: true }, ")],
            failover: "  limits: { files: 4s }\n")
        let (primary, secondary) = (place.primary("assets"), place.secondary("assets"))
        primary.write("first", "named by the first rows")
        _ = try await place.sync("assets")
        #expect(try await place.run(.failover).outcome == .done)
        try await place.site.secondary.run("INSERT INTO item (v) VALUES ('a/upload')")
        let held = try await place.run(.failback)
        #expect(held.outcome == .undone && held.lines.first { $0.step == .fence }?.seconds == nil, "\(held)")
        #expect(
            held.reason == "rows of public.item at primary name files of assets that are not there: a/upload",
            "\(held.reason ?? "")")
        #expect(held.hint?.hasSuffix("then \"switchback failback --yes\" goes on") == true)
        // The file comes while the plan waits for it.
        let late = Task {
            try await Task.sleep(for: .milliseconds(1200))
            secondary.write("a/upload", "its file")
        }
        let back = try await place.run(.failback)
        try await late.value
        #expect(back.outcome == .done, "\(back)")
        #expect(primary.text("a/upload") == "its file")
    }

    /// An rsync in front of the real one that says it could not move something, as on a disk with errors.
    @Test(arguments: [23, 24]) func `rsync's 23 and 24 are no success in a failback`(_ status: Int) async throws {
        let place = try await FilePlace.make([("opt", "")])
        let (primary, secondary) = (place.primary("opt"), place.secondary("opt"))
        for (path, text) in Self.common { primary.write(path, text) }
        _ = try await place.sync("opt")
        let programs = place.folder + "/bin"
        try FileManager.default.createDirectory(atPath: programs, withIntermediateDirectories: true)
        let known = ["/usr/bin/rsync", "/usr/local/bin/rsync"]
        let real = known.first { FileManager.default.isExecutableFile(atPath: $0) } ?? known[0]
        // What a pass brings to the primary is left out.
        try """
        #!/bin/sh
        case "$*" in *--backup*--files-from*primary/|*--files-from*--backup*primary/) [ -e \(place.folder)/well ] || exit \(status);; esac
        exec \(real) "$@"
        """.write(toFile: programs + "/rsync", atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: programs + "/rsync")
        let path = programs + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
        let environment = ["SWITCHBACK_SITE": "primary", "PATH": path]
        let there = try await Program.run(["failover", "--yes"], in: place.folder, environment: environment)
        #expect(there.status == 0, "\(there)")
        secondary.write("new", "at the secondary")
        let refused = try await Program.run(["failback", "--yes"], in: place.folder, environment: environment)
        #expect(refused.status == 1 && refused.output.contains("undone; everything is as it was"), "\(refused)")
        let says = status == 23 ? "rsync status 23" : "are not equal at primary and secondary after the last pass"
        #expect(refused.output.contains(says), "\(refused)")
        #expect(try await place.site.primary.failure("DELETE FROM tally WHERE false")?.sqlState == "25006")
        #expect(primary.text("new") == nil)
        #expect(FileManager.default.createFile(atPath: place.folder + "/well", contents: nil))
        let back = try await Program.run(["failback", "--yes"], in: place.folder, environment: environment)
        #expect(back.status == 0 && primary.text("new") == "at the secondary", "\(back)")
    }

    // MARK: Cut off

    /// The program is killed by SIGKILL while rsync is at work, which goes on without it for a while.
    @Test func `a failback that is killed while files move is gone on with, and loses nothing`() async throws {
        let place = try await FilePlace.make([("opt", "bandwidth: 200, ")])
        let (primary, secondary) = (place.primary("opt"), place.secondary("opt"))
        for (path, text) in Self.common { primary.write(path, text) }
        _ = try await place.sync("opt")
        let environment = ["SWITCHBACK_SITE": "primary"]
        let there = try await Program.run(["failover", "--yes"], in: place.folder, environment: environment)
        #expect(there.status == 0, "\(there)")
        Self.part(place, "opt")
        for number in 0..<4 { secondary.write("big/\(number)", String(repeating: "\(number)", count: 150_000)) }
        var ledger = FileLedger()
        ledger.take("opt", [primary, secondary], common: Self.common)
        let shown = try await Program.run(
            ["failback", "--dry-run", "--json"], in: place.folder, environment: environment)
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(shown.output.utf8)) as? [String: Any], "\(shown)")
        let entries = (document["files"] as? [[String: Any]])?.first?["entries"] as? [[String: Any]]
        #expect(entries?.count == 12 && entries?.contains { $0["reason"] as? String == "rescue" } == true, "\(shown)")

        let running = try await RunningProgram(["failback", "--yes"], in: place.folder, environment: environment)
        #expect(try await eventually { primary.text("big/0") != nil })
        running.signal(SIGKILL)
        _ = try await running.end()
        #expect(primary.text("big/3") == nil)
        // The server may take a moment to see that the killed one is gone, and gives the lease away then.
        var resumed = try await Program.run(
            ["failback", "resume", "--yes", "--json"], in: place.folder, environment: environment)
        while resumed.status != 0, resumed.errors.contains("lease") {
            try await Task.sleep(for: .milliseconds(100))
            resumed = try await Program.run(
                ["failback", "resume", "--yes", "--json"], in: place.folder, environment: environment)
        }
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(resumed.output.utf8)) as? [String: Any], "\(resumed)")
        #expect(report["outcome"] as? String == "done" && report["files_rescued"] as? Int == 2, "\(resumed)")
        #expect(primary.files() == secondary.files())
        let reported = try await place.reported("opt")
        let aside = Set(reported.filter { $0.setAside != nil }.map(\.path))
        #expect(ledger.lost("opt", primary, secondary, reported: aside) == [])
        let told = try await Program.run(["files", "report", "opt"], in: place.folder, environment: environment)
        #expect(told.output.contains("CUT OFF") && told.output.contains("uploads/late"), "\(told)")
    }
}
