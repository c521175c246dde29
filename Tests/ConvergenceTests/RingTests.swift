import Postgres
import Replication
import TestSupport
import Testing

/// P4: rows that refer to one another, of which two sets could be shown.
///
/// Symptom: two nodes differed for ever, each showing what it had written itself. Cause: where a row lost to another, and what referred to the loser was in the way
/// of what the winner referred to, each of two sets of rows was at rest, and a node stayed with the one that it had heard of first. Fix: the set counts that has the
/// latest of the rows in which the two differ.
@Suite("Two sets of rows that keep one another out (P4)") struct RingTests {
    private static let company = """
        CREATE TABLE department (id int PRIMARY KEY, name text UNIQUE, head int);
        CREATE TABLE employee (id int PRIMARY KEY, department int REFERENCES department, desk int UNIQUE);
        ALTER TABLE department ADD FOREIGN KEY (head) REFERENCES employee;
        """
    private static let tree =
        "CREATE TABLE node (id int PRIMARY KEY, above int REFERENCES node, name text UNIQUE)"

    private struct Story: Sendable {
        let schema: String
        /// In their order: who writes it, and what.
        let writes: [(master: Int, sql: String)]
        let shown: String
        let wanted: String
    }

    /// The head of one department sits where an employee of the other does, and the departments have one name.
    private static let departments = [
        (0, "INSERT INTO employee VALUES (2, NULL, 7)"), (1, "INSERT INTO department VALUES (2, 'sales')"),
        (0, "INSERT INTO department VALUES (1, 'sales', 2)"), (1, "INSERT INTO employee VALUES (1, 2, 7)"),
    ]
    private static let stories = [
        Story(
            schema: company, writes: departments,
            shown:
                "SELECT concat((SELECT string_agg('d' || id, ' ' ORDER BY id) FROM department), ' ', (SELECT string_agg('e' || id, ' ' ORDER BY id) FROM employee))",
            wanted: "d2 e1"),
        Story(
            schema: tree,
            writes: [
                (0, "INSERT INTO node VALUES (2, NULL, 'desk')"), (1, "INSERT INTO node VALUES (4, NULL, 'sales')"),
                (0, "INSERT INTO node VALUES (1, 2, 'sales')"), (1, "INSERT INTO node VALUES (3, 4, 'desk')"),
            ], shown: "SELECT string_agg(id::text, ' ' ORDER BY id) FROM node", wanted: "3 4"),
        // Of four pairs each has a row in the way of the next one's.
        Story(
            schema: tree,
            writes: [
                (0, "INSERT INTO node VALUES (1, NULL, 'a'), (2, NULL, 'b')"),
                (1, "INSERT INTO node VALUES (3, NULL, 'c'), (4, NULL, 'd')"),
                (0, "INSERT INTO node VALUES (5, 1, 'c'), (6, 2, 'd')"),
                (1, "INSERT INTO node VALUES (7, 3, 'b'), (8, 4, 'a')"),
            ], shown: "SELECT string_agg(id::text, ' ' ORDER BY id) FROM node", wanted: "3 4 7 8"),
    ]

    @Test(arguments: stories.indices, [2, 3]) func `are settled in one way at all nodes`(
        _ index: Int, _ count: Int
    ) async throws {
        let story = Self.stories[index]
        let masters = try await TestMasters.make(schema: story.schema, masters: count, targets: 1)
        try await masters.start()
        for (master, sql) in story.writes { try await masters.masters[master].run(sql) }
        if count == 3 { try await masters.carry(1, to: 2) }
        for _ in 0..<4 { try await masters.catchUp() }
        try await masters.expectEqual()
        #expect(
            try await masters.answers(story.shown)
                == Array(repeating: story.wanted, count: masters.nodes.count))
        // Those that are not shown are kept whole, and come back when what is in their way goes.
        let kept = "SELECT count(*) FROM switchback.quarantine"
        let writes = story.writes.count == 4 && index < 2 ? "2" : "4"
        #expect(try await masters.answers(kept) == Array(repeating: writes, count: masters.nodes.count))
        #expect(try await masters.catchUp() == 0)
    }
}
