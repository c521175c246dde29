import Model
import Postgres

/// How a table's rows travel between masters: as versions, each with who wrote it when.
extension TableRoute {
    /// Names of the stage's columns that no travelling column has.
    struct StageNames {
        let flag: String
        let origin: String
        let txid: String
        let micros: String
        let context: String
        let settled: String

        init(besides columns: [String]) {
            func name(_ wanted: String) -> String {
                var name = "switchback_\(wanted)"
                while columns.contains(name) { name += "_" }
                return name
            }
            (flag, origin, txid) = (name("alive"), name("origin"), name("txid"))
            (micros, context, settled) = (name("micros"), name("context"), name("settled"))
        }
    }

    private var names: StageNames { StageNames(besides: columns) }
    private func versions(_ id: Int) -> String { "version_\(id)" }

    // MARK: - At the source

    /// Reads the versions of the rows that changed in a window.
    func changedVersions(_ condition: String) -> String {
        guard let masters, let delta = table.deltaColumns, let key = table.key else { return changedRows }
        let own = zip(delta.columns, key.columns).map { delta, name in
            "coalesce(t.\(SQLText.identifier(name)), d.\(delta.arrayName))"
        }
        let others = columns.indices.dropFirst(keyCount).map {
            versionColumn($0, type: table.definition.column(columns[$0])?.bareType)
        }
        return SQLTemplate.render(
            "multimaster/versions_of",
            [
                "keys": delta.names, "versions": versions(sourceID), "table": table.definition.sqlOnly,
                "changed": changedKeys(deltaA, deltaB, condition), "joins": keyJoins(rows: "t", keys: "d", key),
                "version_joins": versionJoins("d", "v"), "context_joins": versionJoins("d", "x"),
                "node": SQLText.literal(masters.source), "alive": present(key.columns[0]),
                "columns": (own + others).joined(separator: ", "),
            ])
    }

    private func changedKeys(_ a: String, _ b: String, _ condition: String) -> String {
        SQLTemplate.render(
            "multimaster/changed_keys",
            ["keys": table.deltaColumns?.unnested ?? "", "delta_a": a, "delta_b": b, "window": condition])
    }

    /// A column of the version that an entry tells of: stored where the table shows another.
    private func versionColumn(_ index: Int, type: String?) -> String {
        let column = "t.\(SQLText.identifier(columns[index]))"
        return "CASE WHEN v.stored IS NULL THEN \(column) ELSE (v.stored)[\(index + 1)]::\(type ?? "text") END"
    }

    private func present(_ key: String) -> String { "t.\(SQLText.identifier(key)) IS DISTINCT FROM NULL" }

    // MARK: - At the receiver

    var makeVersionStage: String {
        let staged = columns.map { column in
            let type = target.column(column)?.domainBase.map { "::\($0)" } ?? ""
            return "t.\(SQLText.identifier(column))\(type)\(type.isEmpty ? "" : " AS \(SQLText.identifier(column))")"
        }
        return SQLTemplate.render(
            "multimaster/stage_table",
            stageValues.merging(["table": target.name.sql, "columns": staged.joined(separator: ", ")]) { $1 })
    }

    var copyIntoVersionStage: String {
        let more = [names.flag, names.origin, names.txid, names.micros, names.context]
        return "COPY \(stage) (\((more + columns.map(SQLText.identifier)).joined(separator: ", "))) FROM STDIN"
    }

    /// Where a version stands on its way: to be settled, being settled, settled. One that can be written as it is stands nowhere.
    enum Standing: Int {
        case unsettled = 1
        case chosen, settled
    }

    private func standing(_ standing: Standing?) -> String {
        standing.map { "s.\(names.settled) = \($0.rawValue)" } ?? "s.\(names.settled) IS NULL"
    }

    private var stageValues: [String: String] {
        [
            "stage": stage, "flag": names.flag, "origin": names.origin, "txid": names.txid, "micros": names.micros,
            "context": names.context, "settled": names.settled,
        ]
    }

    private func receiverRender(_ template: String, _ values: [String: String] = [:]) -> String {
        guard let masters, let key = receiverKey else { preconditionFailure("\(name) has no key between masters") }
        let delta = DeltaColumns(key, of: target)
        let own: [String: String] = [
            "keys": delta.names, "versions": versions(masters.receiverID), "target": target.sqlOnly,
            "version_joins": keyJoins("s", "v", key, toStage: true), "joins": keyJoins(rows: "t", stage: "s", key),
            "staged_keys": zip(key.columns, delta.columns).map { "s.\(SQLText.identifier($0)) AS \($1.arrayName)" }
                .joined(separator: ", "),
        ]
        return SQLTemplate.render(template, stageValues.merging(own) { $1 }.merging(values) { $1 })
    }

    /// The keys that the receiver changed itself, in a window or all.
    private func ownChanges(_ condition: String) -> String {
        guard let masters, let deltas = masters.receiverDeltas else {
            let nulls = table.deltaColumns?.nulls ?? ""
            return "SELECT \(nulls), NULL::bigint AS txid, NULL::timestamptz AS at, NULL::bigint AS number WHERE false"
        }
        return changedKeys(deltas.a, deltas.b, condition)
    }

    var raiseFloor: String { receiverRender("multimaster/raise_floor") }

    var lockRows: String {
        let order = (receiverKey?.columns ?? []).map { "t.\(SQLText.identifier($0))" }
        return receiverRender("multimaster/lock_rows", ["order": order.joined(separator: ", ")])
    }

    /// Marks what cannot simply be written.
    ///
    /// - Parameter theirs: what the sender had seen.
    func findUnseen(_ theirs: Knowledge) -> String {
        guard let masters, let key = receiverKey else { return "" }
        let window = theirs.snapshots[masters.receiver].map { Window(after: $0).condition } ?? "true"
        return receiverRender(
            "multimaster/find_unseen",
            [
                "changed": ownChanges(window), "delta_joins": keyJoins("s", "d", key, toStage: true),
                "unseen": theirs.lacksEntry, "sender": SQLText.literal(masters.source),
                "same_key": key.columns.enumerated().map { index, column in
                    let name = SQLText.identifier(column)
                    return "f.\(name) \(key.equality[index]) s.\(name)"
                }.joined(separator: " AND "),
                "unsettled": "\(Standing.unsettled.rawValue)",
            ])
    }

    /// Counts the staged rows that an application wrote after a snapshot of the receiver; nil where none writes.
    func findOvertaken(since snapshot: Snapshot) -> String? {
        guard masters?.receiverDeltas != nil, let key = receiverKey else { return nil }
        return receiverRender(
            "multimaster/find_overtaken",
            [
                "changed": ownChanges(Window(after: snapshot).condition),
                "delta_joins": keyJoins("s", "d", key, toStage: true),
            ])
    }

    /// Chooses some rows to be settled next.
    func chooseUnsettled(rowsMost: Int) -> String {
        let keys = (receiverKey?.columns ?? []).map(SQLText.identifier)
        return receiverRender(
            "multimaster/choose_unsettled",
            [
                "key_columns": keys.joined(separator: ", "), "rows_most": "\(rowsMost)",
                "is_unsettled": standing(.unsettled), "unsettled": "\(Standing.unsettled.rawValue)",
                "chosen": "\(Standing.chosen.rawValue)",
            ])
    }

    private var texts: String { columns.map { "s.\(SQLText.identifier($0))::text" }.joined(separator: ", ") }

    var stagedVersions: String {
        receiverRender("multimaster/staged_versions", ["columns": texts, "is_chosen": standing(.chosen)])
    }

    /// The versions that the receiver holds of the chosen rows.
    var ownVersions: String {
        guard let masters, let key = receiverKey else { return "" }
        let delta = DeltaColumns(key, of: target)
        let keys = delta.columns.map { "s.\($0.arrayName)::text" }
        let others = columns.indices.dropFirst(keyCount).map { index in
            "CASE WHEN v.stored IS NULL THEN t.\(SQLText.identifier(columns[index]))::text ELSE (v.stored)[\(index + 1)] END"
        }
        let sameKey = zip(delta.columns, key.equality).map { "c.\($0.arrayName) \($1) s.\($0.arrayName)" }
        return receiverRender(
            "multimaster/own_versions",
            [
                "is_chosen": standing(.chosen), "changed": ownChanges("true"),
                "same_key": sameKey.joined(separator: " AND "),
                "version_joins": keyJoins("s", "v", key, toStage: false),
                "context_joins": keyJoins("s", "x", key, toStage: false), "joins": keyJoins(rows: "t", keys: "s", key),
                "node": SQLText.literal(masters.receiver), "alive": present(key.columns[0]),
                "columns": (keys + others).joined(separator: ", "),
            ])
    }

    var forgetChosen: String { receiverRender("multimaster/forget_told", ["which": standing(.chosen)]) }
    var forgetPlain: String { receiverRender("multimaster/forget_told", ["which": standing(nil)]) }
    var takeOutChosen: String { receiverRender("multimaster/replace_staged", ["is_chosen": standing(.chosen)]) }

    /// Tells whose versions the table shows; the parameters are what the sender had seen, and the receiver's snapshot.
    var tellVersions: String { receiverRender("multimaster/tell_versions", ["is_plain": standing(nil)]) }

    /// Notes of the rows that were simply written that their conflicts are held no more.
    func decideStaged(sync: String) -> String {
        let keys = (receiverKey?.columns ?? []).map { "s.\(SQLText.identifier($0))::text" }
        return receiverRender(
            "multimaster/decide_staged",
            [
                "sync": SQLText.literal(sync), "schema": SQLText.literal(name.schema),
                "table_name": SQLText.literal(name.table), "key_texts": keys.joined(separator: ", "),
                "is_plain": standing(nil),
            ])
    }

    var stageSettledName: String { "settled_\(receiverRelation)" }
    /// Stages what is to be shown of a settled row: whether it is there, then the columns.
    var stageSettled: String {
        let parameters = columns.indices.map { "$\($0 + 2)" }
        return receiverRender(
            "multimaster/stage_settled",
            [
                "columns": list(columns), "parameters": parameters.joined(separator: ", "),
                "done": "\(Standing.settled.rawValue)",
            ])
    }

    var tellSettledName: String { "told_\(receiverRelation)" }
    /// Tells of one version of a settled row: the key's columns, origin, transaction, microseconds, whether the row is there,
    /// what is stored, the context, the receiver's snapshot.
    var tellSettled: String {
        let keys = (1...max(1, keyCount)).map { "$\($0)" }
        let more = ["origin", "txid", "micros", "alive", "stored", "context", "as_of"]
        let values = Dictionary(uniqueKeysWithValues: zip(more, (keyCount + 1)...).map { ($0, "$\($1)") })
        return receiverRender(
            "multimaster/tell_settled", values.merging(["parameters": keys.joined(separator: ", ")]) { $1 })
    }

    /// Ranks values of a column, given as an array.
    func rankValues(of column: String) -> String {
        let definition = target.column(column)
        let collation = definition?.isCollatable == true ? " COLLATE \"C\"" : ""
        return SQLTemplate.render("multimaster/rank_values", ["type": (definition?.bareType ?? "text") + collation])
    }

    // MARK: - Joins

    private func versionJoins(_ keys: String, _ entry: String) -> String {
        guard let key = table.key, let delta = table.deltaColumns else { return "false" }
        return zip(delta.columns, key.equality).map { "\(entry).\($0.arrayName) \($1) \(keys).\($0.arrayName)" }
            .joined(separator: " AND ")
    }

    /// Joins staged rows, under their columns' names or k1, k2, …, with what has its keys as k1, k2, ….
    private func keyJoins(_ staged: String, _ other: String, _ key: KeyDefinition, toStage: Bool) -> String {
        let delta = DeltaColumns(key, of: target)
        return zip(delta.columns, key.equality).map { column, equality in
            "\(other).\(column.arrayName) \(equality) \(staged).\(toStage ? column.name : column.arrayName)"
        }.joined(separator: " AND ")
    }

    private func keyJoins(rows: String, keys: String, _ key: KeyDefinition) -> String {
        let delta = DeltaColumns(key, of: target)
        return zip(delta.columns, key.equality).map { "\(rows).\($0.name) \($1) \(keys).\($0.arrayName)" }
            .joined(separator: " AND ")
    }

    private func keyJoins(rows: String, stage: String, _ key: KeyDefinition) -> String {
        zip(key.columns, key.equality).map {
            "\(rows).\(SQLText.identifier($0)) \($1) \(stage).\(SQLText.identifier($0))"
        }.joined(separator: " AND ")
    }
}
