import TestSupport
import Testing

@testable import Replication

/// P1, P4: a row is known by its key, whatever the key's type and however many columns it has.
@Suite("Keys") struct KeyTests {
    /// A table with a key over one or more types, and as many keys as the shortest list of values gives.
    private struct Keyed: Sendable {
        let table: String
        let types: [TypeSample]

        var columns: [String] { types.indices.map { "k\($0)" } }
        var count: Int { types.map(\.values.count).min() ?? 0 }

        var create: String {
            let columns = zip(self.columns, types).map { "\($0) \($1.type)" } + ["n int"]
            // The value comes first: the key's columns are not where the engine puts them.
            return
                "CREATE TABLE \(table) (\(columns.reversed().joined(separator: ", ")), PRIMARY KEY (\(self.columns.joined(separator: ", "))))"
        }

        private func key(_ row: Int) -> [String] { types.map { "\($0.values[row])::\($0.type)" } }

        func insert(_ row: Int) -> String {
            "INSERT INTO \(table) (\(columns.joined(separator: ", ")), n) VALUES (\(key(row).joined(separator: ", ")), \(row))"
        }

        func condition(_ row: Int) -> String {
            zip(columns, key(row)).map { "\($0) = \($1)" }.joined(separator: " AND ")
        }

        func delete(_ row: Int) -> String { "DELETE FROM \(table) WHERE \(condition(row))" }

        func move(_ row: Int, to other: Int) -> String {
            "UPDATE \(table) SET \(zip(columns, key(other)).map { "\($0) = \($1)" }.joined(separator: ", ")) WHERE \(condition(row))"
        }
    }

    /// A table for each type, and one for every two, three, four and five that follow each other.
    private static func tables(_ samples: [TypeSample]) -> [Keyed] {
        let types = samples.filter(\.canBeKey)
        var tables = types.map { [$0] }
        for count in 2...5 {
            tables += stride(from: 0, to: types.count - count + 1, by: count * 2).map { Array(types[$0..<$0 + count]) }
        }
        return tables.enumerated().map { Keyed(table: "public.t\($0)", types: $1) }
    }

    @Test(arguments: TypeFamily.allCases)
    func `keys of one to five columns of every type are found again`(_ family: TypeFamily) async throws {
        let tables = Self.tables(family.samples)
        let setup = family.samples.map(\.setup).filter { !$0.isEmpty }
        let pair = try await TestPair.travelling(schema: (setup + tables.map(\.create)).joined(separator: ";\n"))
        func each(_ statements: (Keyed) -> [String]) -> [String] { tables.flatMap(statements) }

        let first = each { table in (0..<table.count).filter { $0 % 2 == 0 }.map(table.insert) }
        try await pair.source.run(first.joined(separator: ";\n"))
        try await pair.start()
        try await pair.expectEqual(nil, "after the first copy")
        for way in Way.allCases {
            try await change(pair, tables, way) { table in (0..<table.count).filter { $0 % 2 == 1 }.map(table.insert) }
            try await pair.expectEqual(nil, "inserted \(way.rawValue)")
            try await change(pair, tables, way) { ["UPDATE \($0.table) SET n = n + 100"] }
            try await pair.expectEqual(nil, "updated \(way.rawValue)")
            // The key of the last row becomes that of the first, which goes.
            try await change(pair, tables, way) { table in
                table.count < 2 ? [table.delete(0)] : [table.delete(0), table.move(table.count - 1, to: 0)]
            }
            try await pair.expectEqual(nil, "changed keys \(way.rawValue)")
            try await change(pair, tables, way) { ["DELETE FROM \($0.table)"] }
            try await pair.expectEqual(nil, "deleted \(way.rawValue)")
            #expect(try await pair.target.value("SELECT count(*) FROM t0") == "0")
            try await change(pair, tables, way) { table in (0..<table.count).filter { $0 % 2 == 0 }.map(table.insert) }
        }
    }

    /// Not more tables in one batch than are written row by row.
    private func change(
        _ pair: TestPair, _ tables: [Keyed], _ way: Way, _ statements: (Keyed) -> [String]
    ) async throws {
        for first in stride(from: 0, to: tables.count, by: 60) {
            let some = tables[first..<min(first + 60, tables.count)]
            try await pair.change(some.flatMap(statements).joined(separator: ";\n"), on: way)
        }
    }

    /// A key may be written in several ways that are equal: the row is one, and it takes the source's way of writing.
    @Test(arguments: Way.allCases) func `a key that is written otherwise stays the same row`(_ way: Way) async throws {
        let forms = [
            ("numeric", "1.0", "1.00"), ("float8", "-0", "0"), ("float4", "0", "-0"), ("interval", "1 day", "24:00:00"),
            ("timetz", "12:00:00+00", "12:00:00+00"), ("numeric[]", "{1.0}", "{1.00}"),
            ("numrange", "[1.0,2]", "[1.00,2.000]"), ("jsonb", "{\"a\": 1.0}", "{\"a\": 1.00}"),
            ("bpchar", "a", "a  "), ("citext", "straße", "STRASSE"), ("citext", "abc", "ABC"),
            ("amount", "(1.0,a)", "(1.000,a)"), ("text COLLATE blurred", "resume", "Résumé"),
            ("label", "case", "CASE"), ("int4multirange", "{[1,3)}", "{[1,2]}"),
            ("varchar(9) COLLATE blurred", "x", "X"),
        ]
        let pair = try await TestPair.travelling(
            schema: """
                CREATE EXTENSION citext;
                CREATE COLLATION blurred (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
                CREATE TYPE amount AS (number numeric, unit text);
                CREATE DOMAIN label AS text COLLATE blurred;
                \(forms.enumerated().map { "CREATE TABLE t\($0) (k \($1.0) PRIMARY KEY, n int)" }.joined(separator: ";\n"))
                """)
        func each(_ statement: (String, String, String) -> String) -> String {
            forms.enumerated().map { index, form in
                let type = form.0.split(separator: " ")[0]
                return statement("t\(index)", "'\(form.1)'::\(type)", "'\(form.2)'::\(type)")
            }.joined(separator: ";\n")
        }
        try await pair.source.run(each { table, one, _ in "INSERT INTO \(table) VALUES (\(one), 1)" })
        try await pair.start()
        try await pair.expectEqual()
        try await pair.change(each { table, _, other in "UPDATE \(table) SET k = \(other)" }, on: way)
        try await pair.expectEqual(nil, "written otherwise")
        try await pair.change(
            each { table, one, _ in "DELETE FROM \(table); INSERT INTO \(table) VALUES (\(one), 2)" }, on: way)
        try await pair.expectEqual(nil, "deleted and inserted otherwise")
        try await pair.change(each { table, _, other in "DELETE FROM \(table) WHERE k = \(other)" }, on: way)
        try await pair.expectEqual(nil, "deleted by the other way of writing")
        #expect(try await pair.target.value("SELECT count(*) FROM t0") == "0")
    }

    /// What makes a row unique must be what finds it again: an index with another notion of what is equal is no key.
    @Test func `an index that cannot find rows again is no key`() async throws {
        let indexes = [
            "UNIQUE INDEX ON t (v COLLATE blurred)", "UNIQUE INDEX ON t (b COLLATE \"C\")",
            "UNIQUE INDEX ON t (c record_image_ops)", "UNIQUE INDEX ON t (v) WHERE n > 0",
            "UNIQUE INDEX ON t (lower(v))", "UNIQUE INDEX ON t (m)", "UNIQUE INDEX ON t (m) NULLS NOT DISTINCT",
            "INDEX ON t (n)",
        ]
        let tables = indexes.enumerated().map { index, definition in
            """
            CREATE TABLE t\(index) (v text NOT NULL, b text COLLATE blurred NOT NULL, c pair NOT NULL, n int NOT NULL, m int);
            CREATE \(definition.replacing(" t (", with: " t\(index) ("))
            """
        }
        let pair = try await TestPair.make(
            schema: """
                CREATE COLLATION blurred (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
                CREATE TYPE pair AS (a numeric, b text);
                \(tables.joined(separator: ";\n"));
                CREATE TABLE excluding (n int NOT NULL, EXCLUDE USING btree (n WITH =))
                """)
        do {
            try await pair.install()
            Issue.record("it was installed")
        } catch let refused as SetupRefused {
            for table in indexes.indices.map({ "t\($0)" }) + ["excluding"] {
                #expect(refused.description.contains("public.\(table) has no usable key"))
            }
        }
    }

    /// Operator classes and collations that agree with the type's own equality do not stand in the way of a key.
    @Test func `an index that finds rows again is a key`() async throws {
        let indexes = [
            "CREATE UNIQUE INDEX ON t (v text_pattern_ops)", "CREATE UNIQUE INDEX ON t (v COLLATE \"C\")",
            "CREATE UNIQUE INDEX ON t (n DESC) INCLUDE (v)", "ALTER TABLE t ADD PRIMARY KEY (v) DEFERRABLE",
            "CREATE UNIQUE INDEX ON t (v, n)",
        ]
        let tables = indexes.enumerated().map { index, definition in
            "CREATE TABLE t\(index) (v text NOT NULL, n int NOT NULL, w text); "
                + definition.replacing(" t ", with: " t\(index) ")
        }
        let pair = try await TestPair.travelling(schema: tables.joined(separator: ";\n"))
        func each(_ statement: (String) -> String) -> String {
            indexes.indices.map { statement("t\($0)") }.joined(separator: ";\n")
        }
        try await pair.source.run(
            each { "INSERT INTO \($0) SELECT 'v' || g, g, 'old' FROM generate_series(1, 20) AS g" })
        try await pair.start()
        try await pair.source.run(
            each {
                "UPDATE \($0) SET w = 'new' WHERE n < 5; DELETE FROM \($0) WHERE n = 6; UPDATE \($0) SET v = 'V' WHERE n = 7"
            })
        try await pair.catchUp()
        try await pair.expectEqual()
    }
}
