import DNSWire
import Foundation
import Glibc
import LocalCluster
import Postgres
import Programs
import Synchronization
import TestSupport
import Testing

/// Two sites with all that people reach them by: a database and a web server at an address each, a name server that leads to
/// one of them, a program that hears what people are told, and the program that moves them. `@` is at the first site, and
/// `www` is handed to other servers until the first change.
final class MovingSite: Sendable {
    static let addresses = ["primary": "127.0.0.11", "secondary": "127.0.0.12"]
    static let elsewhere = "127.0.0.13"

    /// What holds the zone.
    enum Names: String, Sendable {
        /// Servers that run here.
        case bind, knot, powerDNS
        /// Providers whose interfaces are answered from memory.
        case cloudflare, namecheap, route53

        /// Whether it is installed.
        var isThere: Bool {
            switch self {
            case .bind: Tool.named != nil
            case .knot: Tool.knot != nil
            case .powerDNS: Tool.pdns != nil && Tool.pdnsSchema != nil
            case .cloudflare, .namecheap, .route53: true
            }
        }

        func start() async throws -> ZoneService {
            switch self {
            case .bind:
                .updated(
                    try await .bind(zoneFile: NameServer.zoneFile.replacing("192.0.2.10", with: "127.0.0.11")))
            case .knot: .updated(try await .knot())
            case .powerDNS: .powerDNS(try await .powerDNS())
            case .cloudflare: try .cloudflare()
            case .namecheap: try .namecheap()
            case .route53: try .route53()
            }
        }
    }

    let base: TestSite
    let names: ZoneService
    let webs: [String: WebSite]
    /// With the configuration and all that it names.
    let folder: String
    let webPort: Int

    /// What the configuration says of the names.
    static func dns(_ port: Int, key: String = "tsig", servers: Int? = nil) -> String {
        dns(provider: updates(port, key), servers: servers ?? port)
    }

    private static func dns(provider: String, servers: Int) -> String {
        """
        dns:
          provider: { \(provider) }
          servers: ["127.0.0.1:\(servers)"]
          timeout: 1s
          records:
            - { name: example.org, type: A, ttl: 60s }
            - { name: www.example.org, type: A, ttl: 60s }
        """
    }

    /// The same for the name server of this site.
    func dns(key: String = "tsig") -> String { Self.dns(provider: names.provider(key), servers: names.port) }

    /// The same through a program in the folder.
    func dns(through program: String) -> String {
        Self.dns(provider: "exec: { command: [\(folder)/\(program)], zone: example.org }", servers: names.port)
    }

    static func updates(_ port: Int, _ key: String) -> String {
        "rfc2136: { server: \"127.0.0.1:\(port)\", zone: example.org, key: \"file:\(key)\" }"
    }

    private init(
        _ base: TestSite, _ names: ZoneService, _ webs: [String: WebSite], _ folder: String, _ webPort: Int
    ) {
        (self.base, self.names, self.webs) = (base, names, webs)
        (self.folder, self.webPort) = (folder, webPort)
    }

    /// Makes it, installs, copies, and leads the names to the primary.
    ///
    /// - Parameters:
    ///   - failover: what stands below `failover:`.
    ///   - more: further parts of the configuration; `WEB` is the web servers' port, `FOLDER` the folder.
    static func with<Result>(
        failover: String = "", more: String = "", primaryServer: LocalCluster? = nil, primaryDSN: String? = nil,
        primary: TestDatabase? = nil, names kind: Names = .bind, _ body: (MovingSite) async throws -> Result
    ) async throws -> Result {
        let base = try await TestSite.make(
            schema: SiteTests.schema, rows: SiteTests.rows, primaryServer: primaryServer, primaryDSN: primaryDSN)
        try await base.start()
        let folder = try Program.folder()
        let names = try await kind.start()
        let port = try closedPort()
        let webs = addresses.mapValues { WebSite(address: $0, port: port, folder: folder + "/web-" + $0) }
        let site = MovingSite(base, names, webs, folder, port)
        do {
            try site.write(failover: failover, more: more)
            for (name, web) in webs { try await web.start(text: "served by \(name)") }
            let lead = try await site.run("dns", "apply", "--site", "primary", "--yes")
            try #require(lead.status == 0, "\(lead)")
            let result = try await body(site)
            await site.end()
            return result
        } catch {
            await site.end()
            throw error
        }
    }

    private func end() async {
        for web in webs.values { await web.stop() }
        await names.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Writes the configuration.
    ///
    /// - Parameter verify: how long name servers may take to follow.
    func write(
        failover: String = "", more: String = "", dns: String? = nil, verify: String = "8s",
        to file: String = "switchback.yaml"
    ) throws {
        let told = folder + "/tell"
        try "#!/bin/sh\necho \"$SWITCHBACK_KIND: $SWITCHBACK_TITLE\" >> \(folder)/told\n".write(
            toFile: told, atomically: false, encoding: .utf8)
        chmod(told, 0o755)
        try names.key.write(toFile: folder + "/tsig", atomically: false, encoding: .utf8)
        var yaml = base.yaml
        for (name, address) in [("192.0.2.10", "primary"), ("198.51.100.20", "secondary")] {
            yaml = yaml.replacing(name, with: Self.addresses[address]!)
        }
        yaml += """

              limits: { node: 5s, lost: 1s, dns: 15s, dns_verify: \(verify), verify: 5s }
            \(failover.isEmpty ? "" : failover.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n"))
            notify:
              - exec: { command: [\(told)] }
            \(dns ?? self.dns())
            \(more.replacing("WEB", with: "\(webPort)").replacing("FOLDER", with: folder))
            """
        if failover.contains("mode:") { yaml = yaml.replacing("  mode: manual\n", with: "") }
        try yaml.write(toFile: folder + "/" + file, atomically: false, encoding: .utf8)
    }

    static func key(_ secret: String) -> String {
        "key \"switchback.\" { algorithm hmac-sha256; secret \"\(secret)\"; };\n"
    }

    /// A program in the folder, as hooks and checks name it.
    func program(_ name: String, _ text: String) throws {
        try text.write(toFile: folder + "/" + name, atomically: false, encoding: .utf8)
        chmod(folder + "/" + name, 0o755)
    }

    // MARK: Use

    func run(_ words: String...) async throws -> Program.Outcome { try await Program.run(words, in: folder) }

    @discardableResult func expect(
        _ status: Int32, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Program.Outcome {
        let outcome = try await Program.run(words, in: folder)
        #expect(
            outcome.status == status, "\(words): \(outcome.output)\(outcome.errors)", sourceLocation: sourceLocation)
        return outcome
    }

    /// The document that a command prints, whatever its status.
    func document(_ words: String...) async throws -> [String: Any] {
        let outcome = try await Program.run(words + ["--json"], in: folder)
        let value = try? JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        return try #require(value as? [String: Any], "\(words): \(outcome.output)\(outcome.errors)")
    }

    /// What `status --json` says of the site.
    func place() async throws -> [String: Any] { try #require(try await document("status")["site"] as? [String: Any]) }

    /// The site that the name server leads people to.
    func led() async throws -> String? {
        let found = try await names.addresses()
        return found.count == 1 ? Self.addresses.first { $0.value == found[0] }?.key : nil
    }

    /// Changes a record behind the program's back, as somebody else does.
    func change(_ name: String, to address: String) async throws {
        let outcome = try await ExternalProgram(["/bin/sh", "-c", names.change(name, address)])
            .run(limit: .seconds(10))
        try #require(outcome.ending == .exited(0), "\(outcome.errors)")
    }

    /// What people were told, a line an event.
    var told: [String] {
        let text = (try? String(contentsOfFile: folder + "/told", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    func database(_ site: String) -> TestDatabase { site == "primary" ? base.primary : base.secondary }

    /// Whether applications can write at a site.
    func takesWrites(_ site: String) async -> Bool {
        do {
            try await database(site).run("DELETE FROM tally WHERE false")
            return true
        } catch { return false }
    }
}

/// People who write wherever the name server leads them, and remember what they were told is committed.
final class People: Sendable {
    private let acknowledged = Mutex<[String: String]>([:])
    private let isOver = Mutex(false)
    private let prefix: String

    init(_ prefix: String = "p") { self.prefix = prefix }

    /// What is committed, by row, with the site that said so.
    var rows: [String: String] { acknowledged.withLock { $0 } }

    func count(at site: String) -> Int { acknowledged.withLock { $0.values.count { $0 == site } } }

    func end() { isOver.withLock { $0 = true } }

    /// Writes until it is ended.
    func run(_ site: MovingSite) async throws {
        var number = 0
        while !isOver.withLock({ $0 }) {
            let row = "\(prefix)\(number)"
            number += 1
            if let place = try? await site.led() {
                do {
                    // A row of its own each time: one whose answer is lost may be there, and is not counted.
                    try await site.database(place).run("INSERT INTO item (v) VALUES ('\(row)')")
                    acknowledged.withLock { $0[row] = place }
                } catch is PostgresError {}
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Expects every row that was acknowledged to be at both sites.
    func expectAll(_ site: MovingSite, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        for name in ["primary", "secondary"] {
            let there = Set(try await site.database(name).rows("SELECT v FROM item").compactMap { $0[0] })
            let lost = Set(rows.keys).subtracting(there)
            #expect(lost.isEmpty, "\(name) lacks \(lost.sorted().prefix(5))", sourceLocation: sourceLocation)
        }
    }
}
