import Replication
import TestSupport
import Testing

/// NULL in columns that are unique: rows of two nodes are in each other's way by it where the constraint says so, and only there (P4, P5).
@Suite("NULL in unique columns between masters (P4, P5)") struct NullUniqueTests {
    private static let kept =
        "SELECT string_agg(table_name || ' ' || key_values[1], ', ' ORDER BY table_name, key_values[1]) FROM switchback.quarantine"

    private func shown(_ table: String) -> String { "SELECT string_agg(id::text, ' ' ORDER BY id) FROM \(table)" }

    private func expect(_ masters: TestMasters, _ table: String, _ ids: String, kept: String?) async throws {
        for _ in 0..<3 { try await masters.catchUp() }
        try await masters.expectEqual()
        #expect(try await masters.answers(shown(table)) == [ids, ids, ids])
        #expect(try await masters.answers(Self.kept) == [kept, kept, kept])
    }

    @Test func `rows with NULL in a unique column are in nobody's way`() async throws {
        let masters = try await TestMasters.make(
            schema: """
                CREATE TABLE person (id int PRIMARY KEY, email text UNIQUE, a int, b int, gone bool, UNIQUE (a, b));
                CREATE UNIQUE INDEX ON person ((nullif(a, 0))) WHERE gone;
                """, masters: 3)
        try await masters.start()
        for (index, node) in masters.masters.enumerated() {
            try await node.run("INSERT INTO person VALUES (\(index + 1), NULL, 1, NULL, NULL)")
        }
        try await expect(masters, "person", "1 2 3", kept: nil)
        // An index over an expression that comes to NULL, and over rows that its condition leaves in.
        for (index, node) in masters.masters.enumerated() {
            try await node.run("UPDATE person SET a = 0, b = NULL, gone = true WHERE id = \(index + 1)")
        }
        try await expect(masters, "person", "1 2 3", kept: nil)
        // Both columns there: one of them is in the way of the others, until one is NULL again.
        for (index, node) in masters.masters.enumerated() {
            try await node.run("UPDATE person SET b = 5 WHERE id = \(index + 1)")
        }
        try await expect(masters, "person", "3", kept: "person 1, person 2")
        try await masters.masters[0].run("UPDATE person SET b = NULL WHERE id = 3")
        try await expect(masters, "person", "2 3", kept: "person 1")
        try await masters.masters[2].run("UPDATE person SET b = NULL WHERE id = 2")
        try await expect(masters, "person", "1 2 3", kept: nil)
    }

    @Test func `where NULL counts as a value the row that was written last is shown`() async throws {
        let masters = try await TestMasters.make(
            schema: "CREATE TABLE place (id int PRIMARY KEY, a int, b int, UNIQUE NULLS NOT DISTINCT (a, b))",
            masters: 3)
        try await masters.start()
        for (index, node) in masters.masters.enumerated() {
            try await node.run("INSERT INTO place VALUES (\(index + 1), 1, NULL)")
        }
        try await expect(masters, "place", "3", kept: "place 1, place 2")
        #expect(
            try await masters.answers("SELECT count(*) FROM switchback.conflict WHERE rule LIKE 'unique %'")
                == ["2", "2", "2"])
        try await masters.masters[1].run("UPDATE place SET b = 1 WHERE id = 3")
        try await expect(masters, "place", "2 3", kept: "place 1")
        try await masters.masters[0].run("DELETE FROM place WHERE id = 2")
        try await expect(masters, "place", "1 3", kept: nil)
    }
}
