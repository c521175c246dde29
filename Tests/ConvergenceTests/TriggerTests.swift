import Replication
import TestSupport
import Testing

/// Triggers and rules of a table fire where an application writes, and where rows arrive only those that were told to: what they did at their source travels,
/// and is not done twice (P4).
@Suite("Triggers and rules between masters (P4)") struct TriggerTests {
    private static let schema = "CREATE TABLE item (id int PRIMARY KEY, name text)"
    /// Triggers that count, of each of the ways in which one can be enabled, and an ordinary one that changes what is written.
    private static let triggers = """
        CREATE SCHEMA aside;
        CREATE FUNCTION aside.count() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM nextval(TG_ARGV[0]::regclass); RETURN NULL;
        END $$;
        CREATE FUNCTION aside.mark() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            NEW.name := NEW.name || '!'; RETURN NEW;
        END $$;
        CREATE TRIGGER marks BEFORE INSERT OR UPDATE ON item FOR EACH ROW EXECUTE FUNCTION aside.mark();
        """
        + ["ordinary", "replica", "always"].map { name in
            """
            CREATE SEQUENCE aside.\(name) MINVALUE 0 START 0;
            SELECT nextval('aside.\(name)');
            CREATE TRIGGER \(name) AFTER INSERT OR UPDATE OR DELETE ON item FOR EACH ROW
                EXECUTE FUNCTION aside.count('aside.\(name)');
            """
        }.joined()
        + "ALTER TABLE item ENABLE REPLICA TRIGGER replica; ALTER TABLE item ENABLE ALWAYS TRIGGER always;"
    /// How often each of them fired.
    private static let fired = """
        SELECT concat_ws(' ', (SELECT last_value FROM aside.ordinary), (SELECT last_value FROM aside.replica),
            (SELECT last_value FROM aside.always))
        """

    @Test func `where a row arrives those fire that were told to, once for each row`() async throws {
        let masters = try await CommonMasters.shared.started(schema: Self.schema)
        let (one, two) = (masters.masters[0], masters.masters[1])
        try await two.run(Self.triggers)
        let changes = try await masters.changes()[1]
        for (count, statement) in [
            "INSERT INTO item VALUES (1, 'm1'), (2, 'm1')", "UPDATE item SET name = 'm1 again' WHERE id = 1",
            "UPDATE item SET id = 3 WHERE id = 2", "DELETE FROM item",
        ].enumerated() {
            try await one.run(statement)
            try await masters.catchUp()
            try await masters.expectEqual("\(statement)")
            // Another key is a row that goes and one that comes.
            let times = [2, 3, 5, 7][count]
            #expect(try await two.value(Self.fired) == "0 \(times) \(times)", "\(statement)")
        }
        #expect(try await masters.changes()[1] == changes, "what arrived was captured")
        // What an application writes there is what the trigger makes of it, everywhere.
        try await two.run("INSERT INTO item VALUES (4, 'm2')")
        #expect(try await two.value(Self.fired) == "1 7 8")
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(try await masters.answers("SELECT name FROM item") == ["m2!", "m2!"])
        #expect(try await two.value(Self.fired) == "1 7 8")
    }

    /// What a cascade does at its source, and what a trigger there writes to another table, are changes like any other.
    @Test func `what triggers and cascades do at one node is done once at the other`() async throws {
        let masters = try await CommonMasters.shared.started(
            schema: """
                CREATE TABLE parent (id int PRIMARY KEY, n int NOT NULL DEFAULT 0);
                CREATE TABLE child (
                    id int PRIMARY KEY, parent int REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE);
                CREATE TABLE loose (
                    id int PRIMARY KEY, parent int REFERENCES parent ON DELETE SET NULL ON UPDATE CASCADE);
                CREATE TABLE log (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), what text);
                CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    INSERT INTO public.log (what) VALUES (TG_OP || ' ' || TG_TABLE_NAME);
                    UPDATE public.parent SET n = n + 1 WHERE id = 1;
                    RETURN NULL;
                END $$;
                CREATE TRIGGER note AFTER INSERT OR DELETE ON child FOR EACH ROW EXECUTE FUNCTION note();
                """,
            rows: """
                INSERT INTO parent VALUES (1), (2), (3); INSERT INTO child VALUES (20, 2), (21, 2), (30, 3);
                INSERT INTO loose VALUES (20, 2), (30, 3);
                """)
        let changes = try await masters.changes()[1]
        try await masters.masters[0].run(
            "DELETE FROM parent WHERE id = 2; UPDATE parent SET id = 33 WHERE id = 3; INSERT INTO child VALUES (10, 1)")
        for _ in 0..<2 { try await masters.catchUp() }
        try await masters.expectEqual()
        #expect(try await masters.changes()[1] == changes, "what arrived was captured")
        let shown = """
            SELECT concat_ws(' | ', (SELECT string_agg(concat_ws(' ', id, n), ', ' ORDER BY id) FROM parent),
                (SELECT string_agg(concat_ws(' ', id, parent), ', ' ORDER BY id) FROM child),
                (SELECT string_agg(concat_ws(' ', id, parent), ', ' ORDER BY id) FROM loose),
                (SELECT string_agg(what, ', ' ORDER BY what) FROM log))
            """
        // Three rows were inserted before, two were deleted by the cascade, one is new.
        let wanted =
            "1 6, 33 0 | 10 1, 30 33 | 20, 30 33 | DELETE child, DELETE child, INSERT child, INSERT child, INSERT child, INSERT child"
        #expect(try await masters.answers(shown) == [wanted, wanted])
        #expect(try await masters.answers("SELECT count(*) FROM switchback.conflict") == ["0", "0"])
    }

    @Test func `what lost comes back to a table that has rules`() async throws {
        let masters = try await CommonMasters.shared.started(
            schema: Self.schema + """
                ;CREATE SCHEMA aside; CREATE SEQUENCE aside.ruled;
                CREATE RULE told AS ON INSERT TO item DO ALSO SELECT nextval('aside.ruled');
                CREATE RULE told_too AS ON UPDATE TO item DO ALSO SELECT nextval('aside.ruled');
                """, rows: "INSERT INTO item VALUES (1, 'first')")
        for (index, node) in masters.masters.enumerated() {
            try await node.run("UPDATE item SET name = 'm\(index + 1)' WHERE id = 1")
        }
        try await masters.catchUp()
        try await masters.expectEqual()
        let log = ConflictLog(masters.cluster)
        let conflict = try #require(try await log.list(RecordFilter()).conflicts.first)
        #expect(conflict.loser.node == "m1")
        try await log.restore(conflict, at: "m1")
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(try await masters.answers("SELECT name FROM item") == ["m1", "m1"])
    }
}
