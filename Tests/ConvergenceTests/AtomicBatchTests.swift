import Postgres
import Replication
import Synchronization
import TestSupport
import Testing

/// A batch is one transaction at its receiver, between sources as well: whoever reads there sees a transaction of another node whole or not at all, but for
/// rows of it that lost or are kept out, and sees one after the other, as their source had them (P3).
@Suite("Readers of a batch between masters (P3)") struct AtomicBatchTests {
    private static let family = """
        CREATE TABLE parent (id int PRIMARY KEY, code text UNIQUE, n int NOT NULL DEFAULT 0);
        CREATE TABLE child (id int PRIMARY KEY, parent int NOT NULL REFERENCES parent, n int);
        CREATE TABLE tally (id int PRIMARY KEY, total int NOT NULL);
        """
    private static let members = """
        INSERT INTO parent SELECT g, 'p' || g FROM generate_series(1, 5) AS g;
        INSERT INTO child SELECT 10 + g, g, g FROM generate_series(1, 2) AS g;
        INSERT INTO tally VALUES (1, 2);
        """
    /// All there is, in parts.
    private static let parts = [
        "SELECT string_agg(concat_ws(' ', id, code, n), ', ' ORDER BY id) FROM parent",
        "SELECT string_agg(concat_ws(' ', id, parent, n), ', ' ORDER BY id) FROM child",
        "SELECT total::text FROM tally",
    ]
    /// The same with one statement.
    private static let whole = "SELECT concat_ws(' | ', \(parts.map { "(\($0))" }.joined(separator: ", ")))"

    /// Has whoever applies a batch take its time, with each row that it writes.
    private static let slowly = """
        CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM pg_catalog.pg_sleep(0.08); RETURN NULL;
        END $$;
        """
        + ["parent", "child", "tally"].map { table in
            """
            CREATE TRIGGER slowly AFTER INSERT OR UPDATE OR DELETE ON \(table) FOR EACH ROW EXECUTE FUNCTION slowly();
            ALTER TABLE \(table) ENABLE REPLICA TRIGGER slowly;
            """
        }.joined()

    struct Story: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// What the other node did, after the transaction, without having heard of it.
        let here: String?
        /// What is not shown of the transaction.
        let isMissing: [String]
    }

    /// Rows come, go, change and get other keys, in three tables; one is counted in.
    private static let transaction = """
        BEGIN;
        INSERT INTO parent VALUES (60, 'x', 1); INSERT INTO child VALUES (601, 60, 1), (602, 60, 2), (603, 4, 3);
        UPDATE tally SET total = total + 2; DELETE FROM child WHERE parent = 1; DELETE FROM parent WHERE id = 1;
        UPDATE parent SET id = 30, n = 7 WHERE id = 3; UPDATE parent SET n = 7 WHERE id = 5;
        COMMIT;
        """
    /// What tells that a part of it is there.
    private static let marks = ["60 x 1", "601 60 1", "602 60 2", "603 4 3", "30 p3 7", "5 p5 7"]

    static let stories = [
        Story(testDescription: "all of it is shown", here: nil, isMissing: []),
        Story(
            testDescription: "a row of it loses", here: "UPDATE parent SET n = 9 WHERE id = 5", isMissing: ["5 p5 7"]),
        Story(
            testDescription: "a row of it is kept out, with what refers to it",
            here: "INSERT INTO parent VALUES (50, 'x', 0)", isMissing: ["60 x 1", "601 60 1", "602 60 2"]),
        Story(
            testDescription: "a row of it refers to one that is deleted", here: "DELETE FROM parent WHERE id = 4",
            isMissing: ["603 4 3"]),
    ]

    /// When whoever reads is to end.
    private final class End: Sendable {
        let isReached = Mutex(false)
    }

    /// What somebody sees who looks again and again while a body runs, with one statement and in a transaction of several by turns.
    private static func looks(at node: TestDatabase, while body: () async throws -> Void) async throws -> [String] {
        let end = End()
        let connection = try await node.connect()
        let reader = Task {
            var seen: [String] = []
            var isLast = false
            while !isLast {
                isLast = end.isReached.withLock { $0 }
                let turn = seen.count % 2
                seen.append(
                    try await connection.run(deadline: .seconds(60)) { session in
                        if turn == 0 { return try session.query(whole)[0, 0] ?? "" }
                        return try session.transaction(begin: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") {
                            try parts.compactMap { try session.query($0)[0, 0] }.joined(separator: " | ")
                        }
                    })
                try await Task.sleep(for: .milliseconds(5))
            }
            return seen
        }
        do { try await body() } catch {
            reader.cancel()
            throw error
        }
        end.isReached.withLock { $0 = true }
        let seen = try await reader.value
        await connection.close()
        return seen
    }

    @Test(arguments: stories) func `a transaction of another node is seen whole or not at all`(_ story: Story)
        async throws
    {
        let masters = try await CommonMasters.shared.started(
            schema: Self.family, rows: Self.members,
            sync: "    overrides: { public.tally: { counters: [total] } }")
        let (one, two) = (masters.masters[0], masters.masters[1])
        try await one.run(Self.transaction)
        if let here = story.here { try await two.run(here) }
        try await two.run(Self.slowly)
        let before = try await two.value(Self.whole) ?? ""
        let seen = try await Self.looks(at: two) { try await masters.carry(0, to: 1) }
        let after = try await two.value(Self.whole) ?? ""
        #expect(before != after)
        #expect(Set(seen) == [before, after])
        #expect(seen.count { $0 == before } > 20, "nobody looked while it was written")
        for mark in Self.marks {
            let isShown = after.split { $0 == "," || $0 == "|" }.contains { $0.trimmed == mark }
            #expect(isShown != story.isMissing.contains(mark), "\(mark): \(after)")
        }
        #expect(after.hasSuffix("| 4"), "\(after)")
        try await two.run("DROP FUNCTION slowly CASCADE")
        for _ in 0..<3 { try await masters.catchUp() }
        try await masters.expectEqual()
    }

    private static let ledger = """
        CREATE TABLE ledger (node text PRIMARY KEY, last int NOT NULL, entries int NOT NULL);
        CREATE TABLE entry (node text, n int, part int, PRIMARY KEY (node, n, part));
        """

    /// Transactions of one node, numbered, each with some entries, now and then with more than a small batch takes.
    private static func write(to node: TestDatabase, _ name: String, _ seed: UInt64, _ end: End) async throws -> Int {
        var random = SeededRandom(seed)
        let connection = try await node.connect()
        var number = 0
        while !end.isReached.withLock({ $0 }) {
            number += 1
            let (n, count) = (number, random.once(in: 40) ? 1200 : random.number(1...5))
            try await connection.run(deadline: .seconds(60)) { session in
                try session.execute(
                    """
                    BEGIN; INSERT INTO entry SELECT '\(name)', \(n), g FROM generate_series(1, \(count)) AS g;
                    UPDATE ledger SET last = \(n), entries = entries + \(count) WHERE node = '\(name)'; COMMIT
                    """)
            }
            try await Task.sleep(for: .milliseconds(random.number(1...8)))
        }
        await connection.close()
        return number
    }

    /// Looks until the end, and expects what every transaction left alike; and that nothing goes back.
    private static func read(from node: TestDatabase, _ place: Int, _ end: End) async throws -> Int {
        let look = """
            SELECT l.node, l.last,
                   l.last = count(DISTINCT e.n) AND l.last = coalesce(max(e.n), 0) AND l.entries = count(e.n)
              FROM ledger AS l LEFT JOIN entry AS e USING (node) GROUP BY l.node, l.last, l.entries
            """
        let connection = try await node.connect()
        var latest: [String: Int] = [:]
        var count = 0
        while !end.isReached.withLock({ $0 }) {
            let rows = try await connection.run(deadline: .seconds(60)) { session in
                let answer = try session.query(look)
                return (0..<answer.rowCount).map { row in (0..<3).map { answer[row, $0] ?? "" } }
            }
            for row in rows {
                let last = Int(row[1]) ?? 0
                #expect(row[2] == "t", "half of \(row[0])'s \(last) at node \(place)")
                #expect(last >= latest[row[0]] ?? 0, "\(row[0])'s \(last) at node \(place)")
                latest[row[0]] = last
            }
            count += 1
            try await Task.sleep(for: .milliseconds(10))
        }
        await connection.close()
        return count
    }

    @Test func `transactions are seen one after the other, each whole, at every node`() async throws {
        let seed = testSeed()
        let masters = try await CommonMasters.shared.started(
            schema: Self.ledger, rows: "INSERT INTO ledger VALUES ('m1', 0, 0), ('m2', 0, 0)", targets: 1)
        let (writing, reading) = (End(), End())
        try await masters.withEngine {
            try await withThrowingTaskGroup(of: Int.self) { group in
                for (index, node) in masters.masters.enumerated() {
                    group.addTask {
                        try await Self.write(to: node, TestMasters.name(index), seed &+ UInt64(index), writing)
                    }
                }
                for (index, node) in masters.nodes.enumerated() {
                    group.addTask { try await Self.read(from: node, index + 1, reading) }
                }
                try await Task.sleep(for: .seconds(4))
                writing.isReached.withLock { $0 = true }
                // What is on its way is looked at as well.
                try await masters.catchUp()
                reading.isReached.withLock { $0 = true }
                for try await count in group { #expect(count > 20, "seed \(seed)") }
            }
        }
        try await masters.catchUp()
        try await masters.expectEqual("seed \(seed)")
    }
}

extension Substring {
    /// Without spaces at its ends.
    fileprivate var trimmed: String { split(separator: " ").joined(separator: " ") }
}
