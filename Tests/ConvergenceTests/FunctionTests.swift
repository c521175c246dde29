import Postgres
import Replication
import TestSupport
import Testing

/// P4, P5: a function of the user's makes a row of the versions.
@Suite("The rule function: rows made in SQL (P4, P5)") struct FunctionTests {
    static let schema = """
        CREATE TABLE item (id int, k text, name text, n numeric(6,2), tags text[], at timestamptz, y bytea, PRIMARY KEY (k, id));
        CREATE FUNCTION settle(relation text, key jsonb, earlier jsonb, later jsonb, stamps jsonb) RETURNS jsonb
        LANGUAGE sql IMMUTABLE AS $$
            SELECT CASE
                WHEN later ->> 'name' = 'fail' THEN to_jsonb(1 / length(substr(relation, 1, 0)))
                WHEN later ->> 'name' = 'gone' THEN 'null'
                WHEN earlier IS NULL THEN later
                WHEN later IS NULL THEN NULL
                ELSE later || jsonb_build_object(
                    'id', 77, 'n', (earlier ->> 'n')::numeric + (later ->> 'n')::numeric,
                    'name', format('%s %s %s of %s and %s', relation, key ->> 'k', earlier ->> 'name', stamps #>> '{earlier,node}', stamps #>> '{later,node}'))
            END
        $$;
        """
    static let rows =
        #"INSERT INTO item VALUES (1, 'k', 'first', 1.10, '{a,NULL,"x,y"}', '2020-01-01 00:00:00.123456+00', '\x00ff'), (2, 'k', 'first', 1, '{}', NULL, NULL)"#
    static let rule = "    conflict: { function: settle }"

    private func masters(_ count: Int = 2, targets: Int = 0) async throws -> TestMasters {
        try await CommonMasters.shared.started(
            schema: Self.schema, rows: Self.rows, masters: count, targets: targets, sync: Self.rule)
    }

    @Test func `a row is made of both versions at every node, its key kept and its values of every kind`() async throws
    {
        let masters = try await masters(3, targets: 1)
        try await masters.masters[0].run(
            "UPDATE item SET name = 'a', n = 2.50 WHERE id = 1; DELETE FROM item WHERE id = 2")
        try await masters.masters[1].run("UPDATE item SET name = 'b', n = 0.25")
        try await masters.catchUp()
        try await masters.catchUp()
        try await masters.expectEqual()
        let state =
            "SELECT string_agg(concat_ws('|', id, name, n, tags, at AT TIME ZONE 'UTC', y), '; ' ORDER BY id) FROM item"
        let made = #"1|public.item k a of m1 and m2|2.75|{a,NULL,"x,y"}|2020-01-01 00:00:00.123456|\x00ff"#
        let shown = try await masters.answers(state)
        #expect(shown == Array(repeating: made + "; 2|b|0.25|{}", count: 4))
        // Neither version is shown whole: both are kept. Of the other row the deletion lost.
        #expect(
            try await masters.answers(
                "SELECT string_agg(concat_ws(' ', key_values[2], loser_origin), ', ' ORDER BY key_values, loser_origin) FROM switchback.conflict"
            )
                == Array(repeating: "1 m1, 1 m2, 2 m1", count: 4))
        try await masters.masters[2].run("UPDATE item SET name = 'next'")
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(try await masters.catchUp() == 0)
    }

    @Test func `what the function answers null for is deleted, and what it fails for stops the stream by name`()
        async throws
    {
        let masters = try await masters()
        try await masters.masters[0].run("UPDATE item SET name = 'a'")
        try await masters.masters[1].run(
            "UPDATE item SET name = 'gone' WHERE id = 1; UPDATE item SET name = 'fail' WHERE id = 2")
        let results = try await CatchUp(masters.cluster, logger: TestPair.logger).run(
            masters.streams, timeout: .seconds(5), allTables: false)
        #expect(
            results.allSatisfy {
                $0.reason?.contains("the function settle could not settle a conflict of public.item") == true
                    && $0.reason?.contains("division by zero") == true
            }, "\(results)")
        try await masters.masters[1].run("UPDATE item SET name = 'mended' WHERE id = 2")
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(
            try await masters.answers("SELECT string_agg(concat_ws(' ', id, n), ',') FROM item") == [
                "2 2.00", "2 2.00",
            ])
    }

    @Test func `a function that is not everywhere, not the same or not immutable is refused`() async throws {
        let masters = try await TestMasters.make(schema: Self.schema, targets: 1, sync: Self.rule)
        let changes = [
            "DROP FUNCTION settle": "there is no function public.settle",
            "ALTER FUNCTION settle STABLE": "is not IMMUTABLE",
            "CREATE OR REPLACE FUNCTION settle(relation text, key jsonb, earlier jsonb, later jsonb, stamps jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS 'SELECT later'":
                "are not the same",
        ]
        for (change, reason) in changes {
            let definition = try await masters.targets[0].value("SELECT pg_get_functiondef('settle'::regproc)")
            try await masters.targets[0].run(change)
            do {
                try await Installer(masters.cluster).install { _ in }
                Issue.record("it was installed: \(change)")
            } catch let refused as SetupRefused { #expect(refused.description.contains(reason)) }
            try await masters.targets[0].run(try #require(definition))
        }
        try await masters.start()
    }
}
