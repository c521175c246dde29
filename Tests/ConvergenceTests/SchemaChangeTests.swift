import Postgres
import Replication
import Synchronization
import TestSupport
import Testing

/// Tables are changed at one source and then at the other, while both are written: the streams between the two wait, by name, for as long as they differ,
/// those to others go on, and no write is lost (P2, P4, P6, P7).
@Suite("Schema changes between masters (P2, P4, P6, P7)") struct SchemaChangeTests {
    private static let schema = "CREATE TABLE item (id int PRIMARY KEY, n int, gone text)"
    private static let rows = "INSERT INTO item SELECT g, 0, 'x' FROM generate_series(900, 909) AS g"

    /// What writers were told is there, by key; and when they are to end.
    private final class Book: Sendable {
        let last = Mutex<[Int: Int]>([:])
        let isOver = Mutex(false)
    }

    /// Writes rows of a node's own, over one session that goes on whatever becomes of the table.
    private static func write(to node: TestDatabase, _ number: Int, _ book: Book) async throws {
        let connection = try await node.connect()
        var count = 0
        while !book.isOver.withLock({ $0 }) {
            count += 1
            let (id, n) = (number * 100 + count % 20, count)
            try await connection.run(deadline: .seconds(60)) { session in
                try session.execute(
                    "INSERT INTO item (id, n) VALUES (\(id), \(n)) ON CONFLICT (id) DO UPDATE SET n = excluded.n")
            }
            book.last.withLock { $0[id] = n }
            try await Task.sleep(for: .milliseconds(10))
        }
        await connection.close()
    }

    /// Runs a body while all is carried and both nodes are written; then both must have every write, and no conflict.
    private func whileBothWrite(
        _ masters: TestMasters, _ body: @Sendable @escaping () async throws -> Void
    ) async throws {
        let book = Book()
        try await masters.withEngine {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, node) in masters.masters.enumerated() {
                    group.addTask { try await Self.write(to: node, index + 1, book) }
                }
                try await body()
                book.isOver.withLock { $0 = true }
                try await group.waitForAll()
            }
        }
        for _ in 0..<2 { try await masters.catchUp() }
        try await masters.expectEqual()
        let rows = try await masters.masters[0].rows("SELECT id::text, n::text FROM item")
        let found = Dictionary(rows.map { ($0[0] ?? "", $0[1] ?? "") }, uniquingKeysWith: { first, _ in first })
        let written = book.last.withLock { $0 }
        #expect(written.count > 20)
        for (id, n) in written { #expect(found["\(id)"] == "\(n)", "row \(id)") }
        #expect(try await masters.answers("SELECT count(*) FROM switchback.conflict") == ["0", "0"])
    }

    /// Changes a table. It may be the one that a deadlock with a batch costs.
    private static func alter(_ node: TestDatabase, _ sql: String) async throws {
        for _ in 0..<5 {
            guard let error = try await node.failure(sql) else { return }
            try #require(error.sqlState == "40P01", "\(sql): \(error)")
        }
        Issue.record("one deadlock after the other: \(sql)")
    }

    /// Changes one node, and expects both directions to wait; then the other, and expects them to go on.
    ///
    /// - Parameter meanwhile: what an application does with it before the other node has it.
    private static func expectGap(
        _ masters: TestMasters, _ first: Int, _ sql: String, meanwhile: String, naming words: String
    ) async throws {
        try await alter(masters.masters[first], sql)
        #expect(try await masters.stops(0, 1, words), "\(sql)")
        #expect(try await masters.stops(1, 0, words), "\(sql)")
        try await masters.masters[first].run(meanwhile)
        try await alter(masters.masters[1 - first], sql)
        #expect(try await masters.moves(0, 1), "\(sql)")
        #expect(try await masters.moves(1, 0), "\(sql)")
    }

    @Test(arguments: [0, 1]) func `columns that come, grow and go at one node after the other lose no write`(
        _ first: Int
    ) async throws {
        let masters = try await CommonMasters.shared.started(schema: Self.schema, rows: Self.rows)
        let (here, there) = (TestMasters.name(first), TestMasters.name(1 - first))
        try await whileBothWrite(masters) {
            try await Self.expectGap(
                masters, first, "ALTER TABLE item ADD COLUMN more text DEFAULT 'd'",
                meanwhile: "UPDATE item SET more = 'written' WHERE id = 900",
                naming: "column more of public.item exists at \(here) and not at \(there)")
            try await Self.expectGap(
                masters, first, "ALTER TABLE item ALTER n TYPE bigint",
                meanwhile: "UPDATE item SET n = 5000000000 WHERE id = 901", naming: "column n of public.item is")
            try await Self.expectGap(
                masters, first, "ALTER TABLE item DROP COLUMN gone",
                meanwhile: "UPDATE item SET n = 2 WHERE id = 902",
                naming: "column gone of public.item exists at \(there) and not at \(here)")
        }
        let shown =
            "SELECT string_agg(concat_ws(' ', id, n, more), ', ' ORDER BY id) FROM item WHERE id IN (900, 901, 902)"
        let wanted = "900 0 written, 901 5000000000 d, 902 2 d"
        #expect(try await masters.answers(shown) == [wanted, wanted])
    }

    /// Postgres rewrites the table, or builds it an index of the key anew, under those that write, read and apply.
    @Test func `indexes are built and tables rewritten at either node beside it`() async throws {
        let masters = try await CommonMasters.shared.started(schema: Self.schema, rows: Self.rows)
        try await whileBothWrite(masters) {
            for statement in [
                "CREATE INDEX CONCURRENTLY IF NOT EXISTS by_n ON item (n)", "REINDEX TABLE CONCURRENTLY item",
                "VACUUM FULL item", "CLUSTER item USING item_pkey", "DROP INDEX CONCURRENTLY IF EXISTS by_n",
            ] {
                for node in masters.masters { try await Self.alter(node, statement) }
            }
            #expect(try await masters.moves(0, 1))
            #expect(try await masters.moves(1, 0))
        }
        #expect(try await masters.answers("SELECT bool_and(indisvalid) FROM pg_index") == ["t", "t"])
    }

    @Test func `what two of three nodes do not have alike keeps up their streams alone`() async throws {
        let masters = try await CommonMasters.shared.started(schema: Self.schema, rows: Self.rows, masters: 3)
        let (one, two, three) = (masters.masters[0], masters.masters[1], masters.masters[2])
        try await one.run(
            "ALTER TABLE item ADD COLUMN more text; INSERT INTO item (id, n, more) VALUES (1, 1, 'written')")
        try await two.run("INSERT INTO item VALUES (2, 2)")
        try await three.run("INSERT INTO item VALUES (3, 3)")
        for result in try await masters.tryToCatchUp(within: .seconds(4)) {
            let isOfOne = [result.stream.source, result.stream.receiver].contains("m1")
            #expect(result.isCaughtUp != isOfOne, "\(result)")
            guard isOfOne else { continue }
            #expect(
                result.reason?.contains("column more of public.item exists at m1 and not at") == true, "\(result)")
        }
        let shown = "SELECT string_agg(id::text, ' ' ORDER BY id) FROM item WHERE id < 900"
        #expect(try await masters.answers(shown) == ["1", "2 3", "2 3"])

        try await two.run("ALTER TABLE item ADD COLUMN more text")
        try await masters.catchUp([masters.stream(0, 1), masters.stream(1, 0)])
        #expect(try await masters.answers(shown) == ["1 2", "1 2 3", "2 3"])
        try await three.run("ALTER TABLE item ADD COLUMN more text")
        for _ in 0..<2 { try await masters.catchUp() }
        try await masters.expectEqual()
        #expect(try await masters.answers(shown) == ["1 2 3", "1 2 3", "1 2 3"])
        #expect(
            try await masters.answers("SELECT more FROM item WHERE id = 1") == ["written", "written", "written"])
    }

    /// Until the installation knows the columns every update counts as a change of all of them, and what loses so is kept whole.
    @Test func `under merge columns that came or went are merged once the installation knows it`() async throws {
        let masters = try await TestMasters.make(
            schema: "CREATE TABLE item (id int PRIMARY KEY, a text, b text)",
            rows: "INSERT INTO item SELECT g, 'a', 'b' FROM generate_series(1, 4) AS g", sync: "    conflict: merge")
        try await masters.start()
        func change(_ id: Int, expecting wanted: String) async throws {
            try await masters.masters[0].run("UPDATE item SET c = 'c\(id)' WHERE id = \(id)")
            try await masters.masters[1].run("UPDATE item SET b = 'b\(id)' WHERE id = \(id)")
            for _ in 0..<2 { try await masters.catchUp() }
            try await masters.expectEqual("row \(id)")
            // Whichever columns there are.
            let shown = try await masters.answers(
                "SELECT concat_ws(' ', to_jsonb(t) ->> 'a', b, c) FROM item AS t WHERE id = \(id)")
            #expect(shown == [wanted, wanted], "row \(id)")
        }
        func alter(_ sql: String) async throws {
            for node in masters.masters { try await node.run("ALTER TABLE item \(sql)") }
        }
        try await alter("ADD COLUMN c text")
        try await change(1, expecting: "a b1")
        let lost =
            "SELECT string_agg(loser_origin || ' ' || loser_values::text, ', ' ORDER BY key_values) FROM switchback.conflict"
        #expect(try await masters.answers(lost) == ["m1 {1,a,b,c1}", "m1 {1,a,b,c1}"])
        try await Installer(masters.cluster).install { _ in }
        try await change(2, expecting: "a b2 c2")
        try await alter("DROP COLUMN a")
        try await change(3, expecting: "b3")
        try await Installer(masters.cluster).install { _ in }
        try await change(4, expecting: "b4 c4")
        #expect(try await masters.answers(lost) == Array(repeating: "m1 {1,a,b,c1}, m1 {3,b,c3}", count: 2))
    }

    @Test func `a table that is renamed at one node after the other is carried under its new name`() async throws {
        let masters = try await CommonMasters.shared.started(schema: Self.schema, rows: Self.rows)
        let (one, two) = (masters.masters[0], masters.masters[1])
        try await one.run("ALTER TABLE item RENAME TO thing; UPDATE thing SET n = 1 WHERE id IN (900, 902)")
        try await two.run("UPDATE item SET n = 2 WHERE id IN (901, 902)")
        let results = try await masters.tryToCatchUp(within: .seconds(4))
        #expect(
            results.of("m1", "m2")?.reason?.contains("public.item is now called public.thing at m1") == true,
            "\(results)")
        #expect(results.of("m2", "m1")?.reason?.contains("public.item does not exist at m1") == true, "\(results)")
        #expect(try await masters.stopHint(0, 1)?.contains("schema install") == true)
        try await two.run("ALTER TABLE item RENAME TO thing")
        try await Installer(masters.cluster).install { _ in }
        for _ in 0..<2 { try await masters.catchUp() }
        try await masters.expectEqual()
        let shown = "SELECT string_agg(n::text, ' ' ORDER BY id) FROM thing WHERE id < 903"
        #expect(try await masters.answers(shown) == ["1 2 2", "1 2 2"])
        // A conflict from before the new name, and one since.
        for (index, node) in masters.masters.enumerated() {
            try await node.run("UPDATE thing SET n = \(index + 10) WHERE id = 903")
        }
        for _ in 0..<2 { try await masters.catchUp() }
        try await masters.expectEqual()
        #expect(try await masters.answers("SELECT n FROM thing WHERE id = 903") == ["11", "11"])
        let lost = "SELECT string_agg(key_values[1] || ' ' || loser_origin, ', ' ORDER BY id) FROM switchback.conflict"
        #expect(try await masters.answers(lost) == ["902 m1, 903 m1", "902 m1, 903 m1"])
    }

    @Test func `rows that are kept out of a table come back also when it got another name`() async throws {
        let masters = try await CommonMasters.shared.started(
            schema: "CREATE TABLE person (id int PRIMARY KEY, email text UNIQUE)")
        try await masters.masters[0].run("INSERT INTO person VALUES (1, 'a')")
        try await masters.masters[1].run("INSERT INTO person VALUES (2, 'a')")
        try await masters.catchUp()
        let kept = "SELECT string_agg(key_values[1], ' ') FROM switchback.quarantine"
        #expect(try await masters.answers(kept) == ["1", "1"])
        for node in masters.masters { try await node.run("ALTER TABLE person RENAME TO people") }
        try await Installer(masters.cluster).install { _ in }
        try await masters.catchUp()
        #expect(try await masters.answers(kept) == ["1", "1"])
        try await masters.masters[1].run("DELETE FROM people WHERE id = 2")
        for _ in 0..<3 { try await masters.catchUp() }
        #expect(try await masters.answers("SELECT string_agg(id || ' ' || email, ', ') FROM people") == ["1 a", "1 a"])
        #expect(try await masters.answers(kept) == [nil, nil])
    }
}
