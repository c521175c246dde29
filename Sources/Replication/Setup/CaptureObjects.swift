import Model
import Postgres

/// The SQL objects that capture one table's changes, or that make it read-only.
struct CaptureObjects {
    let table: SelectedTable
    /// The table's number at its node, part of all its objects' names.
    let id: Int

    /// A name of one of the table's objects: `delta_12_a`, `capture_12`.
    private func object(_ kind: String, _ suffix: String = "") -> String { "\(kind)_\(id)\(suffix)" }

    var deltaA: String { object("delta", "_a") }
    var deltaB: String { object("delta", "_b") }

    /// Functions made for the table, whichever kind of capture it has or had; dropping them drops their triggers.
    static func functions(id: Int) -> [String] {
        ["capture_\(id)", "capture_\(id)_key", "capture_\(id)_mark", "capture_\(id)_partition"]
    }

    /// Makes the two delta tables.
    func deltaTables() -> [String] {
        guard let columns = table.deltaColumns else { return [] }
        return [deltaA, deltaB].map { delta in
            SQLTemplate.render(
                "capture/delta_table",
                [
                    "delta": delta, "key_definitions": columns.definitions, "storage": columns.storage,
                    "comment": SQLText.literal("deltas of \(table.name)"),
                ])
        }
    }

    /// Makes or replaces the trigger functions.
    func functions() -> [String] {
        guard let columns = table.deltaColumns else { return [markFunction(kind: "whole")] }
        let truncate = markFunction(kind: "truncate")
        switch table.capture {
        case .whole: return [markFunction(kind: "whole")]
        case .statement:
            return [
                function(
                    "capture/statement_function", "", columns,
                    ["elements": columns.elements("changed"), "aggregates": columns.aggregates]),
                function("capture/key_function", "_key", columns, ["old_keys": columns.single("OLD")]),
                truncate,
            ]
        case .row:
            let row = function(
                "capture/row_function", "", columns,
                ["old_keys": columns.single("OLD"), "new_keys": columns.single("NEW"), "same_key": sameKey])
            guard table.definition.isPartitioned else { return [row, truncate] }
            let partition = function(
                "capture/truncate_partition_function", "_partition", columns,
                [
                    "delta_a_literal": SQLText.literal(deltaA), "delta_b_literal": SQLText.literal(deltaB),
                    "elements_literal": SQLText.literal(columns.elements("t")),
                    "aggregates_literal": SQLText.literal(columns.aggregates),
                ])
            return [row, truncate, partition]
        }
    }

    private func function(
        _ template: String, _ suffix: String, _ columns: DeltaColumns, _ values: [String: String]
    ) -> String {
        let own = [
            "function": object("capture", suffix), "delta_a": deltaA, "delta_b": deltaB,
            "settings": columns.functionSettings,
        ]
        return SQLTemplate.render(template, values.merging(own) { $1 }, commented: true)
    }

    /// Puts the triggers on the table and its partitions.
    func triggers() -> [String] {
        let mark = object("capture", "_mark")
        switch table.capture {
        case .whole:
            return [
                SQLTemplate.render("capture/whole_triggers", ["table": table.name.sql, "mark_function": mark])
            ]
        case .statement:
            return [
                SQLTemplate.render(
                    "capture/statement_triggers",
                    [
                        "table": table.name.sql, "function": object("capture"),
                        "key_function": object("capture", "_key"), "mark_function": mark,
                        "key_changed": "NOT (\(sameKey))",
                    ])
            ]
        case .row:
            let own = SQLTemplate.render(
                "capture/row_triggers",
                ["table": table.name.sql, "function": object("capture"), "mark_function": mark])
            return [own]
                + table.definition.partitions.map {
                    SQLTemplate.render(
                        "capture/partition_trigger",
                        ["table": $0.name.sql, "function": object("capture", "_partition")])
                }
        }
    }

    /// Makes a table read-only to applications at a target.
    static func fence(_ definition: TableDefinition, node: String, sync: String) -> [String] {
        let values = [
            "table": definition.name.sql, "node": SQLText.literal(node), "sync": SQLText.literal(sync),
        ]
        guard definition.isPartitioned else { return [SQLTemplate.render("fence/statement_trigger", values)] }
        let partitions = definition.partitions.map { partition in
            SQLTemplate.render(
                "fence/statement_trigger", values.merging(["table": partition.name.sql]) { $1 })
        }
        return [SQLTemplate.render("fence/statement_trigger", values), SQLTemplate.render("fence/row_trigger", values)]
            + partitions
    }

    private func markFunction(kind: String) -> String {
        SQLTemplate.render(
            "capture/mark_function",
            ["function": object("capture", "_mark"), "table_id": "\(id)", "kind": SQLText.literal(kind)],
            commented: true)
    }

    private var sameKey: String {
        guard let key = table.key else { return "true" }
        return zip(key.columns, key.equality).map { column, equality in
            let name = SQLText.identifier(column)
            return "OLD.\(name) \(equality) NEW.\(name)"
        }.joined(separator: " AND ")
    }
}
