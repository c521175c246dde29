import Foundation
import Postgres
import Replication
import Synchronization
import TestSupport
import Testing

/// P2, P4, P5: masters that all write the same rows at once, with an engine whose connections break.
@Suite("Masters that write the same rows at once (P2, P4, P5)") struct StressTests {
    static let schema = "CREATE TABLE item (id int PRIMARY KEY, name text, n int NOT NULL DEFAULT 0)"

    /// A write that was acknowledged, and what the writer had read of the row before, with the row locked.
    private struct Write: Sendable {
        let key: Int
        let name: String?
        let before: String?
    }

    /// What was acknowledged of columns and counters.
    private final class Tally: Sendable {
        /// By key.
        let added = Mutex<[Int: Int]>([:])
        /// By key and node.
        let last = Mutex<[String: Int]>([:])
    }

    private final class Book: Sendable {
        let writes = Mutex<[Write]>([])
    }

    static let rules = ["latest", "earliest", "{ prefer: [m2, m1] }", "{ largest: n }"]

    @Test(arguments: rules) func `all come to the same, and nothing that was acknowledged is lost`(rule: String)
        async throws
    {
        let seed = testSeed()
        let masters = try await TestMasters.make(
            schema: Self.schema, rows: "INSERT INTO item SELECT g, 'first ' || g FROM generate_series(1, 10) AS g",
            masters: 3,
            targets: 1, sync: "    conflict: \(rule)")
        try await masters.start()
        let book = Book()
        try await masters.withEngine {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, node) in masters.masters.enumerated() {
                    group.addTask { try await Self.write(to: node, index, seed: seed &+ UInt64(index), book) }
                }
                group.addTask { try await Self.breakConnections(of: masters, seed: seed) }
                try await group.waitForAll()
            }
        }
        // What is applied is no change of the node's own: nothing is captured any more, and so nothing comes back. Rows may well
        // be carried twice, where the engine ended before it had told the source.
        let changes = "SELECT last_value FROM switchback.change"
        // An engine that ended right after a commit owes the look for what was written meanwhile, which sends that once more.
        let owed = try await masters.answers("SELECT count(*) FROM switchback.cursor WHERE late_since IS NOT NULL")
        if owed.contains(where: { $0 != "0" }) { try await masters.catchUp() }
        let written = try await masters.answers(changes)
        try await masters.catchUp()
        try await masters.expectEqual("\(rule), seed \(seed)")
        try await expectNothingLost(masters, book, "\(rule), seed \(seed)")
        #expect(try await masters.answers(changes) == written, "something comes back: \(rule), seed \(seed)")
    }

    /// Each node writes a column of its own and counts in one that all share, while connections break: under `merge` no node's last
    /// value is lost, and what is counted is what was acknowledged, exactly.
    @Test func `columns are merged and counters add up to what was acknowledged`() async throws {
        let seed = testSeed()
        let masters = try await TestMasters.make(
            schema: "CREATE TABLE item (id int PRIMARY KEY, m1 int, m2 int, m3 int, total bigint NOT NULL DEFAULT 0)",
            rows: "INSERT INTO item SELECT g, 0, 0, 0, 100 FROM generate_series(1, 5) AS g", masters: 3, targets: 1,
            sync: "    conflict: merge\n    overrides: { public.item: { conflict: merge, counters: [total] } }")
        try await masters.start()
        let tally = Tally()
        try await masters.withEngine {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, node) in masters.masters.enumerated() {
                    group.addTask {
                        try await Self.count(at: node, index, seed: seed &+ UInt64(index), tally)
                    }
                }
                group.addTask { try await Self.breakConnections(of: masters, seed: seed) }
                try await group.waitForAll()
            }
        }
        try await masters.catchUp()
        try await masters.catchUp()
        try await masters.expectEqual("seed \(seed)")
        let (sums, values) = (tally.added.withLock { $0 }, tally.last.withLock { $0 })
        for key in 1...5 {
            let own = (0..<3).map { values["\(key) \($0)"] ?? 0 }
            let wanted = "\(own[0]) \(own[1]) \(own[2]) \(100 + (sums[key] ?? 0))"
            let found = try await masters.answers(
                "SELECT concat_ws(' ', m1, m2, m3, total) FROM item WHERE id = \(key)")
            #expect(found == Array(repeating: wanted, count: 4), "key \(key), seed \(seed)")
        }
        #expect(values.count > 10, "seed \(seed)")
    }

    private static func count(
        at node: TestDatabase, _ index: Int, seed: UInt64, _ tally: Tally
    ) async throws {
        try await node.session { session in
            var random = SeededRandom(seed)
            let clock = ContinuousClock()
            let end = clock.now + span
            var number = 0
            while clock.now < end {
                number += 1
                let (key, amount) = (random.number(1...5), random.number(0...20) - 5)
                do {
                    try session.execute(
                        "UPDATE item SET m\(index + 1) = \(number), total = total + \(amount) WHERE id = \(key)")
                    tally.added.withLock { $0[key, default: 0] += amount }
                    tally.last.withLock { $0["\(key) \(index)"] = number }
                } catch let error as PostgresError where error.sqlState == "40P01" {
                    // A stream that locked in another order had this one give way.
                }
                usleep(UInt32(random.number(0...8000)))
            }
        }
    }

    private static let span = Duration.seconds(6)

    private static func write(to node: TestDatabase, _ index: Int, seed: UInt64, _ book: Book) async throws {
        try await node.session { session in
            var random = SeededRandom(seed)
            let clock = ContinuousClock()
            let end = clock.now + span
            var count = 0
            while clock.now < end {
                count += 1
                let name = random.once(in: 6) ? nil : "m\(index + 1) \(count)"
                let write = try attempt(random.number(1...10), name, random.number(0...100), session)
                if let write { book.writes.withLock { $0.append(write) } }
                usleep(UInt32(random.number(0...8000)))
            }
        }
    }

    /// - Returns: nil when nothing was written: the row to be deleted was not there, or a stream that wrote rows in another order
    ///   had the writer give way.
    private static func attempt(_ key: Int, _ name: String?, _ n: Int, _ session: Session) throws -> Write? {
        do {
            return try session.transaction {
                let found = try session.query("SELECT name FROM item WHERE id = \(key) FOR UPDATE")
                let before = found.rowCount > 0 ? found[0, 0] : nil
                guard let name else {
                    guard found.rowCount > 0 else { return nil }
                    _ = try session.query("DELETE FROM item WHERE id = \(key)")
                    return Write(key: key, name: nil, before: before)
                }
                let sql =
                    found.rowCount > 0
                    ? "UPDATE item SET name = $1, n = \(n) WHERE id = \(key)"
                    : "INSERT INTO item VALUES (\(key), $1, \(n))"
                _ = try session.query(sql, [name])
                return Write(key: key, name: name, before: before)
            }
        } catch let error as PostgresError where ["40P01", "23505"].contains(error.sqlState ?? "") {
            session.rollBack()
            return nil
        }
    }

    private static func breakConnections(of masters: TestMasters, seed: UInt64) async throws {
        var random = SeededRandom(seed ^ 0xb4ea)
        for _ in 0..<8 {
            try await Task.sleep(for: .milliseconds(random.number(300...900)))
            let node = masters.nodes[random.number(0...(masters.nodes.count - 1))]
            try await node.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'switchback%'"
            )
        }
    }

    /// Every acknowledged write is shown, was read by a writer that took its place, or is in the history of a node. Not of every
    /// node: one that hears first of what took the place of two versions has no conflict to tell of.
    private func expectNothingLost(_ masters: TestMasters, _ book: Book, _ comment: String) async throws {
        let writes = book.writes.withLock { $0 }
        #expect(writes.count > 100, "\(comment)")
        var known = Set(writes.compactMap(\.before))
        for database in masters.nodes {
            let names = try await database.rows(
                "SELECT name FROM item UNION ALL SELECT loser_values[2] FROM switchback.conflict")
            known.formUnion(names.compactMap { $0[0] })
        }
        let missing = writes.compactMap(\.name).filter { !known.contains($0) }
        #expect(missing.isEmpty, "nobody knows anything of \(missing.count): \(missing.prefix(5)), \(comment)")
    }
}
