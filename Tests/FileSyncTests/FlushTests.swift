import Foundation
import Glibc
import Programs
import TestSupport
import Testing

@testable import FileSync

/// What a way back brings is on the disks before anything counts on it.
@Suite("Files on the disk after a way back") struct FlushTests {
    /// Its disk has errors while `broken` is beside it.
    private func remoteShell(in folder: String) throws -> String {
        try RemoteShell.make(
            in: folder,
            first: """
                case "$*" in *"sync -f"*)
                    if [ -e "\(folder)/broken" ]; then echo "sync: error syncing: Input/output error" >&2; exit 1; fi ;;
                esac
                """)
    }

    /// Symptom: after a power failure files were gone that a failback had told as moved, and the next comparison took them for deleted.
    /// Cause: rsync leaves what it moves to the system, which brings it to the disk when it likes, and the base that says that both
    /// sites have it was on the disk at once. Fix: the file systems where something came are flushed before the base is written, and
    /// a pass of which that fails is none.
    @Test func `what a way back brings is flushed before it counts as common`() async throws {
        let folder = try Program.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let shell = try remoteShell(in: folder)
        let site = try TestSite { "shell: [\"\(shell)\"], host: far, path: \"\($0.root)\"" }
        let order = "LC_ALL=C exec sync -f '\(site.secondary.root)/'"
        func flushes() throws -> Int {
            let asked = try String(contentsOfFile: folder + "/asked", encoding: .utf8)
            return asked.split(separator: "\n").count { $0 == order }
        }
        func base() -> [UInt8]? { site.primary.bytes(Array(".switchback/opt/manifest".utf8)) }
        for name in ["a", "b"] { site.primary.write(name, "1") }
        try await site.sync()
        site.primary.write("b", "2")
        try await site.sync()
        site.primary.write("upload", "only the primary had it")
        try await site.failOver()
        // What everyday runs move is left to the system.
        #expect(try flushes() == 0)
        let frozen = base()
        site.secondary.write("new", "1")
        #expect(FileManager.default.createFile(atPath: folder + "/broken", contents: nil))
        let error = await #expect(throws: FileSyncError.self) { try await site.pass() }
        #expect(error?.message.contains("Input/output error") == true, "\(String(describing: error))")
        #expect(error?.kind == .failed && error?.hint?.contains("see that the disk is well") == true)
        #expect(try flushes() == 1)
        #expect(base() == frozen && frozen != nil)
        // The next pass finds both trees equal, and knows that nobody saw the end of the one before.
        unlink(folder + "/broken")
        #expect(try await site.pass().remaining == 0)
        #expect(try flushes() == 2)
        site.primary.write("later", "only the primary had it")
        try await site.pass(isFinal: true)
        #expect(try flushes() == 3)
        #expect(base() != frozen && site.secondary.exists("upload"))
        #expect(site.primary.content() == site.secondary.content())
        // A merge that finds nothing to bring has nothing to flush.
        site.pointer.move(to: "primary", epoch: 3)
        try await site.sync()
        site.primary.write("a", "2")
        try await site.sync()
        #expect(try flushes() == 3)
        #expect(site.secondary.text("a") == "2")
    }

    @Test func `the file systems of the root and of what is mounted in the tree are flushed`() throws {
        let mounts = [TreePath("a b"), TreePath([0xFF])]
        let site = try TestSite { _ in "shell: [ssh, -p, \"2222\"], host: far.example, path: \"/srv/it's/\"" }
        let far = TreeFlush(end: site.mover.to, mounts: mounts).program
        let line = #"LC_ALL=C exec sync -f '/srv/it'\''s/' '/srv/it'\''s/a b'"#
        #expect(far?.command == ["ssh", "-p", "2222", "far.example", line])
        let here = TreeFlush(end: site.mover.from, mounts: mounts).program
        #expect(here?.command == ["sync", "-f", site.primary.root + "/", site.primary.root + "/a b"])
        let daemon = try TestSite { _ in "daemon: \"rsync://far.example/tree\"" }
        #expect(TreeFlush(end: daemon.mover.to, mounts: mounts).program == nil)
    }

    @Test func `a sync that is missing or fails on this machine is told with what to do`() async throws {
        let folder = try Program.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let end = TreeEnd(local: folder, site: "primary", job: "opt")
        let flush = TreeFlush(end: end, environment: ["PATH": folder])
        let missing = await #expect(throws: FileSyncError.self) { try await flush.run() }
        #expect(missing?.message.contains("could not run sync") == true, "\(String(describing: missing))")
        func put(_ script: String) throws {
            try "#!/bin/sh\n\(script)\n".write(toFile: folder + "/sync", atomically: false, encoding: .utf8)
            chmod(folder + "/sync", 0o755)
        }
        try put("echo \"sync: error syncing '$2': Input/output error\" >&2; exit 1")
        let broken = await #expect(throws: FileSyncError.self) { try await flush.run() }
        #expect(broken?.message.contains("Input/output error") == true)
        // As one of before coreutils 8.24 answers, and BusyBox's: they flush all file systems.
        for said in ["sync: invalid option -- 'f'", "sync: unrecognized option: f"] {
            try put("[ $# -eq 0 ] || { echo \"\(said)\" >&2; exit 1; }; echo all > \"\(folder)/asked\"")
            try await flush.run()
            #expect(try String(contentsOfFile: folder + "/asked", encoding: .utf8) == "all\n")
            unlink(folder + "/asked")
        }
        try put("echo \"$*\" > \"\(folder)/asked\"")
        try await flush.run()
        #expect(try String(contentsOfFile: folder + "/asked", encoding: .utf8) == "-f \(folder)/\n")
    }
}
