import Postgres
import Replication
import TestSupport
import Testing

/// Nodes that have the columns of one table in orders of their own, and had other columns before: values that outlive the batch they came
/// with are known by the names of their columns (P4, P5).
@Suite("Columns in another order at each master (P4, P5)") struct ColumnOrderTests {
    private static let rows = "SELECT string_agg(concat_ws(' ', id, a, b, c), ', ' ORDER BY id) FROM item"

    private func masters(_ rule: String) async throws -> TestMasters {
        let masters = try await TestMasters.make(
            schema: "", masters: 3, targets: 1, sync: "    conflict: \(rule)")
        try await masters.masters[0].run(
            "CREATE TABLE item (id int PRIMARY KEY, a text, b text CONSTRAINT one_b UNIQUE, c text)")
        try await masters.masters[1].run(
            """
            CREATE TABLE item (c text, old int, b text CONSTRAINT one_b UNIQUE, id int PRIMARY KEY, a text);
            ALTER TABLE item DROP COLUMN old;
            """)
        try await masters.masters[2].run(
            "CREATE TABLE item (b text CONSTRAINT one_b UNIQUE, a text, c text, id int PRIMARY KEY)")
        try await masters.targets[0].run(
            "CREATE TABLE item (c text, b text CONSTRAINT one_b UNIQUE, a text, id int PRIMARY KEY)")
        try await masters.masters[0].run("INSERT INTO item VALUES (1, 'a', 'b', 'c')")
        try await masters.start()
        return masters
    }

    private func expect(
        _ masters: TestMasters, _ query: String, _ wanted: String?, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let found = try await masters.answers(query)
        #expect(found == Array(repeating: wanted, count: masters.nodes.count), sourceLocation: sourceLocation)
    }

    @Test func `versions that lost are whole at every node, also where they came by another one`() async throws {
        let masters = try await masters("earliest")
        try await masters.masters[0].run("UPDATE item SET a = 'a1', b = 'b1', c = 'c1'")
        try await masters.masters[1].run("UPDATE item SET a = 'a2', b = 'b2', c = 'c2'")
        // The second's version is kept at the second in the first's order, and goes on from there in its own.
        try await masters.carry(0, to: 1)
        try await masters.carry(1, to: 2)

        try await masters.catchUp()
        try await expect(masters, Self.rows, "1 a1 b1 c1")
        let log = ConflictLog(masters.cluster)
        let conflict = try #require(try await log.list(.init()).conflicts.first)
        #expect(conflict.loser.row == ["id": "1", "a": "a2", "b": "b2", "c": "c2"])
        #expect(conflict.winner.row == ["id": "1", "a": "a1", "b": "b1", "c": "c1"])
        #expect(conflict.foundAt.count == 4)
        // The versions themselves, from which a rule chooses again when another one comes.
        try await expect(
            masters,
            "SELECT string_agg(concat_ws(' ', stored ->> 'id', stored ->> 'a', stored ->> 'b', stored ->> 'c'), ',') FROM switchback.version_1 WHERE stored IS NOT NULL",
            "1 a2 b2 c2")
        try await log.restore(conflict, at: "m3")
        try await masters.catchUp()
        try await expect(masters, Self.rows, "1 a2 b2 c2")
    }

    @Test func `rows in quarantine come back whole, also when a column was added meanwhile`() async throws {
        let masters = try await masters("latest")
        try await masters.masters[0].run("INSERT INTO item VALUES (2, 'a2', 'x', 'c2')")
        try await masters.masters[1].run("INSERT INTO item (id, a, b, c) VALUES (3, 'a3', 'x', 'c3')")
        try await masters.carry(0, to: 1)
        try await masters.carry(1, to: 2)
        try await masters.catchUp()
        try await expect(masters, Self.rows, "1 a b c, 3 a3 x c3")
        for node in masters.nodes { try await node.run("ALTER TABLE item ADD COLUMN aa text DEFAULT 'z'") }
        try await masters.masters[2].run("UPDATE item SET b = 'y' WHERE id = 3")
        try await masters.catchUp()
        try await masters.catchUp()
        try await expect(masters, Self.rows, "1 a b c, 2 a2 x c2, 3 a3 y c3")
        try await expect(masters, "SELECT count(*) FROM switchback.quarantine", "0")
    }

    /// Symptom: a row was kept out for ever after a column had come that must not be null. Cause: it was tried again with null there. Fix: with what
    /// the rows of the table got.
    @Test func `rows in quarantine have in columns that came meanwhile what other rows have`() async throws {
        let masters = try await masters("latest")
        try await masters.masters[0].run("INSERT INTO item VALUES (2, 'a2', 'x', 'c2')")
        try await masters.masters[1].run("INSERT INTO item (id, a, b, c) VALUES (3, 'a3', 'x', 'c3')")
        try await masters.catchUp()
        for node in masters.nodes {
            try await node.run(
                """
                ALTER TABLE item ADD COLUMN grade text NOT NULL DEFAULT 'it''s, "new"', ADD COLUMN sum int DEFAULT 1 + 2;
                ALTER TABLE item ALTER COLUMN grade SET DEFAULT 'other';
                """)
        }
        try await masters.masters[2].run("UPDATE item SET b = 'y' WHERE id = 3")
        for _ in 0..<2 { try await masters.catchUp() }
        try await expect(
            masters, "SELECT string_agg(concat_ws(' ', id, grade, sum), ', ' ORDER BY id) FROM item",
            "1 it's, \"new\" 3, 2 it's, \"new\" 3, 3 it's, \"new\" 3")
        try await expect(masters, "SELECT count(*) FROM switchback.quarantine", "0")
    }

    @Test func `columns that were changed at different nodes are told apart by name`() async throws {
        let masters = try await masters("merge")
        try await masters.masters[0].run("UPDATE item SET a = 'a1'")
        try await masters.masters[1].run("UPDATE item SET b = 'b2', c = 'c2'")
        try await masters.carry(0, to: 1)
        try await masters.carry(1, to: 2)
        try await masters.masters[2].run("UPDATE item SET c = 'c3'")
        try await masters.masters[0].run("UPDATE item SET b = 'b1'")
        try await masters.carry(2, to: 1)
        try await masters.catchUp()
        try await expect(masters, Self.rows, "1 a1 b1 c3")
    }

    @Test func `a key whose columns are in another order is refused, with what helps`() async throws {
        let masters = try await TestMasters.make(schema: "")
        try await masters.masters[0].run("CREATE TABLE pair (a int, b int, PRIMARY KEY (a, b))")
        try await masters.masters[1].run("CREATE TABLE pair (a int, b int, PRIMARY KEY (b, a))")
        do {
            try await Installer(masters.cluster).install { _ in }
            Issue.record("it was installed")
        } catch let error as SetupRefused {
            #expect("\(error)".contains("the key of public.pair is (a, b) at m1 and (b, a) at m2"))
        }
    }
}
