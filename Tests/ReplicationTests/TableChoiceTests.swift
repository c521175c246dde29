import LocalCluster
import Postgres
import Replication
import TestSupport
import Testing

/// P1: captured or refused. Tables whose changes cannot be captured are refused with a remedy, before anything is changed.
@Suite("Which tables can be carried") struct TableChoiceTests {
    static let refused: [(schema: String, message: String, remedy: String)] = [
        ("CREATE TABLE t (id int)", "no usable key", "full_copy"),
        ("CREATE TABLE t (id int UNIQUE)", "no usable key", "primary key"),
        (
            "CREATE TABLE t (id int NOT NULL, b bool); CREATE UNIQUE INDEX ON t (id) WHERE b", "no usable key",
            "primary key"
        ),
        ("CREATE TABLE t (id int NOT NULL); CREATE UNIQUE INDEX ON t (abs(id))", "no usable key", "primary key"),
        ("CREATE TABLE t (a int NOT NULL, b int, UNIQUE (a, b))", "no usable key", "primary key"),
        ("CREATE TABLE t (a int NOT NULL, b int, UNIQUE NULLS NOT DISTINCT (a, b))", "no usable key", "primary key"),
        ("CREATE UNLOGGED TABLE t (id int PRIMARY KEY)", "unlogged", "SET LOGGED"),
        (
            "CREATE TABLE t (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE UNLOGGED TABLE t_1 PARTITION OF t DEFAULT",
            "unlogged", "SET LOGGED"
        ),
        (
            """
            CREATE FOREIGN DATA WRAPPER none; CREATE SERVER elsewhere FOREIGN DATA WRAPPER none;
            CREATE TABLE t (id int) PARTITION BY RANGE (id); CREATE FOREIGN TABLE t_1 PARTITION OF t DEFAULT SERVER elsewhere
            """, "foreign tables", "exclude"
        ),
    ]

    @Test(arguments: refused.indices)
    func `a table that cannot be captured is refused with the remedy, and nothing is changed`(number: Int) async throws
    {
        let (schema, message, remedy) = Self.refused[number]
        let pair = try await TestPair.make(schema: schema, tables: ["public.t"])
        let error = await #expect(throws: SetupRefused.self) { try await pair.install() }
        let found = error?.findings.first { $0.node == "source" && $0.message.contains(message) }
        #expect(found?.remedy?.contains(remedy) == true, "\(error?.description ?? "")")
        #expect(try await pair.source.value("SELECT to_regnamespace('switchback')") == nil)
    }

    static let carried = [
        "CREATE TABLE t (id int NOT NULL UNIQUE, v text)",
        "CREATE TABLE t (v text, a int NOT NULL DEFAULT 0, id int NOT NULL); CREATE UNIQUE INDEX ON t (id) INCLUDE (v)",
        "CREATE TABLE t (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, v text)",
        "CREATE TABLE t (id int NOT NULL UNIQUE DEFERRABLE, v text)",
        "CREATE TABLE t (id int, v text NOT NULL, UNIQUE (id), UNIQUE (id, v), PRIMARY KEY (v, id))",
        "CREATE TABLE t (id int, v text); ALTER TABLE t ADD extra int NOT NULL GENERATED ALWAYS AS IDENTITY UNIQUE",
        "CREATE TABLE t (id int PRIMARY KEY, v text); ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        "CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TEMP TABLE other (id int); CREATE EXTENSION IF NOT EXISTS citext",
    ]

    @Test(arguments: carried)
    func `a table with any usable key is carried`(schema: String) async throws {
        let pair = try await TestPair.make(schema: schema)
        try await pair.start()
        try await StatementList(pair: pair).expectCarried([
            "INSERT INTO t (id, v) VALUES (1, 'a'), (2, 'b'), (3, 'c')",
            "UPDATE t SET id = 4 WHERE id = 1", "UPDATE t SET v = 'x' WHERE id = 2", "DELETE FROM t WHERE id = 3",
            "TRUNCATE t", "INSERT INTO t (id, v) VALUES (1, 'again')",
        ])
    }

    @Test func `keys that are checked late can change places`() async throws {
        let pair = try await TestPair.make(
            schema: "CREATE TABLE t (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, v int)")
        try await pair.start()
        try await StatementList(pair: pair).expectCarried([
            "INSERT INTO t SELECT g, g FROM generate_series(1, 10) AS g",
            "BEGIN; UPDATE t SET id = 2 WHERE v = 1; UPDATE t SET id = 1 WHERE v = 2; COMMIT",
            "UPDATE t SET id = id + 1", "BEGIN; DELETE FROM t WHERE v = 5; INSERT INTO t VALUES (6, 50); COMMIT",
        ])
    }

    @Test func `a table without a key is carried whole where the configuration says so`() async throws {
        let pair = try await TestPair.make(
            schema: "CREATE TABLE t (id int, v text); CREATE TABLE keyed (id int PRIMARY KEY, v text)",
            sync: "    overrides: { \"public.*\": { full_copy: true } }")
        try await pair.start()
        try await StatementList(pair: pair).expectCarried([
            "INSERT INTO t VALUES (1, 'a'), (1, 'a'), (NULL, NULL)", "INSERT INTO keyed VALUES (1, 'a')",
            "UPDATE t SET v = 'b' WHERE ctid = '(0,1)'", "DELETE FROM t WHERE id IS NULL", "UPDATE keyed SET id = 2",
            "TRUNCATE t; INSERT INTO t VALUES (9, 'z')", "UPDATE t SET v = 'y' WHERE false", "TRUNCATE t, keyed",
        ])
    }

    @Test func `row security that would hide rows from the role is refused`() async throws {
        let role = "limited_\(UInt32.random(in: 0 ... .max))"
        let home = TestDatabase(server: try await TestServers.shared.server("source"), name: "postgres")
        try await home.run("CREATE ROLE \(role) LOGIN")
        let pair = try await TestPair.make(
            schema: "CREATE TABLE t (id int PRIMARY KEY)", sourceDSN: { $0.server.dsn(database: $0.name, user: role) })
        try await pair.source.run("ALTER TABLE t ENABLE ROW LEVEL SECURITY; GRANT ALL ON t TO \(role)")
        let problems = try await Checkup(pair.cluster).run().filter { $0.severity == .problem }.map(\.message)
        #expect(problems.contains { $0.contains("row security hides rows of public.t") }, "\(problems)")
        try await pair.source.run("ALTER ROLE \(role) BYPASSRLS")
        let after = try await Checkup(pair.cluster).run().filter { $0.severity == .problem }.map(\.message)
        #expect(!after.contains { $0.contains("row security") }, "\(after)")
        try await pair.source.run("DROP OWNED BY \(role); DROP ROLE \(role)")
    }
}
