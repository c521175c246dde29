import DNSWire
import Foundation
import Glibc
import LocalCluster
import Model

/// BIND with one name, on the loopback address, changed by signed updates.
struct NameServer: Sendable {
    static let zone = "bench.test"
    static let name = "www.bench.test"

    let daemon: Daemon
    let address: ServerAddress
    /// Holds the key that updates are signed with.
    let keyFile: String

    /// - Throws: ``ScenarioFailure`` where BIND is not installed, or does not serve.
    static func start(in folder: String, leadingTo first: String) async throws -> NameServer {
        let places = ["/usr/sbin/named", "/usr/local/sbin/named", "/usr/bin/named", "/sbin/named"]
        guard let program = places.first(where: FileManager.default.isExecutableFile) else {
            throw ScenarioFailure("BIND is not installed; Debian has it in bind9")
        }
        let port = try FreePort.find()
        let secret = Data((0..<24).map { _ in UInt8.random(in: 0 ... .max) }).base64EncodedString()
        let keyFile = "\(folder)/tsig"
        try write("hmac-sha256:switchback.:\(secret)\n", keyFile)
        try write(
            """
            $ORIGIN \(zone).
            $TTL 3600
            @ IN SOA ns1 hostmaster 1 3600 600 604800 60
            @ IN NS ns1
            ns1 IN A 127.0.0.1
            www 1 IN A \(first)

            """, "\(folder)/zone")
        try write(
            """
            options { directory "\(folder)"; listen-on port \(port) { 127.0.0.1; }; listen-on-v6 { none; };
              recursion no; notify no; dnssec-validation no; pid-file none; session-keyfile "\(folder)/session.key";
              managed-keys-directory "\(folder)"; };
            controls { };
            key "switchback." { algorithm hmac-sha256; secret "\(secret)"; };
            zone "\(zone)" { type primary; file "zone"; update-policy { grant switchback. name \(name). A; }; };

            """, "\(folder)/named.conf")
        let server = NameServer(
            daemon: try Daemon("named", [program, "-g", "-n", "1", "-c", "\(folder)/named.conf"], in: folder),
            address: ServerAddress(host: "127.0.0.1", port: UInt16(port)), keyFile: keyFile)
        do { try await server.waitUntilServing() } catch {
            await server.daemon.stop()
            throw error
        }
        return server
    }

    private static func write(_ text: String, _ path: String) throws {
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        chmod(path, 0o600)
    }

    private func waitUntilServing() async throws {
        let end = ContinuousClock.now + .seconds(20)
        while (try? await lookUp()) ?? nil == nil {
            guard .now < end else { throw ScenarioFailure("BIND does not serve: \(daemon.logTail)") }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Where the name leads just now.
    func lookUp() async throws -> String? {
        guard let name = DNSName(Self.name), let zone = DNSName(Self.zone) else { return nil }
        let answer = try await DNSClient(limit: .seconds(2)).ask(name, .a, at: address)
        guard case .found(let set) = DNSAnswer(answer, of: .init(name, .a), in: zone) else { return nil }
        return set.values.first
    }

    /// Asks again and again until the name leads somewhere.
    ///
    /// - Returns: the moment when it did.
    func wait(for wanted: String, within limit: Duration) async throws -> ContinuousClock.Instant {
        let end = ContinuousClock.now + limit
        while true {
            if (try? await lookUp()) == wanted { return .now }
            guard .now < end else { throw ScenarioFailure("the name did not lead to \(wanted) in \(limit)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
