import TestSupport
import Testing

/// Between masters a row goes through text: in what is known of its versions, in the history, in quarantine. It is the same row afterwards, whatever the types of
/// its key and its values, and however awkward they are (P4, P5).
@Suite("Types between masters (P4, P5)") struct MasterTypeTests {
    /// One table for each type: where a key can be over it, it is the key's, a unique column's and a plain one's; elsewhere a plain column's.
    private struct Family {
        let samples: [TypeSample]

        func table(_ index: Int) -> String { "public.v\(index)" }

        var schema: String {
            samples.enumerated().map { index, sample in
                let (type, key) = (sample.type, sample.canBeKey ? sample.type : "int")
                return (sample.setup.isEmpty ? "" : sample.setup + ";\n")
                    + "CREATE TABLE \(table(index)) (k \(key) PRIMARY KEY, v \(type), u \(type)\(sample.canBeKey ? " UNIQUE" : ""), row int)"
            }.joined(separator: ";\n")
        }

        var insert: String {
            samples.enumerated().flatMap { index, sample in
                sample.values.enumerated().map { row, value in
                    let typed = "\(value)::\(sample.type)"
                    return
                        "INSERT INTO \(table(index)) VALUES (\(sample.canBeKey ? typed : "\(row)"), \(typed), NULL, \(row))"
                }
            }.joined(separator: ";\n")
        }

        /// - Parameter statement: of a table, its first value, and whether it has a key of its type.
        func each(_ statement: (String, String, Bool) -> String?) -> String {
            samples.enumerated().compactMap { index, sample in
                statement(table(index), "\(sample.values[0])::\(sample.type)", sample.canBeKey)
            }.joined(separator: ";\n")
        }

        /// How many tables have more rows than one, and keys of their types.
        var clashing: Int { samples.filter { $0.canBeKey && $0.values.count > 1 }.count }
    }

    /// Those whose text is hard to read back, and those that can be written in several ways or have operators of an extension.
    private static let types: Set = [
        "numeric", "float8", "money", "text", "char(8)", "\"char\"", "bytea", "json", "jsonb", "xml", "bit varying",
        "tsvector", "timestamptz",
        "timetz", "interval", "inet", "point", "tid", "regclass", "int4[]", "text[]", "point[]", "numrange",
        "nummultirange", "mood",
        "\"Com posite\"", "nested", "positive", "code", "moods", "textrange", "opaque", "citext", "hstore", "ltree",
    ]

    @Test func `keys and values of every type are merged, lose, are kept out and come back as they were`() async throws
    {
        let family = Family(samples: TypeMatrix.all.filter { Self.types.contains($0.type) })
        let masters = try await TestMasters.make(
            schema: "CREATE TABLE filler (id int PRIMARY KEY);\n" + family.schema, sync: "    conflict: merge")
        let (one, two) = (masters.masters[0], masters.masters[1])
        func settle(_ what: Comment) async throws {
            for _ in 0..<3 { if try await masters.catchUp() == 0 { break } }
            try await masters.expectEqual(what)
        }
        try await one.run(family.insert)
        try await masters.start()
        try await masters.expectEqual("copied")

        try await one.run(family.each { table, first, _ in "UPDATE \(table) SET v = \(first) WHERE row > 0" })
        try await two.run(family.each { table, _, _ in "UPDATE \(table) SET row = row + 100" })
        try await settle("merged from two columns")
        try await one.run(family.each { table, _, isKey in isKey ? "UPDATE \(table) SET v = k" : nil })
        try await two.run(family.each { table, _, _ in "UPDATE \(table) SET v = NULL" })
        try await settle("the later of two writes of one column")
        #expect(
            try await masters.answers("SELECT count(*) FROM switchback.conflict").allSatisfy { $0 != "0" },
            "what lost is in the history")

        try await one.run(
            family.each { table, first, isKey in isKey ? "UPDATE \(table) SET u = \(first) WHERE row = 100" : nil })
        try await two.run(
            family.each { table, first, isKey in isKey ? "UPDATE \(table) SET u = \(first) WHERE row = 101" : nil })
        try await settle("of two that claim one value the later is shown")
        let kept = "SELECT count(*) FROM switchback.quarantine"
        let wanted = Array(repeating: Optional("\(family.clashing)"), count: 2)
        #expect(try await masters.answers(kept) == wanted)
        try await one.run(family.each { table, _, _ in "UPDATE \(table) SET u = NULL WHERE row = 101" })
        try await settle("what was kept out is back")
        let left = "SELECT string_agg(concat_ws(' ', table_name, row_values, reason), ', ') FROM switchback.quarantine"
        let found = try await masters.answers(left)
        #expect(found == [nil, nil], "\(found)")
        for master in masters.masters {
            let rows = family.each { table, first, isKey in
                isKey ? "SELECT 1 FROM \(table) WHERE row = 100 AND u = \(first)" : nil
            }.replacing(";\n", with: " UNION ALL ")
            let sets = family.samples.filter(\.canBeKey).count
            #expect(try await master.value("SELECT count(*) FROM (\(rows)) AS back") == "\(sets)")
        }

        try await one.run(family.each { table, _, _ in "DELETE FROM \(table)" })
        try await two.run(family.each { table, _, _ in "UPDATE \(table) SET row = row + 1 WHERE row = 100" })
        try await settle("deleted here and changed there")
    }

    /// Symptom: a stream stopped for ever at a conflict of a row with a long key, `index row size exceeds …`. Cause: history and quarantine had an
    /// index over the key and the names beside it, longer than the table's own. Fix: it is over a digest of the key.
    @Test func `a key as long as an index takes loses, is kept out and comes back`() async throws {
        let long = "SELECT string_agg(md5(n::text), '') || repeat('x', 40) FROM generate_series(1, 80) AS n"
        let made = try await TestMasters.make(
            schema: """
                CREATE SCHEMA "a name that is quite long, and has what else names can have";
                CREATE TABLE "a name that is quite long, and has what else names can have"."a table whose name is as long as names can be, or nearly so" (k text PRIMARY KEY, v text, u int UNIQUE);
                CREATE VIEW t AS SELECT * FROM "a name that is quite long, and has what else names can have"."a table whose name is as long as names can be, or nearly so";
                """, sync: "    conflict: latest")
        let yaml = made.yaml.replacing(
            "\"public.*\"", with: "'\"a name that is quite long, and has what else names can have\".*'")
        let masters = try TestMasters(masters: made.masters, targets: [], yaml: yaml)
        try await masters.start()
        try await masters.masters[0].run("INSERT INTO t VALUES ((\(long)), 'a', 1)")
        try await masters.masters[1].run("INSERT INTO t VALUES ((\(long)), 'b', 2), ('other', 'c', 3)")
        try await masters.catchUp()
        try await masters.masters[0].run("UPDATE t SET u = 7 WHERE v = 'b'")
        try await masters.masters[1].run("UPDATE t SET u = 7 WHERE v = 'c'")
        for _ in 0..<2 { try await masters.catchUp() }
        #expect(try await masters.answers("SELECT string_agg(v, ' ') FROM t") == ["c", "c"])
        #expect(
            try await masters.answers("SELECT length(key_values[1]) FROM switchback.quarantine") == ["2600", "2600"])
        try await masters.masters[0].run("UPDATE t SET u = 8 WHERE v = 'c'")
        for _ in 0..<2 { try await masters.catchUp() }
        #expect(try await masters.answers("SELECT string_agg(v, ' ' ORDER BY v) FROM t") == ["b c", "b c"])
        #expect(
            try await masters.answers("SELECT count(*) FROM switchback.conflict WHERE length(key_values[1]) > 2000")
                == [
                    "2", "2",
                ])
    }
}
