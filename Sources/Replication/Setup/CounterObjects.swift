import Model
import Postgres

/// The SQL objects that keep the sums of one table's counters while applications write it.
struct CounterObjects {
    let table: SelectedTable
    /// The table's number at its node, part of all its objects' names.
    let id: Int
    let node: String

    static let triggerNames = ["count_insert", "count_update", "count_delete", "count_truncate"]

    static func tableName(_ id: Int) -> String { "counter_\(id)" }

    /// Makes the table of sums.
    ///
    /// - Parameter keys: as they stand at the node.
    static func makeTable(_ id: Int, _ keys: DeltaColumns, of name: TableName) -> String {
        SQLTemplate.render(
            "multimaster/counter_table",
            [
                "counters": tableName(id), "key_definitions": keys.scalarDefinitions, "keys": keys.names,
                "comment": SQLText.literal("what was added to counters of \(name)"),
            ])
    }

    private var keys: String { (table.deltaColumns?.columns ?? []).map(\.arrayName).joined(separator: ", ") }
    private var keyColumns: [String] { table.key?.columns ?? [] }

    private func columns(_ row: String, as named: Bool = false) -> String {
        keyColumns.enumerated().map { index, column in
            "\(row).\(SQLText.identifier(column))" + (named ? " AS k\(index + 1)" : "")
        }.joined(separator: ", ")
    }

    /// - Parameter numbered: rows that have the key as k1, k2, ….
    private func joins(_ left: String, _ right: String, numbered: Set<String>) -> String {
        zip(keyColumns, table.key?.equality ?? []).enumerated().map { index, part in
            func side(_ row: String) -> String {
                numbered.contains(row) ? "\(row).k\(index + 1)" : "\(row).\(SQLText.identifier(part.0))"
            }
            return "\(side(left)) \(part.1) \(side(right))"
        }.joined(separator: " AND ")
    }

    /// A row for each counter: its name, and its value in each of some rows.
    private func values(_ rows: String...) -> String {
        table.counters.map { counter in
            let values = rows.map { "COALESCE(\($0).\(SQLText.identifier(counter))::pg_catalog.numeric, 0)" }
            return "(\(([SQLText.literal(counter)] + values).joined(separator: ", ")))"
        }.joined(separator: ", ")
    }

    private func isThere(_ row: String) -> String {
        "\(row).\(SQLText.identifier(keyColumns.first ?? "")) IS DISTINCT FROM NULL"
    }

    private func base(_ rows: String, _ values: String, _ condition: String, indent: Int = 8) -> String {
        SQLTemplate.render(
            "capture/count_base",
            [
                "counters": Self.tableName(id), "keys": keys, "row_keys": columns("b"), "condition": condition,
                "rows": "\(rows) CROSS JOIN LATERAL (VALUES \(values)) AS v (counter, was, becomes)",
                "joins": joins("x", "b", numbered: ["x"]),
            ], indent: indent)
    }

    private func present(_ rows: String, _ condition: String, indent: Int = 8) -> String {
        SQLTemplate.render(
            "capture/count_present",
            [
                "counters": Self.tableName(id), "keys": keys, "rows": rows, "condition": condition,
                "row_keys": (table.deltaColumns?.columns ?? []).map { "r.\($0.arrayName)" }.joined(separator: ", "),
                "joins": joins("t", "r", numbered: ["r"]), "table": table.definition.sqlOnly, "values": values("t"),
                "sum_joins": joins("x", "r", numbered: ["x", "r"]), "node": SQLText.literal(node),
            ], indent: indent)
    }

    private func difference(indent: Int = 8) -> String {
        SQLTemplate.render(
            "capture/count_difference",
            [
                "counters": Self.tableName(id), "keys": keys, "row_keys": columns("c"),
                "joins": joins("c", "b", numbered: []), "values": values("b", "c"), "node": SQLText.literal(node),
            ], indent: indent)
    }

    /// Makes the trigger function.
    func function(_ settings: String) -> String {
        let both = "before AS b LEFT JOIN changed AS c ON \(joins("c", "b", numbered: []))"
        let changes = "(NOT \(isThere("c")) OR v.becomes OPERATOR(pg_catalog.<>) v.was)"
        let moved =
            "SELECT \(columns("c", as: true)) FROM changed AS c LEFT JOIN before AS b ON \(joins("c", "b", numbered: [])) WHERE NOT \(isThere("b"))"
        func literal(_ text: String) -> String { SQLText.literal(text) }
        return SQLTemplate.render(
            "capture/count_function",
            [
                "function": "capture_\(id)_count", "settings": settings,
                "present": present("SELECT \(columns("c", as: true)) FROM changed AS c", "true"),
                "gone": base("before AS b", values("b", "b"), "true"),
                "emptied": base("\(table.definition.sqlOnly) AS b", values("b", "b"), "true"),
                "base": base(both, values("b", "c"), changes), "difference": difference(),
                "moved": present(moved, "true"),
                "base_literal": literal(base(both, values("b", "c"), changes, indent: 0)),
                "difference_literal": literal(difference(indent: 0)),
                "moved_literal": literal(present(moved, "true", indent: 0)),
            ], commented: true)
    }

    /// Puts the triggers on the table.
    func triggers() -> String {
        SQLTemplate.render(
            "capture/count_triggers", ["table": table.name.sql, "function": "capture_\(id)_count"])
    }

    /// Brings this node's sums to what its rows say, for rows that are sent again: whatever they were changed by.
    ///
    /// - Parameter keys: the query for their keys, as k1, k2, ….
    func touch(_ keys: String) -> String {
        present(keys, "x.n OPERATOR(pg_catalog.>) 0", indent: 0)
    }
}
