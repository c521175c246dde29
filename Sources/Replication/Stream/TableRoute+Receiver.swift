import Model
import Postgres

/// What is written at the receiver.
extension TableRoute {
    // MARK: - Row by row

    /// Names of the statements that are prepared once a session.
    func upsertName(rows: Int) -> String { "upsert_\(receiverRelation)_\(rows)" }
    var deleteName: String { "delete_\(receiverRelation)" }

    /// How many rows one statement writes, most first: to start a statement costs several times what a row costs.
    var upsertSizes: [Int] {
        // A statement of very many parameters is dear to plan.
        [64, 8, 1].filter { $0 == 1 || $0 * columns.count <= 2048 }
    }

    /// Writes so many rows; parameters are the columns of the first, then those of the next.
    func upsert(rows: Int) -> String {
        let keys = receiverKey?.columns ?? []
        let lines = (0..<rows).map { row in
            "(" + columns.indices.map { "$\(row * columns.count + $0 + 1)" }.joined(separator: ", ") + ")"
        }
        return SQLTemplate.render(
            "apply/upsert",
            [
                "table": target.name.sql, "columns": list(columns),
                "rows": lines.joined(separator: ", "), "keys": list(keys),
                "action": updatable.isEmpty
                    ? "DO NOTHING"
                    : SQLTemplate.render(
                        "apply/upsert_action",
                        [
                            "assignments": assignments(updatable, from: "excluded"),
                            "existing": list(columns, of: "t"), "incoming": list(columns, of: "excluded"),
                        ]),
            ])
    }

    /// Deletes one row; parameters are the key's columns.
    var delete: String {
        let conditions = zip(table.key?.columns ?? [], 1...).map { column, number in
            let definition = target.column(column)
            let collation = definition?.collation.map { " COLLATE \($0)" } ?? ""
            let type = definition?.domainBase ?? definition?.bareType ?? "text"
            return "t.\(SQLText.identifier(column)) \(equality(column)) $\(number)::\(type)\(collation)"
        }
        return SQLTemplate.render(
            "apply/delete", ["table": target.sqlOnly, "condition": conditions.joined(separator: " AND ")])
    }

    // MARK: - Stages

    /// The temporary table at the receiver for rows that are there, and for others where there is a flag.
    var stage: String { "pg_temp.switchback_stage_\(receiverRelation)" }
    /// For the keys of rows that are gone, where there is no flag.
    private var goneStage: String { isWide ? "pg_temp.switchback_gone_\(receiverRelation)" : stage }
    /// For columns that the receiver has for itself.
    private var kept: String { "pg_temp.switchback_kept_\(receiverRelation)" }

    /// The flag's name: one that no column has.
    private var flag: String { stageName("alive") }

    /// A name of a stage's column that no travelling column has.
    func stageName(_ wanted: String) -> String {
        var name = "switchback_\(wanted)"
        while columns.contains(name) { name += "_" }
        return name
    }

    /// Columns of the receiver that do not travel.
    private var ownColumns: [String] {
        target.columns.filter { !$0.generated && !$0.identityAlways && !columns.contains($0.name) }.map(\.name)
    }

    private var keyColumns: [String] { receiverKey?.columns ?? [] }

    /// Makes the temporary tables.
    var makeStages: [String] {
        if masters != nil { return [makeVersionStage] + (ownColumns.isEmpty ? [] : [makeKept]) }
        let staged = stagedColumns
        var tables = [(stage, (isWide ? [] : ["true AS \(flag)"]) + staged)]
        if isWide { tables.append((goneStage, Array(staged.prefix(keyCount)))) }
        let more = ownColumns.isEmpty ? [] : [makeKept]
        return more
            + tables.map { stage, columns in
                SQLTemplate.render(
                    "apply/stage_table",
                    ["stage": stage, "table": target.name.sql, "columns": columns.joined(separator: ", ")])
            }
    }

    /// What a stage has of t: domains without their checks.
    var stagedColumns: [String] {
        columns.map { column in
            let type = target.column(column)?.domainBase.map { "::\($0)" } ?? ""
            return "t.\(SQLText.identifier(column))\(type)\(type.isEmpty ? "" : " AS \(SQLText.identifier(column))")"
        }
    }

    private var makeKept: String {
        SQLTemplate.render(
            "apply/stage_table",
            ["stage": kept, "table": target.name.sql, "columns": list(keyColumns + ownColumns, of: "t")])
    }

    var copyIntoStage: String { "COPY \(stage) (\(isWide ? "" : flag + ", ")\(list(columns))) FROM STDIN" }
    var copyIntoGone: String { "COPY \(goneStage) (\(list(Array(columns.prefix(keyCount))))) FROM STDIN" }

    // MARK: - Many rows

    /// Deletes the rows that the stage says are gone.
    var mergeDelete: String { SQLTemplate.render("apply/merge_delete", mergeValues) }

    /// Makes rows equal to the staged ones; nil when there is no column that could differ.
    var mergeUpdate: String? {
        guard !updatable.isEmpty else { return nil }
        let values = mergeValues.merging(["assignments": assignments(updatable, from: "s")]) { $1 }
        return SQLTemplate.render("apply/merge_update", values)
    }

    /// Inserts the staged rows that are not there.
    var mergeInsert: String { SQLTemplate.render("apply/merge_insert", mergeValues) }

    /// Brings the table to the staged rows by taking out what differs and putting it in again: slower, and right also
    /// where unique values change places and where columns cannot be updated.
    var replace: [String] {
        [mergeDelete] + keeping([SQLTemplate.render("apply/merge_remove_changed", mergeValues), mergeInsert])
    }

    /// Takes the staged rows out, where they differ or are gone, and saves the columns that do not travel.
    var removeStaged: [String] {
        [mergeDelete] + keepOwn.before + [SQLTemplate.render("apply/merge_remove_changed", mergeValues)]
    }

    /// Gives rows that were put in again the columns back that do not travel.
    var restoreOwn: [String] { keepOwn.after }

    /// Surrounds statements that take rows out with ones that save the columns that do not travel.
    private func keeping(_ statements: [String]) -> [String] {
        keepOwn.before + statements + keepOwn.after
    }

    private var keepOwn: (before: [String], after: [String]) {
        guard !ownColumns.isEmpty else { return ([], []) }
        let values = [
            "kept": kept, "target": target.sqlOnly, "stage": stage, "joins": joins,
            "columns": list(keyColumns + ownColumns, of: "t"), "assignments": assignments(ownColumns, from: "s"),
            "existing": list(ownColumns, of: "t"), "incoming": list(ownColumns, of: "s"),
        ]
        return (
            [SQLTemplate.render("apply/keep_own", values)], [SQLTemplate.render("apply/restore_own", values)]
        )
    }

    /// Whether `merge` can be tried first.
    var canMerge: Bool {
        !columns.dropFirst(keyCount).contains { target.column($0)?.identityAlways ?? false }
    }

    var insertAll: String { SQLTemplate.render("apply/insert_all", mergeValues) }

    var deleteAll: String { "DELETE FROM \(target.sqlOnly)" }

    /// Looks for clashes with the constraints that replica role does not check.
    var clashChecks: [(constraint: String, sql: String)] { clashChecks(which: "") }

    /// The same for some staged rows; the parameter is their places.
    var clashChecksOfSome: [(constraint: String, sql: String)] { clashChecks(which: " AND s.ctid = ANY ($1::tid[])") }

    private func clashChecks(which: String) -> [(constraint: String, sql: String)] {
        guard let key = receiverKey else { return [] }
        let numbered = zip(numberedKeys, key.columns)
        let keys = numbered.map { "t.\(SQLText.identifier($1)) AS \($0)" }
        let joins = numbered.map { "a.\($0) \(equality($1)) s.\(SQLText.identifier($1))" }
        let same = numbered.map { "a.\($0) \(equality($1)) b.\($0)" }
        return target.deferrable.map { constraint in
            // Rows of one key are one row only where the key is checked; the physical row decides where it is not.
            let oneRow = key.immediate ? same.joined(separator: " AND ") : "a.place = b.place AND a.part = b.part"
            return (
                constraint.name,
                SQLTemplate.render(
                    "apply/find_clash",
                    [
                        "keys": keys.joined(separator: ", "), "target": target.sqlOnly, "stage": stage,
                        "key_names": numberedKeys.map { "a.\($0)" }.joined(separator: ", "),
                        "looks_at": constraint.looksAt, "where": constraint.condition.map { " WHERE \($0)" } ?? "",
                        "joins": joins.joined(separator: " AND "), "clash": constraint.clash, "same": oneRow,
                        "alive": alive, "which": which,
                    ])
            )
        }
    }

    // MARK: - Parts

    private var alive: String { isWide ? "true" : "s.\(flag)" }

    private var joins: String {
        keyColumns.isEmpty
            ? "false"
            : keyColumns.map { "t.\(SQLText.identifier($0)) \(equality($0)) s.\(SQLText.identifier($0))" }
                .joined(separator: " AND ")
    }

    private var mergeValues: [String: String] {
        // A stage has no domains, and only rows of the same types can be compared.
        let existing = columns.map { column in
            "t.\(SQLText.identifier(column))" + (target.column(column)?.domainBase.map { "::\($0)" } ?? "")
        }
        return [
            "table": target.name.sql, "target": target.sqlOnly, "stage": stage, "gone_stage": goneStage,
            "joins": joins, "columns": list(columns), "staged": list(columns, of: "s"),
            "existing": existing.joined(separator: ", "), "incoming": list(columns, of: "s"), "alive": alive,
            "gone": isWide ? "true" : "NOT s.\(flag)",
        ]
    }

    /// Columns that an UPDATE may set. An identity key cannot be set, and need not: its values have one form each.
    private var updatable: [String] {
        columns.filter { !(target.column($0)?.identityAlways ?? false) }
    }

    private func assignments(_ columns: [String], from row: String) -> String {
        columns.map { "\(SQLText.identifier($0)) = \(row).\(SQLText.identifier($0))" }.joined(separator: ", ")
    }

    private func equality(_ column: String) -> String {
        guard let key = receiverKey, let index = key.columns.firstIndex(of: column) else {
            return "OPERATOR(pg_catalog.=)"
        }
        return key.equality[index]
    }
}
