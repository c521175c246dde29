import Model
import Replication
import TestSupport
import Testing

/// Sessions of users that set `session_replication_role` themselves: with `local` they write as any other; with `replica` between sources past the triggers,
/// and what they wrote is found by a comparison and mended by a repair (P1, P4).
@Suite("Replica role in users' sessions between masters (P1, P4)") struct ReplicaRoleTests {
    private static let shown = "SELECT string_agg(concat_ws(' ', id, name, n), ', ' ORDER BY id) FROM item"

    private static func masters() async throws -> TestMasters {
        try await CommonMasters.shared.started(
            schema: "CREATE TABLE item (id int PRIMARY KEY, name text, n int)",
            rows: "INSERT INTO item SELECT g, 'first', 0 FROM generate_series(1, 4) AS g")
    }

    @Test func `the role local is captured like any other`() async throws {
        let masters = try await Self.masters()
        try await masters.masters[0].run(
            """
            SET session_replication_role = local;
            UPDATE item SET name = 'm1' WHERE id = 1; DELETE FROM item WHERE id = 2;
            UPDATE item SET id = 30 WHERE id = 3; INSERT INTO item VALUES (5, 'm1', 1);
            """)
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(
            try await masters.answers(Self.shown)
                == Array(repeating: "1 m1 0, 4 first 0, 5 m1 1, 30 first 0", count: 2))
    }

    /// A row that is written in both ways travels as it is.
    @Test func `what a part of a transaction wrote past the triggers is found, and mended by a repair`() async throws {
        let masters = try await Self.masters()
        try await masters.masters[0].run(
            """
            BEGIN; UPDATE item SET name = 'told' WHERE id = 1;
            SET LOCAL session_replication_role = replica;
            UPDATE item SET name = 'untold' WHERE id IN (2, 3); INSERT INTO item VALUES (5, 'untold', 1);
            SET LOCAL session_replication_role = origin; UPDATE item SET n = 1 WHERE id = 3; COMMIT;
            """)
        try await masters.catchUp()
        let here = "1 told 0, 2 untold 0, 3 untold 1, 4 first 0, 5 untold 1"
        #expect(
            try await masters.answers(Self.shown) == [here, "1 told 0, 2 first 0, 3 untold 1, 4 first 0"])
        let differ = Differ(stream: masters.stream(0, 1), cluster: masters.cluster)
        let found = try await differ.run()
        #expect(found.map(\.missing) == [1] && found.map(\.different) == [1] && found.map(\.extra) == [0], "\(found)")
        _ = try await differ.repair(reason: "a test")
        for _ in 0..<2 { try await masters.catchUp() }
        try await masters.expectEqual()
        #expect(try await masters.answers(Self.shown) == [here, here])
        #expect(try await masters.answers("SELECT count(*) FROM switchback.conflict") == ["0", "0"])
    }
}
