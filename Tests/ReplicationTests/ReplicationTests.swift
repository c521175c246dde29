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
}
