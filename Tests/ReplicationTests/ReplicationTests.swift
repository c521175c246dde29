import TestSupport
import Testing

@Suite("One-way replication") struct ReplicationTests {
    @Test func `rows that were there and rows that come later arrive`() async throws {
        let pair = try await TestPair.make(schema: "CREATE TABLE item (id int PRIMARY KEY, name text)")
        try await pair.source.run("INSERT INTO item SELECT g, 'name ' || g FROM generate_series(1, 1000) AS g")
        try await pair.start()
        try await pair.expectEqual()
        try await pair.source.run(
            "UPDATE item SET name = 'new' WHERE id <= 10; DELETE FROM item WHERE id = 11; INSERT INTO item VALUES (2000, NULL)"
        )
        try await pair.catchUp()
        try await pair.expectEqual()
        #expect(try await pair.target.value("SELECT count(*) FROM item") == "1000")
    }

    @Test func `a running engine brings changes by itself`() async throws {
        let pair = try await TestPair.make(schema: "CREATE TABLE item (id int PRIMARY KEY, name text)", targets: 2)
        try await pair.start()
        try await pair.withEngine {
            try await pair.source.run("INSERT INTO item VALUES (1, 'one')")
            for target in pair.targets {
                #expect(try await eventually { try await target.value("SELECT name FROM item WHERE id = 1") == "one" })
            }
        }
    }

    /// Rows are written so many at a time as there are; what is left over goes by smaller statements.
    @Test func `batches of every size arrive, whatever is inserted, changed and deleted in them`() async throws {
        let pair = try await TestPair.make(
            schema: "CREATE TABLE item (id int PRIMARY KEY, name text, at timestamptz, tags text[], deep jsonb)")
        try await pair.source.run(
            "INSERT INTO item SELECT g, 'name ' || g, now(), ARRAY['{', NULL, g::text], jsonb_build_object('n', g) FROM generate_series(1, 300) AS g"
        )
        try await pair.start()
        for size in [1, 7, 8, 9, 63, 64, 65, 71, 72, 73, 128, 200] {
            try await pair.source.run(
                """
                UPDATE item SET name = 'round \(size)', tags = NULL WHERE id BETWEEN 100 AND 99 + \(size / 2);
                DELETE FROM item WHERE id = \(size % 40 + 1);
                INSERT INTO item SELECT \(size * 1000) + g, NULL, now(), ARRAY['"', g::text], NULL
                  FROM generate_series(1, \(size - size / 2)) AS g;
                """)
            try await pair.catchUp()
            try await pair.expectEqual()
        }
    }

    /// Two keys that differ at the source may be one at the receiver. One statement cannot write a row twice; the batch is
    /// staged then, the stream says which rows cannot be carried, and goes on when one of them is gone.
    @Test func `rows whose keys are one at the receiver are named, and the stream goes on without them`() async throws {
        let pair = try await TestPair.make(schema: "CREATE TABLE item (id text PRIMARY KEY, name text)")
        try await pair.target.run(
            """
            CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
            ALTER TABLE item ALTER COLUMN id TYPE text COLLATE blind;
            """)
        try await pair.start()
        try await pair.withEngine {
            try await pair.source.run(
                "INSERT INTO item SELECT 'k' || g, 'one' FROM generate_series(1, 70) AS g UNION ALL SELECT 'K7', 'two'")
            #expect(
                try await eventually {
                    try await pair.target.value("SELECT error FROM switchback.cursor")?.contains("rows of public.item")
                        == true
                })
            try await pair.source.run("DELETE FROM item WHERE id = 'K7'")
            #expect(try await eventually { try await pair.target.value("SELECT count(*) FROM item") == "70" })
        }
    }

    /// A row travels by its state: the more often it changes, the fewer of its states are worth a batch.
    @Test func `a row that commit after commit changes travels seldom, and its last state arrives`() async throws {
        let pair = try await TestPair.make(schema: "CREATE TABLE item (id int PRIMARY KEY, n int)")
        try await pair.source.run("INSERT INTO item VALUES (1, 0)")
        try await pair.start()
        let batches = "SELECT batch FROM switchback.cursor"
        let before = try #require(Int(try await pair.target.value(batches) ?? ""))
        try await pair.withEngine {
            try await pair.source.run(
                "DO $$ BEGIN FOR i IN 1..20000 LOOP UPDATE item SET n = i; COMMIT; END LOOP; END $$")
            #expect(try await eventually { try await pair.target.value("SELECT n FROM item") == "20000" })
        }
        let after = try #require(Int(try await pair.target.value(batches) ?? ""))
        #expect(after - before < 20_000 / 100, "\(after - before) batches")
    }
}
