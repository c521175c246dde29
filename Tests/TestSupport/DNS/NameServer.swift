public import DNSWire
import Foundation
public import Model
import Programs
import Testing

/// The server programs that are installed.
public enum Tool {
    public static let named = find("named")
    public static let pdns = find("pdns_server")
    public static let knot = find("knotd")
    public static let nginx = find("nginx")
    /// The schema of PowerDNS's database.
    public static let pdnsSchema = [
        "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql",
        "/usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql",
    ].first { FileManager.default.fileExists(atPath: $0) }
    /// A Python that has moto.
    public static let moto = ProcessInfo.processInfo.environment["SWITCHBACK_MOTO_PYTHON"].flatMap {
        $0.isEmpty ? nil : $0
    }

    private static func find(_ name: String) -> String? {
        let folders =
            (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") + ["/usr/sbin", "/sbin"]
        return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}

/// A name server of the test's own on 127.0.0.1, with the zone example.org. It ends with the test, or with the test's
/// process however that ends.
public final class NameServer: Sendable {
    public let folder: String
    public let port: Int
    /// Of the HTTP interface, where there is one.
    public let webPort: Int
    private let process: StartedProgram

    public static let zone = DNSName("example.org")!
    public static let www = DNSName("www.example.org")!
    public static let secret = "c2VjcmV0IG9mIHRoZSB0ZXN0cw=="
    public static let key = try! TSIGKey(text: "hmac-sha256:switchback.:\(secret)")
    public static let apiKey = "opensesame-4711"

    public var address: ServerAddress { ServerAddress(host: "127.0.0.1", port: UInt16(port)) }

    /// The zone of the first user: the apex is an address, `www` is handed to other servers.
    public static let zoneFile = """
        $ORIGIN example.org.
        $TTL 3600
        @ 3600 IN SOA ns1 hostmaster 1 3600 600 604800 60
        @ 3600 IN NS ns1
        ns1 3600 IN A 127.0.0.1
        @ 60 IN A 192.0.2.10
        www 3600 IN NS gss1.example.net.
        www 3600 IN NS gss2.example.net.
        mail 3600 IN A 192.0.2.25
        @ 3600 IN MX 10 mail
        text 3600 IN TXT "kept as it is"
        """

    private init(folder: String, port: Int, webPort: Int, process: StartedProgram) {
        (self.folder, self.port, self.webPort, self.process) = (folder, port, webPort, process)
    }

    // MARK: The kinds

    /// - Parameters:
    ///   - grants: what the key may change; everything in the zone by default.
    ///   - zoneFile: the zone.
    public static func bind(grants: String = "zonesub ANY", zoneFile: String = zoneFile) async throws -> NameServer {
        let program = try #require(Tool.named)
        let (folder, port) = (try Program.folder(), try closedPort())
        try write(zoneFile + "\n", folder + "/example.org.zone")
        try write(
            """
            options { directory "\(folder)"; listen-on port \(port) { 127.0.0.1; }; listen-on-v6 { none; };
              recursion no; notify no; dnssec-validation no; pid-file none; session-keyfile "\(folder)/session.key";
              managed-keys-directory "\(folder)"; };
            controls { };
            key "switchback." { algorithm hmac-sha256; secret "\(secret)"; };
            key "long." { algorithm hmac-sha512; secret "\(secret)"; };
            zone "example.org" { type primary; file "example.org.zone";
              update-policy { grant switchback. \(grants); grant long. \(grants); }; };
            """, folder + "/named.conf")
        return try await start(
            [program, "-g", "-n", "1", "-c", folder + "/named.conf"], folder, port: port)
    }

    public static func knot() async throws -> NameServer {
        let program = try #require(Tool.knot)
        let (folder, port) = (try Program.folder(), try closedPort())
        try write(zoneFile + "\n", folder + "/example.org.zone")
        try write(
            """
            server:
              rundir: "\(folder)"
              listen: "127.0.0.1@\(port)"
              udp-workers: 1
              tcp-workers: 1
              background-workers: 1
            database:
              storage: "\(folder)"
            log:
              - target: stderr
                any: info
            key:
              - id: switchback.
                algorithm: hmac-sha256
                secret: "\(secret)"
            acl:
              - id: update
                key: switchback.
                action: update
            zone:
              - domain: example.org
                storage: "\(folder)"
                file: example.org.zone
                acl: update
                zonefile-sync: -1
                journal-content: all
            """, folder + "/knot.conf")
        return try await start([program, "-c", folder + "/knot.conf"], folder, port: port)
    }

    public static func powerDNS() async throws -> NameServer {
        let program = try #require(Tool.pdns)
        let schema = try #require(Tool.pdnsSchema)
        let (folder, port, webPort) = (try Program.folder(), try closedPort(), try closedPort())
        let made = try await ExternalProgram(
            ["sqlite3", folder + "/pdns.sqlite3"], input: try String(contentsOfFile: schema, encoding: .utf8) + records
        ).run(limit: .seconds(20))
        try #require(made.ending == .exited(0), "\(made.errors)")
        try write(
            """
            launch=gsqlite3
            gsqlite3-database=\(folder)/pdns.sqlite3
            local-address=127.0.0.1
            local-port=\(port)
            socket-dir=\(folder)
            api=yes
            api-key=\(apiKey)
            webserver-address=127.0.0.1
            webserver-port=\(webPort)
            webserver-allow-from=127.0.0.0/8
            dnsupdate=yes
            allow-dnsupdate-from=127.0.0.0/8
            receiver-threads=1
            distributor-threads=1
            """, folder + "/pdns.conf")
        return try await start(
            [program, "--config-dir=" + folder, "--guardian=no", "--daemon=no", "--disable-syslog"], folder, port: port,
            webPort: webPort)
    }

    /// The same zone as SQL for PowerDNS's database.
    private static let records = """

        INSERT INTO domains (id, name, type) VALUES (1, 'example.org', 'NATIVE');
        INSERT INTO records (domain_id, name, type, content, ttl, prio) VALUES
          (1, 'example.org', 'SOA', 'ns1.example.org hostmaster.example.org 1 3600 600 604800 60', 3600, 0),
          (1, 'example.org', 'NS', 'ns1.example.org', 3600, 0), (1, 'ns1.example.org', 'A', '127.0.0.1', 3600, 0),
          (1, 'example.org', 'A', '192.0.2.10', 60, 0), (1, 'www.example.org', 'NS', 'gss1.example.net', 3600, 0),
          (1, 'www.example.org', 'NS', 'gss2.example.net', 3600, 0), (1, 'mail.example.org', 'A', '192.0.2.25', 3600, 0),
          (1, 'example.org', 'MX', 'mail.example.org', 3600, 10), (1, 'text.example.org', 'TXT', '"kept as it is"', 3600, 0);
        UPDATE records SET auth = NOT (name = 'www.example.org');
        INSERT INTO tsigkeys (name, algorithm, secret) VALUES ('switchback', 'hmac-sha256', '\(secret)');
        INSERT INTO domainmetadata (domain_id, kind, content) VALUES (1, 'TSIG-ALLOW-DNSUPDATE', 'switchback');
        """

    // MARK: Life

    private static func write(_ text: String, _ path: String) throws {
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }

    /// The shell stays above the server, and ends it when this process is gone.
    public static let guardian = """
        owner=$1; shift
        "$@" & child=$!
        trap 'kill $child; wait $child; exit 0' TERM
        while kill -0 $owner 2>/dev/null && kill -0 $child 2>/dev/null; do sleep 0.5 & wait $!; done
        kill $child 2>/dev/null; wait $child
        """

    private static func start(
        _ command: [String], _ folder: String, port: Int, webPort: Int = 0
    ) async throws -> NameServer {
        let process = try await ExternalProgram(
            ["/bin/sh", "-c", guardian, "guardian", "\(getpid())"] + command, folder: folder
        ).start()
        let server = NameServer(folder: folder, port: port, webPort: webPort, process: process)
        let client = DNSClient(limit: .seconds(1))
        let isUp = try await eventually(within: .seconds(20)) {
            let answer = try? await client.ask(zone, .soa, at: server.address)
            return answer?.flags.isAuthoritative == true
        }
        if !isUp { await process.stop() }
        try #require(isUp, "\(command[0]) does not serve: \(process.outputSoFar) \(process.errorsSoFar)")
        return server
    }

    public func stop() async {
        await process.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    // MARK: Use

    /// What the server answers for an address record; empty for nothing.
    public func addresses(of name: DNSName = www) async throws -> [String] {
        try await Self.addresses(of: name, at: address)
    }

    /// What a name server with the zone answers for an address record; empty for nothing.
    public static func addresses(of name: DNSName, at server: ServerAddress) async throws -> [String] {
        let key = DNSRecordSet.Key(name, .a)
        let answer = try await DNSClient(limit: .seconds(5)).ask(name, .a, at: server)
        if case .found(let set) = DNSAnswer(answer, of: key, in: zone) { return set.values }
        return []
    }
}
