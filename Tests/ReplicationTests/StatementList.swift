import Postgres
import TestSupport
import Testing

/// Statements that change a source, one after the other; after each of them source and targets must hold equal rows.
///
/// A statement is compared alone, so that a change without a delta is not carried by a later change of the same row.
struct StatementList {
    let pair: TestPair

    /// Runs each statement (several, with semicolons, are one transaction), and compares all tables after each.
    func expectCarried(
        _ statements: [String], user: String = "postgres", sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let tables = try await pair.source.tables()
        for statement in statements {
            do {
                try await pair.source.run(statement, user: user)
            } catch {
                Issue.record("\(statement): \(error)", sourceLocation: sourceLocation)
                continue
            }
            try await expectEqual(after: statement, tables, sourceLocation: sourceLocation)
        }
    }

    /// Catches up and compares all tables that the source has.
    func expectEqual(
        after statement: String, _ tables: [String]? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await pair.catchUp()
        let names: [String]
        if let tables { names = tables } else { names = try await pair.source.tables() }
        let wanted = try await Self.contents(of: names, in: pair.source)
        for target in pair.targets {
            let found = try await Self.contents(of: names, in: target)
            for (table, content) in wanted where found[table] != content {
                Issue.record(
                    "after \(statement): \(table) is \(found[table] ?? "missing"), not \(content)",
                    sourceLocation: sourceLocation)
            }
        }
    }

    /// All rows of small tables, in an order that does not depend on where they lie; a table's own, without its
    /// inheritance children's.
    private static func contents(of tables: [String], in database: TestDatabase) async throws -> [String: String] {
        try await database.session { session in
            let kinds = try session.query(
                "SELECT format('%I.%I', relnamespace::regnamespace, relname), relkind FROM pg_class WHERE relkind IN ('r', 'p')"
            )
            var parents: Set<String> = []
            for row in 0..<kinds.rowCount where kinds[row, 1] == "p" { parents.insert(kinds[row, 0] ?? "") }
            let queries = tables.map { table in
                let from = parents.contains(table) ? table : "ONLY \(table)"
                return
                    "SELECT \(SQLText.literal(table)), coalesce(string_agg(t::text, ' ' ORDER BY t::text COLLATE \"C\"), 'empty') FROM \(from) AS t"
            }
            let answer = try session.query(queries.joined(separator: " UNION ALL "))
            var contents: [String: String] = [:]
            for row in 0..<answer.rowCount { contents[answer[row, 0] ?? ""] = answer[row, 1] ?? "" }
            return contents
        }
    }
}
