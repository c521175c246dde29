import FileSync
import Foundation
import Glibc
import Programs
import TestSupport
import Testing

@testable import LocalCluster

/// An rsync daemon of a test's own, on loopback, with a user and a password.
final class RsyncDaemon: Sendable {
    let port: Int
    private let folder: String
    private let started: StartedProgram

    init(serving path: String) async throws {
        folder = try Program.folder()
        let port = try FreePort.find()
        self.port = port
        let account = getuid() == 0 ? "uid = 0\ngid = 0\n" : ""
        try """
        address = 127.0.0.1
        port = \(port)
        use chroot = no
        munge symlinks = no
        \(account)[tree]
        path = \(path)
        read only = no
        auth users = sync
        secrets file = \(folder)/secrets

        """.write(toFile: folder + "/conf", atomically: false, encoding: .utf8)
        try "sync:geheim\n".write(toFile: folder + "/secrets", atomically: false, encoding: .utf8)
        chmod(folder + "/secrets", 0o600)
        started = try await ExternalProgram(["rsync", "--daemon", "--no-detach", "--config=\(folder)/conf"]).start()
        #expect(try await eventually { await ProgramRun(["rsync", "rsync://127.0.0.1:\(port)/"]).status() == 0 })
    }

    func stop() async {
        await started.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }
}

/// An ssh server of a test's own, on loopback, with a key.
final class SSHServer: Sendable {
    static let isThere = access("/usr/sbin/sshd", X_OK) == 0 && access("/usr/bin/ssh", X_OK) == 0

    let port: Int
    let shell: [String]
    private let folder: String
    private let started: StartedProgram
    private let madeRunFolder: Bool

    init() async throws {
        folder = try Program.folder()
        port = try FreePort.find()
        for key in ["host", "user"] {
            let status = await ProgramRun(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "\(folder)/\(key)"])
                .status()
            #expect(status == 0)
        }
        try """
        ListenAddress 127.0.0.1
        Port \(port)
        HostKey \(folder)/host
        AuthorizedKeysFile \(folder)/user.pub
        PidFile none
        StrictModes no
        PasswordAuthentication no
        PermitRootLogin prohibit-password

        """.write(toFile: folder + "/conf", atomically: false, encoding: .utf8)
        madeRunFolder = getuid() == 0 && mkdir("/run/sshd", 0o755) == 0
        started = try await ExternalProgram(["/usr/sbin/sshd", "-D", "-e", "-f", "\(folder)/conf"]).start()
        shell = [
            "ssh", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o",
            "LogLevel=ERROR", "-F", "none", "-o", "ControlMaster=auto", "-o",
            "ControlPath=\(folder)/master", "-o", "ControlPersist=yes", "-i", "\(folder)/user", "-p", "\(port)",
        ]
        let shell = shell
        #expect(try await eventually { await ProgramRun(shell + ["127.0.0.1", "true"]).status() == 0 })
    }

    func stop() async {
        _ = await ProgramRun(shell + ["-O", "exit", "127.0.0.1"]).status()
        await started.stop()
        if madeRunFolder { rmdir("/run/sshd") }
        try? FileManager.default.removeItem(atPath: folder)
    }
}

/// The same promises through an rsync daemon and through ssh.
@Suite("Through a daemon and through ssh", .serialized) struct TransportTests {
    private func travel(_ site: TestSite) async throws {
        site.primary.write("both", "base")
        site.primary.write("gone", "base")
        site.primary.write("folder/a b'\"$x", "odd")
        site.primary.write([0xFF, 0x0A, 0x23], [0x78])
        symlink("both", site.primary.raw(Array("soft".utf8)))
        let first = try await site.sync()
        #expect(first.isComplete)
        #expect(site.secondary.content() == site.primary.content())
        site.primary.write("upload", "only at the primary")
        try await site.failOver()
        #expect(!FileManager.default.fileExists(atPath: site.secondary.root + "/.switchback/opt/incoming-1"))
        site.secondary.write("both", "changed there")
        site.secondary.write([0xFF, 0x0A, 0x24], [0x79])
        site.secondary.remove("gone")
        let plan = try await site.mover.plan()
        #expect(plan.count(.rescue) == 1 && plan.count(.copyBack) == 2 && plan.count(.delete) == 1, "\(plan.entries)")
        try await site.pass()
        try await site.pass(isFinal: true)
        #expect(site.secondary.content() == site.primary.content())
        #expect(site.secondary.text("upload") == "only at the primary" && !site.primary.exists("gone"))
        #expect(site.primary.setAside()[Array("gone".utf8)] == ["file 644 base"])
        try await site.mover.tidy()
        site.pointer.move(to: "primary", epoch: 3)
        site.primary.write("after", "1")
        site.primary.remove("both")
        try await site.sync()
        #expect(site.secondary.content() == site.primary.content())
        // Who has not heard of it stays out.
        site.pointer.move(to: "primary", epoch: 1)
        let stale = await #expect(throws: FileSyncError.self) { try await site.sync() }
        #expect(stale?.kind == .stale)
    }

    @Test func `there and back through an rsync daemon with a password`() async throws {
        try await served { tree, reach in
            let site = try TestSite("delete: true, max_deletions_percent: 100") { _ in reach }
            site.place(tree, at: site.secondary)
            try await travel(site)
            let wrong = try TestSite { _ in reach.replacing("geheim", with: "falsch") }
            wrong.primary.write("a", "1")
            let error = await #expect(throws: FileSyncError.self) { try await wrong.sync() }
            #expect(
                error?.kind == .failed && error?.message.contains("status 5") == true, "\(String(describing: error))")
            #expect(error.map { "\($0)".contains("falsch") } == false)
        }
    }

    /// Serves a tree by an rsync daemon, and gives a job's way to it.
    private func served(_ body: (_ tree: Tree, _ reach: String) async throws -> Void) async throws {
        let place = try Program.folder()
        defer { try? FileManager.default.removeItem(atPath: place) }
        mkdir(place + "/tree", 0o755)
        let daemon = try await RsyncDaemon(serving: place + "/tree")
        do {
            let reach = "daemon: \"rsync://127.0.0.1:\(daemon.port)/tree\", user: sync, password: geheim"
            try await body(Tree(place + "/tree"), reach)
        } catch {
            await daemon.stop()
            throw error
        }
        await daemon.stop()
    }

    /// rsync leaves a folder that is not empty when it is to go, and says nothing of it.
    @Test func `the folder of an older epoch at a daemon is either gone or told`() async throws {
        try await served { tree, reach in
            let site = try TestSite { _ in reach }
            site.primary.write("a", "1")
            try await site.sync()
            tree.write(Array(".switchback/opt/incoming-1/".utf8) + [0xFF], [1])
            let writer = Task {
                var number = 0
                while !Task.isCancelled {
                    number += 1
                    let path = tree.raw(Array(".switchback/opt/incoming-1/\(number)".utf8))
                    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
                    if descriptor >= 0 { close(descriptor) }
                    try? await Task.sleep(for: .milliseconds(1))
                }
            }
            defer { writer.cancel() }
            do {
                try await site.failOver()
                #expect(!tree.exists(".switchback/opt/incoming-1"))
            } catch let error as FileSyncError {
                #expect(error.message.contains("incoming-1") && error.hint != nil, "\(error)")
            }
            writer.cancel()
            await writer.value
            try await site.failOver()
            #expect(!tree.exists(".switchback/opt/incoming-1"))
        }
    }

    /// Symptom: a tree on a disk of its own was never empty where it was reached by rsync. Cause: its file system has a folder
    /// `lost+found` there, which counted elsewhere only where it was on the engine's machine.
    @Test func `what a file system has of its own in its root is in no tree, at a daemon as well`() async throws {
        try await served { tree, reach in
            let site = try TestSite("delete: false") { _ in reach }
            mkdir(tree.root + "/lost+found", 0o700)
            #expect(try await site.sync().isComplete)
            tree.write("a", "1")
            let error = await #expect(throws: FileSyncError.self) { try await site.sync() }
            #expect(error?.message.contains("is empty") == true, "\(String(describing: error))")
        }
    }

    /// Serves a tree by an ssh server, and gives a job's way to it. The tree has a name of its own.
    private func reached(_ name: String, _ body: (_ tree: Tree, _ reach: String) async throws -> Void) async throws {
        let server = try await SSHServer()
        let place = try Program.folder()
        defer { try? FileManager.default.removeItem(atPath: place) }
        mkdir("\(place)/\(name)", 0o755)
        do {
            let words = server.shell.map { "\"\($0)\"" }.joined(separator: ", ")
            let reach = "shell: [\(words)], host: 127.0.0.1, path: \"\(place)/\(name)\""
            try await body(Tree("\(place)/\(name)"), reach)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test(.enabled(if: SSHServer.isThere, "no sshd here: Scripts/setup --tests installs it"))
    func `there and back through ssh, to a folder with a blank in its name`() async throws {
        try await reached("a tree") { tree, reach in
            let site = try TestSite("delete: true, max_deletions_percent: 100") { _ in reach }
            site.place(tree, at: site.secondary)
            try await travel(site)
            // A folder that is not there is no empty tree.
            try FileManager.default.removeItem(atPath: tree.root)
            site.pointer.move(to: "secondary", epoch: 9)
            let error = await #expect(throws: FileSyncError.self) { try await site.mover.plan() }
            #expect(error?.message.contains("there is no such folder") == true, "\(String(describing: error))")
        }
    }

    // MARK: Fetched by the receiving site

    /// The engine at the receiving site, which does the same work from the other end: what it has to remember lies there.
    private func fetch(_ tree: Tree, _ reach: String) async throws {
        let options = "delete: true, max_deletions_percent: 100"
        let site = try TestSite(options + ", pull: true", far: "primary") { _ in reach }
        site.place(tree, at: site.primary)
        // Where it is not said that this one fetches, it leaves the job to the other one.
        let other = try TestSite(options, far: "primary") { _ in reach }
        #expect(site.job.isOurs && !other.job.isOurs)
        try await travel(site)
        #expect(site.secondary.exists(".switchback/opt/runs") && !site.primary.exists(".switchback/opt/runs"))
        // An empty tree at the far end empties nothing here either.
        let before = site.secondary.content()
        for name in site.primary.names(in: []) where name != Array(".switchback".utf8) { site.primary.remove(name) }
        site.pointer.move(to: "primary", epoch: 3)
        let error = await #expect(throws: FileSyncError.self) { try await site.sync() }
        #expect(error?.kind == .refused && error?.message.contains("is empty") == true, "\(String(describing: error))")
        #expect(site.secondary.content() == before && !before.isEmpty)
    }

    @Test func `there and back where the receiving site fetches from an rsync daemon`() async throws {
        try await served(fetch)
    }

    @Test(.enabled(if: SSHServer.isThere, "no sshd here: Scripts/setup --tests installs it"))
    func `there and back where the receiving site fetches through ssh`() async throws {
        try await reached("tree", fetch)
    }

    // MARK: Random trees

    /// An rsync daemon lists times in whole seconds: without sums of content changes within one could not be told.
    @Test func `random trees, there and back through an rsync daemon`() async throws {
        try await served { tree, reach in
            let options = "delete: true, hard_links: true, checksum: true, conflict: newer"
            let site = try TestSite(options + ", max_deletions: 1000, max_deletions_percent: 100") { _ in reach }
            site.place(tree, at: site.secondary)
            var life = RandomLife(site, seed: testSeed(), hidden: true, isFar: true)
            try await life.live()
        }
    }

    @Test(.enabled(if: SSHServer.isThere, "no sshd here: Scripts/setup --tests installs it"))
    func `random trees, there and back through ssh`() async throws {
        try await reached("tree") { tree, reach in
            let options = "delete: true, hard_links: true, sparse: true, conflict: keep_both"
            let site = try TestSite(options + ", max_deletions: 1000, max_deletions_percent: 100") { _ in reach }
            site.place(tree, at: site.secondary)
            var life = RandomLife(site, seed: testSeed(), hidden: false, isFar: true)
            try await life.live()
        }
    }
}
