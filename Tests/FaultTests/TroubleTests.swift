import LocalCluster
import Postgres
import TestSupport
import Testing

/// P2 and P7: what a database administrator, an application or a full disk does to a running stream delays it; it goes
/// on by itself once the trouble is over, and says meanwhile what it is.
@Suite("Trouble while streaming") struct TroubleTests {
    private static let items = "CREATE TABLE item (id int PRIMARY KEY, note text)"

    private func arrives(_ pair: TestPair, _ id: Int) async throws -> Bool {
        try await eventually { try await pair.target.value("SELECT count(*) FROM item WHERE id = \(id)") == "1" }
    }

    private func error(_ pair: TestPair, contains words: String) async throws -> Bool {
        try await eventually {
            try await pair.target.value("SELECT error FROM switchback.cursor")?.contains(words) == true
        }
    }

    /// A pair whose engine works as an ordinary role that owns its schemas and little else.
    private func ordinaryPair() async throws -> (TestPair, String) {
        let role = "engine_\(UInt32.random(in: 0 ... .max))"
        for home in ["source", "target"] {
            let server = try await TestServers.shared.server(home)
            let database = TestDatabase(server: server, name: "postgres")
            try await database.run("CREATE ROLE \(role) LOGIN")
            try await database.run("GRANT SET ON PARAMETER session_replication_role TO \(role)")
        }
        let schema = """
            \(Self.items);
            GRANT SELECT, INSERT, UPDATE, DELETE, TRIGGER ON item TO \(role);
            DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO \(role)', current_database()); END $$;
            """
        let user: (TestDatabase) -> String = { $0.server.dsn(database: $0.name, user: role) }
        let pair = try await TestPair.make(schema: schema, sourceDSN: user, targetDSN: user)
        try await pair.start()
        return (pair, role)
    }

    @Test func `a grant that is taken away stops the stream with its reason until it is given back`() async throws {
        let (pair, role) = try await ordinaryPair()
        try await pair.withDaemon { _ in
            try await pair.source.run("INSERT INTO item VALUES (1)")
            #expect(try await arrives(pair, 1))
            try await pair.target.run("REVOKE INSERT ON item FROM \(role)")
            try await pair.source.run("INSERT INTO item VALUES (2)")
            #expect(try await error(pair, contains: "item"))
            try await pair.target.run("GRANT INSERT ON item TO \(role)")
            #expect(try await arrives(pair, 2))
            try await pair.source.run("REVOKE SELECT ON item FROM \(role)")
            try await pair.source.run("INSERT INTO item VALUES (3)")
            #expect(try await error(pair, contains: "item"))
            try await pair.source.run("GRANT SELECT ON item TO \(role)")
            #expect(try await arrives(pair, 3))
            #expect(try await eventually { try await pair.cursor("error") == "()" })
        }
        try await pair.expectEqual()
    }

    @Test func `timeouts and defaults that are set for the role do not disturb it`() async throws {
        let (pair, role) = try await ordinaryPair()
        for setting in [
            "statement_timeout = '1ms'", "lock_timeout = '1ms'", "idle_in_transaction_session_timeout = '1ms'",
            "idle_session_timeout = '50ms'", "default_transaction_read_only = on",
            "default_transaction_isolation = 'serializable'", "default_transaction_deferrable = on",
            "synchronous_commit = off", "search_path = 'nowhere'", "session_replication_role = 'origin'",
        ] {
            for database in [pair.source, pair.target] {
                try await database.run("ALTER ROLE \(role) IN DATABASE \(database.name) SET \(setting)")
            }
        }
        try await pair.withDaemon { _ in
            for id in 1...3 {
                try await pair.source.run(
                    "INSERT INTO item SELECT \(id) * 10000 + g FROM generate_series(0, 1200) AS g")
                #expect(try await arrives(pair, id * 10000))
                try await Task.sleep(for: .milliseconds(200))
            }
        }
        try await pair.expectEqual()
    }

    @Test func `a batch waits for a lock that an application holds, and goes on`() async throws {
        let pair = try await TestPair.make(schema: Self.items)
        try await pair.start()
        try await pair.withDaemon { _ in
            for rows in [1, 1400] {
                let holder = try await pair.target.connect()
                try await holder.run { try $0.execute("BEGIN; LOCK TABLE item IN ACCESS EXCLUSIVE MODE") }
                try await pair.source.run(
                    "INSERT INTO item SELECT \(rows) * 1000 + g FROM generate_series(1, \(rows)) AS g")
                let waits = try await eventually {
                    try await pair.target.value(
                        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name LIKE 'switchback%' AND datname = current_database()"
                    ) == "1"
                }
                #expect(waits)
                try await holder.run { try $0.execute("COMMIT") }
                await holder.close()
                #expect(try await arrives(pair, rows * 1000 + 1))
            }
        }
        try await pair.expectEqual()
    }

    @Test func `a deadlock with readers at the target costs a batch nothing but another try`() async throws {
        let pair = try await TestPair.make(
            schema: "CREATE TABLE a (id int PRIMARY KEY, n int); CREATE TABLE b (id int PRIMARY KEY, n int)")
        try await pair.source.run(
            "INSERT INTO a SELECT g, 0 FROM generate_series(1, 5) AS g; INSERT INTO b SELECT g, 0 FROM generate_series(1, 5) AS g"
        )
        try await pair.start()
        // Reports that lock both tables, in either order.
        let readers = Load(
            database: pair.target, clients: 3, seed: testSeed(),
            parameters: [("deadlock_timeout", "20ms"), ("lock_timeout", "2s")]
        ) { session, random in
            let tables = random.once(in: 2) ? ["a", "b"] : ["b", "a"]
            do throws(any Error) {
                try session.execute("BEGIN; LOCK TABLE \(tables[0]) IN SHARE MODE; SELECT pg_sleep(0.01)")
                try session.execute("LOCK TABLE \(tables[1]) IN SHARE MODE; COMMIT")
            } catch let error as PostgresError where error.kind == .server && !error.isConnectionFailure {
                session.rollBack()
            }
        }
        let writers = Load(database: pair.source, clients: 2, seed: 1) { session, random in
            try session.execute(
                "BEGIN; UPDATE a SET n = n + 1 WHERE id = \(random.number(1...5)); UPDATE b SET n = n + 1 WHERE id = \(random.number(1...5)); COMMIT"
            )
        }
        try await pair.target.run("ALTER DATABASE \(pair.target.name) SET deadlock_timeout = '30ms'")
        _ = try await pair.withDaemon { _ in
            _ = try await readers.run {
                try await writers.run { try await Task.sleep(for: .seconds(3)) }
            }
            try await pair.catchUp()
        }
        try await pair.expectEqual()
    }

    @Test func `a server without a connection left is waited for`() async throws {
        let (pair, role) = try await ordinaryPair()
        try await pair.source.run("ALTER ROLE \(role) CONNECTION LIMIT 1")
        // The connections of the installation are closed, but their processes may still be there.
        #expect(
            try await eventually {
                try await pair.source.value("SELECT count(*) FROM pg_stat_activity WHERE usename = '\(role)'") == "0"
            })
        let other = try await pair.source.connect(user: role)
        try await pair.withDaemon { _ in
            try await pair.source.run("INSERT INTO item VALUES (1)")
            #expect(try await error(pair, contains: "too many connections"))
            await other.close()
            #expect(try await arrives(pair, 1))
            #expect(try await eventually { try await pair.cursor("error") == "()" })
        }
        try await pair.expectEqual()
    }

    @Test func `a disk that has no room for a batch stops it until there is some`() async throws {
        let (pair, role) = try await ordinaryPair()
        try await pair.withDaemon { _ in
            try await pair.source.run("INSERT INTO item VALUES (1)")
            #expect(try await arrives(pair, 1))
            // Sessions of the role may write no temporary files any more: the stage of a large batch needs some.
            try await pair.target.run(
                "ALTER ROLE \(role) IN DATABASE \(pair.target.name) SET temp_file_limit = 0; ALTER ROLE \(role) IN DATABASE \(pair.target.name) SET work_mem = '64kB'"
            )
            try await pair.target.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '\(role)' AND datname = current_database()"
            )
            try await pair.source.run(
                "INSERT INTO item SELECT g, repeat('x', 500) FROM generate_series(2, 20000) AS g; UPDATE item SET note = note || 'y'"
            )
            let isSaid = try await error(pair, contains: "temporary file size exceeds")
            #expect(isSaid)
            try await pair.target.run(
                "ALTER ROLE \(role) IN DATABASE \(pair.target.name) RESET temp_file_limit"
            )
            try await pair.target.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '\(role)' AND datname = current_database()"
            )
            #expect(try await arrives(pair, 20000))
        }
        try await pair.expectEqual()
    }

    @Test func `VACUUM FULL, CLUSTER and REINDEX at either side go on beside it`() async throws {
        let seed = testSeed()
        let pair = try await TestPair.make(schema: Shop.schema)
        try await pair.source.run(Shop.opens)
        try await pair.start()
        let history = History(pair: pair, tables: Shop.tables)
        try await history.begin()
        let load = Load(database: pair.source, clients: 2, seed: seed, work: Shop.work)
        _ = try await load.run {
            try await pair.withEngine {
                for statement in [
                    "VACUUM FULL customer", "CLUSTER line USING line_pkey", "REINDEX TABLE purchase",
                    "REINDEX TABLE CONCURRENTLY scratch", "VACUUM FULL switchback.receiver",
                    "VACUUM FULL switchback.cursor", "VACUUM FULL scratch", "ANALYZE",
                ] {
                    for database in [pair.source, pair.target] {
                        // They wait for locks as everybody does, and may be the one that a deadlock costs.
                        _ = try await database.failure(statement)
                        try await Task.sleep(for: .milliseconds(100))
                    }
                }
            }
        }
        try await pair.catchUp()
        try await pair.expectEqual(Shop.tables.map { "public.\($0.name)" }, "seed \(seed)")
        let batches = try await history.check()
        #expect(batches > 0)
    }

    @Test func `a dump that holds locks on delta tables delays trimming and nothing else`() async throws {
        let pair = try await TestPair.make(schema: Self.items)
        try await pair.start()
        let delta = try #require(
            try await pair.source.value(
                "SELECT string_agg(d::regclass::text, ', ') FROM switchback.replicated_table, unnest(ARRAY[delta_a, delta_b]) AS d"
            ))
        try await pair.withDaemon { _ in
            let dump = try await pair.source.connect()
            try await dump.run { session in
                try session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; LOCK TABLE \(delta) IN ACCESS SHARE MODE")
                try session.execute("SELECT FROM item")
            }
            for id in 1...10 {
                try await pair.source.run("INSERT INTO item VALUES (\(id))")
                #expect(try await arrives(pair, id))
            }
            #expect(try await pair.source.value(Trimming.rows) != "0")
            try await dump.run { try $0.execute("COMMIT") }
            await dump.close()
            #expect(try await eventually { try await pair.source.value(Trimming.rows) == "0" })
        }
        try await pair.expectEqual()
    }
}
