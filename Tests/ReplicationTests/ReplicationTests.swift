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
