import Failover
import Foundation
import Glibc
import LocalCluster
import Programs
import Settings
import Sites
import TestSupport
import Testing

/// The server's program, where it is installed.
private enum Etcd {
    static let program: String? = {
        let path = getenv("SWITCHBACK_ETCD").map { String(cString: $0) } ?? ""
        return access(path, X_OK) == 0 ? path : nil
    }()
}

/// A lease in a real etcd, of one member, on loopback.
@Suite("The lease in etcd", .enabled(if: Etcd.program != nil, "etcd is not installed"), .serialized)
struct EtcdTests {
    /// Starts an etcd, runs a body with its address, and ends it.
    private static func with(_ body: (String, StartedProgram) async throws -> Void) async throws {
        let folder = try Program.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (client, peer) = ("http://127.0.0.1:\(try FreePort.find())", "http://127.0.0.1:\(try FreePort.find())")
        let etcd = ExternalProgram([
            Etcd.program ?? "etcd", "--data-dir", folder + "/data", "--listen-client-urls", client,
            "--advertise-client-urls", client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            "--initial-cluster", "default=\(peer)",
        ])
        let started = try await etcd.start()
        do {
            let isUp = try await eventually(within: .seconds(20)) {
                do {
                    try await lease(client, "probe").take().release()
                    return true
                } catch is StepFailure { return false }
            }
            if !isUp { Issue.record("etcd does not come up: \(started.errorsSoFar)") }
            try await body(client, started)
        } catch {
            await started.stop()
            throw error
        }
        await started.stop()
    }

    private static func lease(_ address: String, _ holder: String, ttl: Duration = .seconds(3)) -> EtcdLease {
        EtcdLease(EtcdSettings(endpoints: [address], ttl: ttl), cluster: "test", holder: holder)
    }

    @Test func `one has it, the other is told who, and it can be had again`() async throws {
        try await Self.with { address, _ in
            let hold = try await Self.lease(address, "one").take()
            #expect(await hold.isHeld())
            let refusal = await #expect(throws: StepFailure.self) { try await Self.lease(address, "two").take() }
            #expect(refusal?.message == "another orchestrator has the lease in etcd: one")
            // It is renewed for as long as it is wanted, past its own time.
            try await Task.sleep(for: .seconds(4))
            #expect(await hold.isHeld())
            await hold.release()
            #expect(await hold.isHeld() == false)
            try await Self.lease(address, "two").take().release()
        }
    }

    @Test func `without etcd it is lost before its time is over, and none can be had`() async throws {
        try await Self.with { address, server in
            let hold = try await Self.lease(address, "one").take()
            await server.stop()
            #expect(try await eventually(within: .seconds(10)) { await !hold.isHeld() })
            let refusal = await #expect(throws: StepFailure.self) { try await Self.lease(address, "two").take() }
            #expect(refusal?.message.hasPrefix("could not reach etcd: ") == true)
            await hold.release()
        }
    }
}
