import Foundation
import TestSupport
import Testing

/// The example of the contract, key by key: only addresses, ports, paths and connections are this test's own.
@Suite("The contract's example", .serialized, .enabled(if: Tool.named != nil)) struct ContractTests {
    private static let schema = """
        CREATE TABLE item (id bigint PRIMARY KEY, title text, body text);
        CREATE TABLE downloads (id int PRIMARY KEY, total bigint NOT NULL DEFAULT 0);
        CREATE TABLE eperson (eperson_id int PRIMARY KEY, email text, secret text, active boolean NOT NULL DEFAULT true);
        CREATE TABLE scratch_one (n int);
        """
    private static let rows = """
        INSERT INTO item SELECT n, 'item ' || n, 'text' FROM generate_series(1, 20) AS n;
        INSERT INTO downloads VALUES (1, 100);
        INSERT INTO eperson VALUES (1, 'a@example.org', 'x', true), (2, 'b@example.org', 'y', false);
        INSERT INTO scratch_one VALUES (1);
        """

    private static func yaml(_ raleigh: String, _ durham: String, _ folder: String, _ port: Int) -> String {
        """
        cluster: dryad
        nodes:
          raleigh: { dsn: "\(raleigh)" }
          durham:  { dsn: "\(durham)" }
        syncs:
          dryad_repo:
            nodes: { raleigh: source, durham: target }      # two sources: multi-master
            tables: ["public.*"]                            # globs; schema.table
            exclude: ["public.scratch_*"]
            conflict: latest                                # default rule
            overrides:
              public.item:      { conflict: merge }
              public.downloads: { counters: [total] }
              public.eperson:   { where: "active", columns: [eperson_id, email] }
        sites:
          primary:   { node: raleigh, address: 127.0.0.11 }
          secondary: { node: durham,  address: 127.0.0.12 }
        files:
          opt: { from: primary, to: secondary, path: \(folder)/opt/, every: 1m, delete: true, exclude: ["access.log*", "log/"] }
        health:
          every: 5s
          fall: 3
          rise: 5
          checks:
            - http: { url: "https://www.example.org/", method: HEAD, status: 200 }
            - http: { url: "https://www.example.org/search", contains: "Search results" }
            - sql:  { node: raleigh, write: true }
            - exec: { command: [/bin/true, -H, www.example.org] }
        dns:
          provider: { rfc2136: { server: "127.0.0.1:\(port)", zone: example.org, key: "file:\(folder)/tsig" } }
          servers: ["127.0.0.1:\(port)"]
          records:
            - { name: www.example.org, type: A, ttl: 60s }  # its value follows the active site's address
        failover:
          mode: automatic                                   # or manual
          freeze_budget: 30s
        """
    }

    /// An object with all of these keys.
    private static func keys(_ object: Any?, _ names: String...) throws -> [String: Any] {
        let found = try #require(object as? [String: Any])
        for name in names { #expect(found.keys.contains(name), "\(name) is not among \(found.keys.sorted())") }
        return found
    }

    @Test func `it checks, installs, copies, synchronizes, and tells what it promises`() async throws {
        let servers = [try await TestServers.shared.server("source"), try await TestServers.shared.server("target")]
        let (primary, secondary) = (
            try await TestDatabase.make(in: servers[0]), try await TestDatabase.make(in: servers[1])
        )
        try await primary.run(Self.schema + Self.rows)
        try await secondary.run(Self.schema)
        let folder = try Program.folder()
        try FileManager.default.createDirectory(atPath: folder + "/opt", withIntermediateDirectories: true)
        let names = try await NameServer.bind(zoneFile: NameServer.zoneFile.replacing("192.0.2.10", with: "127.0.0.11"))
        try MovingSite.key(NameServer.secret).write(toFile: folder + "/tsig", atomically: false, encoding: .utf8)
        try Self.yaml(primary.dsn, secondary.dsn, folder, names.port).write(
            toFile: folder + "/switchback.yaml", atomically: false, encoding: .utf8)
        do {
            try await Self.tell(folder, primary, secondary, names)
        } catch {
            await names.stop()
            throw error
        }
        await names.stop()
    }

    private static func tell(
        _ folder: String, _ primary: TestDatabase, _ secondary: TestDatabase, _ names: NameServer
    ) async throws {
        func run(_ words: String...) async throws -> Program.Outcome { try await Program.run(words, in: folder) }
        func document(_ outcome: Program.Outcome) throws -> [String: Any] {
            let value = try? JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
            return try #require(value as? [String: Any], "\(outcome.output)\(outcome.errors)")
        }
        for words in [["schema", "install"], ["copy"], ["sync"]] {
            let outcome = try await Program.run(words, in: folder)
            #expect(outcome.status == 0, "\(words): \(outcome.output)\(outcome.errors)")
        }
        let check = try await run("check")
        #expect(
            check.output.contains("dns: name server 127.0.0.1:\(names.port) answers for zone example.org"), "\(check)")
        #expect(check.output.contains("zone example.org has no record www.example.org A"), "\(check.output)")
        #expect(check.output.contains("failover is automatic, and this process decides alone"), "\(check.output)")

        let dns = try await run("dns", "plan", "--site", "primary", "--json")
        #expect(dns.status == 3)
        _ = try keys(try document(dns), "zone", "site", "changes", "manual_steps", "checksum")
        #expect(try await run("dns", "apply", "--site", "primary", "--yes").status == 0)
        #expect(try await run("dns", "plan", "--site", "primary").status == 0)

        let status = try document(try await run("status", "--json"))
        _ = try keys(status, "cluster", "nodes", "syncs", "conflicts", "quarantined", "site", "dns", "files")
        for node in try #require(status["nodes"] as? [Any]) {
            _ = try keys(node, "name", "reachable", "fenced", "version", "error")
        }
        let syncs = try #require(status["syncs"] as? [Any])
        let sync = try keys(syncs.first, "name", "state", "streams")
        for stream in try #require(sync["streams"] as? [Any]) {
            _ = try keys(stream, "from", "to", "lag_seconds", "pending_rows", "last_applied_at", "error")
        }
        _ = try keys(status["conflicts"], "total", "held")
        let site = try keys(status["site"], "active", "state", "epoch")
        #expect(site["active"] as? String == "primary" && site["state"] as? String == "home")
        #expect((status["dns"] as? [String: Any])?["right"] as? Bool == true)
        #expect(try await run("status").output.contains("the names lead to primary, the active site"))
        let diff = try document(try await run("diff", "--json"))
        for table in try #require(try keys(diff, "identical", "tables")["tables"] as? [Any]) {
            _ = try keys(table, "sync", "table", "from", "to", "rows", "missing", "extra", "different")
        }

        try await primary.run("INSERT INTO item VALUES (99, 'on its way', NULL)")
        let dry = try document(try await run("failover", "--dry-run", "--json"))
        _ = try keys(dry, "steps", "dns", "files", "stranded", "seconds_without_writes", "seconds_at_most", "notes")
        for step in try #require(dry["steps"] as? [Any]) {
            let step = try keys(step, "step", "check", "action", "limit_seconds", "attempts", "on_failure", "undo")
            #expect(!(step["check"] as? String ?? "").isEmpty && step["limit_seconds"] as? Double ?? 0 > 0)
        }
        let lines = try #require(dry["dns"] as? [String]).joined(separator: "\n")
        #expect(lines.contains("127.0.0.11") && lines.contains("127.0.0.12"), "\(lines)")
        let stranded = try #require(dry["stranded"] as? [[String: Any]])
        #expect(
            stranded.count == 1 && stranded[0]["table"] as? String == "public.item" && stranded[0]["rows"] as? Int == 1)
        #expect(dry["seconds_without_writes"] as? Double ?? 0 >= 60, "the old answer may be kept for the TTL")
        let shown = try await run("failover", "--dry-run")
        for text in [
            "first: ", "at most ", "undo: ", "names:", "rows that would be stranded:", "without writes: about ",
        ] {
            #expect(shown.output.contains(text), "\(text) is not in \(shown.output)")
        }
        #expect(try await names.addresses() == ["127.0.0.11"])
        #expect(try await run("journal").output == "no plan was ever run\n")
    }
}
