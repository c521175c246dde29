import Replication
import TestSupport
import Testing

/// Keys of every kind at three sources, with the tables by which Bucardo is tested: rows come from everywhere, are written at once, get other keys and
/// go, and triggers and rules of the tables fire for applications alone (P4, P5).
@Suite("Kinds of keys between masters (P4, P5)") struct KeyKindTests {
    /// A table and five keys for it, as SQL.
    private struct Kind {
        let table: String
        var columns = "id"
        let definition: String
        let keys: [String]
    }

    private static let kinds = [
        Kind(table: "bucardo_test1", definition: "id smallint", keys: ["1", "-32768", "32767", "0", "5"]),
        Kind(
            table: "bucardo_test2", columns: "id, id2", definition: "id int, id2 text",
            keys: ["1, 'x'", #"1, 'x\y'"#, "2, 'a''b'", "2, ''", "3, 'x'"]),
        Kind(
            table: #""Bucardo_test3""#, definition: "id bigint",
            keys: ["7777777778", "-1", "0", "9223372036854775807", "5"]),
        Kind(
            table: "bucardo_test4", definition: "id text",
            keys: [#"'\Pbc''1'"#, "''", "'é'", #"'{"a",NULL}'"#, #"E'\t'"#]),
        Kind(
            table: "bucardo_test5", columns: #""id space""#, definition: #""id space" date"#,
            keys: ["'2001-10-01'", "'infinity'", "'0044-03-15 BC'", "'2000-02-29'", "'-infinity'"]),
        Kind(
            table: "bucardo_test6", definition: "id timestamp",
            keys: ["'2001-10-01 12:34:56'", "'infinity'", "'2001-10-01 12:34:56.000001'", "'0044-03-15 BC'", "'epoch'"]
        ),
        Kind(
            table: "bucardo_test7", definition: "id numeric",
            keys: ["1.7", "'NaN'", "-0.000000000000000000001", "1e40", "'Infinity'"]),
        Kind(
            table: "bucardo_test8", definition: "id bytea",
            keys: [#"'1\000Z'"#, "''", #"'\xff'"#, #"'\\'"#, #"'\x00'"#]),
        Kind(table: "bucardo_test9", definition: "id int_unsigned", keys: ["1234568", "0", "2147483647", "7", "8"]),
        Kind(
            table: "bucardo_test10", definition: "id timestamptz",
            keys: ["'2001-10-01 12:34:56+02'", "'infinity'", "'2001-10-28 02:30:00+01'", "'epoch'", "'-infinity'"]),
        Kind(
            table: #""bucardo space test""#, definition: "id int", keys: ["1234568", "-2147483648", "0", "7", "8"]),
        Kind(
            table: "ids", definition: "id uuid", keys: (1...5).map { "'00000000-0000-4000-8000-00000000000\($0)'" }),
    ]

    private static let schema = """
        CREATE SCHEMA aside; CREATE SEQUENCE aside.by_trigger; CREATE SEQUENCE aside.by_rule;
        CREATE FUNCTION aside.fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM nextval('aside.by_trigger'); RETURN NULL;
        END $$;
        CREATE DOMAIN int_unsigned AS int CHECK (VALUE >= 0);
        """
        + kinds.map { kind in
            """
            CREATE TABLE \(kind.table) (
                \(kind.definition), data1 text, inty smallint, booly bool, bite1 bytea, email text UNIQUE,
                PRIMARY KEY (\(kind.columns)));
            CREATE TRIGGER fires AFTER INSERT ON \(kind.table) FOR EACH ROW EXECUTE FUNCTION aside.fire();
            CREATE RULE fires AS ON INSERT TO \(kind.table) DO ALSO SELECT nextval('aside.by_rule');
            """
        }.joined()

    /// A statement for each table.
    private func each(_ statement: (Kind) -> String) -> String { Self.kinds.map(statement).joined(separator: ";\n") }

    /// Inserts a row of each table, by the place of its key.
    private func insert(_ place: Int) -> String {
        each { kind in
            #"INSERT INTO \#(kind.table) VALUES (\#(kind.keys[place]), 'd', 1, true, '\x00ff', 'e\#(place)')"#
        }
    }

    private func update(_ place: Int, _ change: String) -> String {
        each { "UPDATE \($0.table) SET \(change) WHERE (\($0.columns)) = (\($0.keys[place]))" }
    }

    private func settle(_ masters: TestMasters, rows: Int, conflicts: Int, _ comment: Comment) async throws {
        for _ in 0..<2 { try await masters.catchUp() }
        try await masters.expectEqual(comment)
        let count = each { "SELECT count(*) AS n FROM \($0.table)" }.replacing(";\n", with: " UNION ALL ")
        let counts = try await masters.answers("SELECT string_agg(DISTINCT n::text, ' ') FROM (\(count)) AS counted")
        #expect(counts == ["\(rows)", "\(rows)", "\(rows)"], comment)
        let found = try await masters.answers("SELECT count(*) FROM switchback.conflict")
        #expect(found == ["\(conflicts)", "\(conflicts)", "\(conflicts)"], comment)
    }

    @Test func `rows come, are written at once, get other keys and go, whatever their keys are`() async throws {
        let masters = try await TestMasters.make(schema: Self.schema, masters: 3)
        try await masters.start()
        for (index, node) in masters.masters.enumerated() { try await node.run(insert(index)) }
        try await settle(masters, rows: 3, conflicts: 0, "each node's own")
        for node in masters.masters { try await node.run(insert(3)) }
        try await settle(masters, rows: 4, conflicts: 0, "the same row at all")

        for (index, node) in masters.masters.enumerated() {
            try await node.run(update(3, "inty = \(index + 1), data1 = repeat('d', \(index))"))
        }
        let lost = 2 * Self.kinds.count
        try await settle(masters, rows: 4, conflicts: lost, "one row at all, otherwise each")
        let last = each { "SELECT inty FROM \($0.table) WHERE email = 'e3'" }.replacing(";\n", with: " UNION ALL ")
        let shown = try await masters.answers("SELECT string_agg(DISTINCT inty::text, ' ') FROM (\(last)) AS shown")
        #expect(shown == ["3", "3", "3"])

        // The key goes over to another one, while a row under a third one changes.
        try await masters.masters[0].run(
            each { "UPDATE \($0.table) SET (\($0.columns)) = ROW (\($0.keys[4])) WHERE email = 'e0'" })
        try await masters.masters[1].run(update(1, "inty = 9, bite1 = NULL"))
        try await masters.masters[2].run(
            each { "DELETE FROM \($0.table) WHERE (\($0.columns)) = (\($0.keys[2]))" })
        try await settle(masters, rows: 3, conflicts: lost, "moved, changed and deleted")

        // What arrives fires nothing: each application inserted two rows a table.
        let fired = "SELECT (SELECT last_value FROM aside.by_trigger) || ' ' || (SELECT last_value FROM aside.by_rule)"
        let wanted = "\(2 * Self.kinds.count) \(2 * Self.kinds.count)"
        #expect(try await masters.answers(fired) == [wanted, wanted, wanted])
    }
}
