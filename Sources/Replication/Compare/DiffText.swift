import Model
import Postgres

/// The SQL of a comparison of one table between a source and a receiver.
struct DiffText {
    let route: TableRoute
    let buckets: Int

    /// A key's text; of a table without a key, the whole row is the key.
    private func keyText(_ row: String = "t") -> String {
        Self.text((route.table.key?.columns ?? route.columns).map { "\(row).\(SQLText.identifier($0))" })
    }

    private var rowText: String { Self.text(route.columns.map { "t.\(SQLText.identifier($0))" }) }

    /// The text of some values together, of which a comparison makes its digests.
    static func text(_ parts: [String]) -> String { "ROW(\(parts.joined(separator: ", ")))::text COLLATE \"C\"" }

    /// Rows of one key are unique, so that exclusive or tells them apart; equal rows without a key would cancel out.
    private var combine: String { route.table.isWhole ? "sum(hash)" : "bit_xor(hash)" }

    /// - Parameter only: buckets; nil for all.
    func bucketSums(atSource: Bool, only: [Int64]?) -> String {
        SQLTemplate.render(
            "diff/buckets",
            [
                "key_text": keyText(), "row_text": rowText, "buckets": "\(buckets)", "combine": combine,
                "table": atSource ? route.table.definition.sqlOnly : route.target.sqlOnly,
                "conditions": conditions(only, atSource: atSource),
            ])
    }

    func receiverRows(_ chosen: [Int64]) -> String { rows(chosen, atSource: false) }

    /// - Parameter window: what is on its way; nil when nothing is.
    func sourceRows(_ chosen: [Int64], _ window: Window?) -> String {
        // A table without a key is on its way as a whole or not at all.
        guard let key = route.table.key, let window else { return rows(chosen, atSource: true) }
        let numbered = (1...key.columns.count).map { "k\($0)" }
        let joins = zip(numbered, zip(key.columns, key.equality)).map { number, column in
            "t.\(SQLText.identifier(column.0)) \(column.1) d.\(number)"
        }
        let deltaKey = Self.text(numbered.map { "d.\($0)" })
        return SQLTemplate.render(
            "diff/source_rows",
            [
                "key_text": keyText(), "row_text": rowText, "delta_key_text": deltaKey,
                "keys": numbered.joined(separator: ", "), "window_keys": route.windowKeys(window.condition),
                "joins": joins.joined(separator: " AND "),
                "table": route.table.definition.sqlOnly, "conditions": conditions(chosen, atSource: true),
                "delta_conditions": isIn(chosen, deltaKey), "filter": filter(atSource: true).map { " AND \($0)" } ?? "",
            ])
    }

    private func rows(_ chosen: [Int64], atSource: Bool) -> String {
        SQLTemplate.render(
            "diff/receiver_rows",
            [
                "key_text": keyText(), "row_text": rowText,
                "table": atSource ? route.table.definition.sqlOnly : route.target.sqlOnly,
                "conditions": conditions(chosen, atSource: atSource),
            ])
    }

    /// The receiver has what passed the filter; whatever else it holds is a difference.
    private func filter(atSource: Bool) -> String? { atSource ? route.table.filter.map { "(\($0))" } : nil }

    private func isIn(_ chosen: [Int64], _ key: String) -> String {
        "hashtextextended(\(key), 1) & (\(buckets) - 1) = ANY ('\(chosen.postgresArray)'::bigint[])"
    }

    private func conditions(_ chosen: [Int64]?, atSource: Bool) -> String {
        let all = [chosen.map { isIn($0, keyText()) }, filter(atSource: atSource)].compactMap { $0 }
        return all.isEmpty ? "" : " WHERE " + all.joined(separator: " AND ")
    }

    // MARK: - Repair

    private var keyColumns: [String] { route.table.key?.columns ?? [] }
    private var numberedKeys: String { keyColumns.indices.map { "k\($0 + 1)" }.joined(separator: ", ") }

    /// Everything that the receiver's rows hold: also what does not travel would be lost with an extra row.
    private var whole: [String] { route.target.columns.map(\.name) }

    func saveHistory(_ stream: StreamID, reason: String) -> String {
        SQLTemplate.render(
            "diff/save_history",
            [
                "sync": SQLText.literal(stream.sync), "source": SQLText.literal(stream.source),
                "schema": SQLText.literal(route.name.schema), "table_name": SQLText.literal(route.name.table),
                "reason": SQLText.literal(reason), "columns": SQLText.literal(whole.postgresArray) + "::text[]",
                "values": whole.map { "t.\(SQLText.identifier($0))::text" }.joined(separator: ", "),
                "key_text": keyText(), "table": route.target.sqlOnly,
            ])
    }

    func keysOf(atSource: Bool) -> String {
        SQLTemplate.render(
            "diff/keys_of",
            [
                "keys": keyColumns.map { "t.\(SQLText.identifier($0))" }.joined(separator: ", "),
                "key_text": keyText(), "table": atSource ? route.table.definition.sqlOnly : route.target.sqlOnly,
            ])
    }

    /// What the receiver shows of the rows of some digests, and which versions they are. Nodes may have the columns in orders of their
    /// own, and are compared with one another.
    var stampedRows: String {
        guard let masters = route.masters, let key = route.receiverKey else { return "" }
        let delta = DeltaColumns(key, of: route.target)
        let numbered = (1...key.columns.count).map { "k\($0)" }
        let changed = masters.receiverDeltas.map { deltas in
            SQLTemplate.render(
                "multimaster/changed_keys",
                ["keys": delta.unnested, "delta_a": deltas.a, "delta_b": deltas.b, "window": "true", "more": ", op"])
        }
        let none =
            "SELECT \(delta.nulls), NULL::bigint AS txid, NULL::timestamptz AS at, NULL::bigint AS number, NULL::\"char\" AS op WHERE false"
        return SQLTemplate.render(
            "diff/stamped_rows",
            [
                "delta_key": Self.text(numbered.map { "d.\($0)" }),
                "version_key": Self.text(numbered.map { "v.\($0)" }),
                "key_text": keyText(),
                "row_text": Self.text(route.columns.sorted().map { "t.\(SQLText.identifier($0))" }),
                "table": route.target.sqlOnly, "changed": changed ?? none, "versions": "version_\(masters.receiverID)",
                "node": SQLText.literal(masters.receiver),
            ])
    }

    static let keyStageName = "pg_temp.switchback_keys"

    var keyStage: String {
        SQLTemplate.render(
            "diff/key_stage", ["stage": Self.keyStageName, "nulls": route.table.deltaColumns?.nulls ?? ""])
    }

    var touch: String {
        let counters = route.masters.flatMap { masters in
            route.table.counters.isEmpty
                ? nil : CounterObjects(table: route.table, id: route.sourceID, node: masters.source)
        }
        let counted = counters.map { $0.touch("SELECT DISTINCT \(numberedKeys) FROM \(Self.keyStageName)") + ";\n" }
        return (counted ?? "")
            + SQLTemplate.render(
                "diff/touch",
                [
                    "delta_a": route.deltaA, "delta_b": route.deltaB, "keys": numberedKeys, "stage": Self.keyStageName,
                    "elements": route.table.deltaColumns?.gathered ?? "",
                    "aggregates": route.table.deltaColumns?.aggregates ?? "",
                ])
    }
}
