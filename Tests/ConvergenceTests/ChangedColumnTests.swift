import Foundation
import Postgres
import TestSupport
import Testing

/// P1: under `merge` every kind of statement tells which columns it changed.
@Suite("Capture of changed columns (P1)") struct ChangedColumnTests {
    static let schema = """
        CREATE TABLE item (id int, k text, a text, gone int, n numeric, j json, p point, g int GENERATED ALWAYS AS (id * 2) STORED,
            PRIMARY KEY (id, k));
        ALTER TABLE item DROP COLUMN gone;
        """
    /// The columns by their numbers: id 1, k 2, a 3, n 5, j 6, p 7.
    static let rows =
        "INSERT INTO item SELECT g, 'k', 'a', 1, '{}', '(1,1)' FROM generate_series(1, 300) AS g"

    private static let captured = """
        SELECT string_agg(concat_ws(' ', op, keys, coalesce(columns::text, 'all')), ', ' ORDER BY op, keys, columns)
          FROM (SELECT op, columns, count(*) || '*' || min(key) AS keys
                  FROM (SELECT op, columns, unnest(k1) AS key
                          FROM (TABLE switchback.delta_1_a UNION ALL TABLE switchback.delta_1_b) AS d) AS each
                 GROUP BY op, columns) AS told
        """

    static let statements: [(String, String?)] = [
        ("UPDATE item SET a = 'x' WHERE id = 1", "u 1*1 {3}"),
        ("UPDATE item SET a = a, n = 1.0, j = '{ }', p = '(1,1)' WHERE id = 1", "u 1*1 {5,6}"),
        ("UPDATE item SET a = NULL, p = NULL WHERE id < 3", "u 2*1 {3,7}"),
        ("UPDATE item SET a = a WHERE id = 1", "u 1*1 {}"),
        ("UPDATE item SET a = 'x' WHERE id = 0", nil),
        (
            "UPDATE item SET a = CASE WHEN id < 151 THEN 'x' ELSE a END, n = id",
            "u 1*1 {3}, u 149*2 {3,5}, u 150*151 {5}"
        ),
        ("UPDATE item SET id = 1000 WHERE id = 1", "d 1*1 all, u 1*1000 all"),
        ("UPDATE item SET k = 'K', a = 'x' WHERE id = 1", "d 1*1 all, u 1*1 all"),
        (
            "UPDATE item SET id = id - 1, a = 'was ' || id WHERE id < 3", "d 2*1 all, u 1*0 all, u 1*1 {3}"
        ),
        ("INSERT INTO item VALUES (500, 'k')", "i 1*500 all"),
        ("DELETE FROM item WHERE id = 7", "d 1*7 all"),
        (
            "INSERT INTO item VALUES (1, 'k', 'there'), (501, 'k', 'new') ON CONFLICT (id, k) DO UPDATE SET a = excluded.a",
            "i 1*501 all, u 1*1 {3}"
        ),
        (
            "MERGE INTO item USING (VALUES (1, 'x'), (2, 'gone'), (502, 'new')) AS s (id, a) ON item.id = s.id WHEN MATCHED AND s.a = 'gone' THEN DELETE WHEN MATCHED THEN UPDATE SET a = s.a WHEN NOT MATCHED THEN INSERT VALUES (s.id, 'k', s.a)",
            "d 1*2 all, i 1*502 all, u 1*1 {3}"
        ),
        (
            "WITH one AS (UPDATE item SET a = 'x' WHERE id = 1), two AS (UPDATE item SET n = 2 WHERE id = 2) DELETE FROM item WHERE id = 3",
            "d 1*3 all, u 1*1 {3}, u 1*2 {5}"
        ),
        ("COPY item (id, k) FROM PROGRAM 'echo 600,k' WITH (FORMAT csv)", "i 1*600 all"),
        ("SET search_path = ''; UPDATE public.item SET n = 7 WHERE id = 1", "u 1*1 {5}"),
        ("TRUNCATE item", "d 300*1 all"),
        // Columns that the installation did not know: all count as changed, and nothing fails.
        ("ALTER TABLE item ADD COLUMN more int; UPDATE item SET more = 1 WHERE id = 1", "u 1*1 all"),
        ("ALTER TABLE item DROP COLUMN a; UPDATE item SET n = 3 WHERE id < 200", "u 199*1 all"),
        ("ALTER TABLE item RENAME n TO m; UPDATE item SET m = 3 WHERE id = 1", "u 1*1 all"),
    ]

    @Test func `each statement tells the columns that it changed, and nothing else`() async throws {
        let masters = try await TestMasters.make(schema: Self.schema, rows: Self.rows, sync: "    conflict: merge")
        try await masters.start()
        for (statement, wanted) in Self.statements {
            // Not kept: each begins with the same rows, and with empty deltas.
            let found = try await masters.masters[0].session { session in
                try session.execute("TRUNCATE switchback.delta_1_a, switchback.delta_1_b; BEGIN")
                try session.execute(statement)
                let found = try session.query(Self.captured)[0, 0]
                try session.execute("ROLLBACK; RESET search_path")
                return found
            }
            #expect(found == wanted, "\(statement)")
        }
    }

    /// A plan that was made for one row would compare each row with each.
    @Test func `a session that changed one row changes many as well`() async throws {
        let masters = try await TestMasters.make(
            schema: "CREATE TABLE item (id int PRIMARY KEY, a text, b int)", sync: "    conflict: merge")
        try await masters.start()
        let found = try await masters.masters[0].session { session in
            try session.execute("INSERT INTO item SELECT g, 'a', 0 FROM generate_series(1, 210000) AS g")
            for id in 1...10 { try session.execute("UPDATE item SET a = 'x' WHERE id = \(id)") }
            try session.execute("TRUNCATE switchback.delta_1_a, switchback.delta_1_b; SET statement_timeout = '60s'")
            try session.execute("UPDATE item SET b = b + 1, a = CASE WHEN id % 2 = 0 THEN 'x' ELSE a END")
            return try session.query(
                """
                SELECT string_agg(concat_ws(' ', rows, columns), ', ' ORDER BY columns, rows)
                  FROM (TABLE switchback.delta_1_a UNION ALL TABLE switchback.delta_1_b) AS d
                """)[0, 0]
        }
        #expect(found == "4996 {2,3}, 99999 {2,3}, 5006 {3}, 99999 {3}")
        try await masters.catchUp()
        try await masters.expectEqual()
    }
}
