import Foundation
import Glibc
import LocalCluster
import Testing

/// The process ids of a cluster and what else of it could stay behind.
private struct Traces: Codable {
    var postmaster: Int32
    var folder: String
    var segment: Int32

    static func of(_ cluster: LocalCluster) -> Traces {
        let file = (try? String(contentsOfFile: cluster.dataDirectory + "/postmaster.pid", encoding: .utf8)) ?? ""
        let lines = file.split(separator: "\n", omittingEmptySubsequences: false)
        let segment = lines.count > 6 ? lines[6].split(separator: " ").last.flatMap { Int32($0) } : nil
        return Traces(postmaster: cluster.postmasterPID ?? 0, folder: cluster.folder, segment: segment ?? -1)
    }

    func write(to path: String) { try? JSONEncoder().encode(self).write(to: URL(fileURLWithPath: path)) }

    static func read(from path: String) throws -> Traces {
        try JSONDecoder().decode(Traces.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// Whether the process, the folder and the shared memory are all gone.
    var areGone: Bool {
        let segments = (try? String(contentsOfFile: "/proc/sysvipc/shm", encoding: .utf8)) ?? ""
        let left = segments.split(separator: "\n").contains {
            $0.split(separator: " ").dropFirst().first == "\(segment)"
        }
        return !isAlive(postmaster) && !exists(folder) && !left
    }
}

@Suite("A cluster does not outlive the process that started it", .serialized) struct OwnerDeathTests {
    /// Runs an owner that ends in its own way, and checks that its cluster ran and is gone.
    private func expectNothingLeft(at path: String) async throws {
        let traces = try Traces.read(from: path)
        #expect(traces.postmaster > 0)
        #expect(traces.segment >= 0)
        #expect(await eventually { traces.areGone })
        #expect(await eventually { !exists((traces.folder as NSString).deletingLastPathComponent) })
        unlink(path)
    }

    @Test func `killed by SIGKILL with a running server`() async throws {
        let path = temporaryFolder() + ".json"
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let cluster = try await LocalCluster.start(
                installation: .preferred(), name: "one", folder: temporaryFolder())
            Traces.of(cluster).write(to: path)
            kill(getpid(), SIGKILL)
        }
        try await expectNothingLeft(at: path)
    }

    @Test func `killed by SIGKILL after the server was, so that nobody has cleaned up`() async throws {
        let path = temporaryFolder() + ".json"
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let cluster = try await LocalCluster.start(
                installation: .preferred(), name: "one", folder: temporaryFolder())
            let traces = Traces.of(cluster)
            try await cluster.kill9()
            traces.write(to: path)
            kill(getpid(), SIGKILL)
        }
        try await expectNothingLeft(at: path)
    }

    @Test func `ended without destroying it, two clusters at once`() async throws {
        let path = temporaryFolder() + ".json"
        await #expect(processExitsWith: .exitCode(7)) { [path = path as String] in
            let folder = temporaryFolder()
            let one = try await LocalCluster.start(installation: .preferred(), name: "one", folder: folder)
            let two = try await LocalCluster.start(installation: .preferred(), name: "two", folder: folder)
            Traces.of(one).write(to: path + ".one")
            Traces.of(two).write(to: path + ".two")
            _exit(7)
        }
        let one = try Traces.read(from: path + ".one")
        let two = try Traces.read(from: path + ".two")
        #expect(await eventually { one.areGone && two.areGone })
        #expect(await eventually { !exists((one.folder as NSString).deletingLastPathComponent) })
        unlink(path + ".one")
        unlink(path + ".two")
    }

    @Test func `the cluster was let go of without being destroyed`() async throws {
        let folder = temporaryFolder()
        var cluster: LocalCluster? = try await LocalCluster.start(
            installation: .preferred(), name: "one", folder: folder)
        let traces = try Traces.of(#require(cluster))
        #expect(!traces.areGone)
        cluster = nil
        #expect(await eventually { traces.areGone && !exists(folder) })
    }

    @Test func `and the server stops when its supervisor is killed`() async throws {
        let folder = temporaryFolder()
        let cluster = try await LocalCluster.start(installation: .preferred(), name: "one", folder: folder)
        let traces = Traces.of(cluster)
        let supervisor = cluster.supervisorPID
        kill(supervisor, SIGKILL)
        #expect(await eventually { !isAlive(traces.postmaster) })
        await cluster.destroy()
        _ = await run("/bin/rm", ["-rf", folder])  // what nobody was left to remove
    }
}
