import FileSync
import Foundation
import Glibc
import Settings
import TestSupport
import Testing

/// A mover of the user's own.
@Suite("A program in rsync's place") struct ExecMoverTests {
    private func job(_ script: String, in folder: String, pointer: Pointer, timeout: String = "60s") throws -> FileJob {
        let path = folder + "/mover"
        try ("#!/bin/sh\n" + script).write(toFile: path, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        let yaml = TestSite.yaml("mover: { exec: [\"\(path)\", word], timeout: \(timeout) }")
        return FileJob.all(try Settings.parse(yaml), here: "primary", active: pointer, state: folder + "/state")[0]
    }

    private func inFolder(_ body: (String) async throws -> Void) async throws {
        let folder = try Program.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    @Test func `each operation is one call, with all that is to be known on standard input`() async throws {
        try await inFolder { folder in
            let pointer = Pointer("primary", epoch: 4)
            let job = try job(
                """
                cat >> "\(folder)/asked"
                echo '{"files": 3, "bytes": 10, "remaining": 0, "entries": [{"path": "a", "reason": "rescue", "keeps": "primary", "set_aside": "secondary:/old/a"}]}'
                """, in: folder, pointer: pointer)
            #expect(try await job.mover.sync(SyncOptions()) { _ in }.files == 3)
            #expect(try await job.mover.freeze(epoch: 5).files == 3)
            pointer.move(to: "secondary", epoch: 5)
            #expect(try await job.mover.plan().entries.first?.reason == "rescue")
            let last = try await job.mover.pass(isFinal: true) { _ in }
            #expect(last.remaining == 0 && last.done.first?.setAside == "secondary:/old/a")
            #expect(try await job.mover.report().epoch == 5)
            let asked = try String(contentsOfFile: folder + "/asked", encoding: .utf8).split(separator: "\n")
            #expect(
                asked.first
                    == "{\"active\":\"primary\",\"dry_run\":false,\"epoch\":4,\"from\":{\"address\":\"203.0.113.1\",\"path\":\"/nowhere-switchback/opt/\",\"site\":\"primary\"},\"is_final\":false,\"job\":\"opt\",\"operation\":\"sync\",\"to\":{\"address\":\"203.0.113.2\",\"path\":\"/nowhere-switchback/opt/\",\"site\":\"secondary\"}}"
            )
            #expect(asked.count == 5 && asked[1].contains("\"epoch\":5") && asked[3].contains("\"is_final\":true"))
        }
    }

    @Test(arguments: [
        ("echo nothing", FileSyncError.Kind.failed, "no JSON document"), ("echo '{}'; exit 1", .failed, "status 1"),
        ("echo 'brick is down' >&2; exit 7", .failed, "brick is down"),
        ("echo '{\"message\": \"not now\"}'; exit 3", .refused, "not now"),
        ("exit 4", .stale, "did not do sync"), ("kill -9 $$", .failed, "status 137"),
        ("sleep 60", .failed, "within its time"),
    ]) func `what goes wrong is told as what it is`(_ script: String, _ kind: FileSyncError.Kind, _ says: String)
        async throws
    {
        try await inFolder { folder in
            let job = try job(script, in: folder, pointer: Pointer("primary", epoch: 1), timeout: "1s")
            let error = await #expect(throws: FileSyncError.self) { try await job.mover.sync(SyncOptions()) { _ in } }
            #expect(error?.kind == kind && error?.message.contains(says) == true, "\(String(describing: error))")
            #expect(error?.hint != nil)
        }
    }

    @Test func `a mover that does not say that nothing is left has not finished`() async throws {
        try await inFolder { folder in
            for answer in ["{}", "{\"remaining\": 2}"] {
                let job = try job("echo '\(answer)'", in: folder, pointer: Pointer("secondary", epoch: 1))
                await #expect(throws: FileSyncError.self) { try await job.mover.pass(isFinal: true) { _ in } }
            }
            let idle = try job("echo '{}'", in: folder, pointer: Pointer("secondary", epoch: 1))
            let error = await #expect(throws: FileSyncError.self) { try await idle.mover.sync(SyncOptions()) { _ in } }
            #expect(error?.kind == .standby)
        }
    }

    @Test func `its runs are remembered over restarts, and do not overlap`() async throws {
        try await inFolder { folder in
            let pointer = Pointer("primary", epoch: 1)
            let script =
                "[ ! -e \"\(folder)/bad\" ] || exit 7; while [ -e \"\(folder)/slow\" ]; do sleep 0.05; done; echo '{\"files\": 3}'"
            let first = try job(script, in: folder, pointer: pointer)
            #expect(await FilesStatus.of(first).state == "never run")
            _ = try await first.mover.sync(SyncOptions()) { _ in }
            // Another engine, later.
            let second = try job(script, in: folder, pointer: pointer)
            let well = await FilesStatus.of(second)
            #expect(well.state == "idle" && well.runs == 1 && well.lastFiles == 3 && well.lastSuccessAt != nil)
            #expect(FileManager.default.createFile(atPath: folder + "/bad", contents: nil))
            await #expect(throws: FileSyncError.self) { try await second.mover.sync(SyncOptions()) { _ in } }
            let bad = await FilesStatus.of(try job(script, in: folder, pointer: pointer))
            #expect(bad.state == "failed" && bad.failures == 1 && bad.error?.contains("status 7") == true)
            #expect(bad.lastSuccessAt == well.lastSuccessAt && !bad.isWell)
            unlink(folder + "/bad")
            #expect(FileManager.default.createFile(atPath: folder + "/slow", contents: nil))
            let running = Task { try await first.mover.sync(SyncOptions()) { _ in } }
            #expect(try await eventually { await FilesStatus.of(second).state == "running" })
            let busy = await #expect(throws: FileSyncError.self) { try await second.mover.sync(SyncOptions()) { _ in } }
            #expect(busy?.kind == .busy)
            unlink(folder + "/slow")
            _ = try await running.value
        }
    }

    // MARK: GlusterFS

    /// The example of the documents, against a `gluster` that answers as the real one's manual has it: a checkpoint is
    /// complete at the third look.
    @Test(.enabled(if: access("/usr/bin/python3", X_OK) == 0, "the example is in Python"))
    func `the example for GlusterFS waits for its checkpoint, and turns the session round`() async throws {
        try await inFolder { folder in
            let example = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("Docs/examples/gluster-mover").path
            try Self.gluster(folder).write(toFile: folder + "/gluster", atomically: false, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "/gluster")
            let pointer = Pointer("primary", epoch: 1)
            let job = try job(
                "PATH=\"\(folder):$PATH\" GLUSTER_SSH= GLUSTER_LOOK_EVERY=0 exec python3 \"\(example)\" opt-volume\n",
                in: folder, pointer: pointer)
            /// What gluster was asked since the last time.
            func calls() throws -> [String] {
                defer { for name in ["/calls", "/looks"] { unlink(folder + name) } }
                return try String(contentsOfFile: folder + "/calls", encoding: .utf8).split(separator: "\n").map {
                    String($0).replacing("--mode=script volume geo-replication ", with: "")
                }
            }
            #expect(try await job.mover.sync(SyncOptions()) { _ in }.isComplete)
            let session = "opt-volume 203.0.113.2::opt-volume"
            let looks = Array(repeating: "\(session) status detail --xml", count: 3)
            #expect(try calls() == ["\(session) config checkpoint now"] + looks)
            _ = try await job.mover.freeze(epoch: 2)
            #expect(try calls() == ["\(session) stop force"])
            pointer.move(to: "secondary", epoch: 2)
            #expect(try await job.mover.pass(isFinal: true) { _ in }.remaining == 0)
            let back = "opt-volume 203.0.113.1::opt-volume"
            let wanted = [
                "status --xml", "\(back) create push-pem force", "\(back) config special-sync-mode recover",
                "\(back) start force", "\(back) config checkpoint now",
            ]
            let later = Array(repeating: "\(back) status detail --xml", count: 3) + ["\(back) stop", "\(back) delete"]
            #expect(try calls() == wanted + later)
        }
    }

    private static func gluster(_ folder: String) -> String {
        """
        #!/bin/sh
        echo "$*" >> "\(folder)/calls"
        case "$*" in
        *"status detail --xml")
            n=$(($(cat "\(folder)/looks" 2>/dev/null || echo 0) + 1)); echo $n > "\(folder)/looks"
            done=No; [ $n -ge 3 ] && done=Yes
            echo "<cliOutput><geoRep><volume><sessions><session>"
            echo "<pair><master_node>node1</master_node><status>Active</status><checkpoint_completed>$done</checkpoint_completed></pair>"
            echo "<pair><master_node>node2</master_node><status>Passive</status><checkpoint_completed>N/A</checkpoint_completed></pair>"
            echo "</session></sessions></volume></geoRep></cliOutput>" ;;
        *"status --xml") echo "<cliOutput><geoRep/></cliOutput>" ;;
        esac

        """
    }
}
