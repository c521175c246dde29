import Postgres
import Replication
import TestSupport
import Testing

/// What stands between two masters besides the rows themselves: constraints, late tables, transactions that stay open.
@Suite("Between masters: constraints, late tables, open transactions (P2, P4)") struct BetweenMastersTests {
    @Test func `unique values that change places at one master do so at the other`() async throws {
        let masters = try await TestMasters.make(
            schema:
                "CREATE TABLE person (id int PRIMARY KEY, email text UNIQUE DEFERRABLE INITIALLY IMMEDIATE, seat int UNIQUE)",
            rows: "INSERT INTO person SELECT g, 'p' || g, g FROM generate_series(1, 4) AS g")
        try await masters.start()
        try await masters.masters[0].run(
            "UPDATE person SET seat = NULL WHERE id = 1; UPDATE person SET seat = 1 WHERE id = 2; UPDATE person SET seat = 2 WHERE id = 1"
        )
        try await masters.masters[1].run(
            "UPDATE person SET email = CASE id WHEN 3 THEN 'p4' ELSE 'p3' END WHERE id IN (3, 4)")
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(
            try await masters.answers(
                "SELECT string_agg(concat_ws(' ', id, email, seat), ', ' ORDER BY id) FROM person")
                == Array(repeating: "1 p1 2, 2 p2 1, 3 p4 3, 4 p3 4", count: 2))
    }

    @Test func `a table that comes later joins, and its changes go both ways`() async throws {
        let masters = try await TestMasters.make(
            schema: "CREATE TABLE item (id int PRIMARY KEY, name text)", masters: 3, targets: 1)
        try await masters.start()
        for node in masters.nodes { try await node.run("CREATE TABLE later (id int PRIMARY KEY, name text)") }
        try await masters.masters[0].run("INSERT INTO later SELECT g, 'first' FROM generate_series(1, 50) AS g")
        try await masters.start()
        for (index, node) in masters.masters.enumerated() {
            try await node.run(
                "UPDATE later SET name = 'by \(index)' WHERE id = \(index + 1); INSERT INTO item VALUES (\(index), 'x')"
            )
        }
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(try await masters.answers("SELECT count(*) FROM later WHERE name LIKE 'by%'") == ["3", "3", "3", "3"])
    }

    /// A transaction that was open all along had seen nothing of what came meanwhile, whatever its number and its times.
    @Test func `a transaction that stayed open conflicts with what came meanwhile`() async throws {
        let masters = try await TestMasters.make(
            schema: "CREATE TABLE item (id int PRIMARY KEY, name text)", rows: "INSERT INTO item VALUES (1, 'first')")
        try await masters.start()
        let connection = try await masters.masters[0].connect()
        try await connection.run(deadline: .seconds(60)) { session in
            try session.execute("BEGIN; UPDATE item SET name = 'long' WHERE id = 1")
        }
        try await masters.masters[1].run("UPDATE item SET name = 'short' WHERE id = 1")
        try await masters.carry(0, to: 1)
        try await connection.run(deadline: .seconds(60)) { try $0.execute("COMMIT") }
        await connection.close()
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(try await masters.answers("SELECT name FROM item") == ["short", "short"])
        #expect(
            try await masters.answers("SELECT loser_values[2] FROM switchback.conflict") == ["long", "long"])
    }

    /// A change that arrives and a change here of two rows in one transaction each stay what they are.
    @Test func `values of every kind stay what they are while a conflict is settled`() async throws {
        let masters = try await TestMasters.make(
            schema: """
                CREATE DOMAIN positive AS int CHECK (VALUE > 0);
                CREATE TABLE item (a text, b int, n numeric, f float8, j jsonb, t text[], y bytea, d positive, w timestamptz,
                    PRIMARY KEY (b, a));
                """,
            rows:
                #"INSERT INTO item VALUES ('é"\', 1, 1.10, 'NaN', '{"a": 1}', '{"x,y",NULL,"\""}', '\x00ff', 1, now())"#,
            masters: 3, sync: "    conflict: { prefer: [m2] }")
        try await masters.start()
        try await masters.masters[0].run(
            #"UPDATE item SET n = 2.20, f = '-0', t = ARRAY['{', NULL, E'\n'], y = '\xdeadbeef', j = 'null', d = NULL"#)
        try await masters.masters[1].run(
            #"UPDATE item SET n = 'NaN', f = 'Infinity', t = '{}', y = '', w = 'infinity'"#)
        try await masters.masters[2].run("DELETE FROM item")
        try await masters.catchUp()
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(
            try await masters.answers("SELECT concat_ws('|', a, b, n, f, j, t, y, d, isfinite(w)) FROM item")
                == Array(repeating: #"é"\|1|NaN|Infinity|{"a": 1}|{}|\x|1|f"#, count: 3))
        let losers =
            "SELECT string_agg(coalesce(loser_values::text, 'deleted'), ' ' ORDER BY loser_origin) FROM switchback.conflict"
        let told = try await masters.answers(losers)
        #expect(
            Set(told).count == 1 && told[0]?.contains(#"\\xdeadbeef"#) == true
                && told[0]?.hasSuffix("deleted") == true, "\(told)")
    }
}
