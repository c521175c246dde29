import Foundation
import LocalCluster
import TestSupport
import Testing

/// Nodes that are not as they have to be: each is one clear error with its remedy and its exit status, and nothing is
/// changed by it (P10).
@Suite("What the program refuses to work with") struct RefusalTests {
    /// Every command that goes to a node, with what it may not do.
    private static let commands: [[String]] = [
        ["schema", "install"], ["schema", "install", "--dry-run"], ["schema", "status"], ["schema", "upgrade"],
        ["schema", "uninstall"], ["copy"], ["sync", "--timeout", "2"], ["pause"], ["resume"], ["diff"], ["repair"],
    ]

    /// Those of them that need the source.
    private static let atSource = commands.filter { $0 != ["pause"] && $0 != ["resume"] }

    /// Runs commands that must fail alike: by status, with a text, with a hint, also as a document, and in vain.
    private func expectFailure(
        _ site: CommandSite, _ status: Int32, saying text: String, hint: String,
        of commands: [[String]] = RefusalTests.commands, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let before = try await site.dumps()
        for command in commands {
            let outcome = try await Program.run(command + ["--json"], in: site.folder)
            let comment = Comment("\(command): \(outcome.status) \(outcome.errors) \(outcome.output)")
            #expect(outcome.status == status, comment, sourceLocation: sourceLocation)
            #expect(outcome.errors.hasPrefix("switchback: "), comment, sourceLocation: sourceLocation)
            #expect(outcome.errors.contains(text), comment, sourceLocation: sourceLocation)
            #expect(outcome.errors.contains("  hint: "), comment, sourceLocation: sourceLocation)
            let document = try outcome.document(sourceLocation: sourceLocation)
            #expect((document["error"] as? String)?.contains(text) == true, comment, sourceLocation: sourceLocation)
            #expect((document["hint"] as? String)?.contains(hint) == true, comment, sourceLocation: sourceLocation)
        }
        #expect(try await site.dumps() == before, sourceLocation: sourceLocation)
    }

    @Test func `a node that does not answer`() async throws {
        // A free port: nobody listens there. The other node is named first, so that it could have been touched.
        let site = try await CommandSite(targetDSN: { _ in "host=127.0.0.1 port=1 dbname=x user=postgres" })
        try await expectFailure(
            site, 1, saying: "cannot reach node there (host=127.0.0.1 port=1 dbname=x user=postgres)",
            hint: "mend nodes.there.dsn", of: Self.commands.filter { $0[0] != "sync" && $0 != ["schema", "upgrade"] })
        let check = try await site.run("check", "--json")
        #expect(check.status == 3)
        #expect(
            try check.list().contains { $0["severity"] as? String == "problem" && $0["node"] as? String == "there" })
        let status = try await site.run("status", "--json")
        #expect(status.status == 3)
        let nodes = try #require(try status.document()["nodes"] as? [[String: Any]])
        #expect(nodes.map { $0["reachable"] as? Bool } == [true, false])
    }

    @Test func `a database that does not exist`() async throws {
        let site = try await CommandSite(sourceDSN: { $0.server.dsn(database: "nosuch") })
        try await expectFailure(
            site, 1, saying: "database \"nosuch\" does not exist", hint: "mend nodes.here.dsn", of: Self.atSource)
    }

    @Test func `a wrong password, which is not shown (P12)`() async throws {
        let server = try await TestServers.own("guarded", password: "opensesame")
        do {
            let site = try await CommandSite(
                sourceServer: server, sourceDSN: { $0.dsn.replacing("opensesame", with: "geheim-77") })
            try await expectFailure(
                site, 1, saying: "password authentication failed for user \"postgres\"", hint: "mend nodes.here.dsn",
                of: Self.atSource)
        } catch {
            await server.destroy()
            throw error
        }
        await server.destroy()
    }

    @Test func `a role without grants is told them, one statement that can be run`() async throws {
        let role = "r\(UInt32.random(in: 0 ... .max))"
        let site = try await CommandSite(
            sourceDSN: { $0.server.dsn(database: $0.name, user: role) },
            targetDSN: { $0.server.dsn(database: $0.name, user: role) })
        for database in [site.source, site.target] { try await database.run("CREATE ROLE \(role) LOGIN") }
        let installer = [["schema", "install"], ["schema", "install", "--dry-run"], ["schema", "status"]]
        try await expectFailure(
            site, 2, saying: "role \(role) may not", hint: "GRANT CREATE ON DATABASE", of: installer)
        try await expectFailure(
            site, 2, saying: "permission denied to set parameter \"session_replication_role\"",
            hint: "run \"switchback check\"", of: [["copy"]])

        // What is printed is what is needed: run as it stands, it leaves nothing to be asked for (P10).
        for _ in 1...3 {
            let findings = try await site.run("check", "--json").list()
            for finding in findings where finding["severity"] as? String == "problem" {
                let remedy = try #require(finding["remedy"] as? String)
                let statement = try #require(remedy.split(separator: ": ", maxSplits: 1).last)
                let node = finding["node"] as? String == "here" ? site.source : site.target
                try await node.run(String(statement))
            }
        }
        try await site.expect(0, "check")
        try await site.begin()
        try await site.source.run("INSERT INTO item VALUES (1, 'by an ordinary role')")
        try await site.expect(0, "sync")
        #expect(try await site.target.value("SELECT name FROM item") == "by an ordinary role")
        try await site.expect(0, "schema", "uninstall")
        for database in [site.source, site.target] { try await database.run("DROP OWNED BY \(role) CASCADE") }
        try await site.target.run("REVOKE SET ON PARAMETER session_replication_role FROM \(role)")
        for database in [site.source, site.target] { try await database.run("DROP ROLE \(role)") }
    }

    /// Symptom: a server of version 14 was answered with "function has_parameter_privilege does not exist". Cause: its age
    /// was judged by what the first look at it said, and that look already needs a newer one. Fix: the version that the
    /// server tells while connecting is what counts.
    @Test func `a server that is too old`() async throws {
        let old = try OldServer(version: "14.9 (Debian 14.9-0)")
        defer { old.stop() }
        let site = try await CommandSite(
            targetDSN: { _ in "host=127.0.0.1 port=\(old.port) dbname=x user=y sslmode=prefer" })
        try await expectFailure(
            site, 2, saying: "Postgres 14.9 is too old", hint: "Switchback needs Postgres 15 or later",
            of: [
                ["schema", "install"], ["schema", "install", "--dry-run"], ["schema", "status"], ["copy"], ["pause"],
            ])
        let check = try await site.run("check")
        #expect(check.status == 3 && check.output.contains("PROBLEM there: Postgres 14.9 is too old"))
    }

    @Test func `a table without a key`() async throws {
        let site = try await CommandSite(
            schema: CommandSite.schema
                + "CREATE TABLE import_log (line text, n int); CREATE UNIQUE INDEX ON import_log (n)")
        let installer = [["schema", "install"], ["schema", "install", "--dry-run"], ["schema", "status"]]
        try await expectFailure(
            site, 2, saying: "public.import_log has no usable key",
            hint: "overrides: public.import_log: { full_copy: true }",
            of: installer)
        let check = try await site.run("check")
        #expect(check.status == 3 && check.output.hasSuffix("1 problem to mend\n"))
    }

    @Test func `a table that is missing at the target, or is another there`() async throws {
        let site = try await CommandSite()
        try await site.source.run("CREATE TABLE extra (id int PRIMARY KEY)")
        try await site.target.run("ALTER TABLE item ALTER name TYPE varchar(10)")
        let installer = [["schema", "install"], ["schema", "install", "--dry-run"], ["schema", "status"]]
        try await expectFailure(
            site, 2, saying: "table public.extra does not exist at there", hint: "create it there", of: installer)
        try await expectFailure(
            site, 2, saying: "column name of public.item is text at here and character varying(10) at there",
            hint: "give it the same type", of: installer)
    }

    @Test func `commands before their time say what comes first`() async throws {
        let site = try await CommandSite()
        try await expectFailure(
            site, 2, saying: "Switchback is not installed here", hint: "switchback schema install",
            of: [["copy"], ["sync"], ["schema", "upgrade"]])
        try await site.expect(0, "schema", "install")
        let control = try await site.run("pause", "--json")
        #expect(control.status == 1)
        #expect(try control.document()["hint"] as? String == "run \"switchback copy main\"")
        let sync = try await site.run("sync", "--json")
        #expect(sync.status == 3)
        #expect((try sync.list().first?["reason"] as? String)?.contains("switchback copy main") == true)
        let diff = try await site.run("diff", "--json")
        #expect(diff.status == 1)
        #expect((try diff.document()["hint"] as? String)?.contains("switchback copy main") == true)
    }
}
