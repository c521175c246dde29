import Postgres
import TestSupport
import Testing

/// P4: tables and columns travel whatever they are called.
@Suite("Names") struct NameTests {
    /// Names that need quotes, that are as long as can be, that look like SQL, and that the engine's own SQL uses.
    private static let names = [
        "Capital", "with space", "quo\"te", "dot.ted", "semi;colon--", "a'postrophe", "back\\slash", "{braces}", "$1",
        "new\nline", "tab\t", "%I", "select", "user", "table", "order", "naïve", "日本語", "😀", "e\u{301}\"\u{301}",
        String(repeating: "x", count: 63), String(repeating: "ü", count: 31), "t", "s", "d", "a", "b", "k1", "k2", "x1",
        "changed", "old", "new", "excluded", "switchback_alive", "switchback_alive_", "place", "part", "size", "large",
        "txid", "at", "delta", "kept", "stage", "row", "record", "alive", "tableoid_", "changed_rows",
    ]

    @Test func `columns of any name, as key and beside it`() async throws {
        let names = Self.names.map(SQLText.identifier)
        let wide =
            "CREATE TABLE wide (\(names.map { "\($0) int" }.joined(separator: ", ")), PRIMARY KEY (\(names[0]), \(names[1]), \(names[22])))"
        let keyed = names.enumerated().map { "CREATE TABLE keyed\($0) (\($1) int PRIMARY KEY, other text)" }
        let pair = try await TestPair.travelling(schema: ([wide] + keyed).joined(separator: ";\n"))
        let tables = keyed.indices.map { "keyed\($0)" }
        try await pair.source.run(
            tables.map { "INSERT INTO \($0) VALUES (1, 'one'), (2, 'two')" }.joined(separator: ";")
                + "; INSERT INTO wide VALUES (\(names.indices.map { "\($0)" }.joined(separator: ", ")))")
        try await pair.start()
        try await pair.expectEqual()
        for (round, way) in Way.allCases.enumerated() {
            let changes = zip(tables, names).map { table, name in
                """
                UPDATE \(table) SET other = other || '!' WHERE \(name) = 1;
                UPDATE \(table) SET \(name) = \(name) + 10 WHERE \(name) = 2 + 10 * \(round);
                INSERT INTO \(table) VALUES (\(100 + round), NULL)
                """
            }
            let set = names.map { "\($0) = \($0) + 1" }.joined(separator: ", ")
            try await pair.change(changes.joined(separator: ";\n") + "; UPDATE wide SET \(set)", on: way)
            try await pair.expectEqual(nil, "\(way.rawValue)")
        }
    }

    @Test func `schemas and tables of any name, also of names that differ by their bytes only`() async throws {
        // To Swift, and to the eye, the last two are the same.
        let names = (Self.names + ["\u{e9}", "e\u{301}"]).map(SQLText.identifier)
        let tables = names.flatMap { name in [(name, "item"), ("public", name)] }.map { "\($0.0).\($0.1)" }
        let schema =
            names.map { "CREATE SCHEMA \($0)" }
            + tables.map { "CREATE TABLE \($0) (id int PRIMARY KEY, mark text)" }
        let pair = try await TestPair.travelling(schema: schema.joined(separator: ";\n"), tables: ["*.*"])
        func each(_ statement: (String, Int) -> String) -> String {
            tables.enumerated().map { statement($1, $0) }.joined(separator: ";\n")
        }
        try await pair.source.run(each { "INSERT INTO \($0) VALUES (\($1), 'first')" })
        try await pair.start()
        try await pair.expectEqual()
        for first in stride(from: 0, to: tables.count, by: 50) {
            let some = tables[first..<min(first + 50, tables.count)]
            try await pair.change(
                some.map { "UPDATE \($0) SET mark = 'second'; INSERT INTO \($0) VALUES (1000, '')" }.joined(
                    separator: ";"),
                on: .singleRows)
        }
        try await pair.expectEqual(nil, "row by row")
        try await pair.change(each { "UPDATE \($0) SET id = id + 5000 + \($1)" }, on: .staged)
        try await pair.expectEqual(nil, "staged")
    }
}
