import LocalCluster
import Postgres
import Replication
import TestSupport
import Testing

/// Transactions in two phases between sources: what one wrote counts from when it was written, arrives when it is committed, however long after, and is
/// weighed against what came meanwhile by the rule, alike at both nodes (P2, P4, P5).
@Suite("Prepared transactions between masters (P2, P4, P5)") struct PreparedTransactionTests {
    private static let settings = ["max_prepared_transactions": "20"]
    private static let schema = "CREATE TABLE item (id int PRIMARY KEY, name text, total int NOT NULL DEFAULT 0)"
    private static let rows = "INSERT INTO item SELECT g, 'first', 10 FROM generate_series(1, 4) AS g"
    private static let shown =
        "SELECT string_agg(concat_ws(' ', id, name, total), ', ' ORDER BY id) FROM item WHERE id IN (1, 2, 100)"
    private static let lost =
        "SELECT string_agg(concat_ws(' ', key_values[1], loser_origin, coalesce(loser_values[2], 'deleted')), ', ' ORDER BY key_values[1]::int, id) FROM switchback.conflict"

    private static func masters(_ servers: [LocalCluster] = [], rule: String = "latest") async throws -> TestMasters {
        var homes = servers
        for role in ["source", "target"].dropFirst(servers.count) {
            homes.append(try await TestServers.shared.server(role, settings: settings))
        }
        let masters = try await TestMasters.make(
            schema: schema, rows: rows,
            sync: "    conflict: \(rule)\n    overrides: { public.item: { counters: [total] } }", servers: homes)
        try #require(try await masters.masters[0].value("SHOW max_prepared_transactions") != "0")
        try await masters.start()
        return masters
    }

    /// The name by which a transaction of the first node is known: servers are shared.
    private static func name(_ masters: TestMasters) -> String { masters.masters[0].name }

    /// Changes rows at the first node, in a transaction that stays prepared.
    private static func prepare(_ masters: TestMasters) async throws {
        try await masters.masters[0].run(
            """
            BEGIN; UPDATE item SET name = 'p', total = total + 5 WHERE id = 1; DELETE FROM item WHERE id = 2;
            INSERT INTO item VALUES (100, 'p'); PREPARE TRANSACTION '\(name(masters))';
            """)
    }

    /// Changes the same rows at the second.
    private static func write(_ masters: TestMasters) async throws {
        try await masters.masters[1].run(
            """
            UPDATE item SET name = 'q', total = total + 7 WHERE id = 1; UPDATE item SET name = 'q' WHERE id = 2;
            INSERT INTO item VALUES (100, 'q');
            """)
    }

    private func expect(_ masters: TestMasters, preparedWins: Bool) async throws {
        for _ in 0..<2 { try await masters.catchUp() }
        try await masters.expectEqual()
        let shown = preparedWins ? "1 p 22, 100 p 0" : "1 q 22, 2 q 10, 100 q 0"
        let lost = preparedWins ? "1 m2 q, 2 m2 q, 100 m2 q" : "1 m1 p, 2 m1 deleted, 100 m1 p"
        #expect(try await masters.answers(Self.shown) == [shown, shown])
        #expect(try await masters.answers(Self.lost) == [lost, lost])
        #expect(try await masters.catchUp() == 0, "something comes back")
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let isPreparedFirst: Bool
        let preparedWins: Bool

        var testDescription: String { "\(rule), prepared \(isPreparedFirst ? "before" : "after")" }
    }

    static let cases = [
        Case(rule: "latest", isPreparedFirst: true, preparedWins: false),
        Case(rule: "latest", isPreparedFirst: false, preparedWins: true),
        Case(rule: "earliest", isPreparedFirst: true, preparedWins: true),
        Case(rule: "{ prefer: [m2] }", isPreparedFirst: false, preparedWins: false),
    ]

    @Test(arguments: cases) func `what is committed late is as old as it was written`(_ story: Case) async throws {
        let masters = try await Self.masters(rule: story.rule)
        let (one, two) = (masters.masters[0], masters.masters[1])
        if story.isPreparedFirst {
            try await Self.prepare(masters)
            try await Self.write(masters)
        } else {
            try await Self.write(masters)
            try await Self.prepare(masters)
        }
        // Batches pass it by, and what they brought is forgotten at its source.
        for id in 201...203 {
            try await one.run("INSERT INTO item VALUES (\(id), 'plain')")
            try await masters.carry(0, to: 1)
            #expect(try await two.value("SELECT name FROM item WHERE id = \(id)") == "plain")
        }
        #expect(try await two.value("SELECT count(*) FROM item WHERE name = 'p'") == "0")
        try await one.run("COMMIT PREPARED '\(Self.name(masters))'")
        try await expect(masters, preparedWins: story.preparedWins)
    }

    /// Such a transaction holds its rows: what comes for them from elsewhere waits, and nothing that goes there does.
    @Test(arguments: [true, false]) func `a batch waits for a prepared transaction's rows, and none the other way`(
        _ isCommitted: Bool
    ) async throws {
        let masters = try await Self.masters()
        let (one, two) = (masters.masters[0], masters.masters[1])
        try await Self.prepare(masters)
        try await masters.withEngine {
            try await Self.write(masters)
            let waits =
                "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name LIKE 'switchback%' AND datname = current_database()"
            #expect(try await eventually { try await one.value(waits) == "t" })
            try await one.run("INSERT INTO item VALUES (201, 'plain')")
            #expect(try await eventually { try await two.value("SELECT name FROM item WHERE id = 201") == "plain" })
            try await two.run("INSERT INTO item VALUES (202, 'plain')")
            #expect(try await one.value("SELECT count(*) FROM item WHERE id = 202") == "0")
            try await one.run("\(isCommitted ? "COMMIT" : "ROLLBACK") PREPARED '\(Self.name(masters))'")
            #expect(try await eventually { try await one.value("SELECT name FROM item WHERE id = 202") == "plain" })
        }
        if isCommitted { return try await expect(masters, preparedWins: false) }
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(try await masters.answers(Self.shown) == Array(repeating: "1 q 17, 2 q 10, 100 q 0", count: 2))
        #expect(try await masters.answers(Self.lost) == [nil, nil])
    }

    @Test func `one that outlives a crash of its server is committed after it and arrives`() async throws {
        let server = try await TestServers.own("prepared", settings: Self.settings)
        do {
            let masters = try await Self.masters([server])
            try await Self.prepare(masters)
            try await Self.write(masters)
            try await masters.masters[0].run("INSERT INTO item VALUES (201, 'plain')")
            try await masters.carry(0, to: 1)
            try await server.kill9()
            try await server.start()
            try await masters.masters[0].run("INSERT INTO item VALUES (202, 'plain')")
            try await masters.carry(0, to: 1)
            #expect(try await masters.masters[1].value("SELECT count(*) FROM item WHERE name = 'plain'") == "2")
            try await masters.masters[0].run("COMMIT PREPARED '\(Self.name(masters))'")
            try await expect(masters, preparedWins: false)
        } catch {
            await server.destroy()
            throw error
        }
        await server.destroy()
    }
}
