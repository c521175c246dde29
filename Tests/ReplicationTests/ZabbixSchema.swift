import Postgres
import TestSupport

/// What the catalogue says of a database's tables, as far as rows can be made up for them: whatever the schema, every row
/// of number n has n's value in every column, so that row n of one table refers to row n of another.
struct InventedRows: Sendable {
    struct Column: Sendable {
        let name: String
        let type: String
        /// The most characters; nil when there is no limit.
        let length: Int?
        let isNotNull: Bool
        let isKey: Bool
        let isReference: Bool

        /// The value of row n, as text.
        func value(_ row: Int) -> String {
            switch type {
            case "bytea": "\\x00ff" + String(row % 10, radix: 16) + "0"
            case "text", "character varying": String("\(row)'\\ \t z".prefix(length ?? 20))
            default: String(900_000_000 + row)
            }
        }

        func literal(_ row: Int) -> String { "\(SQLText.literal(value(row)))::\(type)" }
    }

    struct Table: Sendable {
        let name: String
        let columns: [Column]
        let parents: Set<String>

        var key: [Column] { columns.filter(\.isKey) }
        /// A reference that may be empty is, until all rows are there.
        var inserted: [Column] { columns.filter { $0.isNotNull || !$0.isReference } }
        /// Columns that can be given any value.
        var free: [Column] { columns.filter { !$0.isKey && !$0.isReference && ($0.length ?? 20) > 3 } }
        var empty: [Column] { columns.filter { !$0.isNotNull && $0.isReference } }
        /// A part of the key that refers to nothing.
        var ownKey: Column? { key.first { !$0.isReference } }

        func list(_ columns: [Column]) -> String { columns.map { SQLText.identifier($0.name) }.joined(separator: ", ") }
        func values(_ row: Int) -> String { inserted.map { $0.literal(row) }.joined(separator: ", ") }
        func isRow(_ row: Int) -> String {
            key.map { "\(SQLText.identifier($0.name)) = \($0.literal(row))" }.joined(separator: " AND ")
        }
        func set(_ columns: [Column], _ value: (Column) -> String) -> String {
            columns.map { "\(SQLText.identifier($0.name)) = \(value($0))" }.joined(separator: ", ")
        }
    }

    /// Parents before their children.
    let tables: [Table]

    static func read(_ database: TestDatabase) async throws -> InventedRows {
        let rows = try await database.rows(
            """
            SELECT format('%I.%I', n.nspname, c.relname), a.attname, format_type(a.atttypid, NULL),
                   CASE WHEN a.atttypid = 'varchar'::regtype AND a.atttypmod > 0 THEN a.atttypmod - 4 END, a.attnotnull,
                   EXISTS (SELECT FROM pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype = 'p' AND a.attnum = ANY (k.conkey)),
                   (SELECT string_agg(format('%I.%I', pn.nspname, p.relname), ' ')
                      FROM pg_constraint AS f JOIN pg_class AS p ON p.oid = f.confrelid JOIN pg_namespace AS pn ON pn.oid = p.relnamespace
                     WHERE f.conrelid = c.oid AND f.contype = 'f' AND a.attnum = ANY (f.conkey))
              FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace JOIN pg_attribute AS a ON a.attrelid = c.oid
             WHERE c.relkind = 'r' AND n.nspname = 'public' AND a.attnum > 0 AND NOT a.attisdropped
             ORDER BY 1, a.attnum
            """)
        let tables = Dictionary(grouping: rows) { $0[0] ?? "" }.map { name, rows in
            let columns = rows.map { row in
                Column(
                    name: row[1] ?? "", type: row[2] ?? "", length: row[3].flatMap { Int($0) },
                    isNotNull: row[4] == "t",
                    isKey: row[5] == "t", isReference: row[6] != nil)
            }
            let parents = rows.filter { $0[4] == "t" }.flatMap { ($0[6] ?? "").split(separator: " ").map(String.init) }
            return Table(name: name, columns: columns, parents: Set(parents).subtracting([name]))
        }
        return InventedRows(tables: sorted(tables))
    }

    private static func sorted(_ tables: [Table]) -> [Table] {
        var left = tables.sorted { $0.name < $1.name }
        var done: [Table] = []
        var names: Set<String> = []
        while !left.isEmpty {
            let ready = left.filter { $0.parents.isSubset(of: names) }
            precondition(!ready.isEmpty, "tables refer to each other in a circle: \(left.map(\.name))")
            done += ready
            names.formUnion(ready.map(\.name))
            left.removeAll { names.contains($0.name) }
        }
        return done
    }
}
