import Model
import Postgres

/// What is read at the source.
extension TableRoute {
    /// Names of the statements that are prepared once a session.
    var probeName: String { "probe_\(sourceID)" }
    var storedBytesName: String { "stored_\(sourceID)" }
    var changedRowsName: String { "changed_\(sourceID)" }

    /// Tells how much lies in a window given as parameters 1 and 2.
    var probe: String {
        SQLTemplate.render(
            "stream/probe", ["delta_a": deltaA, "delta_b": deltaB, "window": Window.parameterised])
    }

    /// Tells about how many bytes the changed rows of a window given as parameters 1 and 2 have.
    var storedBytes: String { render("stream/stored_bytes", Window.parameterised, ["size": rowSize]) }

    /// Reads the changed rows of a window given as parameters 1 and 2.
    var changedRows: String { changedRows(Window.parameterised) }

    /// What is copied of a window, and what into, one after the other.
    func copies(_ window: Window, _ path: ApplyPath) -> [(out: String, into: String)] {
        switch path {
        case .replaceAll: return [(copyOut(allRows), copyIntoStage)]
        case .insert:
            return [
                (
                    copyOut(render("stream/inserted_rows", window.condition, ["columns": list(columns, of: "t")])),
                    copyIntoTable
                )
            ]
        case .refill, .merge:
            guard isWide else { return [(copyOut(changedRows(window.condition)), copyIntoStage)] }
            return [
                (copyOut(render("stream/gone_keys", window.condition, [:])), copyIntoGone),
                (
                    copyOut(render("stream/present_rows", window.condition, ["columns": list(columns, of: "t")])),
                    copyIntoStage
                ),
            ]
        }
    }

    private func copyOut(_ query: String) -> String { "COPY (\(query)) TO STDOUT" }

    private func changedRows(_ condition: String) -> String {
        guard let key = table.key else { return allRows }
        let keys = zip(numberedKeys, key.columns).map { "coalesce(t.\(SQLText.identifier($1)), d.\($0))" }
        let others = columns.dropFirst(keyCount).map { "t.\(SQLText.identifier($0))" }
        return render(
            "stream/changed_rows", condition,
            [
                // Not IS NOT NULL: that is false for a composite value with a NULL in it.
                "alive": "t.\(SQLText.identifier(key.columns[0])) IS DISTINCT FROM NULL",
                "columns": (keys + others).joined(separator: ", "),
            ])
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
            "keys": numberedKeys.joined(separator: ", "), "window_keys": windowKeys(condition),
            "table": travelling, "joins": joins.joined(separator: " AND "),
        ]
        return SQLTemplate.render(template, all.merging(values) { $1 })
    }

    /// The keys of a window's changes, under the names that they have in the delta tables.
    func windowKeys(_ condition: String) -> String {
        SQLTemplate.render(
            "stream/window_keys",
            [
                "keys": table.deltaColumns?.unnested ?? "", "delta_a": deltaA, "delta_b": deltaB, "window": condition,
            ])
    }

    /// The rows that travel. A filter stands by itself, for its names must mean nothing but the table's columns.
    private var travelling: String {
        guard let filter = table.filter else { return table.definition.sqlOnly }
        return "(SELECT \(list(columns)) FROM \(table.definition.sqlOnly) WHERE (\(filter)\n))"
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
}
