import Model
import Postgres

/// How one table travels from its source to one receiver: the statements at both ends, made once.
///
/// Rows travel as a flag whether the row is there, followed by `columns`, the key first.
struct TableRoute: Sendable {
    let name: TableName
    /// The table's number at the source; part of its delta tables' names.
    let sourceID: Int
    let sourceRelation: UInt32
    let receiverRelation: UInt32
    let table: SelectedTable
    let target: TableDefinition
    /// The key at the source, with the receiver's operators; nil when the table travels whole.
    let receiverKey: KeyDefinition?
    let deltaA: String
    let deltaB: String

    var keyCount: Int { table.key?.columns.count ?? 0 }
    var columns: [String] { table.columns }

    /// Whether single rows can be written one by one. Otherwise they are staged, which every table allows.
    var takesSingleRows: Bool {
        guard let key = receiverKey else { return false }
        let identityBesidesKey = table.columns.dropFirst(keyCount).contains {
            target.column($0)?.identityAlways ?? false
        }
        return key.immediate && target.deferrable.isEmpty && !identityBesidesKey
            && !(target.hasInheritance || target.isPartition)
    }

    /// Whether rows that are new can be copied straight into the table. Constraints that replica role does not check are
    /// looked at in the stage.
    var takesInsertedRows: Bool { receiverKey?.immediate == true && target.deferrable.isEmpty }

    // MARK: - At the source

    /// Reads the changed rows of a window given as parameters 1 and 2.
    var changedRows: String { changedRows(Window.parameterised) }

    /// Reads the changed rows of a window, for COPY.
    func changedRows(_ window: Window) -> String { changedRows(window.condition) }

    private func changedRows(_ condition: String) -> String {
        guard let key = table.key, let deltaColumns = table.deltaColumns else { return allRows }
        let keys = zip(deltaColumns.columns, key.columns).map { delta, name in
            "coalesce(t.\(SQLText.identifier(name)), d.\(delta.arrayName))"
        }
        let others = table.columns.dropFirst(keyCount).map { "t.\(SQLText.identifier($0))" }
        return SQLTemplate.render(
            "stream/changed_rows",
            [
                "keys": deltaColumns.names, "window_keys": windowKeys(condition),
                "table": table.definition.sqlOnly, "joins": keyJoins,
                "first_key": "t.\(SQLText.identifier(key.columns[0]))",
                "columns": (keys + others).joined(separator: ", "),
                "filter": table.filter.map { " AND (\($0))" } ?? "",
            ])
    }

    /// Reads the rows of a window in which nothing but insertions happened to the table, for COPY.
    func insertedRows(_ window: Window) -> String {
        SQLTemplate.render(
            "stream/inserted_rows",
            [
                "window_keys": windowKeys(window.condition), "table": table.definition.sqlOnly, "joins": keyJoins,
                "columns": list(table.columns, of: "t"), "filter": table.filter.map { " AND (\($0))" } ?? "",
            ])
    }

    /// The keys of a window's changes, under the names that they have in the delta tables.
    func windowKeys(_ condition: String) -> String {
        SQLTemplate.render(
            "stream/window_keys",
            [
                "keys": table.deltaColumns?.unnested ?? "", "delta_a": deltaA, "delta_b": deltaB, "window": condition,
            ])
    }

    /// Tells how much lies in a window given as parameters 1 and 2.
    var probe: String {
        SQLTemplate.render(
            "stream/probe", ["delta_a": deltaA, "delta_b": deltaB, "window": Window.parameterised])
    }

    /// Tells how many bytes the changed rows of a window given as parameters 1 and 2 take.
    var storedBytes: String {
        let sizes = table.columns.map { "coalesce(pg_column_size(t.\(SQLText.identifier($0))), 0)" }
        return SQLTemplate.render(
            "stream/stored_bytes",
            [
                "keys": table.deltaColumns?.names ?? "", "window_keys": windowKeys(Window.parameterised),
                "table": table.definition.sqlOnly, "joins": keyJoins, "sizes": sizes.joined(separator: " + "),
            ])
    }

    /// The condition that joins a key out of a delta table, d, with its row, t.
    private var keyJoins: String {
        guard let key = table.key, let columns = table.deltaColumns?.columns else { return "false" }
        return zip(columns, key.equality).map { "t.\($0.name) \($1) d.\($0.arrayName)" }.joined(separator: " AND ")
    }

    /// Reads every row.
    var allRows: String {
        SQLTemplate.render(
            "stream/all_rows",
            [
                "table": table.definition.sqlOnly, "columns": list(table.columns, of: "t"),
                "filter": table.filter.map { " WHERE (\($0))" } ?? "",
            ])
    }

    // MARK: - At the receiver

    /// Names of the statements that are prepared once a session.
    var probeName: String { "probe_\(sourceID)" }
    var storedBytesName: String { "stored_\(sourceID)" }
    var upsertName: String { "upsert_\(receiverRelation)" }
    var deleteName: String { "delete_\(receiverRelation)" }
    var changedRowsName: String { "changed_\(sourceID)" }

    /// Writes one row; parameters are the columns.
    var upsert: String {
        let keys = receiverKey?.columns ?? []
        return SQLTemplate.render(
            "apply/upsert",
            [
                "table": target.name.sql, "columns": list(table.columns),
                "parameters": (1...table.columns.count).map { "$\($0)" }.joined(separator: ", "), "keys": list(keys),
                "action": updatable.isEmpty
                    ? "DO NOTHING"
                    : SQLTemplate.render(
                        "apply/upsert_action",
                        [
                            "assignments": assignments(from: "excluded"), "existing": list(table.columns, of: "t"),
                            "incoming": list(table.columns, of: "excluded"),
                        ]),
            ])
    }

    /// Deletes one row; parameters are the key's columns.
    var delete: String {
        let conditions = zip(table.key?.columns ?? [], 1...).map { column, number in
            let type = target.column(column)?.bareType ?? "text"
            return "t.\(SQLText.identifier(column)) \(equality(column)) $\(number)::\(type)"
        }
        return SQLTemplate.render(
            "apply/delete", ["table": target.sqlOnly, "condition": conditions.joined(separator: " AND ")])
    }

    /// The temporary table at the receiver.
    var stage: String { "pg_temp.switchback_stage_\(receiverRelation)" }

    var makeStage: String {
        SQLTemplate.render(
            "apply/stage_table",
            ["stage": stage, "table": target.name.sql, "columns": list(table.columns)])
    }

    var copyIntoStage: String { "COPY \(stage) (switchback_alive, \(list(table.columns))) FROM STDIN" }

    /// Deletes the rows that the stage says are gone.
    var mergeDelete: String { SQLTemplate.render("apply/merge_delete", mergeValues) }

    /// Makes rows equal to the staged ones; nil when there is no column that could differ.
    var mergeUpdate: String? {
        guard !updatable.isEmpty else { return nil }
        var values = mergeValues
        values["assignments"] = assignments(from: "s")
        return SQLTemplate.render("apply/merge_update", values)
    }

    /// Inserts the staged rows that are not there.
    var mergeInsert: String { SQLTemplate.render("apply/merge_insert", mergeValues) }

    /// Brings the table to the staged rows by taking out what differs and putting it in again: slower, and right also
    /// where unique values change places and where columns cannot be updated.
    var replace: [String] {
        [
            SQLTemplate.render("apply/merge_remove_changed", mergeValues),
            SQLTemplate.render("apply/merge_insert", mergeValues),
        ]
    }

    /// Whether `merge` can be tried first.
    var canMerge: Bool {
        !table.columns.dropFirst(keyCount).contains { target.column($0)?.identityAlways ?? false }
    }

    var insertAll: String { SQLTemplate.render("apply/insert_all", mergeValues) }

    var deleteAll: String { "DELETE FROM \(target.sqlOnly)" }

    /// Looks for clashes with the constraints that replica role does not check.
    var clashChecks: [(constraint: String, sql: String)] {
        guard let key = receiverKey else { return [] }
        let same = key.columns.map { "a.\(SQLText.identifier($0)) \(equality($0)) b.\(SQLText.identifier($0))" }
        let joins = key.columns.map { "a.\(SQLText.identifier($0)) \(equality($0)) s.\(SQLText.identifier($0))" }
        return target.deferrable.map { constraint in
            // Rows of one key are one row only where the key is checked; the physical row decides where it is not.
            let oneRow = key.immediate ? same.joined(separator: " AND ") : "a.ctid = b.ctid AND a.tableoid = b.tableoid"
            return (
                constraint.name,
                SQLTemplate.render(
                    "apply/find_clash",
                    [
                        "keys": list(key.columns, of: "a"), "target": target.sqlOnly, "stage": stage,
                        "joins": joins.joined(separator: " AND "), "clash": constraint.clash, "same": oneRow,
                    ])
            )
        }
    }

    // MARK: - Parts

    private var mergeValues: [String: String] {
        let joins = (receiverKey?.columns ?? []).map {
            "t.\(SQLText.identifier($0)) \(equality($0)) s.\(SQLText.identifier($0))"
        }
        return [
            "table": target.name.sql, "target": target.sqlOnly, "stage": stage,
            "joins": joins.isEmpty ? "false" : joins.joined(separator: " AND "), "columns": list(table.columns),
            "staged": list(table.columns, of: "s"), "existing": list(table.columns, of: "t"),
            "incoming": list(table.columns, of: "s"),
        ]
    }

    /// Columns that an UPDATE may set. An identity key cannot be set, and need not: its values have one form each.
    private var updatable: [String] {
        table.columns.filter { !(target.column($0)?.identityAlways ?? false) }
    }

    private func assignments(from row: String) -> String {
        updatable.map { "\(SQLText.identifier($0)) = \(row).\(SQLText.identifier($0))" }.joined(separator: ", ")
    }

    private func equality(_ column: String) -> String {
        guard let key = receiverKey, let index = key.columns.firstIndex(of: column) else {
            return "OPERATOR(pg_catalog.=)"
        }
        return key.equality[index]
    }

    private func list(_ columns: [String], of row: String? = nil) -> String {
        columns.map { (row.map { "\($0)." } ?? "") + SQLText.identifier($0) }.joined(separator: ", ")
    }
}
