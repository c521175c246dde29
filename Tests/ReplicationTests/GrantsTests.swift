import LocalCluster
import Postgres
import Replication
import TestSupport
import Testing

/// P10: an ordinary role with the grants that are printed, and nothing more. Nobody else gains anything by what is installed.
@Suite("Grants and what others may do") struct GrantsTests {
    static let schema = """
        CREATE SCHEMA app;
        CREATE TABLE app.item (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
        CREATE TABLE app.part (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
        CREATE TABLE app.part_1 PARTITION OF app.part FOR VALUES FROM (0) TO (1000);
        CREATE TABLE app.whole (v text);
        CREATE SEQUENCE app.loose;
        CREATE TABLE app.numbered (id int PRIMARY KEY DEFAULT nextval('app.loose'), v text);
        """
    static let sync = "    overrides: { app.whole: { full_copy: true } }"

    /// A pair whose engine goes by an ordinary role of its own.
    private func make(_ role: String, prepare: String = "") async throws -> TestPair {
        let shared = TestServers.shared
        for server in [try await shared.server("source"), try await shared.server("target")] {
            try await TestDatabase(server: server, name: "postgres").run("CREATE ROLE \(role) LOGIN")
        }
        let dsn: (TestDatabase) -> String = { $0.server.dsn(database: $0.name, user: role) }
        return try await TestPair.make(
            schema: Self.schema + prepare, tables: ["app.*"], sync: Self.sync, sourceDSN: dsn, targetDSN: dsn)
    }

    private func drop(_ role: String, _ pair: TestPair) async throws {
        for database in [pair.source, pair.target] {
            try await database.run("DROP SCHEMA app CASCADE; DROP OWNED BY \(role) CASCADE")
            try await database.run("DROP ROLE \(role)")
        }
    }

    /// Runs what the findings tell an administrator to run, at the nodes that they name.
    private func followRemedies(_ pair: TestPair) async throws -> Int {
        let problems = try await Checkup(pair.cluster).run().filter { $0.severity == .problem }
        for problem in problems {
            let remedy = problem.remedy ?? ""
            let sql = remedy.split(separator: ": ", maxSplits: 1).last.map(String.init) ?? ""
            #expect(sql.hasPrefix("GRANT"), "\(problem.message): \(remedy)")
            try await (problem.node == "source" ? pair.source : pair.target).run(sql)
        }
        return problems.count
    }

    private func work(_ pair: TestPair) async throws {
        try await pair.source.run("INSERT INTO app.item (name) SELECT 'x' FROM generate_series(1, 50)")
        try await pair.start()
        try await StatementList(pair: pair).expectCarried([
            "INSERT INTO app.item (name) VALUES ('one'), ('two'); INSERT INTO app.whole VALUES ('w')",
            "UPDATE app.item SET name = 'changed' WHERE id < 5; DELETE FROM app.item WHERE id > 50",
            "INSERT INTO app.part VALUES (1, 'a'), (2, 'b'); INSERT INTO app.part_1 VALUES (3, 'c')",
            "TRUNCATE app.part_1", "INSERT INTO app.numbered (v) SELECT 'v' FROM generate_series(1, 5)",
            "TRUNCATE app.item, app.part",
            "INSERT INTO app.item (name) SELECT g::text FROM generate_series(1, 5000) AS g",
            "UPDATE app.item SET name = name || 'x'",
        ])
        #expect(try await pair.target.failure("DELETE FROM app.item")?.sqlState == "25006")
        let next = try await pair.target.value("SELECT nextval('app.loose')") ?? ""
        #expect((Int(next) ?? 0) > 5)
        #expect(try await Installer(pair.cluster).plan().allSatisfy { $0.steps.isEmpty })
    }

    @Test func `the grants that check prints, run as printed, are all that is needed`() async throws {
        let role = "ordinary_\(UInt32.random(in: 0 ... .max))"
        let pair = try await make(role)
        await #expect(throws: SetupRefused.self) { try await pair.install() }
        #expect(try await pair.source.value("SELECT to_regnamespace('switchback')") == nil)
        var rounds = 0
        while try await followRemedies(pair) > 0, rounds < 5 { rounds += 1 }
        #expect(rounds == 1)
        let notices = try await Checkup(pair.cluster).run().filter { $0.severity == .notice }.map(\.message)
        #expect(notices.contains { $0.contains("replica role") }, "\(notices)")
        try await work(pair)
        try await Installer(pair.cluster).uninstall { _ in }
        #expect(try await pair.source.value("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'switchback%'") == "0")
        #expect(try await pair.target.value("SELECT to_regnamespace('switchback')") == nil)
        try await drop(role, pair)
    }

    @Test func `the owner of the tables needs little more than its tables`() async throws {
        let role = "owner_\(UInt32.random(in: 0 ... .max))"
        let pair = try await make(
            role,
            prepare: """
                ALTER SCHEMA app OWNER TO \(role);
                DO $$ DECLARE t regclass; BEGIN
                    FOR t IN SELECT oid FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind IN ('r', 'p') LOOP
                        EXECUTE format('ALTER TABLE %s OWNER TO \(role)', t);
                    END LOOP;
                    ALTER SEQUENCE app.loose OWNER TO \(role);
                END $$;
                """)
        let problems = try await Checkup(pair.cluster).run().filter { $0.severity == .problem }.map(\.message)
        #expect(problems.count == 3, "\(problems)")
        _ = try await followRemedies(pair)
        try await work(pair)
        try await StatementList(pair: pair).expectCarried([
            "SET session_replication_role = replica; UPDATE app.item SET name = 'seen all the same' WHERE id % 100 = 0"
        ])
        #expect(
            try await pair.target.failure("INSERT INTO app.item (name) VALUES ('x')", user: role)?.sqlState == "25006")
        try await Installer(pair.cluster).uninstall { _ in }
        try await drop(role, pair)
    }

    @Test func `a schema that an administrator made beforehand will do`() async throws {
        let role = "guest_\(UInt32.random(in: 0 ... .max))"
        let pair = try await make(role, prepare: "CREATE SCHEMA switchback;")
        let problems = try await Checkup(pair.cluster).run().filter { $0.severity == .problem }
        #expect(problems.contains { $0.message.contains("may not make objects in the schema switchback") })
        #expect(!problems.contains { $0.remedy?.contains("CREATE ON DATABASE") ?? false })
        _ = try await followRemedies(pair)
        try await work(pair)
        try await Installer(pair.cluster).uninstall { _ in }
        let left = "SELECT count(*) FROM pg_class WHERE relnamespace = 'switchback'::regnamespace"
        #expect(try await pair.source.value(left) == "0")
        #expect(try await pair.target.value(left) == "0")
        try await drop(role, pair)
    }

    @Test func `others neither read deltas nor call anything, even where they may look into the schema`() async throws {
        let pair = try await TestPair.make(schema: Self.schema, tables: ["app.*"], sync: Self.sync)
        try await pair.start()
        let role = "stranger_\(pair.source.name)"
        try await pair.source.run(
            "CREATE ROLE \(role) LOGIN; GRANT USAGE ON SCHEMA switchback, app TO \(role); GRANT CREATE ON SCHEMA public TO \(role)"
        )
        let allowed = try await pair.source.rows(
            """
            SELECT p.oid::regprocedure::text FROM pg_proc AS p
             WHERE pronamespace = 'switchback'::regnamespace AND has_function_privilege('\(role)', p.oid, 'EXECUTE')
            UNION ALL
            SELECT c.oid::regclass::text FROM pg_class AS c
             WHERE relnamespace = 'switchback'::regnamespace AND relkind = 'r'
               AND (has_table_privilege('\(role)', c.oid, 'SELECT') OR has_table_privilege('\(role)', c.oid, 'INSERT'))
            """)
        #expect(allowed == [])
        // A trigger of one's own with our function would write deltas of what is not there.
        let error = try await pair.source.failure(
            "CREATE TABLE public.own (id int); CREATE TRIGGER t AFTER TRUNCATE ON public.own EXECUTE FUNCTION switchback.capture_1_mark()",
            user: role)
        #expect(error?.sqlState == "42501")
        try await pair.source.run("DROP OWNED BY \(role); DROP ROLE \(role)")
    }

    /// Symptom: a writer could have its own code run as Switchback's role. Cause: CASE x WHEN y looks for = in the writer's
    /// search_path. Fix: every operator is qualified.
    @Test func `what a writer puts into its search path is not called by capture`() async throws {
        let pair = try await TestPair.make(schema: Self.schema, tables: ["app.*"], sync: Self.sync)
        let role = "writer_\(pair.source.name)"
        // Every operator and function that capture could look for, and all of them tell.
        try await pair.source.run(
            """
            CREATE ROLE \(role) LOGIN; GRANT USAGE ON SCHEMA app TO \(role);
            GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA app TO \(role);
            GRANT USAGE ON ALL SEQUENCES IN SCHEMA app TO \(role);
            CREATE SCHEMA trap AUTHORIZATION \(role);
            """)
        let types = ["text", "int", "bigint", "\"char\"", "name", "boolean", "oid"]
        var traps = """
            CREATE FUNCTION trap.sprung() RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'sprung by %', current_user; END $$;
            CREATE FUNCTION trap.count() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.sprung(); RETURN 1; END $$;
            CREATE FUNCTION trap.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.sprung(); RETURN NULL; END $$;
            CREATE FUNCTION trap.pg_current_xact_id() RETURNS xid8 LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.sprung(); RETURN NULL; END $$;

            """
        for type in types {
            for (name, symbol) in [
                ("equal", "="), ("unequal", "<>"), ("less", "<="), ("over", "/"), ("both", "&"), ("shift", ">>"),
            ] {
                let returns = ["=", "<>", "<="].contains(symbol) ? "boolean" : type
                for other in types
                where other == type || (["int", "bigint"].contains(type) && ["int", "bigint"].contains(other)) {
                    traps += """
                        CREATE FUNCTION trap.\(name)(\(type), \(other)) RETURNS \(returns) LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.sprung(); RETURN NULL; END $$;
                        CREATE OPERATOR trap.\(symbol) (LEFTARG = \(type), RIGHTARG = \(other), FUNCTION = trap.\(name));

                        """
                }
            }
        }
        try await pair.source.run(traps, user: role)
        try await pair.start()
        let path = "SET search_path = trap, pg_catalog; "
        try await StatementList(pair: pair).expectCarried(
            [
                path + "INSERT INTO app.numbered (id, v) VALUES (pg_catalog.int4pl(1, 1), 'x')",
                path + "UPDATE app.numbered SET v = 'y', id = 7", path + "DELETE FROM app.numbered",
                path + "TRUNCATE app.numbered",
                path + "INSERT INTO app.part VALUES (1, 'x')", path + "UPDATE app.part SET id = 5",
                path + "DELETE FROM app.part_1",
                path + "INSERT INTO app.part_1 VALUES (9, 'x')", path + "TRUNCATE app.part_1",
                path + "TRUNCATE app.part",
                path + "INSERT INTO app.whole VALUES ('x')", path + "UPDATE app.whole SET v = 'y'",
                path + "DELETE FROM app.whole",
            ], user: role)
        let caught = try await pair.source.failure(path + "SELECT 1 = 1", user: role)
        #expect(caught?.message.contains("sprung") == true)
        try await pair.source.run("DROP OWNED BY \(role) CASCADE; DROP ROLE \(role)")
    }
}
