import Model
import Postgres
import Replication
import TestSupport
import Testing

/// P4: counters add up what every node added, whatever else happens to their rows.
@Suite("Counters: everybody's differences, added up (P4)") struct CounterTests {
    static let schema =
        "CREATE TABLE item (id int PRIMARY KEY, name text, total bigint, part numeric(8,2) NOT NULL DEFAULT 0)"
    static let rows = "INSERT INTO item SELECT g, 'first', 10, 1.5 FROM generate_series(1, 20) AS g"
    static let counters = "    overrides: { public.item: { counters: [total, part] } }"
    static let state =
        "SELECT string_agg(concat_ws(' ', id, name, total, part), ', ' ORDER BY id) FROM item WHERE id IN (1, 100)"

    private func masters(_ count: Int = 2, targets: Int = 0, sync: String = counters) async throws -> TestMasters {
        try await CommonMasters.shared.started(
            schema: Self.schema, rows: Self.rows, masters: count, targets: targets, sync: sync)
    }

    /// What is done at the one, then at the other without having seen it; what both show, in either order.
    static let pairs: [(String, String, String)] = [
        (
            "UPDATE item SET total = total + 1 WHERE id = 1",
            "UPDATE item SET total = total + 5, part = -0.25 WHERE id = 1",
            "1 first 16 -0.25"
        ),
        (
            "UPDATE item SET total = total + 1 WHERE id = 1; UPDATE item SET total = 3 WHERE id = 1",
            "UPDATE item SET total = NULL, name = 'b' WHERE id = 1", "1 b -7 1.50"
        ),
        (
            "INSERT INTO item VALUES (100, 'a', 3, 1)", "INSERT INTO item VALUES (100, 'a', 4, 2)",
            "1 first 10 1.50, 100 a 7 3.00"
        ),
        (
            "DELETE FROM item WHERE id = 1",
            "UPDATE item SET total = total + 1 WHERE id = 1; UPDATE item SET name = 'b' WHERE id = 1",
            "1 b 11 1.50"
        ),
        (
            "UPDATE item SET total = total + 5 WHERE id = 1; DELETE FROM item WHERE id = 1; INSERT INTO item VALUES (1, 'a', 100, 0)",
            "UPDATE item SET total = total + 1 WHERE id = 1", "1 first 101 0.00"
        ),
        (
            "TRUNCATE item; INSERT INTO item VALUES (1, 'a', 100, 0)",
            "UPDATE item SET total = total + 1, name = 'b' WHERE id = 1",
            "1 b 101 0.00"
        ),
        (
            "UPDATE item SET id = 100, total = total + 1 WHERE id = 1",
            "INSERT INTO item VALUES (100, 'a', 4, 2); DELETE FROM item WHERE id = 1",
            "100 a 15 3.50"
        ),
        (
            "BEGIN; UPDATE item SET total = total + 1 WHERE id = 1; SAVEPOINT s; UPDATE item SET total = 0 WHERE id = 1; ROLLBACK TO s; COMMIT",
            "INSERT INTO item VALUES (1, 'x', 7) ON CONFLICT (id) DO UPDATE SET total = item.total + excluded.total",
            "1 first 18 1.50"
        ),
    ]

    @Test(arguments: pairs.indices) func `what both sides added is added up`(index: Int) async throws {
        let (first, second, state) = Self.pairs[index]
        let masters = try await masters()
        try await masters.masters[0].run(first)
        try await masters.masters[1].run(second)
        try await masters.carry(1, to: 0)
        try await masters.catchUp()
        try await masters.expectEqual("\(first) | \(second)")
        #expect(try await masters.masters[0].value(Self.state) ?? "" == state, "\(first) | \(second)")
        #expect(try await masters.catchUp() == 0)
        // And from there on, at both.
        for node in masters.masters { try await node.run("UPDATE item SET total = coalesce(total, 0) + 1") }
        let before = try await masters.masters[0].value("SELECT sum(total) + count(*) FROM item")
        try await masters.catchUp()
        try await masters.expectEqual("\(first) | \(second)")
        #expect(try await masters.masters[1].value("SELECT sum(total) FROM item") == before)
    }

    @Test func `counters that differ alone are no conflict, and many rows count as one does`() async throws {
        let masters = try await masters(3, targets: 1)
        for (index, node) in masters.masters.enumerated() {
            try await node.run("UPDATE item SET total = total + \(index + 1) WHERE id = 1")
            try await node.run(
                "INSERT INTO item SELECT g, 'new', g FROM generate_series(101, 300) AS g ON CONFLICT DO NOTHING")
            try await node.run("UPDATE item SET total = total + 10, id = id + 1000 WHERE id > 200")
        }
        try await masters.catchUp()
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(
            try await masters.answers(
                "SELECT (SELECT total FROM item WHERE id = 1), sum(total) FROM item WHERE id > 100")
                == Array(repeating: "16", count: 4))
        #expect(
            try await masters.answers("SELECT sum(total) FROM item WHERE id > 100")
                == Array(repeating: "123300", count: 4))
        #expect(
            try await masters.answers("SELECT count(*) FROM switchback.conflict") == Array(repeating: "0", count: 4))
    }

    /// Symptom: a counter shows what was counted twice, or too little, at a node that joined late. Cause: what had been counted
    /// before it joined was in its rows, and it took them for what everybody had begun with.
    @Test func `a node that joins late counts as the others do, rows that are gone included`() async throws {
        let whole = try await masters(3)
        let early = try TestMasters(
            masters: Array(whole.masters.prefix(2)), targets: [],
            yaml: whole.yaml.replacing(", m3: source", with: ""))
        try await Installer(whole.cluster).uninstall { _ in }
        try await whole.masters[2].run("TRUNCATE item")
        try await early.start()
        try await early.masters[0].run(
            "UPDATE item SET total = total + 5 WHERE id = 1; UPDATE item SET total = 50 WHERE id = 2; DELETE FROM item WHERE id = 2"
        )
        try await early.catchUp()
        try await whole.start()
        try await whole.expectEqual()
        try await whole.masters[2].run(
            "UPDATE item SET total = total + 1 WHERE id = 1; INSERT INTO item VALUES (2, 'again', 7)")
        try await whole.masters[0].run("UPDATE item SET total = total + 100 WHERE id = 1")
        try await whole.catchUp()
        try await whole.catchUp()
        try await whole.expectEqual()
        #expect(try await whole.answers("SELECT total FROM item WHERE id = 1") == ["116", "116", "116"])
        #expect(try await whole.answers("SELECT total FROM item WHERE id = 2") == ["7", "7", "7"])
    }

    @Test func `a counter that grows out of its type stops the stream by name, and goes on in a larger one`()
        async throws
    {
        let masters = try await TestMasters.make(
            schema: "CREATE TABLE item (id int PRIMARY KEY, total smallint NOT NULL)",
            rows: "INSERT INTO item VALUES (7, 30000)", sync: "    overrides: { public.item: { counters: [total] } }")
        try await masters.start()
        for node in masters.masters { try await node.run("UPDATE item SET total = total + 2000") }
        let results = try await CatchUp(masters.cluster, logger: TestPair.logger).run(
            masters.streams, timeout: .seconds(5), allTables: false)
        #expect(
            results.allSatisfy {
                $0.reason?.contains("counter total of public.item") == true && $0.reason?.contains("34000") == true
            },
            "\(results)")
        #expect(try await masters.answers("SELECT total FROM item") == ["32000", "32000"])
        for node in masters.masters { try await node.run("ALTER TABLE item ALTER total TYPE int") }
        try await masters.catchUp()
        #expect(try await masters.answers("SELECT total FROM item") == ["34000", "34000"])
    }

    @Test func `what cannot be a counter is refused at installation, with the reason`() async throws {
        let masters = try await TestMasters.make(
            schema: "CREATE TABLE item (id int PRIMARY KEY, f float8, n int)",
            sync: "    overrides: { public.item: { largest: n, counters: [id, f, missing, n] } }")
        do {
            try await Installer(masters.cluster).install { _ in }
            Issue.record("it was installed")
        } catch let refused as SetupRefused {
            for reason in [
                "id of public.item at m1 cannot be a counter: it is part of the key", "double precision",
                "no such column", "settled by its value",
            ] {
                #expect(refused.description.contains(reason))
            }
        }
        let failed = try await self.masters().masters[0].failure("UPDATE item SET part = 'NaN'")
        #expect(failed?.message.contains("a counter counts with numbers") == true)
    }

    /// What was written past the triggers is found by `diff`, and `repair` makes it what the named node has.
    @Test(arguments: [0, 1]) func `repair makes a counter what the source shows`(changed: Int) async throws {
        let masters = try await masters()
        try await masters.masters[0].run("UPDATE item SET total = total + 1")
        try await masters.catchUp()
        try await masters.masters[changed].run(
            "SET session_replication_role = replica; UPDATE item SET total = 99 WHERE id = 1")
        let stream = try #require(masters.streams.first { $0.source == "m1" })
        let differences = try await Differ(stream: stream, cluster: masters.cluster).run()
        #expect(differences.contains { !$0.isIdentical })
        _ = try await Differ(stream: stream, cluster: masters.cluster).repair(reason: "test")
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(
            try await masters.masters[1].value("SELECT total FROM item WHERE id = 1") == (changed == 0 ? "99" : "11"))
    }

    @Test func `a version that is restored takes nothing back that was counted since`() async throws {
        let masters = try await masters()
        try await masters.masters[0].run("UPDATE item SET name = 'a', total = total + 1 WHERE id = 1")
        try await masters.masters[1].run("UPDATE item SET name = 'b', total = total + 1 WHERE id = 1")
        try await masters.catchUp()
        try await masters.masters[1].run("UPDATE item SET total = total + 7 WHERE id = 1")
        let log = ConflictLog(masters.cluster)
        let conflict = try #require(try await log.list(RecordFilter()).conflicts.first)
        try await log.restore(conflict, at: "m1")
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(try await masters.answers(Self.state) == Array(repeating: "1 a 19 1.50", count: 2))
    }

    /// Symptom: the node where a row was inserted shows another number than all others. Cause: a trigger of the application had
    /// changed the row before its insertion was counted.
    @Test func `a trigger that changes an inserted row counts once`() async throws {
        let masters = try await TestMasters.make(
            schema: Self.schema + """
                ;CREATE FUNCTION more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    UPDATE public.item SET total = total + 5 WHERE id = NEW.id; RETURN NULL; END $$;
                CREATE TRIGGER more AFTER INSERT ON item FOR EACH ROW EXECUTE FUNCTION more();
                """, sync: Self.counters)
        try await masters.start()
        try await masters.masters[0].run("INSERT INTO item VALUES (1, 'a', 10)")
        try await masters.catchUp()
        try await masters.expectEqual()
        for node in masters.masters { try await node.run("UPDATE item SET total = total + 1") }
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(try await masters.answers("SELECT total FROM item") == ["17", "17"])
    }
}
