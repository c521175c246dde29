import Foundation
import Glibc
import Postgres
import Programs
import Settings
import TestSupport
import Testing

@testable import FileSync

/// What a user types, and the site of the documents.
@Suite("Commands for files") struct FilesCommandTests {
    /// A folder with a configuration whose two trees lie in it.
    private final class Place: Sendable {
        let folder: String
        let primary: Tree
        let secondary: Tree

        init(_ options: String = "delete: true") throws {
            folder = try Program.folder()
            primary = Tree(folder + "/primary")
            secondary = Tree(folder + "/secondary")
            for tree in [primary, secondary] { mkdir(tree.root, 0o755) }
            let reach =
                "reach: { primary: { local: true, path: \"\(primary.root)\" }, secondary: { local: true, path: \"\(secondary.root)\" } }"
            try TestSite.yaml("\(options), \(reach)").write(
                toFile: folder + "/switchback.yaml", atomically: false, encoding: .utf8)
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        func run(_ words: String...) async throws -> Program.Outcome { try await Program.run(words, in: folder) }

        func document(_ outcome: Program.Outcome) -> Any? {
            try? JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        }
    }

    @Test func `sync, status and plan say what was done, what is, and what would be`() async throws {
        let place = try Place()
        place.primary.write("a", "1")
        place.primary.write("b", "2")
        let dry = try await place.run("files", "sync", "opt", "--dry-run")
        #expect(dry.status == 0 && dry.output.contains("opt: 2 files, 2 B would be moved from primary to secondary"))
        #expect(!place.secondary.exists("a"))
        let sync = try await place.run("files", "sync", "--json")
        let report = try #require((place.document(sync) as? [[String: Any]])?.first)
        #expect(sync.status == 0 && report["files"] as? Int == 2 && report["is_complete"] as? Bool == true)
        let status = try await place.run("files", "status", "--json")
        let states = try #require((place.document(status) as? [String: Any])?["files"] as? [[String: Any]])
        #expect(
            status.status == 0 && states.first?["state"] as? String == "idle" && states.first?["files"] as? Int == 3)
        place.secondary.remove("b")
        place.primary.write("upload", "3")
        let plan = try await place.run("files", "plan", "--json")
        let entries = try #require((place.document(plan) as? [[String: Any]])?.first?["entries"] as? [[String: Any]])
        #expect(plan.status == 0)
        #expect(entries.map { "\($0["reason"] ?? "") \($0["path"] ?? "")" } == ["delete b", "rescue upload"])
        let text = try await place.run("files", "plan").output
        #expect(text.contains("rescue") && text.contains("upload"))
    }

    /// Symptom: `files plan` said that two trees were equal of which one had files that the other did not. Cause: what stays where it is
    /// because nothing is deleted is nothing to do, and so it was not counted. Fix: it is counted and told.
    @Test func `plan says what only one site has and keeps, and equal only of what is equal`() async throws {
        let place = try Place("delete: false")
        for name in ["a", "b", "folder/c"] { place.primary.write(name, "1") }
        #expect(try await place.run("files", "sync").status == 0)
        #expect(try await place.run("files", "plan").output == "opt: secondary and primary are equal\n")
        place.primary.remove("folder")
        // With the record of the runs gone the next one looks at both trees.
        place.primary.remove(".switchback/opt/runs")
        #expect(try await place.run("files", "sync").status == 0)
        let kept = "are only at secondary and stay there because of delete: false"
        let plan = try await place.run("files", "plan")
        #expect(plan.status == 0)
        #expect(plan.output == "opt: nothing is to be moved between secondary and primary; 2 paths \(kept)\n")
        place.secondary.remove("b")
        place.secondary.write("new", "22")
        let text = try await place.run("files", "plan").output
        #expect(
            text.hasPrefix(
                "opt: 1 path differs between secondary and primary, 2 B to move; 1 path is only at primary and stays there because of delete: false; 2 paths \(kept)\n"
            ), "\(text)")
        let json = try await place.run("files", "plan", "--json")
        let staying = try #require((place.document(json) as? [[String: Any]])?.first?["staying"] as? [[String: Any]])
        #expect(staying.map { "\($0["site"] ?? "") \($0["paths"] ?? "")" } == ["primary 1", "secondary 2"])
    }

    @Test func `a guard that says no ends with 3, what fails with 1, what is wrong with 2`() async throws {
        let place = try Place("delete: true, max_deletions: 1")
        for number in 0..<5 { place.primary.write("\(number)", "x") }
        #expect(try await place.run("files", "sync").status == 0)
        for number in 0..<3 { place.primary.remove("\(number)") }
        let held = try await place.run("files", "sync", "opt", "--json")
        #expect(held.status == 3 && (place.document(held) as? [String: Any])?["hint"] != nil)
        let status = try await place.run("files", "status")
        #expect(status.status == 3 && status.output.contains("held") && status.output.contains("--allow-deletions"))
        #expect(try await place.run("files", "sync", "opt", "--allow-deletions").status == 0)
        #expect(try await place.run("files", "status").status == 0)
        #expect(try await place.run("files", "sync", "nosuch").status == 2)
        #expect(try await place.run("files", "sync", "--adopt").status == 2)
        rmdir(place.secondary.root)
        place.secondary.remove("")
        #expect(try await place.run("files", "sync", "opt").status != 0)
    }

    @Test func `status shows the files beside the streams`() async throws {
        let place = try Place()
        place.primary.write("a", "1")
        #expect(try await place.run("files", "sync").status == 0)
        let outcome = try await place.run("status", "--json")
        let document = try #require(place.document(outcome) as? [String: Any])
        let files = try #require(document["files"] as? [[String: Any]])
        #expect(files.first?["name"] as? String == "opt" && files.first?["last_files"] as? Int == 1)
        #expect(files.first?.keys.contains("error") == true && document["nodes"] != nil)
        #expect(try await place.run("status").output.contains("primary → secondary"))
    }

    /// Symptom: after a power failure a tree could have its older marker again. Cause: a file was on the disk, and its name was not. Fix:
    /// the folder is brought there as well.
    @Test(.enabled(if: access("/usr/bin/strace", X_OK) == 0, "no strace here"))
    func `a marker is on the disk with its name`() async throws {
        let place = try Place()
        place.primary.write("a", "1")
        let trace = place.folder + "/trace"
        let outcome = try await ExternalProgram(
            ["strace", "-f", "-y", "-e", "trace=fsync", "-o", trace, Program.path, "files", "sync", "opt"],
            environment: ["SWITCHBACK_CONFIG": nil], folder: place.folder
        ).run(limit: .seconds(60))
        #expect(outcome.ending == .exited(0), "\(outcome.errors)")
        let calls = try String(contentsOfFile: trace, encoding: .utf8)
        for tree in [place.primary, place.secondary] {
            for name in ["/.switchback/opt/marker.new>", "/.switchback/opt>", "/.switchback>", ">"] {
                #expect(calls.contains("<\(tree.root)\(name)"), "\(calls)")
            }
        }
    }

    @Test func `the daemon runs the jobs, also while no database answers, and ends when it is told`() async throws {
        let place = try Place("delete: true, every: 1s, watch: true")
        place.primary.write("a", "1")
        let daemon = try await RunningProgram(["run"], in: place.folder)
        #expect(try await eventually { place.secondary.text("a") == "1" })
        place.primary.write("b", "2")
        #expect(try await eventually { place.secondary.text("b") == "2" })
        daemon.signal(SIGTERM)
        let outcome = try await daemon.end()
        #expect(outcome.status == 0 && outcome.errors.contains("files opt: watches"))
    }

    @Test func `no password is shown, whatever goes wrong (P12)`() async throws {
        let folder = try Program.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        mkdir(folder + "/primary", 0o755)
        try TestSite.yaml(
            "reach: { primary: { local: true, path: \"\(folder)/primary\" }, secondary: { daemon: \"rsync://127.0.0.1:1/tree\", user: sync, password: geheim } }"
        ).write(toFile: folder + "/switchback.yaml", atomically: false, encoding: .utf8)
        for words in [["files", "sync"], ["files", "status"], ["files", "plan"], ["files", "sync", "--json"]] {
            let outcome = try await Program.run(words, in: folder, environment: ["SWITCHBACK_SITE": "primary"])
            #expect(!(outcome.output + outcome.errors).contains("geheim"), "\(words)")
            #expect(outcome.status == (words[1] == "status" ? 3 : 1), "\(words): \(outcome)")
        }
    }

    // MARK: The site of the documents

    private static let example: String = {
        let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return (try? String(contentsOf: top.appendingPathComponent("Docs/examples/dryad.yaml"), encoding: .utf8)) ?? ""
    }()

    /// Each job of it between folders of the test's own, with all that stands in it besides.
    @Test func `the seven commands of the first site can be written down and run`() async throws {
        let settings = try Settings.parse(Self.example)
        #expect(
            settings.files.map(\.path) == [
                "/opt/", "/home/", "/usr/local/apache-tomcat-6.0.33/", "/var/tomcat/", "/usr/java/", "/var/www/dryad/",
                "/etc/httpd/",
            ])
        #expect(settings.files.allSatisfy { $0.delete && $0.options.wholeFile && $0.from == "primary" })
        #expect(settings.files.map(\.once) == [false, false, false, false, false, false, true])
        let left = [
            ["access.log.1", "tivoli/x", "a/log/x"], ["largeFilesToDeposit/x", "memcpu_dump/x"], [],
            ["logs/x", "temp/x", "newrelic/x"], [], [], [],
        ]
        let folder = try Program.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (index, files) in settings.files.enumerated() {
            let trees = ["from", "to"].map { Tree("\(folder)/\(files.name)-\($0)") }
            for tree in trees { mkdir(tree.root, 0o755) }
            for path in ["stays/x"] + left[index] { trees[0].write(path, "1") }
            let mover = RsyncMover(
                files, from: TreeEnd(local: trees[0].root, site: files.from, job: files.name),
                to: TreeEnd(local: trees[1].root, site: files.to, job: files.name),
                active: FixedActiveSite(site: files.from))
            let report = try await mover.sync(SyncOptions()) { _ in }
            #expect(report.isComplete && report.files == 1, "\(files.name)")
            #expect(trees[1].exists("stays/x"))
            for path in left[index] { #expect(!trees[1].exists(path), "\(files.name): \(path)") }
        }
    }

    // MARK: Rows

    @Test func `rows whose file is missing and files that no row names are told`() async throws {
        let database = try await TestDatabase.make(in: TestServers.shared.server("source"))
        try await database.run(
            "CREATE TABLE bitstream (id int PRIMARY KEY, \"Path\" text); INSERT INTO bitstream VALUES (1, 'a/1'), (2, '/nowhere-switchback/opt/a/2'), (3, './late'), (4, NULL), (5, 'a/1'), (6, 'log/x')"
        )
        let site = try TestSite(
            "exclude: [\"log/\"], referenced_by: { table: public.bitstream, column: Path, hold: true }"
        ) {
            "local: true, path: \"\($0.root)\""
        }
        for path in ["a/1", "a/2", "stray"] { site.secondary.write(path, "x") }
        let connection = try await database.connect()
        let report = try #require(try await site.mover.references(at: "secondary", over: connection))
        await connection.close()
        #expect(report.missing == ["late"] && report.unknown == ["stray"])
        #expect(report.named == 4 && report.files == 3 && report.holds)
    }
}
