import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Replication

/// Unique and exclusion constraints that may be checked late, in every form that a table can declare.
private let deferrableSchema = """
    CREATE EXTENSION btree_gist;
    CREATE EXTENSION citext;
    CREATE TABLE item (
        id int, code citext, slot int, spot text, PRIMARY KEY (id) DEFERRABLE INITIALLY DEFERRED,
        UNIQUE (code) DEFERRABLE, UNIQUE NULLS NOT DISTINCT (slot, spot) DEFERRABLE INITIALLY DEFERRED);
    CREATE TABLE room (
        id int PRIMARY KEY, number int, during int4range, open bool, "x1" int,
        EXCLUDE USING gist (number WITH =, during WITH &&) WHERE (open) DEFERRABLE INITIALLY DEFERRED,
        EXCLUDE USING btree ((abs("x1")) WITH =) DEFERRABLE)
    """

/// P3, P4: the target holds what the source holds also where values change places under constraints, and never silently
/// holds what its own constraints forbid.
@Suite("Constraints") struct ConstraintTests {
    /// Values go round under unique constraints that are checked at once: what the source did in several statements, over
    /// values that never met, is one batch at the target.
    @Test(arguments: Way.allCases) func `unique values change places within one batch`(_ way: Way) async throws {
        let pair = try await TestPair.travelling(
            schema: """
                CREATE TABLE item (
                    id int PRIMARY KEY, code text UNIQUE, slot int, live bool DEFAULT true, name text,
                    own int GENERATED ALWAYS AS (slot * 2) STORED UNIQUE);
                CREATE UNIQUE INDEX ON item (slot) WHERE live;
                CREATE UNIQUE INDEX ON item (lower(name));
                CREATE UNIQUE INDEX ON item (code, slot) NULLS NOT DISTINCT;
                CREATE TABLE room (id int PRIMARY KEY, during int4range, EXCLUDE USING gist (during WITH &&))
                """)
        try await pair.source.run(
            """
            INSERT INTO item SELECT g, 'c' || g, g, true, 'Name ' || g FROM generate_series(1, 12) AS g;
            INSERT INTO room SELECT g, int4range(g * 10, g * 10 + 10) FROM generate_series(1, 5) AS g
            """)
        try await pair.start()
        // Two swap, three go round, one takes what a row that is gone had, and one leaves the partial index.
        let turns = """
            UPDATE item SET code = 'x', slot = -1, name = 'x' WHERE id = 1;
            UPDATE item SET code = 'c1', slot = 1, name = 'NAME 1' WHERE id = 2;
            UPDATE item SET code = 'c2', slot = 2, name = 'name 2' WHERE id = 1;
            UPDATE item SET code = 'y', slot = -2, name = 'y' WHERE id = 3;
            UPDATE item SET code = 'c3', slot = 3, name = 'Name 3' WHERE id = 4;
            UPDATE item SET code = 'c4', slot = 4, name = 'Name 4' WHERE id = 5;
            UPDATE item SET code = 'c5', slot = 5, name = 'Name 5' WHERE id = 3;
            DELETE FROM item WHERE id = 6; UPDATE item SET code = 'c6', slot = 6, name = 'Name 6' WHERE id = 7;
            UPDATE item SET live = false WHERE id = 8;
            UPDATE item SET slot = -9 WHERE id = 9; UPDATE item SET slot = 9 WHERE id = 10;
            INSERT INTO item VALUES (20, 'c7', 7, true, 'name 7');
            UPDATE room SET during = 'empty' WHERE id IN (1, 2, 3);
            UPDATE room SET during = '[10,20)' WHERE id = 2; UPDATE room SET during = '[20,30)' WHERE id = 3;
            UPDATE room SET during = '[30,40)' WHERE id = 1
            """
        try await pair.change(turns, on: way)
        try await pair.expectEqual()
        // All move on by one, keys included: every row takes what another had.
        try await pair.change(
            "UPDATE item SET id = -id - 1; UPDATE item SET id = -id, code = code || '!', slot = slot + 50", on: way)
        try await pair.expectEqual(nil, "moved on")
    }

    /// Replica role switches the checks of deferrable constraints off. They are staged, and looked at by us.
    @Test(arguments: Way.allCases) func `deferrable constraints let values change places, and are not broken`(
        _ way: Way
    ) async throws {
        let pair = try await TestPair.travelling(schema: deferrableSchema)
        try await pair.source.run(
            """
            INSERT INTO item SELECT g, 'Code' || g, g, 's' FROM generate_series(1, 10) AS g; INSERT INTO item VALUES (11, 'x', NULL, 'z');
            INSERT INTO room SELECT g, g % 2, int4range(g, g + 2), true, g FROM generate_series(1, 6) AS g
            """)
        try await pair.start()
        try await pair.expectEqual()
        try await pair.change(
            """
            SET CONSTRAINTS ALL DEFERRED;
            UPDATE item SET id = CASE id WHEN 1 THEN 2 WHEN 2 THEN 3 ELSE 1 END WHERE id <= 3;
            UPDATE item SET code = CASE code WHEN 'code4' THEN 'CODE5' ELSE 'code4' END WHERE code IN ('code4', 'code5');
            UPDATE item SET slot = 17 - slot WHERE slot IN (8, 9);
            UPDATE room SET during = int4range(9 - lower(during), 11 - lower(during)), "x1" = "x1" - 7
            """, on: .staged)
        try await pair.expectEqual()
        // The row goes by another key, and what it had goes to a new one.
        try await pair.write(
            "SET CONSTRAINTS ALL DEFERRED; UPDATE item SET id = 50 WHERE id = 10; INSERT INTO item SELECT 10, code, 1000, spot FROM item WHERE id = 50; UPDATE item SET code = 'moved' WHERE id = 50",
            on: way)
        try await pair.catchUp()
        try await pair.expectEqual()
    }

    /// Rows that are at the target only, and stand in the way: replica role would have let the source's pass beside them.
    @Test func `a clash that replica role does not see stops the stream by name`() async throws {
        let pair = try await TestPair.travelling(schema: deferrableSchema)
        try await pair.start()
        func atTarget(_ sql: String) async throws {
            try await pair.target.run("SET session_replication_role = replica; \(sql)")
        }
        let strays = [
            ("item", "(77, 'CODE20', 77, '')", "constraint item_code_key"),
            ("item", "(77, '77', NULL, 'spot')", "constraint item_slot_spot_key"),
            ("item", "(20, NULL, 77, ''), (20, NULL, 78, '')", "constraint item_"),
            ("room", "(77, 5, '[15,25)', true, 77)", "constraint room_number_during_excl"),
            ("room", "(77, 6, '[15,25)', true, -20)", "constraint room_abs_excl"),
        ]
        for (table, row, constraint) in strays {
            // The second is not open, and stands in nobody's way.
            try await atTarget(
                "INSERT INTO \(table) VALUES \(row); INSERT INTO room VALUES (78, 5, '[15,25)', false, 78)")
            try await pair.source.run(
                "INSERT INTO item VALUES (20, 'Code20', NULL, 'spot'); INSERT INTO room VALUES (20, 5, '[20,30)', true, 20)"
            )
            try await pair.expectStop(naming: [constraint, "20"])
            #expect(try await pair.target.value("SELECT count(*) FROM room WHERE id = 20") == "0", "it was not applied")
            try await atTarget("DELETE FROM item; DELETE FROM room")
            try await pair.catchUp()
            try await pair.expectEqual()
            try await pair.source.run("DELETE FROM item; DELETE FROM room")
            try await pair.catchUp()
        }
    }

    @Test(arguments: Way.allCases) func `a clash with a row of the target's own stops the stream by name`(_ way: Way)
        async throws
    {
        let pair = try await TestPair.travelling(schema: "CREATE TABLE item (id int PRIMARY KEY, code text UNIQUE)")
        try await pair.start()
        try await pair.target.run("SET session_replication_role = replica; INSERT INTO item VALUES (7, 'taken')")
        try await pair.write(
            "INSERT INTO item VALUES (1, 'taken'); INSERT INTO item VALUES (2, 'free'); UPDATE item SET id = id",
            on: way)
        try await pair.expectStop(naming: ["public.item", "item_code_key", "(code)=(taken)"])
        #expect(try await pair.target.value("SELECT count(*) FROM item") == "1", "nothing of the batch was applied")
        try await pair.target.run("SET session_replication_role = replica; DELETE FROM item")
        try await pair.catchUp()
        try await pair.expectEqual()
    }

    /// Symptom: a table whose key is deferrable held a row twice after its first copy. Cause: a row that moves to another
    /// page while chunks are copied is in two of them, and replica role does not check such a key. Fix: its chunks are
    /// staged, one at a time, and only rows that are not there are inserted. Beside rules ON CONFLICT is of no use either.
    @Test func `rows and unique values that move during the first copy are there once`() async throws {
        let tables = ["deferred", "mixed", "ruled"]
        let pair = try await TestPair.make(
            schema: """
                CREATE TABLE deferred (id int, code int, filler text, PRIMARY KEY (id) DEFERRABLE, UNIQUE (code) DEFERRABLE);
                CREATE TABLE mixed (id int PRIMARY KEY, code int UNIQUE, filler text, slot int UNIQUE DEFERRABLE);
                CREATE TABLE ruled (id int PRIMARY KEY, code int UNIQUE, filler text)
                """)
        try await pair.target.run("CREATE RULE stay AS ON UPDATE TO ruled DO INSTEAD NOTHING")
        func each(_ statement: (String) -> String) -> String { tables.map(statement).joined(separator: ";\n") }
        try await pair.source.run(
            each { "INSERT INTO \($0) SELECT g, g, repeat('x', 1500) FROM generate_series(1, 15000) AS g" })
        try await pair.install()
        let isOver = Mutex(false)
        // Rows go to the end of their table, and unique values to other rows: two of them change places, again and again.
        let moves = each { table in
            """
            UPDATE \(table) SET filler = repeat('y', 1500) WHERE id % 50 = (random() * 49)::int;
            UPDATE \(table) SET code = -code WHERE id % 100 IN (1, 2);
            UPDATE \(table) SET code = CASE WHEN code % 100 = -1 THEN 1 - code ELSE -1 - code END WHERE id % 100 IN (1, 2)
            """
        }
        async let moving: Void = {
            while !isOver.withLock({ $0 }) { try await pair.source.run(moves) }
        }()
        let report: CopyReport
        do {
            report = try await FirstCopy(
                stream: pair.streams[0], cluster: pair.cluster, jobs: 3, logger: TestPair.logger
            ).run(.refuse)
        } catch {
            isOver.withLock { $0 = true }
            throw error
        }
        isOver.withLock { $0 = true }
        try await moving
        #expect(report.refused.isEmpty)
        try await pair.catchUp()
        try await pair.expectEqual()
    }

    @Test(arguments: Way.allCases) func `rows that refer to each other come and go together`(_ way: Way) async throws {
        let pair = try await TestPair.travelling(
            schema: """
                CREATE TABLE node (id int PRIMARY KEY, parent int REFERENCES node ON DELETE CASCADE, name text);
                CREATE TABLE leaf (id int PRIMARY KEY, node int REFERENCES node ON UPDATE CASCADE ON DELETE SET NULL)
                """)
        try await pair.source.run(
            "INSERT INTO node SELECT g, nullif(g / 2, 0), 'n' FROM generate_series(1, 31) AS g; INSERT INTO leaf SELECT g, g FROM generate_series(1, 31) AS g"
        )
        try await pair.start()
        try await pair.change(
            "DELETE FROM node WHERE id = 2; UPDATE node SET id = 100 WHERE id = 31; INSERT INTO node VALUES (200, 200, 'self')",
            on: way)
        try await pair.expectEqual()
        try await pair.change(
            "DELETE FROM node WHERE id = 1 OR id = 200; INSERT INTO node VALUES (1, NULL, 'again')", on: way)
        try await pair.expectEqual()
    }
}
