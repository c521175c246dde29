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

    /// Tells how many bytes the changed rows of a window given as parameters 1 and 2 take.
    var storedBytes: String {
        let sizes = columns.map { "coalesce(pg_column_size(t.\(SQLText.identifier($0))), 0)::bigint" }
        return render("stream/stored_bytes", Window.parameterised, ["sizes": sizes.joined(separator: " + ")])
    }

    /// Reads the changed rows of a window given as parameters 1 and 2.
    var changedRows: String { changedRows(Window.parameterised) }

    /// What is copied of a window, and what into, one after the other.
    ///
    /// - Parameter known: what the receiver has seen, in a sync with links.
    func copies(
        _ window: Window, _ path: ApplyPath, unless known: Knowledge? = nil
    ) -> [(out: String, into: String)] {
        let rows = list(columns, of: "t")
        switch path {
        case .replaceAll: return [(copyOut(allRows), copyIntoStage)]
        case .insert:
            return [(copyOut(render("stream/inserted_rows", window.condition, ["columns": rows])), copyIntoTable)]
        case .refill, .merge:
            if masters != nil {
                return [(copyOut(changedVersions(window.condition, unless: known)), copyIntoVersionStage)]
            }
            guard isWide else { return [(copyOut(changedRows(window.condition)), copyIntoStage)] }
            return [
                (copyOut(render("stream/gone_keys", window.condition, [:])), copyIntoGone),
                (copyOut(render("stream/present_rows", window.condition, ["columns": rows])), copyIntoStage),
            ]
        }
    }

    private func copyOut(_ query: String) -> String { "COPY (\(query)) TO STDOUT" }

    private func changedRows(_ condition: String) -> String {
        guard let key = table.key, let delta = table.deltaColumns else { return allRows }
        let keys = zip(delta.columns, key.columns).map { delta, name in
            "coalesce(t.\(SQLText.identifier(name)), d.\(delta.arrayName))"
        }
        let others = columns.dropFirst(keyCount).map { "t.\(SQLText.identifier($0))" }
        // Not IS NOT NULL: that is false for a composite value with a NULL in it.
        let alive = "t.\(SQLText.identifier(key.columns[0])) IS DISTINCT FROM NULL"
        return render(
            "stream/changed_rows", condition, ["alive": alive, "columns": (keys + others).joined(separator: ", ")])
    }

    /// Reads every row.
    private var allRows: String {
        SQLTemplate.render(
            "stream/all_rows",
            [
                "table": table.definition.sqlOnly, "columns": (isWide ? "" : "true, ") + list(columns, of: "t"),
                "filter": table.filter.map { " WHERE (\($0))" } ?? "",
            ])
    }

    /// The keys of a window's changes, under the names that they have in the delta tables.
    func windowKeys(_ condition: String) -> String {
        SQLTemplate.render(
            "stream/window_keys",
            ["keys": table.deltaColumns?.unnested ?? "", "delta_a": deltaA, "delta_b": deltaB, "window": condition])
    }

    private func render(_ template: String, _ condition: String, _ values: [String: String]) -> String {
        let all = [
            "keys": table.deltaColumns?.names ?? "", "window_keys": windowKeys(condition), "table": travelling,
            "joins": keyJoins,
        ]
        return SQLTemplate.render(template, all.merging(values) { $1 })
    }

    /// The condition that joins a key out of a delta table, d, with its row, t.
    private var keyJoins: String {
        guard let key = table.key, let columns = table.deltaColumns?.columns else { return "false" }
        return zip(columns, key.equality).map { "t.\($0.name) \($1) d.\($0.arrayName)" }.joined(separator: " AND ")
    }

    /// The rows that travel. A filter stands by itself, for its names must mean nothing but the table's columns.
    private var travelling: String {
        guard let filter = table.filter else { return table.definition.sqlOnly }
        return "(SELECT \(list(columns)) FROM \(table.definition.sqlOnly) WHERE (\(filter)))"
    }
}
