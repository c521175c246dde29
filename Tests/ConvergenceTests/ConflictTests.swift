import Replication
import TestSupport
import Testing

/// P4, P5: two masters, what each kind of conflict comes to, and that only conflicts are told of.
@Suite("Conflicts: every kind of change against every other (P4, P5)") struct ConflictTests {
    static let schema = "CREATE TABLE item (id int PRIMARY KEY, name text, n int NOT NULL DEFAULT 0)"
    static let rows = "INSERT INTO item SELECT g, 'first', g FROM generate_series(1, 20) AS g"
    static let state = "SELECT string_agg(format('%s=%s', id, name), ' ' ORDER BY id) FROM item WHERE id IN (1, 2, 100)"
    static let losers =
        "SELECT string_agg(format('%s:%s', loser_origin, coalesce(loser_values[2], 'deleted')), ' ' ORDER BY loser_origin, loser_values::text) FROM switchback.conflict"

    private func masters(_ count: Int = 2, targets: Int = 0, sync: String = "") async throws -> TestMasters {
        try await CommonMasters.shared.started(
            schema: Self.schema, rows: Self.rows, masters: count, targets: targets, sync: sync)
    }

    @Test func `changes of different rows go both ways, and nothing comes back`() async throws {
        let masters = try await masters(3, targets: 1)
        for (index, node) in masters.masters.enumerated() {
            try await node.run(
                "UPDATE item SET name = 'by \(index)' WHERE id = \(index + 1); INSERT INTO item VALUES (\(100 + index), 'new'); DELETE FROM item WHERE id = \(10 + index)"
            )
        }
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(try await masters.masters[0].value("SELECT count(*) FROM item") == "20")
        #expect(try await masters.catchUp() == 0, "a change comes back")
        #expect(try await masters.answers("SELECT count(*) FROM switchback.conflict") == ["0", "0", "0", "0"])
    }

    /// Symptom: the stream stopped for ever, or what was written to one row was settled into another. Cause: the versions of rows were gathered by their keys as Swift
    /// compares texts, to which "é" in one character and in two are the same. Fix: Postgres says which keys are the same.
    @Test func `rows whose keys only look alike are two rows`() async throws {
        let masters = try await TestMasters.make(
            schema: "CREATE TABLE file (path text PRIMARY KEY, n int, size text)",
            rows: "INSERT INTO file VALUES (E'\\u00e9', 0), (E'e\\u0301', 0)", masters: 3,
            sync: "    conflict: { largest: size }")
        try await masters.start()
        try await masters.masters[0].run("UPDATE file SET n = 1, size = path")
        try await masters.masters[1].run("UPDATE file SET n = 2, size = path")
        try await masters.masters[2].run("UPDATE file SET n = 3, size = E'\\u00e9'")
        for _ in 0..<2 { try await masters.catchUp() }
        try await masters.expectEqual()
        let wanted =
            "(SELECT count(*) = 2 AND bool_and(loser_values[1] = key_values[1]) FROM switchback.conflict WHERE loser_origin = 'm1')"
        #expect(try await masters.answers("SELECT \(wanted)::text") == ["true", "true", "true"])
    }

    /// Symptom: nodes differed for ever in how a key is written. Cause: of a node's own version the key was taken from the one that came. Fix: each version has its own.
    @Test func `a key that two wrote otherwise is written in one way in the end`() async throws {
        let masters = try await TestMasters.make(
            schema: "CREATE EXTENSION IF NOT EXISTS citext; CREATE TABLE person (id citext PRIMARY KEY, n int)")
        try await masters.start()
        for round in 1...4 {
            try await masters.masters[0].run("INSERT INTO person VALUES ('A\(round)', 1)")
            try await masters.masters[1].run("INSERT INTO person VALUES ('a\(round)', 2)")
            for _ in 0..<2 { try await masters.catchUp() }
            try await masters.expectEqual("round \(round)")
        }
        #expect(
            try await masters.answers("SELECT string_agg(id::text, ' ' ORDER BY id) FROM person") == [
                "a1 a2 a3 a4", "a1 a2 a3 a4",
            ])
    }

    @Test func `a change that had seen the other is no conflict`() async throws {
        let masters = try await masters()
        for turn in 0..<6 {
            let node = masters.masters[turn % 2]
            try await node.run("UPDATE item SET name = 'turn \(turn)' WHERE id = 1")
            try await masters.catchUp()
        }
        try await masters.expectEqual()
        #expect(try await masters.masters[0].value("SELECT name FROM item WHERE id = 1") == "turn 5")
        #expect(try await masters.answers("SELECT count(*) FROM switchback.conflict") == ["0", "0"])
    }

    /// What is done at the one, then at the other without having seen it; what both show; and what is lost.
    static let pairs: [(String, String, String, String?)] = [
        ("UPDATE item SET name = 'a' WHERE id = 1", "UPDATE item SET name = 'b' WHERE id = 1", "1=b 2=first", "m1:a"),
        ("UPDATE item SET name = 'a' WHERE id = 1", "DELETE FROM item WHERE id = 1", "2=first", "m1:a"),
        ("DELETE FROM item WHERE id = 1", "UPDATE item SET name = 'b' WHERE id = 1", "1=b 2=first", "m1:deleted"),
        ("DELETE FROM item WHERE id = 1", "DELETE FROM item WHERE id = 1", "2=first", nil),
        ("INSERT INTO item VALUES (100, 'a')", "INSERT INTO item VALUES (100, 'b')", "1=first 2=first 100=b", "m1:a"),
        (
            "UPDATE item SET name = 'same' WHERE id = 1", "UPDATE item SET name = 'same' WHERE id = 1",
            "1=same 2=first", nil
        ),
        (
            "UPDATE item SET id = 100 WHERE id = 1", "UPDATE item SET name = 'b' WHERE id = 1", "1=b 2=first 100=first",
            "m1:deleted"
        ),
        (
            "UPDATE item SET name = 'a' WHERE id = 1", "UPDATE item SET id = 100 WHERE id = 1", "2=first 100=first",
            "m1:a"
        ),
        ("UPDATE item SET id = 100 WHERE id = 1", "UPDATE item SET id = 100 WHERE id = 2", "100=first", "m1:first"),
        ("TRUNCATE item", "UPDATE item SET name = 'b' WHERE id = 1", "1=b", "m1:deleted"),
        ("TRUNCATE item", "INSERT INTO item VALUES (100, 'b')", "100=b", nil),
        ("INSERT INTO item VALUES (100, 'a')", "TRUNCATE item", "100=a", nil),
        ("UPDATE item SET name = 'a' WHERE id = 1", "TRUNCATE item", "", "m1:a"),
        (
            "DELETE FROM item WHERE id = 1; INSERT INTO item VALUES (1, 'again')",
            "UPDATE item SET name = 'b' WHERE id = 1", "1=b 2=first", "m1:again"
        ),
    ]

    @Test(arguments: pairs.indices) func `the later of two wins, and what it beat is kept`(index: Int) async throws {
        let (first, second, state, lost) = Self.pairs[index]
        for isReversed in [false, true] {
            let masters = try await masters()
            let order = isReversed ? [1, 0] : [0, 1]
            try await masters.masters[order[0]].run(first)
            try await masters.masters[order[1]].run(second)
            // In either order of arrival.
            try await masters.carry(order[1], to: order[0])
            try await masters.catchUp()
            try await masters.expectEqual("\(first) | \(second)")
            #expect(try await masters.masters[0].value(Self.state) ?? "" == state, "\(first) | \(second)")
            let wanted = isReversed ? lost?.replacing("m1:", with: "m2:") : lost
            #expect(try await masters.answers(Self.losers) == [wanted, wanted], "\(first) | \(second)")
            #expect(try await masters.catchUp() == 0)
        }
    }

    static let rules: [(String, String)] = [
        ("latest", "m2"), ("earliest", "m1"), ("{ prefer: [m1] }", "m1"), ("{ prefer: [m2, m1] }", "m2"),
        ("{ largest: n }", "m1"), ("{ smallest: n }", "m2"),
    ]

    @Test(arguments: rules.indices) func `each rule has its winner at every node`(index: Int) async throws {
        let (rule, winner) = Self.rules[index]
        let masters = try await masters(3, targets: 1, sync: "    conflict: \(rule)")
        try await masters.masters[0].run("UPDATE item SET name = 'm1', n = 100 WHERE id = 1")
        try await masters.masters[1].run("UPDATE item SET name = 'm2', n = 90 WHERE id = 1")
        try await masters.catchUp()
        try await masters.catchUp()
        try await masters.expectEqual("\(rule)")
        #expect(
            try await masters.answers("SELECT name FROM item WHERE id = 1") == Array(repeating: winner, count: 4),
            "\(rule)")
        let loser = winner == "m1" ? "m2" : "m1"
        #expect(try await masters.answers(Self.losers) == Array(repeating: "\(loser):\(loser)", count: 4), "\(rule)")
    }

    @Test func `a conflict that is held leaves every node its own, until somebody decides`() async throws {
        let masters = try await masters(3, targets: 1, sync: "    conflict: hold")
        try await masters.masters[0].run("UPDATE item SET name = 'm1' WHERE id = 1")
        try await masters.masters[1].run("UPDATE item SET name = 'm2' WHERE id = 1")
        try await masters.catchUp()
        #expect(try await masters.answers("SELECT name FROM item WHERE id = 1") == ["m1", "m2", "m1", "m1"])
        #expect(try await masters.catchUp() == 0)
        let held = "SELECT count(*) FROM switchback.conflict WHERE held"
        #expect(try await masters.answers(held) == ["1", "1", "1", "1"])
        let log = ConflictLog(masters.cluster)
        let chosen = try #require(try await log.list(RecordFilter()).conflicts.first { $0.loser.node == "m2" })
        try await log.restore(chosen, at: "m2")
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(try await masters.answers("SELECT name FROM item WHERE id = 1") == ["m2", "m2", "m2", "m2"])
        #expect(try await masters.answers(held) == ["0", "0", "0", "0"])
    }

    /// Each of eight sends to each other: 56 streams.
    @Test func `a mesh of eight settles what all of them wrote`() async throws {
        let masters = try await TestMasters.make(schema: Self.schema, rows: Self.rows, masters: 8)
        try await masters.start()
        for (index, node) in masters.masters.enumerated() {
            try await node.run(
                "UPDATE item SET name = 'm\(index + 1)' WHERE id = 1; UPDATE item SET n = -1 WHERE id = \(index + 2); INSERT INTO item VALUES (\(100 + index), 'new')"
            )
        }
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(try await masters.answers("SELECT name FROM item WHERE id = 1") == Array(repeating: "m8", count: 8))
        #expect(
            try await masters.answers("SELECT count(*) FROM item WHERE n = -1 OR id >= 100")
                == Array(repeating: "16", count: 8))
        #expect(
            try await masters.answers(Self.losers).allSatisfy {
                $0 == (1...7).map { "m\($0):m\($0)" }.joined(separator: " ")
            })
        #expect(try await masters.catchUp() == 0, "a change comes back")
    }

    /// Symptom: a conflict that an application had decided by writing the row was held for ever at the node where it was written, and
    /// never left its history. Cause: the others note a decision when it comes to them, and to its writer it never comes. Fix: it is
    /// found in the node's own delta tables before they are emptied.
    @Test(arguments: [0, 1, 2]) func `whoever writes the row decides, at every node`(_ writer: Int) async throws {
        let masters = try await masters(3, targets: 1, sync: "    conflict: hold")
        for index in 0...1 {
            try await masters.masters[index].run("UPDATE item SET name = 'm\(index + 1)' WHERE id IN (1, 2)")
        }
        try await masters.catchUp()
        let held = "SELECT count(*) FROM switchback.conflict WHERE held"
        #expect(try await masters.answers(held) == ["2", "2", "2", "2"])
        #expect(try await masters.catchUp() == 0)
        #expect(try await masters.answers(held) == ["2", "2", "2", "2"], "nobody has decided")
        try await masters.masters[writer].run("UPDATE item SET name = 'decided' WHERE id = 1")
        try await masters.catchUp()
        #expect(
            try await masters.answers("SELECT name FROM item WHERE id = 1") == Array(repeating: "decided", count: 4))
        #expect(try await masters.answers(held) == ["1", "1", "1", "1"], "the other row still waits")
        try await masters.masters[writer].run("DELETE FROM item WHERE id = 2")
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(try await masters.answers(held) == ["0", "0", "0", "0"])
    }

    /// Symptom: three nodes with `prefer` differ for ever. Cause: choosing pair by pair and forgetting the loser, where the rule
    /// does not agree with who had seen whom. What holds it off: all concurrent versions are kept, and the set is chosen from.
    @Test func `three masters and a preference that disagrees with causality`() async throws {
        let masters = try await masters(3, sync: "    conflict: { prefer: [m1, m3, m2] }")
        try await masters.masters[0].run("UPDATE item SET name = 'x' WHERE id = 1")
        try await masters.carry(0, to: 1)
        try await masters.masters[1].run("UPDATE item SET name = 'z' WHERE id = 1")
        try await masters.masters[2].run("UPDATE item SET name = 'y' WHERE id = 1")
        try await masters.carry(2, to: 0)
        try await masters.carry(1, to: 2)
        try await masters.catchUp()
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(try await masters.answers("SELECT name FROM item WHERE id = 1") == ["y", "y", "y"])
    }

    /// Symptom: a version that another had superseded comes up beside it again, told of as a conflict. Cause: what the sender
    /// had seen of a third was not remembered with the row, and the third's own change arrived later.
    @Test func `a change that arrives after the one that superseded it is none`() async throws {
        let masters = try await masters(3, targets: 1, sync: "    conflict: earliest")
        try await masters.masters[2].run("UPDATE item SET name = 'u' WHERE id = 1")
        try await masters.carry(2, to: 1)
        try await masters.masters[1].run("UPDATE item SET name = 't' WHERE id = 1")
        try await masters.carry(1, to: 0)
        try await masters.carry(1, to: 3)
        try await masters.masters[0].run("UPDATE item SET name = 'a' WHERE id = 1")
        try await masters.carry(0, to: 3)
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(try await masters.answers("SELECT name FROM item WHERE id = 1") == ["a", "a", "a", "a"])
        #expect(try await masters.answers("SELECT count(*) FROM switchback.conflict") == ["0", "0", "0", "0"])
    }

    @Test func `versions and deltas go once everybody has seen them`() async throws {
        let masters = try await masters(3)
        try await masters.masters[0].run("UPDATE item SET name = 'a'")
        try await masters.masters[1].run("UPDATE item SET name = 'b' WHERE id < 5")
        for _ in 0..<3 {
            try await masters.catchUp()
            // Word of what was seen travels with batches.
            for node in masters.masters { try await node.run("UPDATE item SET n = n WHERE id = 20") }
        }
        // That it was seen is learnt with the next look, and acted upon with the one after.
        for _ in 0..<3 { try await masters.catchUp() }
        try await masters.expectEqual()
        for node in masters.masters {
            #expect(try await node.value("SELECT count(*) FROM switchback.version_1 WHERE k1 < 20") == "0")
            #expect(
                try await node.value(
                    "SELECT count(*) < 5 FROM (TABLE switchback.delta_1_a UNION ALL TABLE switchback.delta_1_b) AS d")
                    == "t")
        }
    }

    @Test func `what lost is written again as a new change`() async throws {
        let masters = try await masters(2, targets: 1)
        try await masters.masters[0].run("UPDATE item SET name = 'a' WHERE id = 1; DELETE FROM item WHERE id = 2")
        try await masters.masters[1].run(
            "UPDATE item SET name = 'b' WHERE id = 1; UPDATE item SET name = 'b' WHERE id = 2")
        try await masters.catchUp()
        let log = ConflictLog(masters.cluster)
        let (conflicts, _, unreachable) = try await log.list(RecordFilter())
        #expect(conflicts.count == 2 && unreachable.isEmpty)
        for conflict in conflicts {
            #expect(conflict.loser.node == "m1" && conflict.winner.node == "m2" && conflict.foundAt.count == 3)
            try await log.restore(conflict, at: "m1")
        }
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(try await masters.answers(Self.state) == ["1=a", "1=a", "1=a"])
        #expect(try await masters.answers("SELECT count(*) FROM switchback.conflict") == ["2", "2", "2"])
    }

    @Test func `nothing is left after an uninstallation`() async throws {
        let masters = try await masters()
        try await masters.masters[0].run("UPDATE item SET name = 'a' WHERE id = 1")
        try await masters.catchUp()
        try await Installer(masters.cluster).uninstall { _ in }
        #expect(
            try await masters.answers("SELECT count(*) FROM pg_namespace WHERE nspname = 'switchback'") == ["0", "0"])
        #expect(
            try await masters.answers("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'switchback%'") == ["0", "0"])
    }

    /// P5: what is kept for a while only is removed when that is over, is counted, and never while a person has to decide.
    @Test func `the history is kept as long as it is said, and tells what it no longer has`() async throws {
        let masters = try await masters(targets: 1, sync: "    history_keep: 1h")
        for (index, node) in masters.masters.enumerated() {
            try await node.run("UPDATE item SET name = 'by \(index)' WHERE id <= 3")
        }
        try await masters.catchUp()
        for node in masters.masters + masters.targets {
            try await node.run(
                """
                UPDATE switchback.conflict SET at = now() - interval '2 hours' WHERE key_values[1] IN ('1', '2');
                UPDATE switchback.conflict SET held = true WHERE key_values[1] = '2';
                """)
        }
        let log = ConflictLog(masters.cluster)
        #expect(try await log.list(RecordFilter()).removed.isEmpty)
        // A stream that finds nothing to carry may be told to end before it has tidied: then the next one does.
        let isTrimmed = try await eventually {
            try await masters.catchUp()
            return try await log.list(RecordFilter(rowsMost: 10)).conflicts.allSatisfy { $0.key["id"] != "1" }
        }
        #expect(isTrimmed)
        for _ in 1...2 {
            try await masters.catchUp()
            let (left, removed, _) = try await log.list(RecordFilter(rowsMost: 10))
            #expect(left.compactMap { $0.key["id"] ?? nil }.sorted() == ["2", "3"])
            #expect(removed.map(\.conflicts) == [1])
        }
        #expect(try await log.list(RecordFilter(sync: "another")).removed.isEmpty)
    }
}
