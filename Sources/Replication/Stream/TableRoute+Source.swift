import Model
import Postgres

/// What is read at the source.
extension TableRoute {
    /// A row larger than this is not held in memory with others.
    private static let rowBytesMost = 256 << 10

    /// Reads the changed rows of a window given as parameters 1 and 2, at most `limit` of them.
    ///
    /// - Parameter sizes: whether to look for rows that are too large: of such a row the flag is NULL.
    func changedRows(limit: Int, sizes: Bool) -> String {
        changedRows(Window.parameterised, sizes: sizes) + "\n LIMIT \(limit)"
    }

    /// What is copied of a window, and what into, one after the other.
    ///
    /// - Parameter all: every row, and not those that changed.
    func copies(_ window: Window, all: Bool) -> [(out: String, into: String)] {
        if all || table.key == nil { return [(copyOut(allRows), copyIntoStage)] }
        guard isWide else { return [(copyOut(changedRows(window.condition, sizes: false)), copyIntoStage)] }
        return [
            (copyOut(render("stream/gone_keys", window.condition, [:])), copyIntoGone),
            (
                copyOut(render("stream/present_rows", window.condition, ["columns": list(columns, of: "t")])),
                copyIntoStage
            ),
        ]
    }

    private func copyOut(_ query: String) -> String { "COPY (\(query)) TO STDOUT" }

    private func changedRows(_ condition: String, sizes: Bool) -> String {
        guard let key = table.key else { return allRows }
        let keys = zip(numberedKeys, key.columns).map { "coalesce(t.\(SQLText.identifier($1)), d.\($0))" }
        let others = columns.dropFirst(keyCount).map { column in
            let isLong = sizes && table.definition.column(column)?.isVariable ?? false
            return isLong ? unlessLarge(column) : "t.\(SQLText.identifier(column))"
        }
        // Not IS NOT NULL: that is false for a composite value with a NULL in it.
        let isThere = "t.\(SQLText.identifier(key.columns[0])) IS DISTINCT FROM NULL"
        return render(
            "stream/changed_rows", condition,
            [
                "alive": sizes ? "CASE WHEN size.large THEN NULL ELSE \(isThere) END" : isThere,
                "columns": (keys + others).joined(separator: ", "),
                "more": sizes
                    ? "\n"
                        + SQLTemplate.render("stream/row_size", ["size": rowSize, "limit": "\(Self.rowBytesMost)"])
                    : "",
            ])
    }

    /// NULL has no domain: one that forbids NULL would stop the query.
    private func unlessLarge(_ column: String) -> String {
        let type = table.definition.column(column)?.domainBase.map { "::\($0)" } ?? ""
        return "CASE WHEN size.large THEN NULL ELSE t.\(SQLText.identifier(column))\(type) END"
    }

    /// About how large a row is, in bytes, without reading what is stored out of line. Of plain text and bytes the true
    /// length is known; other types may be compressed.
    private var rowSize: String {
        let plain: Set = ["pg_catalog.text", "pg_catalog.\"varchar\"", "pg_catalog.bpchar", "pg_catalog.bytea"]
        let parts = columns.dropFirst(keyCount).compactMap { table.definition.column($0) }.filter(\.isVariable).map {
            let measure = plain.contains($0.domainBase ?? $0.bareType) ? "octet_length" : "pg_column_size"
            return "coalesce(\(measure)(t.\(SQLText.identifier($0.name))), 0)::bigint"
        }
        return parts.isEmpty ? "0" : parts.joined(separator: " + ")
    }

    private func render(_ template: String, _ condition: String, _ values: [String: String]) -> String {
        let key = table.key
        let joins = zip(numberedKeys, zip(key?.columns ?? [], key?.equality ?? [])).map { number, column in
            "t.\(SQLText.identifier(column.0)) \(column.1) d.\(number)"
        }
        let all = [
            "keys": numberedKeys.joined(separator: ", "), "delta_a": deltaA, "delta_b": deltaB, "window": condition,
            "table": travelling, "joins": joins.joined(separator: " AND "),
        ]
        return SQLTemplate.render(template, all.merging(values) { $1 })
    }

    /// The rows that travel. A filter stands by itself, for its names must mean nothing but the table's columns.
    private var travelling: String {
        guard let filter = table.filter else { return table.definition.sqlOnly }
        return "(SELECT \(list(columns)) FROM \(table.definition.sqlOnly) WHERE (\(filter)\n))"
    }

    /// Counts the deltas of a window given as parameters 1 and 2, up to a limit.
    func probe(limit: Int) -> String {
        SQLTemplate.render(
            "stream/probe",
            ["delta_a": deltaA, "delta_b": deltaB, "window": Window.parameterised, "limit": "\(limit)"])
    }

    /// Reads every row.
    private var allRows: String {
        SQLTemplate.render(
            "stream/all_rows",
            [
                "table": table.definition.sqlOnly, "columns": (isWide ? "" : "true, ") + list(columns, of: "t"),
                "filter": table.filter.map { " WHERE (\($0)\n)" } ?? "",
            ])
    }

    var changedRowsName: String { "changed_\(sourceID)" }
}
