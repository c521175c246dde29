import Replication
import TestSupport
import Testing

/// Columns that the server computes or numbers itself: they follow from what is shown at each node, are in no conflict of their own, and what Postgres lets
/// nobody set is written all the same where rows arrive and come back (P4, P5).
@Suite("Generated and identity columns between masters (P4, P5)") struct ComputedColumnTests {
    private static let schema = """
        CREATE TABLE item (
            id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, n int,
            sum int GENERATED ALWAYS AS (n + 1) STORED,
            label text GENERATED ALWAYS AS (name || '/' || n::text) STORED,
            tag int GENERATED ALWAYS AS IDENTITY);
        """
    private static let rows = """
        INSERT INTO item (id, name, n, tag) OVERRIDING SYSTEM VALUE
        SELECT g, 'first', g, 1000 + g FROM generate_series(1, 5) AS g
        """
    private static let shown =
        "SELECT string_agg(concat_ws(' ', id, name, n, sum, label, tag), ', ' ORDER BY id) FROM item WHERE id IN (1, 2, 10)"

    private func expect(_ masters: TestMasters, _ wanted: String, _ comment: Comment) async throws {
        for _ in 0..<2 { try await masters.catchUp() }
        try await masters.expectEqual(comment)
        #expect(try await masters.answers(Self.shown) == Array(repeating: wanted, count: 3), comment)
    }

    private func insert(_ id: Int, _ name: String, _ n: Int, tag: Int) -> String {
        "INSERT INTO item (id, name, n, tag) OVERRIDING SYSTEM VALUE VALUES (\(id), '\(name)', \(n), \(tag))"
    }

    @Test(arguments: ["latest", "merge"])
    func `they are what the shown row makes them, whoever won`(_ rule: String) async throws {
        let masters = try await TestMasters.make(
            schema: Self.schema, rows: Self.rows, targets: 1, sync: "    conflict: \(rule)")
        try await masters.start()
        let (one, two) = (masters.masters[0], masters.masters[1])
        // Different columns of one row, and a generated one that looks at both.
        try await one.run("UPDATE item SET n = 50 WHERE id = 1")
        try await two.run("UPDATE item SET name = 'm2' WHERE id = 1")
        let first = rule == "merge" ? "1 m2 50 51 m2/50 1001" : "1 m2 1 2 m2/1 1001"
        try await expect(masters, "\(first), 2 first 2 3 first/2 1002", "changed")
        // Two rows of one key, whose numbers beside it nobody may update.
        try await one.run(insert(10, "m1", 1, tag: 1))
        try await two.run(insert(10, "m2", 2, tag: 2))
        try await expect(masters, "\(first), 2 first 2 3 first/2 1002, 10 m2 2 3 m2/2 2", "inserted")
        // Another number, and another key.
        try await two.run("UPDATE item SET tag = DEFAULT, n = 7 WHERE id = 10")
        try await one.run("DELETE FROM item WHERE id = 2; \(insert(2, "again", 9, tag: 3))")
        let tag = try await two.value("SELECT tag FROM item WHERE id = 10") ?? ""
        try await expect(masters, "\(first), 2 again 9 10 again/9 3, 10 m2 7 8 m2/7 \(tag)", "numbered anew")

        let log = ConflictLog(masters.cluster)
        let conflict = try #require(try await log.list(RecordFilter()).conflicts.first { $0.key["id"] == "10" })
        #expect(conflict.loser.node == "m1" && conflict.loser.row?["name"] == "m1")
        #expect(conflict.loser.row?.keys.contains("sum") == false, "what is computed is no part of a version")
        try await log.restore(conflict, at: "m1")
        try await expect(masters, "\(first), 2 again 9 10 again/9 3, 10 m1 1 2 m1/1 \(tag)", "restored")
    }
}
