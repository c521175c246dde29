import Replication
import TestSupport
import Testing

/// What a node that joins, or is made equal to another, is told and sends on.
@Suite("A copy between sources loses nothing (P4, P5)") struct JoinTests {
    private static let seats = "CREATE TABLE seat (id int PRIMARY KEY, place int UNIQUE)"

    private func copier(_ masters: TestMasters, _ source: String, _ receiver: String) -> FirstCopy {
        FirstCopy(
            stream: StreamID(sync: "main", source: source, receiver: receiver), cluster: masters.cluster,
            logger: TestPair.logger)
    }

    private func expectSeats(_ masters: TestMasters, _ wanted: [[String?]], kept: String) async throws {
        for (index, node) in masters.nodes.enumerated() {
            let seats = try await node.rows("SELECT id::text, place::text FROM seat ORDER BY id")
            #expect(seats == wanted, "node \(index + 1)")
            #expect(try await node.value("SELECT count(*) FROM switchback.quarantine") == kept, "node \(index + 1)")
        }
    }

    /// Of two rows that claim one place the later is shown, and when it goes the other.
    private func expectBothInTurn(_ masters: TestMasters) async throws {
        for _ in 0..<2 { try await masters.catchUp() }
        try await expectSeats(masters, [["2", "5"]], kept: "1")
        try await masters.masters[1].run("DELETE FROM seat WHERE id = 2")
        for _ in 0..<4 { try await masters.catchUp() }
        try await expectSeats(masters, [["1", "5"]], kept: "0")
    }

    /// Symptom: all nodes but the one that had joined last showed a row. Cause: it was in quarantine when the node joined, in no table, and the
    /// streams began past it. Fix: a copy takes over the quarantine, and the versions of the table's rows.
    @Test(arguments: [false, true]) func `a node that joins hears of rows that are kept out`(
        isTarget: Bool
    ) async throws {
        let all = try await TestMasters.make(
            schema: Self.seats, masters: isTarget ? 3 : 4, targets: isTarget ? 1 : 0)
        let name = isTarget ? "t1" : "m4"
        let yaml = all.yaml.split(separator: "\n").filter { !$0.hasPrefix("  \(name):") }.joined(separator: "\n")
            .replacing(", \(name): \(isTarget ? "target" : "source")", with: "")
        let before = try TestMasters(masters: Array(all.masters.prefix(3)), targets: [], yaml: yaml)
        try await before.start()
        try await before.masters[2].run("INSERT INTO seat VALUES (1, 5)")
        try await before.masters[1].run("INSERT INTO seat VALUES (2, 5)")
        for _ in 0..<3 { try await before.catchUp() }
        try await expectSeats(before, [["2", "5"]], kept: "1")

        try await Installer(all.cluster).install { _ in }
        let outcome = try await all.program("copy", "main", "--from", "m1", "--to", name)
        #expect(outcome.status == 0, "\(outcome.output) \(outcome.errors)")
        try await expectBothInTurn(all)
    }

    /// Symptom: a row that was in quarantine was deleted everywhere, and nobody had discarded it. Cause: a node that was made equal showed it, its
    /// source did not, and sent what it has of the key: no row. Fix: the node takes over the quarantine, and such keys are not sent.
    @Test func `a node that is made equal to another keeps out what that keeps out`() async throws {
        let masters = try await TestMasters.make(schema: Self.seats, masters: 3)
        try await masters.start()
        try await masters.masters[2].run("INSERT INTO seat VALUES (1, 5)")
        try await masters.masters[1].run("INSERT INTO seat VALUES (2, 5)")
        try await masters.carry(2, to: 0)
        try await masters.carry(2, to: 1)
        try await masters.carry(1, to: 0)
        _ = try await Membership(masters.cluster).declareLost("m3", sync: nil, reason: "cut off")
        #expect(try await masters.answers("SELECT id FROM seat") == ["2", "2", "1"])

        let outcome = try await masters.program("copy", "main", "--from", "m1", "--to", "m3", "--repair")
        #expect(outcome.status == 0, "\(outcome.output) \(outcome.errors)")
        try await expectBothInTurn(masters)
    }

    /// Symptom: what a node wrote before a third one had any rows never came to that one. Cause: the stream between the two carried from when the first had its rows,
    /// and passed over tables that had not been copied there. Fix: it waits with its cursor until they have.
    @Test func `nodes that are copied to one after the other miss nothing of each other`() async throws {
        let masters = try await TestMasters.make(
            schema: "CREATE TABLE item (id int PRIMARY KEY, name text)", rows: "INSERT INTO item VALUES (1, 'first')",
            masters: 3)
        try await Installer(masters.cluster).install { _ in }
        let second = try await masters.program("copy", "main", "--from", "m1", "--to", "m2")
        #expect(second.status == 0, "\(second.output) \(second.errors)")
        try await masters.masters[1].run("INSERT INTO item VALUES (2, 'by m2')")
        let between = masters.streams.filter { $0.source == "m2" && $0.receiver == "m3" }
        _ = try await CatchUp(masters.cluster, logger: TestPair.logger).run(
            between, timeout: .seconds(1), allTables: false)
        let third = try await masters.program("copy", "main", "--from", "m1", "--to", "m3")
        #expect(third.status == 0, "\(third.output) \(third.errors)")
        for _ in 0..<2 { try await masters.catchUp() }
        try await masters.expectEqual()
        #expect(try await masters.answers("SELECT count(*) FROM item") == ["2", "2", "2"])
    }

    /// Symptom: what a restored node wrote was shown there and nowhere else. Cause: the others had seen more of it before than it had now, said
    /// so of rows that were written over since, and took the numbers that it gave again for those. Fix: they forget it when its stream begins anew.
    @Test func `what a restored node writes is news, though its numbers are not`() async throws {
        let masters = try await TestMasters.make(
            schema: "CREATE TABLE item (id int PRIMARY KEY, name text)", rows: "INSERT INTO item VALUES (1, 'first')",
            masters: 3)
        try await masters.start()
        try await masters.masters[1].run("UPDATE item SET name = 'by m2'")
        try await masters.carry(1, to: 0)
        try await masters.carry(1, to: 2)
        // As if it had been ahead: the others have seen numbers that it will give again, and it has not heard of all that it had been told.
        for node in masters.masters.prefix(2) {
            try await node.run(
                """
                UPDATE switchback.cursor SET snapshot = '900000000:900000000:', acknowledged_batch = batch WHERE source = 'm3';
                DO $$
                DECLARE versions regclass;
                BEGIN
                    FOR versions IN SELECT to_regclass('switchback.version_' || id) FROM switchback.replicated_table LOOP
                        EXECUTE format(
                            'UPDATE %s SET context = context || ''{"m3": "900000000:900000000:"}'' WHERE context IS NOT NULL', versions);
                    END LOOP;
                END $$;
                """)
        }
        try await masters.masters[2].run("UPDATE switchback.receiver SET batch = 0")

        let outcome = try await masters.program("copy", "main", "--from", "m1", "--to", "m3", "--repair")
        #expect(outcome.status == 0, "\(outcome.output) \(outcome.errors)")
        try await masters.masters[2].run("UPDATE item SET name = 'by m3'")
        for _ in 0..<2 { try await masters.catchUp() }
        #expect(try await masters.answers("SELECT name FROM item") == ["by m3", "by m3", "by m3"])
    }

    /// Symptom: good rows were deleted at all nodes. Cause: a node's table was emptied to be copied again, and the node's own streams sent what
    /// it had changed before, and had no more, as deleted. Fix: it is not emptied before the others have confirmed what it changed.
    @Test func `a table is not emptied of rows whose changes the others have not confirmed`() async throws {
        let masters = try await TestMasters.make(
            schema: "CREATE TABLE item (id int PRIMARY KEY, name text)",
            rows: "INSERT INTO item SELECT g, 'first' FROM generate_series(1, 20) AS g", masters: 3)
        try await masters.start()
        let replace = ["copy", "main", "--from", "m1", "--to", "m3", "--replace"]
        try await masters.masters[2].run("UPDATE item SET name = 'unsent' WHERE id = 1")
        let refused = try await masters.program(replace)
        #expect(refused.status == 1 && refused.errors.contains("have not confirmed"), "\(refused.errors)")
        for _ in 0..<2 { try await masters.catchUp() }
        try await masters.expectEqual()
        #expect(try await masters.masters[0].value("SELECT name FROM item WHERE id = 1") == "unsent")

        // Written past the triggers: nobody is to be told of it.
        try await masters.masters[2].run(
            "SET session_replication_role = replica; UPDATE item SET name = 'off' WHERE id = 3; RESET session_replication_role"
        )
        let replaced = try await masters.program(replace)
        #expect(replaced.status == 0, "\(replaced.output) \(replaced.errors)")
        for _ in 0..<2 { try await masters.catchUp() }
        try await masters.expectEqual()
        #expect(
            try await masters.answers("SELECT count(*) FROM item WHERE name = 'first'") == ["19", "19", "19"])
    }

    /// Symptom: a row that was deleted stayed at one node. Cause: a table had come to a sync that ran; the deletion came to the node by a
    /// stream that carried the table at once, and then the first copy, from a node that had not heard of it, brought the row. Fix: such a
    /// table waits in all streams to a node until its own copy has joined there.
    @Test func `a table that comes later travels to a node when that has its rows`() async throws {
        let masters = try await TestMasters.make(
            schema: "CREATE TABLE item (id int PRIMARY KEY)", masters: 2, targets: 1)
        try await masters.start()
        for node in masters.nodes { try await node.run("CREATE TABLE late (id int PRIMARY KEY)") }
        try await masters.masters[0].run("INSERT INTO late VALUES (1), (2)")
        try await Installer(masters.cluster).install { _ in }
        _ = try await copier(masters, "m2", "m1").beginWithoutCopy()
        let begun = try await copier(masters, "m2", "t1").beginHeld()
        let held = try #require(begun)
        _ = try await copier(masters, "m1", "m2").run(.refuse)
        try await masters.masters[1].run("DELETE FROM late WHERE id = 1")
        try await masters.carry(1, to: 2)
        _ = try await copier(masters, "m1", "t1").run(.refuse)
        #expect(try await masters.targets[0].value("SELECT count(*) FROM late") == "2")
        try await held.start(isReference: false)
        for _ in 0..<2 { try await masters.catchUp() }
        #expect(try await masters.answers("SELECT string_agg(id::text, ' ') FROM late") == ["2", "2", "2"])
        let again = try await copier(masters, "m2", "t1").beginHeld()
        #expect(again?.stream == nil)
    }
}
