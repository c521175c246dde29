import Model
import Postgres

/// The SQL of a comparison of one table between a source and a receiver.
struct DiffText {
    let route: TableRoute
    let buckets: Int

    /// A key's text; of a table without a key, the whole row is the key.
    private func keyText(_ row: String = "t") -> String {
        text((route.table.key?.columns ?? route.columns).map { "\(row).\(SQLText.identifier($0))" })
    }

    private var rowText: String { text(route.columns.map { "t.\(SQLText.identifier($0))" }) }

    private func text(_ parts: [String]) -> String { "ROW(\(parts.joined(separator: ", ")))::text COLLATE \"C\"" }

    /// Rows of one key are unique, so that exclusive or tells them apart; equal rows without a key would cancel out.
    private var combine: String { route.table.isWhole ? "sum(hash)" : "bit_xor(hash)" }

    func bucketSums(atSource: Bool) -> String {
        SQLTemplate.render(
            "diff/buckets",
            [
                "key_text": keyText(), "row_text": rowText, "buckets": "\(buckets)", "combine": combine,
                "table": atSource ? route.table.definition.sqlOnly : route.target.sqlOnly,
                "filter": (atSource ? route.table.filter : nil).map { " WHERE (\($0))" } ?? "",
            ])
    }

    func receiverRows(_ chosen: [Int64]) -> String {
        SQLTemplate.render(
            "diff/receiver_rows",
            [
                "key_text": keyText(), "row_text": rowText, "buckets": "\(buckets)", "chosen": chosen.postgresArray,
                "table": route.target.sqlOnly, "filter": "",
            ])
    }

    func sourceRows(_ chosen: [Int64], _ window: Window) -> String {
        let filter = route.table.filter.map { " AND (\($0))" } ?? ""
        guard let key = route.table.key else {
            return SQLTemplate.render(
                "diff/receiver_rows",
                [
                    "key_text": keyText(), "row_text": rowText, "buckets": "\(buckets)",
                    "chosen": chosen.postgresArray, "table": route.table.definition.sqlOnly, "filter": filter,
                ])
        }
        let numbered = (1...key.columns.count).map { "k\($0)" }
        let joins = zip(numbered, zip(key.columns, key.equality)).map { number, column in
            "t.\(SQLText.identifier(column.0)) \(column.1) d.\(number)"
        }
        return SQLTemplate.render(
            "diff/source_rows",
            [
                "key_text": keyText(), "row_text": rowText, "delta_key_text": text(numbered.map { "d.\($0)" }),
                "keys": numbered.joined(separator: ", "), "window_keys": route.windowKeys(window.condition),
                "joins": joins.joined(separator: " AND "), "buckets": "\(buckets)",
                "chosen": chosen.postgresArray, "table": route.table.definition.sqlOnly, "filter": filter,
            ])
    }

    // MARK: - Repair

    private var keyColumns: [String] { route.table.key?.columns ?? [] }
    private var numberedKeys: String { keyColumns.indices.map { "k\($0 + 1)" }.joined(separator: ", ") }

    func saveHistory(_ stream: StreamID, reason: String) -> String {
        SQLTemplate.render(
            "diff/save_history",
            [
                "sync": SQLText.literal(stream.sync), "source": SQLText.literal(stream.source),
                "schema": SQLText.literal(route.name.schema), "table_name": SQLText.literal(route.name.table),
                "reason": SQLText.literal(reason), "columns": SQLText.literal(route.columns.postgresArray) + "::text[]",
                "values": route.columns.map { "t.\(SQLText.identifier($0))::text" }.joined(separator: ", "),
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

    static let keyStageName = "pg_temp.switchback_keys"

    var keyStage: String {
        SQLTemplate.render(
            "diff/key_stage", ["stage": Self.keyStageName, "nulls": route.table.deltaColumns?.nulls ?? ""])
    }

    var touch: String {
        SQLTemplate.render(
            "diff/touch",
            [
                "delta": route.deltaA, "keys": numberedKeys, "stage": Self.keyStageName,
                "elements": route.table.deltaColumns?.gathered ?? "",
                "aggregates": route.table.deltaColumns?.aggregates ?? "",
            ])
    }
}
