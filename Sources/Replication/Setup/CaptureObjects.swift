import Model
import Postgres

/// The SQL objects that capture one table's changes, or that make it read-only.
struct CaptureObjects {
    let table: SelectedTable
    /// The table's number at its node, part of all its objects' names.
    let id: Int
    let node: String

    private var counterObjects: CounterObjects? {
        table.counters.isEmpty ? nil : CounterObjects(table: table, id: id, node: node)
    }

    /// A name of one of the table's objects: `delta_12_a`, `capture_12`.
    private func object(_ kind: String, _ suffix: String = "") -> String { "\(kind)_\(id)\(suffix)" }

    var deltaA: String { object("delta", "_a") }
    var deltaB: String { object("delta", "_b") }

    /// Makes the two delta tables.
    func deltaTables() -> [String] { deltaTables(of: table.name) }

    private func deltaTables(of name: TableName) -> [String] {
        guard let columns = table.deltaColumns else { return [] }
        return [deltaA, deltaB].map { delta in
            SQLTemplate.render(
                "capture/delta_table",
                [
                    "delta": delta,
                    "order": table.isMultiMaster
                        ? "\n    number bigint NOT NULL DEFAULT nextval('switchback.change')," : "",
                    "key_definitions": columns.definitions, "storage": columns.storage,
                    "comment": Self.comment(name),
                ])
        }
    }

    private static func comment(_ name: TableName) -> String { SQLText.literal("deltas of \(name)") }

    /// Has the delta tables say what they are the deltas of, after the table got another name.
    func describeDeltas() -> [String] {
        guard table.deltaColumns != nil else { return [] }
        return [deltaA, deltaB].map {
            SQLTemplate.render("capture/describe_deltas", ["delta": $0, "comment": Self.comment(table.name)])
        }
    }

    /// Has the delta tables say which columns were changed.
    private func trackColumns() -> [String] {
        guard table.tracksColumns else { return [] }
        return [deltaA, deltaB].map { SQLTemplate.render("capture/track_columns", ["delta": $0]) }
    }

    /// What the deltas mean: the kind of capture, the key's columns and their types. Deltas that were captured under another
    /// shape cannot be read.
    var shape: String { shape(of: table.name) }

    /// The same of the table when it had another name: that is in what describes its delta tables, and takes nothing away.
    func shape(of name: TableName) -> String {
        let numbers = table.key?.columns.map { "\(table.definition.column($0)?.number ?? 0)" } ?? []
        return Fingerprint.of(deltaTables(of: name) + numbers + [table.capture.rawValue])
    }

    /// Which columns are counted, at the end of the fingerprint: an engine that thinks otherwise must not go on.
    var counted: String { table.counters.isEmpty ? "" : ".\(Fingerprint.of(table.counters))" }

    /// Makes or replaces the trigger functions.
    func functions() -> [String] {
        guard let columns = table.deltaColumns else { return wholeFunctions }
        switch table.capture {
        case .whole: return wholeFunctions
        case .statement:
            let updates = table.tracksColumns ? [updateFunction(columns)] : []
            let counting = counterObjects.map { [$0.function(columns.functionSettings)] } ?? []
            return trackColumns() + updates + counting + [
                function(
                    "capture/statement_function", "", columns,
                    ["write_a": statementWrite(deltaA, columns), "write_b": statementWrite(deltaB, columns)]),
                function(
                    "capture/key_function", "_key", columns,
                    stamping.merging(["old_keys": columns.single("OLD")]) { $1 }),
                table.isMultiMaster ? truncateFunction(columns) : markFunction(kind: "truncate"),
            ]
        case .row:
            let row = function(
                "capture/row_function", "", columns,
                ["old_keys": columns.single("OLD"), "new_keys": columns.single("NEW"), "same_key": sameKey])
            let mark = markFunction(kind: "truncate")
            return table.definition.isPartitioned ? [row, mark] + partitionFunctions(columns) : [row, mark]
        }
    }

    /// The part of the statement's function that writes to one delta table, as far in as it stands there.
    private func statementWrite(_ delta: String, _ columns: DeltaColumns) -> String {
        let values = stamping.merging([
            "delta": delta, "singles": columns.single("changed"), "elements": columns.elements("changed"),
            "aggregates": columns.aggregates, "operation": SQLTemplate.render("capture/operation", indent: 8),
        ]) { $1 }
        return SQLTemplate.render("capture/statement_write", values, indent: 8)
    }

    /// Captures an UPDATE with the columns that it changed.
    private func updateFunction(_ columns: DeltaColumns) -> String {
        let key = zip(table.key?.columns ?? [], table.key?.equality ?? [])
        let joins = key.map { "c.\(SQLText.identifier($0)) \($1) b.\(SQLText.identifier($0))" }
        let numbers = table.columns.map { column in
            let name = SQLText.identifier(column)
            let number = table.definition.column(column)?.number ?? 0
            return "CASE WHEN pg_catalog.record_image_ne(ROW(b.\(name)), ROW(c.\(name))) THEN \(number) END"
        }
        let parts = [
            "joins": joins.joined(separator: " AND "), "numbers": numbers.joined(separator: ", "),
            "found": "b.\(SQLText.identifier(table.key?.columns.first ?? "")) IS DISTINCT FROM NULL",
            "keys": columns.names, "singles": columns.single("c"), "elements": columns.elements("c"),
            "aggregates": columns.aggregates,
        ].merging(stamping) { $1 }
        func few(_ delta: String) -> String {
            SQLTemplate.render("capture/changed_columns", parts.merging(["delta": delta]) { $1 }, indent: 12)
        }
        func many(_ delta: String) -> String {
            SQLText.literal(
                SQLTemplate.render("capture/changed_columns_many", parts.merging(["delta": delta]) { $1 }))
        }
        return function(
            "capture/update_function", "_update", columns,
            [
                "few_a": few(deltaA), "few_b": few(deltaB), "many_a_literal": many(deltaA),
                "many_b_literal": many(deltaB), "write_a": statementWrite(deltaA, columns),
                "write_b": statementWrite(deltaB, columns),
                "columns": SQLText.literal(table.definition.columns.map(\.name).postgresArray)
                    + "::pg_catalog.name[]",
            ])
    }

    /// When a change was made, and what tells the last of several: between masters neither is left to the clock alone.
    private var stamping: [String: String] {
        guard table.isMultiMaster else { return ["moment": "pg_catalog.clock_timestamp()", "order": ""] }
        return ["moment": "switchback.moment()", "order": "pg_catalog.nextval('switchback.change'), "]
    }

    private func truncateFunction(_ columns: DeltaColumns) -> String {
        let values = [
            "table": table.definition.sqlOnly, "elements": columns.elements("t"), "aggregates": columns.aggregates,
        ]
        return function("capture/truncate_function", "_mark", columns, stamping.merging(values) { $1 })
    }

    private var wholeFunctions: [String] {
        let mark = markFunction(kind: "whole")
        guard !table.hasOtherNames else { return [mark] }
        let values = ["function": object("capture"), "table_id": "\(id)"]
        return [SQLTemplate.render("capture/whole_function", values, commented: true), mark]
    }

    private func partitionFunctions(_ columns: DeltaColumns) -> [String] {
        let rows = function(
            "capture/rows_function", "_rows", columns,
            [
                "delta_a_literal": SQLText.literal(deltaA), "delta_b_literal": SQLText.literal(deltaB),
                "elements_literal": SQLText.literal(columns.elements("t")),
                "aggregates_literal": SQLText.literal(columns.aggregates),
            ])
        let values = [
            "function": object("capture", "_partition"), "rows_function": object("capture", "_rows"),
            "table_id": "\(id)",
        ]
        return [rows, SQLTemplate.render("capture/truncate_partition_function", values, commented: true)]
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
        let values = [
            "table": table.name.sql, "function": object("capture"), "key_function": object("capture", "_key"),
            "update_function": object("capture", table.tracksColumns ? "_update" : ""),
            "update_tables": (table.tracksColumns ? "OLD TABLE AS before " : "") + "NEW TABLE AS changed",
            "mark_function": object("capture", "_mark"), "key_changed": "NOT (\(sameKey))",
            "truncate_time": table.isMultiMaster ? "BEFORE" : "AFTER",
        ]
        let template =
            switch table.capture {
            case .statement: "capture/statement_triggers"
            case .row: "capture/row_triggers"
            case .whole: table.hasOtherNames ? "capture/whole_row_triggers" : "capture/whole_triggers"
            }
        // Statement triggers of the table do not fire for what is done to a partition under its own name.
        let truncated = table.definition.partitions.filter(\.isLeaf)
        let partition = object("capture", table.isWhole ? "_mark" : "_partition")
        return [SQLTemplate.render(template, values)] + (counterObjects.map { [$0.triggers()] } ?? [])
            + truncated.map {
                SQLTemplate.render("capture/partition_trigger", ["table": $0.name.sql, "function": partition])
            } + firing()
    }

    /// Has the triggers fire in every role, where that is ours to say.
    private func firing() -> [String] {
        guard table.firesAlways else { return [] }
        return wantedTriggers.flatMap { relation, triggers in
            triggers.map { trigger in
                SQLTemplate.render("capture/fire_always", ["table": relation.name.sql, "trigger": trigger])
            }
        }
    }

    /// The triggers that are to be on each table; clones that partitions have are not among them.
    var wantedTriggers: [(relation: (oid: UInt32, name: TableName), triggers: [String])] {
        let own = table.triggerNames.map { "switchback_capture_\($0)" }
        let leaves = table.definition.partitions.filter(\.isLeaf).map {
            (relation: (oid: $0.oid, name: $0.name), triggers: ["switchback_capture_truncate"])
        }
        return [(relation: (oid: table.definition.oid, name: table.name), triggers: own)] + leaves
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
