import Replication
import TestSupport
import Testing

/// P4, P5: `merge` settles column by column; only a column that was changed on both sides loses anything.
@Suite("The rule merge: column by column (P4, P5)") struct MergeTests {
    static let schema = "CREATE TABLE item (id int PRIMARY KEY, a text, b text, c text)"
    static let rows = "INSERT INTO item SELECT g, 'a', 'b', 'c' FROM generate_series(1, 20) AS g"
    static let state = "SELECT string_agg(concat_ws(' ', id, a, b, c), ', ' ORDER BY id) FROM item WHERE id < 3"
    static let losers =
        "SELECT string_agg(concat_ws(' ', loser_origin, coalesce(array_to_string(loser_values[2:], ' '), 'deleted')), ', ' ORDER BY loser_origin, loser_txid) FROM switchback.conflict"

    private func masters(_ count: Int = 2, targets: Int = 0) async throws -> TestMasters {
        try await CommonMasters.shared.started(
            schema: Self.schema, rows: Self.rows, masters: count, targets: targets, sync: "    conflict: merge")
    }

    /// What is done at the one, then at the other without having seen it; what both show; and what is lost.
    static let pairs: [(String, String, String, String?)] = [
        (
            "UPDATE item SET a = 'x' WHERE id = 1", "UPDATE item SET b = 'y' WHERE id = 1", "1 x y c, 2 a b c", nil
        ),
        (
            "UPDATE item SET a = 'x', c = 'x' WHERE id = 1", "UPDATE item SET b = 'y', c = 'y' WHERE id = 1",
            "1 x y y, 2 a b c", "m1 x b x"
        ),
        // What is set to what it was is not changed.
        (
            "UPDATE item SET a = 'x' WHERE id = 1", "UPDATE item SET a = a, b = 'y' WHERE id = 1", "1 x y c, 2 a b c",
            nil
        ),
        (
            "UPDATE item SET a = 'x' WHERE id = 1; UPDATE item SET c = 'z' WHERE id = 1",
            "UPDATE item SET a = 'y' WHERE id = 1", "1 y b z, 2 a b c", "m1 x b z"
        ),
        ("UPDATE item SET a = 'x' WHERE id = 1", "DELETE FROM item WHERE id = 1", "2 a b c", "m1 x b c"),
        ("DELETE FROM item WHERE id = 1", "UPDATE item SET b = 'y' WHERE id = 1", "1 a y c, 2 a b c", "m1 deleted"),
        (
            "DELETE FROM item WHERE id = 1; INSERT INTO item VALUES (1, 'x', 'x', 'x')",
            "UPDATE item SET b = 'y' WHERE id = 1", "1 x y x, 2 a b c", "m1 x x x"
        ),
        (
            "UPDATE item SET id = id + 100 WHERE id = 1; UPDATE item SET id = 1 WHERE id = 2",
            "UPDATE item SET b = 'y' WHERE id = 1", "1 a y c", "m1 a b c"
        ),
        (
            "BEGIN; UPDATE item SET a = NULL WHERE id = 1; SAVEPOINT s; UPDATE item SET b = 'x' WHERE id = 1; ROLLBACK TO s; COMMIT",
            "UPDATE item SET b = NULL WHERE id = 1", "1 c, 2 a b c", nil
        ),
    ]

    @Test(arguments: pairs.indices) func `what different columns were changed to is all kept`(index: Int) async throws {
        let (first, second, state, lost) = Self.pairs[index]
        for isReversed in [false, true] {
            let masters = try await masters()
            let order = isReversed ? [1, 0] : [0, 1]
            try await masters.masters[order[0]].run(first)
            try await masters.masters[order[1]].run(second)
            try await masters.carry(order[1], to: order[0])
            try await masters.catchUp()
            try await masters.expectEqual("\(first) | \(second)")
            #expect(try await masters.masters[0].value(Self.state) ?? "" == state, "\(first) | \(second)")
            let wanted = isReversed ? lost?.replacing("m1", with: "m2") : lost
            #expect(try await masters.answers(Self.losers) == [wanted, wanted], "\(first) | \(second)")
            #expect(try await masters.catchUp() == 0)
        }
    }

    /// Symptom: a value comes back that somebody had replaced. Cause: of a row that several had changed, only the last change's
    /// columns were told of, and an older change of another column lost its stamp on the way to a third node.
    @Test func `stamps of columns go with the row over a third node`() async throws {
        let masters = try await masters(3, targets: 1)
        let nodes = masters.masters
        try await nodes[1].run("UPDATE item SET a = 'old' WHERE id = 1")
        try await nodes[0].run("UPDATE item SET a = 'new' WHERE id = 1")
        try await masters.carry(0, to: 2)
        // Another column, at two nodes that have seen different things.
        try await nodes[2].run("UPDATE item SET b = 'three' WHERE id = 1")
        try await nodes[1].run("UPDATE item SET c = 'two' WHERE id = 1")
        try await masters.carry(1, to: 3)
        try await masters.carry(2, to: 3)
        try await masters.catchUp()
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(
            try await masters.answers(Self.state) == Array(repeating: "1 new three two, 2 a b c", count: 4))
    }

    /// A conflict of one column is told of with what stands in its place, and restored as a whole.
    @Test func `what lost in one column is written again as a new change`() async throws {
        let masters = try await masters()
        try await masters.masters[0].run("UPDATE item SET a = 'x', b = 'x' WHERE id = 1")
        try await masters.masters[1].run("UPDATE item SET a = 'y', c = 'y' WHERE id = 1")
        try await masters.catchUp()
        #expect(try await masters.answers(Self.state) == Array(repeating: "1 y x y, 2 a b c", count: 2))
        let log = ConflictLog(masters.cluster)
        let conflict = try #require(try await log.list(RecordFilter()).conflicts.first)
        #expect(conflict.rule == "merge" && conflict.loser.node == "m1" && conflict.winner.node == "m2")
        #expect(conflict.winner.row == ["id": "1", "a": "y", "b": "x", "c": "y"])
        try await log.restore(conflict, at: "m1")
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(try await masters.answers(Self.state) == Array(repeating: "1 x x c, 2 a b c", count: 2))
    }

    /// A running sync is given the rule: nothing that is on its way is lost, and until the installation the streams say what is
    /// missing.
    @Test func `a running sync comes to merge by an installation`() async throws {
        let before = try await TestMasters.make(schema: Self.schema, rows: Self.rows)
        try await before.start()
        try await before.masters[0].run("UPDATE item SET a = 'early' WHERE id = 1")
        let masters = try before.with(sync: "    conflict: merge")
        let results = try await CatchUp(masters.cluster, logger: TestPair.logger).run(
            masters.streams, timeout: .seconds(5), allTables: false)
        #expect(results.contains { !$0.isCaughtUp && $0.reason?.contains("which columns") == true }, "\(results)")
        try await Installer(masters.cluster).install { _ in }
        try await masters.masters[0].run("UPDATE item SET b = 'x' WHERE id = 1")
        try await masters.masters[1].run("UPDATE item SET c = 'y' WHERE id = 1")
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(try await masters.answers(Self.state) == Array(repeating: "1 early x y, 2 a b c", count: 2))
        #expect(try await Installer(masters.cluster).plan().allSatisfy(\.steps.isEmpty))
    }
}
