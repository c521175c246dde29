import Foundation
import LocalCluster
import Postgres
import Programs
import Replication
import TestSupport
import Testing

/// The installer: repeatable, interruptible, and gone without a trace.
@Suite("The schema installer") struct InstallerTests {
    static let schema = """
        CREATE TABLE item (id int PRIMARY KEY, name text);
        CREATE TABLE pair (a int, b int, c int NOT NULL, v text, PRIMARY KEY (a, b));
        CREATE TABLE part (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
        CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (1000);
        CREATE TABLE whole (v text);
        """
    static let sync = "    overrides: { public.whole: { full_copy: true } }"

    private func titles(_ pair: TestPair) async throws -> [String] {
        try await Installer(pair.cluster).plan().flatMap { plan in plan.steps.map { "\(plan.node): \($0.title)" } }
    }

    @Test func `a second installation does nothing`() async throws {
        let pair = try await TestPair.make(schema: Self.schema, sync: Self.sync, targets: 2)
        #expect(try await titles(pair).contains("source: capture changes of public.item"))
        try await pair.install()
        #expect(try await titles(pair) == [])
        let before = try await pair.source.dump()
        try await Installer(pair.cluster).install { _ in Issue.record("something was done") }
        #expect(try await pair.source.dump() == before)
    }

    @Test func `uninstallation leaves the databases as they were found`() async throws {
        let pair = try await TestPair.make(schema: Self.schema, sync: Self.sync)
        let before = (try await pair.source.dump(), try await pair.target.dump())
        try await pair.start()
        try await pair.source.run("INSERT INTO item VALUES (1, 'x'); TRUNCATE part_1")
        #expect(try await pair.source.dump() != before.0)
        try await Installer(pair.cluster).uninstall { _ in }
        #expect(try await pair.source.dump() == before.0)
        #expect(try await pair.target.dump() == before.1)
        try await Installer(pair.cluster).uninstall { _ in Issue.record("there was something left") }
        try await pair.target.run("INSERT INTO item VALUES (2, 'not fenced any more')")
    }

    @Test func `uninstallation also finds what was renamed, detached or attached since`() async throws {
        let pair = try await TestPair.make(schema: Self.schema, sync: Self.sync)
        try await pair.install()
        let changes =
            "ALTER TABLE item RENAME TO thing; ALTER TABLE part DETACH PARTITION part_1; CREATE TABLE part_2 PARTITION OF part DEFAULT; DROP TABLE pair"
        for database in [pair.source, pair.target] { try await database.run(changes) }
        try await Installer(pair.cluster).uninstall { _ in }
        let other = try await TestPair.make(schema: Self.schema + changes, sync: Self.sync)
        #expect(try await pair.source.dump() == other.source.dump())
        #expect(try await pair.target.dump() == other.target.dump())
    }

    @Test func `a schema that an administrator made stays, with its grants`() async throws {
        let pair = try await TestPair.make(
            schema: Self.schema
                + "CREATE SCHEMA switchback; GRANT USAGE ON SCHEMA switchback TO PUBLIC; COMMENT ON SCHEMA switchback IS 'mine'",
            sync: Self.sync)
        let before = try await pair.source.dump()
        try await pair.start()
        try await StatementList(pair: pair).expectCarried(["INSERT INTO item VALUES (1, 'x')"])
        try await Installer(pair.cluster).uninstall { _ in }
        #expect(try await pair.source.dump() == before)
        try await Installer(pair.cluster).uninstall { _ in Issue.record("there was something left") }
    }

    @Test func `the SQL of a dry run, run by psql, is the same installation`() async throws {
        let pair = try await TestPair.make(schema: Self.schema, sync: Self.sync)
        let twin = try await TestPair.make(schema: Self.schema, sync: Self.sync)
        let folder = try Program.folder(twin.yaml)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let outcome = try await Program.run(["schema", "install", "--dry-run"], in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let parts = outcome.output.split(separator: "-- node ").map(String.init)
        #expect(parts.count == 2)
        for (part, database) in zip(parts, [twin.target, twin.source]) {
            try "-- \(part)".write(toFile: folder + "/\(database.name).sql", atomically: false, encoding: .utf8)
            try await database.psql(["-f", folder + "/\(database.name).sql"])
        }
        try await pair.install()
        #expect(try await twin.source.dump() == pair.source.dump())
        #expect(try await twin.target.dump() == pair.target.dump())
        #expect(try await titles(twin) == [])
    }

    /// An installer that is killed leaves whole transactions behind: every step is one.
    @Test func `an installation that ended after any of its steps is completed by the next`() async throws {
        let reference = try await TestPair.make(schema: Self.schema, sync: Self.sync)
        try await reference.install()
        let wanted = try await reference.source.dump()
        func steps(_ pair: TestPair) async throws -> [InstallStep] {
            try await Installer(pair.cluster).plan().first { $0.node == "source" }?.steps ?? []
        }
        let count = try await steps(TestPair.make(schema: Self.schema, sync: Self.sync)).count
        for done in 1..<count {
            let pair = try await TestPair.make(schema: Self.schema, sync: Self.sync)
            let steps = try await steps(pair)
            for step in steps.prefix(done) { try await pair.source.run(step.statements.joined(separator: ";\n")) }
            if done % 2 == 0 {
                // Removing what is there of it works as well.
                try await Installer(pair.cluster).uninstall { _ in }
                #expect(try await pair.source.value("SELECT to_regnamespace('switchback')") == nil)
            }
            try await pair.install()
            #expect(try await pair.source.dump() == wanted, "after \(done) steps: \(steps[done - 1].title)")
        }
    }

    @Test func `an uninstallation that ended after any of its steps is completed by the next`() async throws {
        let reference = try await TestPair.make(schema: Self.schema, sync: Self.sync)
        let wanted = (try await reference.source.dump(), try await reference.target.dump())
        try await reference.install()
        let counts = try await Installer(reference.cluster).uninstallPlan().map(\.steps.count)
        for done in 1..<(counts.max() ?? 1) {
            let pair = try await TestPair.make(schema: Self.schema, sync: Self.sync)
            try await pair.install()
            let plans = try await Installer(pair.cluster).uninstallPlan()
            for (plan, database) in zip(plans, [pair.source, pair.target]) {
                for step in plan.steps.prefix(done) {
                    try await database.run(step.statements.joined(separator: ";\n"))
                }
            }
            if done == 2 { try await pair.install() }
            try await Installer(pair.cluster).uninstall { _ in }
            #expect(try await pair.source.dump() == wanted.0)
            #expect(try await pair.target.dump() == wanted.1)
        }
    }

    @Test func `two installers at once take turns`() async throws {
        let pair = try await TestPair.make(schema: Self.schema, sync: Self.sync)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { try await pair.install() } }
            try await group.waitForAll()
        }
        let reference = try await TestPair.make(schema: Self.schema, sync: Self.sync)
        try await reference.install()
        #expect(try await pair.source.dump() == reference.source.dump())
        #expect(try await titles(pair) == [])
    }

    @Test func `a table that is in use makes the installer wait and nobody else, and it ends when it can`() async throws
    {
        let pair = try await TestPair.make(schema: Self.schema, sync: Self.sync)
        let holder = try await pair.source.connect()
        try await holder.run(deadline: .seconds(20)) { session in
            try session.execute("BEGIN")
            try session.execute("INSERT INTO item VALUES (1, 'uncommitted')")
        }
        let waits = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await Installer(pair.cluster).install { progress in
                    if case .waiting = progress { waits.continuation.yield() }
                }
                waits.continuation.finish()
            }
            var seen = 0
            for await _ in waits.stream {
                seen += 1
                // Others write between two attempts of the installer, or behind one of a second at most.
                try await pair.source.run("INSERT INTO item VALUES (\(seen + 10), 'passed by')")
                if seen == 3 { try await holder.run(deadline: .seconds(20)) { try $0.execute("COMMIT") } }
            }
            #expect(seen >= 3)
            try await group.waitForAll()
        }
        await holder.close()
        #expect(try await titles(pair) == [])
    }

    @Test func `migrations of a newer version are refused by every command`() async throws {
        let pair = try await TestPair.make(schema: Self.schema, sync: Self.sync)
        try await pair.install()
        try await pair.source.run("INSERT INTO switchback.migration (version, name) VALUES (9999, 'from the future')")
        let before = try await pair.source.dump()
        let installer = Installer(pair.cluster)
        let attempts: [@Sendable () async throws -> Void] = [
            { try await installer.install { _ in } }, { try await installer.upgrade { _ in } },
            { try await installer.uninstall { _ in } }, { _ = try await installer.plan() },
        ]
        for attempt in attempts {
            let error = await #expect(throws: SetupRefused.self) { try await attempt() }
            #expect(error?.description.contains("migration 9999") == true)
        }
        #expect(try await pair.source.dump() == before)
    }

    @Test func `two syncs can share a table`() async throws {
        let pair = try await TestPair.make(schema: Self.schema, sync: Self.sync)
        let third = try await TestDatabase.make(in: pair.target.server)
        try await third.run(Self.schema)
        let begin = pair.yaml.components(separatedBy: "syncs:\n")
        let second = begin[1].replacing("main:", with: "second:").replacing("target: target", with: "third: target")
        let cluster = try pair.with(
            yaml: "\(begin[0])  third: { dsn: \"\(third.dsn)\" }\nsyncs:\n\(begin[1])\(second)",
            targets: [pair.target, third])
        try await cluster.start()
        try await StatementList(pair: cluster).expectCarried([
            "INSERT INTO item VALUES (1, 'x'); INSERT INTO whole VALUES ('w')", "UPDATE item SET id = 2",
            "TRUNCATE item",
        ])
        #expect(try await cluster.source.value("SELECT count(*) FROM switchback.replicated_table") == "4")
        #expect(try await cluster.source.value("SELECT count(*) FROM switchback.sync_table") == "8")
    }

    @Test func `a thousand tables are installed and removed`() async throws {
        let schema =
            "DO $$ BEGIN FOR i IN 1..1000 LOOP EXECUTE format('CREATE TABLE t_%s (id int PRIMARY KEY, v text)', i); END LOOP; END $$"
        let pair = try await TestPair.make(schema: schema)
        try await pair.install()
        #expect(try await titles(pair) == [])
        #expect(try await pair.source.value("SELECT count(*) FROM switchback.replicated_table") == "1000")
        try await Installer(pair.cluster).uninstall { _ in }
        #expect(try await pair.source.value("SELECT count(*) FROM pg_trigger") == "0")
        #expect(try await pair.target.value("SELECT count(*) FROM pg_trigger") == "0")
    }
}

extension TestDatabase {
    /// The database's schema as `pg_dump` writes it, without what differs from one installation to the next.
    func dump() async throws -> String {
        let text = try await client("pg_dump", ["-s", "--no-owner", "-d", dsn])
        return text.split(separator: "\n").filter { line in
            // Newer dumps carry a random word.
            !line.hasPrefix("--") && !line.hasPrefix("\\restrict") && !line.hasPrefix("\\unrestrict")
        }.joined(separator: "\n").replacing(name, with: "DATABASE")
    }

    /// Runs psql, stopping at the first error.
    func psql(_ arguments: [String]) async throws {
        _ = try await client("psql", ["-q", "-X", "-v", "ON_ERROR_STOP=1", "-d", dsn] + arguments)
    }

    private func client(_ program: String, _ arguments: [String]) async throws -> String {
        let path = try TestServers.installation(nil).binDirectory + "/" + program
        let outcome = try await ExternalProgram([path] + arguments).run(
            limit: .seconds(300), outputBytesMax: 1 << 28)
        #expect(outcome.ending == .exited(0), "\(program) failed: \(outcome.errors)")
        return outcome.output
    }
}
