import Postgres
import Replication
import TestSupport
import Testing

/// P1: writes through a parent and straight to a partition or a child, and rows that come and go by ATTACH and DETACH.
@Suite("Capture: partitions and inheritance") struct PartitionTests {
    static let schema = """
        CREATE TABLE part (id int, at int, v text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
        CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (100);
        CREATE TABLE part_2 (v text, at int NOT NULL, dropped int, id int NOT NULL);
        ALTER TABLE part_2 DROP COLUMN dropped;
        ALTER TABLE part ATTACH PARTITION part_2 FOR VALUES FROM (100) TO (200);
        CREATE TABLE part_3 PARTITION OF part FOR VALUES FROM (200) TO (400) PARTITION BY LIST (id);
        CREATE TABLE part_3_odd PARTITION OF part_3 FOR VALUES IN (1, 3, 5, 7, 9, 11, 13, 15, 17, 19);
        CREATE TABLE part_3_rest PARTITION OF part_3 DEFAULT;
        CREATE TABLE other (id int PRIMARY KEY, v text) PARTITION BY HASH (id);
        CREATE TABLE other_0 PARTITION OF other FOR VALUES WITH (MODULUS 2, REMAINDER 0);
        CREATE TABLE other_1 PARTITION OF other FOR VALUES WITH (MODULUS 2, REMAINDER 1);
        """

    @Test(arguments: CaptureTests.versions)
    func `writes through the parent and straight to partitions are carried`(version: Int?) async throws {
        let pair = try await TestPair.make(
            schema: Self.schema, sourceServer: try await TestServers.shared.server("source", version: version))
        try await pair.source.run("INSERT INTO part SELECT g, g * 10, 'x' FROM generate_series(1, 30) AS g")
        try await pair.source.run("INSERT INTO other SELECT g, 'x' FROM generate_series(1, 30) AS g")
        try await pair.start()
        let list = StatementList(pair: pair)
        try await list.expectEqual(after: "the first copy")
        try await list.expectCarried([
            "INSERT INTO part VALUES (40, 1, 'a'), (41, 101, 'b'), (42, 201, 'c'), (43, 301, 'd')",
            "INSERT INTO part_1 VALUES (50, 2, 'straight')",
            "INSERT INTO part_2 (id, at, v) VALUES (51, 102, 'straight')",
            "INSERT INTO part_3 VALUES (52, 202, 'to the middle')", "INSERT INTO part_3_odd VALUES (1, 203, 'leaf')",
            "UPDATE part SET v = 'u' WHERE id > 40", "UPDATE part_3_rest SET v = 'straight' WHERE id = 42",
            "UPDATE part SET id = id + 1000 WHERE id IN (40, 41)",
            "UPDATE part SET at = at + 100 WHERE id IN (50, 51)", "UPDATE part_3 SET id = 3 WHERE at = 203",
            "UPDATE part SET at = 399, id = 19 WHERE id = 1040", "UPDATE part_3 SET id = 2 WHERE id = 19",
            "DELETE FROM part WHERE id = 52", "DELETE FROM part_1 WHERE at < 20", "DELETE FROM part_3 WHERE id = 3",
            "INSERT INTO part VALUES (5, 50, 'c') ON CONFLICT (id, at) DO UPDATE SET v = excluded.v",
            "INSERT INTO part VALUES (6, 60, 'c') ON CONFLICT DO NOTHING",
            "COPY part (id, at) FROM PROGRAM 'printf \"70\\t70\\n71\\t170\\n\"'",
            "COPY part_2 (id, at) FROM PROGRAM 'printf \"72\\t172\\n\"'",
            "INSERT INTO other VALUES (31, 'y'); UPDATE other SET v = 'z' WHERE id < 5; UPDATE other SET id = id + 100 WHERE id > 20",
            "WITH gone AS (DELETE FROM part_2 RETURNING *) INSERT INTO part SELECT id, at + 200, v FROM gone",
            "TRUNCATE part_1",
            "INSERT INTO part VALUES (80, 80, 'x'), (81, 281, 'y'); TRUNCATE part_3; INSERT INTO part VALUES (82, 282, 'z')",
            "INSERT INTO part VALUES (83, 83, 'x'); TRUNCATE part; INSERT INTO part VALUES (84, 84, 'y'), (85, 185, 'y'); TRUNCATE part_1",
            "TRUNCATE other_0", "INSERT INTO part VALUES (86, 86, 'x'), (87, 187, 'y')",
            "BEGIN; SAVEPOINT a; TRUNCATE part; ROLLBACK TO a; TRUNCATE part_2; COMMIT",
            "TRUNCATE part, other",
        ])
        if version != nil {
            try await pair.source.run("INSERT INTO part VALUES (1, 1, 'a'), (2, 102, 'b')")
            try await list.expectCarried([
                "MERGE INTO part USING (VALUES (1), (3)) AS s (id) ON part.id = s.id WHEN MATCHED THEN UPDATE SET at = 150 WHEN NOT MATCHED THEN INSERT VALUES (s.id, 250, 'm')"
            ])
        }
    }

    /// Symptom: rows stayed at the target that were gone at the source. Cause: TRUNCATE of a partition removes rows that were committed since
    /// its REPEATABLE READ transaction began, and the capture saw the others only. Fix: such a one has the table carried whole.
    @Test func `a partition's TRUNCATE in a transaction that began earlier takes all its rows away`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.source.run("INSERT INTO part VALUES (1, 1, 'a'), (2, 102, 'b')")
        try await pair.start()
        let earlier = try await pair.source.connect()
        try await earlier.run(deadline: .seconds(60)) { session in
            try session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM part")
        }
        try await pair.source.run("INSERT INTO part VALUES (3, 3, 'since'), (4, 104, 'since')")
        try await pair.catchUp()
        try await earlier.run(deadline: .seconds(60)) { try $0.execute("TRUNCATE part_1; COMMIT") }
        await earlier.close()
        try await StatementList(pair: pair).expectEqual(after: "TRUNCATE part_1", ["part"])
        #expect(try await pair.target.value("SELECT string_agg(id::text, ' ' ORDER BY id) FROM part") == "2 4")
    }

    /// Symptom: rows that came with ATTACH never travelled, and rows that went with DETACH stayed at the target, in silence.
    /// Cause: no trigger fires for either. Fix: each batch looks whether partitions came or went, and captures their rows
    /// before it is read.
    @Test func `rows that come and go with partitions are carried, also while nobody installs`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.source.run("INSERT INTO part SELECT g, g * 10, 'x' FROM generate_series(1, 30) AS g")
        try await pair.start()
        let list = StatementList(pair: pair)
        func everywhere(_ sql: String) async throws {
            for database in pair.targets + [pair.source] { try await database.run(sql) }
        }
        func expectCarried(_ statements: [String]) async throws {
            for statement in statements {
                try await pair.source.run(statement)
                try await list.expectEqual(after: statement, ["part", "other"])
            }
        }
        try await everywhere("CREATE TABLE part_4 PARTITION OF part FOR VALUES FROM (400) TO (500)")
        try await expectCarried([
            "INSERT INTO part VALUES (1, 401, 'late'), (2, 402, 'late')", "UPDATE part_4 SET id = 9 WHERE id = 1",
            "TRUNCATE part_4",
        ])
        try await pair.target.run("CREATE TABLE part_5 PARTITION OF part FOR VALUES FROM (500) TO (600)")
        try await expectCarried([
            "CREATE TABLE part_5 AS SELECT g AS id, 500 + g AS at, 'attached' AS v FROM generate_series(1, 20) AS g",
            "ALTER TABLE part_5 ALTER id SET NOT NULL, ALTER at SET NOT NULL; ALTER TABLE part ATTACH PARTITION part_5 FOR VALUES FROM (500) TO (600)",
            "UPDATE part SET v = 'after' WHERE at = 501", "ALTER TABLE part DETACH PARTITION part_1",
            "INSERT INTO part_1 VALUES (999, 9, 'not ours any more')",
            "ALTER TABLE part DETACH PARTITION part_2 CONCURRENTLY",
            "ALTER TABLE part_3 DETACH PARTITION part_3_odd", "INSERT INTO part VALUES (11, 510, 'x'); TRUNCATE part_5",
            "ALTER TABLE part ATTACH PARTITION part_1 FOR VALUES FROM (0) TO (100)",
            "DROP TABLE part_3",
        ])
        #expect(try await pair.source.value("SELECT count(*) FROM part") != "0")
    }

    @Test func `a running engine notices partitions that come and go, also without any other change`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.start()
        try await pair.target.run("CREATE TABLE part_5 PARTITION OF part FOR VALUES FROM (500) TO (600)")
        try await pair.withEngine {
            try await pair.source.run("INSERT INTO part VALUES (1, 1, 'running')")
            let count = "SELECT count(*) FROM part"
            #expect(try await eventually { try await pair.target.value(count) == "1" })
            try await pair.source.run(
                "CREATE TABLE part_5 (id int NOT NULL, at int NOT NULL, v text); INSERT INTO part_5 VALUES (2, 502, 'x')"
            )
            try await pair.source.run("ALTER TABLE part ATTACH PARTITION part_5 FOR VALUES FROM (500) TO (600)")
            #expect(try await eventually { try await pair.target.value(count) == "2" })
            try await pair.source.run("ALTER TABLE part DETACH PARTITION part_5")
            #expect(try await eventually { try await pair.target.value(count) == "1" })
        }
    }

    @Test func `a detached partition is left as it was, and the next installation takes it in as a table`() async throws
    {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.start()
        for database in [pair.target, pair.source] {
            try await database.run("ALTER TABLE part DETACH PARTITION part_1")
        }
        let titles = try await Installer(pair.cluster).plan().flatMap { $0.steps.map(\.title) }
        #expect(titles.contains("capture changes of public.part_1"))
        try await pair.start()
        try await StatementList(pair: pair).expectCarried([
            "INSERT INTO part_1 VALUES (1, 1, 'by itself')", "TRUNCATE part_1", "INSERT INTO part VALUES (1, 101, 'x')",
        ])
        #expect(try await pair.target.failure("INSERT INTO part_1 VALUES (2, 2)")?.sqlState == "25006")
        #expect(try await Installer(pair.cluster).plan().allSatisfy { $0.steps.isEmpty })
    }

    @Test func `a table that becomes a partition stops its stream until it is installed again`() async throws {
        let pair = try await TestPair.make(
            schema: Self.schema + "CREATE TABLE joins (id int, at int, v text, PRIMARY KEY (id, at))")
        try await pair.start()
        try await pair.source.run("INSERT INTO joins VALUES (1, 700, 'x')")
        try await pair.catchUp()
        for database in [pair.source, pair.target] {
            try await database.run("ALTER TABLE part ATTACH PARTITION joins FOR VALUES FROM (700) TO (800)")
        }
        try await pair.source.run("UPDATE part SET v = 'through the parent' WHERE at = 700")
        try await pair.expectStop(naming: ["is now a partition of public.part"])
        try await pair.install()
        try await StatementList(pair: pair).expectCarried(["INSERT INTO joins VALUES (2, 701, 'y')", "TRUNCATE joins"])
    }

    @Test func `parents and children by inheritance are carried each by itself`() async throws {
        let schema = """
            CREATE TABLE parent (id int PRIMARY KEY, v text);
            CREATE TABLE child (extra int, PRIMARY KEY (id)) INHERITS (parent);
            CREATE TABLE grandchild (PRIMARY KEY (id)) INHERITS (child);
            """
        let pair = try await TestPair.make(schema: schema)
        try await pair.start()
        try await StatementList(pair: pair).expectCarried([
            "INSERT INTO parent VALUES (1, 'p'), (2, 'p'); INSERT INTO child VALUES (1, 'c', 1), (3, 'c', 2); INSERT INTO grandchild VALUES (1, 'g', 3)",
            "UPDATE parent SET v = v || '!'", "UPDATE ONLY parent SET id = 5 WHERE id = 1",
            "UPDATE child SET id = id + 10",
            "DELETE FROM parent WHERE id = 11", "DELETE FROM ONLY parent", "TRUNCATE ONLY child",
            "INSERT INTO child VALUES (7, 'c', 8)",
            "TRUNCATE parent",
        ])
    }

    /// A child that came later is written through its parent, where its own statement triggers do not fire.
    @Test func `a table that becomes a child stops its stream until it is installed again`() async throws {
        let pair = try await TestPair.make(
            schema: "CREATE TABLE parent (id int PRIMARY KEY, v text); CREATE TABLE child (id int PRIMARY KEY, v text)")
        try await pair.start()
        try await pair.source.run("INSERT INTO child VALUES (1, 'x')")
        try await pair.catchUp()
        try await pair.source.run("ALTER TABLE child INHERIT parent")
        try await pair.source.run("UPDATE parent SET v = 'through the parent'")
        try await pair.expectStop(naming: ["place among parents and partitions"])
        try await pair.install()
        try await StatementList(pair: pair).expectCarried(["UPDATE parent SET v = 'again'"])
    }

    @Test func `a partition can be a sync's table without its parent`() async throws {
        let pair = try await TestPair.make(schema: Self.schema, tables: ["public.part_1", "public.part_3"])
        try await pair.start()
        for statement in [
            "INSERT INTO part VALUES (1, 1, 'a'), (2, 202, 'b'), (1, 203, 'c'), (4, 104, 'not this one')",
            "UPDATE part SET v = 'u', id = id + 2", "DELETE FROM part WHERE at = 1", "TRUNCATE part_3_odd",
            "TRUNCATE part",
        ] {
            try await pair.source.run(statement)
            try await StatementList(pair: pair).expectEqual(after: statement, ["part_1", "part_3", "part_3_odd"])
        }
        #expect(try await pair.target.failure("INSERT INTO part VALUES (1, 1, 'fenced below')")?.sqlState == "25006")
    }

    @Test func `a partitioned or inherited table without a key is carried whole`() async throws {
        let schema = """
            CREATE TABLE whole (id int, v text) PARTITION BY RANGE (id);
            CREATE TABLE whole_1 PARTITION OF whole FOR VALUES FROM (0) TO (10);
            CREATE TABLE parent (id int);
            CREATE TABLE child () INHERITS (parent);
            """
        let pair = try await TestPair.make(
            schema: schema, sync: "    overrides: { \"public.*\": { full_copy: true } }")
        try await pair.start()
        try await StatementList(pair: pair).expectCarried([
            "INSERT INTO whole_1 VALUES (1, 'straight'), (1, 'straight')", "UPDATE whole_1 SET v = 'x'",
            "TRUNCATE whole_1",
            "INSERT INTO child VALUES (1)", "UPDATE parent SET id = 2", "DELETE FROM parent",
        ])
    }
}
