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
enum Etcd {
    static let program: String? = {
        let path = getenv("SWITCHBACK_ETCD").map { String(cString: $0) } ?? ""
        return access(path, X_OK) == 0 ? path : nil
    }()
}

/// A lease in a real etcd, of one member, on loopback.
@Suite("The lease in etcd", .enabled(if: Etcd.program != nil, "etcd is not installed"), .serialized)
struct EtcdTests {
    /// Starts an etcd, runs a body with its address, and ends it.
    static func with(_ body: (String, StartedProgram) async throws -> Void) async throws {
        let folder = try Program.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let client = "http://127.0.0.1:\(try FreePort.find())"
        let started = try await start(client, folder)
        do { try await body(client, started) } catch {
            await started.stop()
            throw error
        }
        await started.stop()
    }

    private static func start(_ client: String, _ folder: String, _ more: [String] = []) async throws -> StartedProgram
    {
        let peer = "http://127.0.0.1:\(try FreePort.find())"
        let etcd = ExternalProgram(
            [
                Etcd.program ?? "etcd", "--data-dir", folder + "/data", "--listen-client-urls", client,
                "--advertise-client-urls", client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                "--initial-cluster", "default=\(peer)",
            ] + more)
        let started = try await etcd.start()
        let isUp = try await eventually(within: .seconds(20)) {
            try await ExternalProgram(["curl", "-skf", "--max-time", "2", client + "/health"]).run(limit: .seconds(5))
                .output.contains("true")
        }
        if !isUp { Issue.record("etcd does not come up: \(started.errorsSoFar)") }
        return started
    }

    // MARK: Who asks

    private static let password = "geheim-4711"

    /// Speaks with the gateway as an administrator would.
    private static func order(_ client: String, _ path: String, _ body: String) async throws -> String {
        let outcome = try await ExternalProgram([
            "curl", "-s", "--max-time", "5", "-d", body, client + "/v3/" + path,
        ]).run(limit: .seconds(10))
        try #require(outcome.ending == .exited(0), "\(path): \(outcome.errors)")
        return outcome.output
    }

    /// A user for the lease's key and nothing else.
    private static func guardWithPassword(_ client: String) async throws {
        func text(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
        for (path, body) in [
            ("auth/user/add", #"{"name": "root", "password": "root"}"#), ("auth/role/add", #"{"name": "root"}"#),
            ("auth/user/grant", #"{"user": "root", "role": "root"}"#),
            ("auth/user/add", #"{"name": "switchback", "password": "\#(password)"}"#),
            ("auth/user/add", #"{"name": "stranger", "password": "\#(password)"}"#),
            ("auth/role/add", #"{"name": "mover"}"#),
            (
                "auth/role/grant",
                #"{"name": "mover", "perm": {"permType": "READWRITE", "key": "\#(text("switchback/test/orchestrator"))"}}"#
            ),
            ("auth/user/grant", #"{"user": "switchback", "role": "mover"}"#), ("auth/enable", "{}"),
        ] {
            let answer = try await order(client, path, body)
            try #require(!answer.contains("error"), "\(path): \(answer)")
        }
    }

    private static func lease(
        _ client: String, _ login: EtcdLogin, _ holder: String = "one", caFile: String? = nil
    ) -> EtcdLease {
        EtcdLease(
            EtcdSettings(endpoints: [client], ttl: .seconds(3), login: login, caFile: caFile), cluster: "test",
            holder: holder)
    }

    @Test func `an etcd that wants to know who asks is told, and each trouble has one message (P12)`() async throws {
        let folder = try Program.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let client = "http://127.0.0.1:\(try FreePort.find())"
        var started = try await Self.start(client, folder)
        do {
            let right = EtcdLogin.password(user: "switchback", Secret(Self.password))
            let early = await Self.lease(client, right).obstacle()
            #expect(early?.message.contains("wants nobody's name") == true, "\(early as Any)")
            try await Self.guardWithPassword(client)
            let cases: [(EtcdLogin, String)] = [
                (.none, "lets nobody in without a user"),
                (.password(user: "switchback", Secret("geheim-wrong")), "lets nobody in as switchback"),
                (.token(Secret("geheim.token")), "lets nobody in with the token of failover.lease.token"),
                (
                    .password(user: "stranger", Secret(Self.password)),
                    "forbids the key switchback/test/orchestrator as stranger"
                ),
            ]
            for (login, says) in cases {
                let refused = await #expect(throws: StepFailure.self) { try await Self.lease(client, login).take() }
                #expect(refused?.message.contains(says) == true, "\(refused as Any)")
                #expect(await Self.lease(client, login).obstacle()?.message.contains(says) == true)
                #expect(!"\(refused as Any) \(Self.lease(client, login))".contains("geheim"))
            }

            let lease = Self.lease(client, right)
            #expect(await lease.obstacle() == nil)
            let hold = try await lease.take()
            let other = await #expect(throws: StepFailure.self) { try await Self.lease(client, right, "two").take() }
            #expect(other?.message == "another orchestrator has the lease in etcd: one")
            try await Task.sleep(for: .seconds(4))
            #expect(await hold.isHeld(), "it is renewed past its own time")
            await hold.release()

            let answer = try await Self.order(
                client, "auth/authenticate", #"{"name": "switchback", "password": "\#(Self.password)"}"#)
            let token = try #require(
                (try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any])?["token"] as? String)
            try await Self.lease(client, .token(Secret(token))).take().release()

            // It has forgotten the token that the lease was given: another is asked for.
            await started.stop()
            started = try await Self.start(client, folder)
            try await lease.take().release()
        } catch {
            await started.stop()
            throw error
        }
        await started.stop()
    }

    @Test func `at https the server's certificate is verified`() async throws {
        let folder = try Program.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (certificate, key) = (folder + "/certificate.pem", folder + "/key.pem")
        let made = try await ExternalProgram([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2", "-subj", "/CN=etcd", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
        ]).run(limit: .seconds(60))
        try #require(made.ending == .exited(0), "\(made.errors)")
        let port = try FreePort.find()
        let client = "https://127.0.0.1:\(port)"
        let started = try await Self.start(client, folder, ["--cert-file", certificate, "--key-file", key])
        do {
            let refused = await #expect(throws: StepFailure.self) { try await Self.lease(client, .none).take() }
            #expect(refused?.message.hasPrefix("could not reach etcd: ") == true)
            #expect(refused?.hint?.contains("failover.lease.ca_file") == true, "\(refused as Any)")
            try await Self.lease(client, .none, caFile: certificate).take().release()
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
