import Model
import Postgres

/// How a table's rows travel between masters: as versions, each with who wrote it when.
extension TableRoute {
    func versions(_ id: Int) -> String { "version_\(id)" }

    // MARK: - At the source

    /// Reads the versions of the rows that changed in a window.
    ///
    /// - Parameter known: what the receiver has seen, in a sync with links: rows of which it knows all versions stay here.
    func changedVersions(_ condition: String, unless known: Knowledge? = nil) -> String {
        guard let masters, let delta = table.deltaColumns, let key = table.key else { return changedRows }
        let own = zip(delta.columns, key.columns).map { delta, name in
            "coalesce(t.\(SQLText.identifier(name)), d.\(delta.arrayName))"
        }
        let others = columns.indices.dropFirst(keyCount).map {
            versionColumn($0, type: table.definition.column(columns[$0])?.bareType)
        }
        let window = masters.tracksColumns ? "true" : condition
        let changed = changedKeys(deltaA, deltaB, window)
        let more = stampParts("d", change: "d", versions(sourceID), key)
        let told = [more.columns, sentCounts("d", key)].filter { !$0.isEmpty }
        return SQLTemplate.render(
            "multimaster/versions_of",
            [
                "more": told.map { ", \($0)" }.joined(), "more_joins": more.joins,
                "versions": versions(sourceID), "table": table.definition.sqlOnly,
                "changed": lastChange(
                    changed, window: condition, of: table.definition, versions(sourceID), key, at: masters.source),
                "joins": join(.columns("t"), .numbered("d"), key),
                "version_joins": join(.numbered("v"), .numbered("d"), key),
                "context_joins": join(.numbered("x"), .numbered("d"), key),
                "node": SQLText.literal(masters.source), "alive": present(key.columns[0]),
                "columns": (own + others).joined(separator: ", "), "which": known.map { isNews($0, key) } ?? "",
            ])
    }

    /// Notes at the source which conflicts are decided by what was written there; nil for a table of an ordinary sync.
    var decideWritten: String? {
        guard masters != nil, let delta = table.deltaColumns, let key = table.key else { return nil }
        return SQLTemplate.render(
            "multimaster/decide_written",
            [
                "changed": sourceChanges,
                "same_key": delta.matches(
                    texts: "c.key_values", delta.columns.map { "o.\($0.arrayName)" }, key.equality),
            ])
    }

    /// Lets rows out of quarantine, at the source, under whose key something was written there since.
    var leaveWritten: String? {
        guard masters != nil, table.deltaColumns != nil, let key = table.key else { return nil }
        return leaveWritten(sourceChanges, versions(sourceID), key)
    }

    private func isNews(_ known: Knowledge, _ key: KeyDefinition) -> String {
        let source = SQLText.literal(masters?.source ?? "")
        return SQLTemplate.render(
            "multimaster/is_news",
            [
                "own_is_news": known.lacks(origin: source, transaction: "d.txid"), "versions": versions(sourceID),
                "version_joins": join(.numbered("v"), .numbered("d"), key), "unseen": known.lacksEntry,
            ])
    }

    private func changedKeys(_ a: String, _ b: String, _ condition: String) -> String {
        SQLTemplate.render(
            "multimaster/changed_keys",
            [
                "keys": table.deltaColumns?.unnested ?? "", "delta_a": a, "delta_b": b, "window": condition,
                "more": (masters?.tracksColumns == true ? ", columns" : "") + (masters?.hasLinks == true ? ", op" : ""),
            ])
    }

    /// The query for the last change of each row at one end, with the stamps of its columns where the rule needs them.
    ///
    /// - Parameters:
    ///   - changed: the query for changes in a window; of all changes where the rule needs stamps.
    ///   - window: the condition on the transaction.
    func lastChange(
        _ changed: String, window: String, of definition: TableDefinition, _ versions: String, _ key: KeyDefinition,
        at node: String
    ) -> String {
        let keys = numberedKeys.joined(separator: ", ")
        guard let masters, masters.tracksColumns else {
            let template =
                masters?.hasLinks == true ? "multimaster/last_change_or_handed_on" : "multimaster/last_change"
            return SQLTemplate.render(template, ["keys": keys, "changed": changed])
        }
        let told = columns.enumerated().map { index, column in
            let number = definition.column(column)?.number ?? 0
            return
                "max(told COLLATE \"C\") FILTER (WHERE columns IS NULL OR \(number) = ANY (columns)) AS told\(index + 1)"
        }
        return SQLTemplate.render(
            "multimaster/last_change_by_column",
            [
                "keys": keys, "changed": changed, "window": window, "versions": versions,
                "seen_joins": join(.numbered("x"), .numbered("c"), key), "node": SQLText.literal(node),
                "told": told.joined(separator: ", "), "own": masters.hasLinks ? " FILTER (WHERE op <> 'f')" : "",
                "op": masters.hasLinks ? ", op" : "", "is_own": masters.hasLinks ? "op <> 'f' AND " : "",
            ])
    }

    /// What the source knows of a row's counters.
    private func sentCounts(_ row: String, _ key: KeyDefinition) -> String {
        guard let masters, !masters.counters.isEmpty else { return "" }
        return SQLTemplate.render(
            "multimaster/sent_counts",
            [
                "counters": CounterObjects.tableName(sourceID),
                "joins": join(.numbered("x"), .numbered(row), key),
            ])
    }

    /// What a version tells besides, and what that is read from.
    ///
    /// - Parameters:
    ///   - row: what has the key.
    ///   - change: what `lastChange` answered.
    ///   - isThere: whether the row is in the table; nil where t is its row there.
    func stampParts(
        _ row: String, change: String, _ versions: String, _ key: KeyDefinition, isThere: String? = nil
    ) -> (columns: String, joins: String) {
        guard let masters, masters.tracksColumns else { return ("", "") }
        let stored = columns.indices.map { index in
            let stamp = SQLTemplate.render(
                "multimaster/stored_stamp", ["stamp": "(x.stamps ->> \(SQLText.literal(columns[index])))"])
            return "max(\(stamp) COLLATE \"C\") AS stored\(index + 1)"
        }
        let joins = SQLTemplate.render(
            "multimaster/stored_stamps",
            [
                "stored": stored.joined(separator: ", "), "versions": versions,
                "version_joins": join(.numbered("x"), .numbered(row), key),
            ])
        let stamps = columns.indices.map { index in
            "split_part(greatest(\(change).told\(index + 1), st.stored\(index + 1)), E'\\x02', 2)"
        }
        let names = columns.map(SQLText.literal).joined(separator: ", ")
        return (
            "CASE WHEN v.origin IS NOT NULL THEN v.stamps WHEN \(isThere ?? present(key.columns[0])) THEN jsonb_object(ARRAY[\(names)], ARRAY[\(stamps.joined(separator: ", "))]::text[]) END",
            "\n  LEFT JOIN LATERAL (\(joins)) AS st ON true"
        )
    }

    /// A column of the version that an entry tells of: stored where the table shows another.
    private func versionColumn(_ index: Int, type: String?) -> String {
        let column = "t.\(SQLText.identifier(columns[index]))"
        return "CASE WHEN v.stored IS NULL THEN \(column) ELSE \(stored(index))::\(type ?? "text") END"
    }

    /// The value of a column in a stored version, as text.
    private func stored(_ index: Int) -> String { "(v.stored ->> \(SQLText.literal(columns[index])))" }

    private func present(_ key: String) -> String { "t.\(SQLText.identifier(key)) IS DISTINCT FROM NULL" }

    // MARK: - At the receiver

    var makeVersionStage: String {
        return SQLTemplate.render(
            "multimaster/stage_table",
            stageValues.merging([
                "table": target.name.sql, "columns": stagedColumns.joined(separator: ", "),
                "more": stagedStamps.map { ", NULL::jsonb AS \($0)" }.joined()
                    + stagedCounts.map { ", NULL::text AS \($0)" }.joined(),
            ]) { $1 })
    }

    var copyIntoVersionStage: String {
        let more = ["alive", "origin", "txid", "micros", "context"].map(stageName) + stagedStamps + stagedCounts
        return "COPY \(stage) (\((more + columns.map(SQLText.identifier)).joined(separator: ", "))) FROM STDIN"
    }

    /// What else a version tells under some rules, by the names of the stage's columns.
    var stagedStamps: [String] { masters?.tracksColumns == true ? [stageName("stamps")] : [] }
    var stagedCounts: [String] { masters?.counters.isEmpty == false ? [stageName("counts")] : [] }
    var flagName: String { stageName("alive") }

    /// How many columns a version has before those of the table.
    var versionColumns: Int { 5 + stagedStamps.count }

    /// Where a version stands on its way: to be settled, being settled, settled. One that can be written as it is stands nowhere.
    enum Standing: Int {
        case unsettled = 1
        case chosen, settled
        /// Settled, or as it came, and refused by the table.
        case hidden
    }

    func standing(_ standing: Standing?) -> String {
        let column = "s.\(stageName("settled"))"
        return standing.map { "\(column) = \($0.rawValue)" } ?? "\(column) IS NULL"
    }

    private var stageValues: [String: String] {
        [
            "stage": stage, "flag": stageName("alive"), "origin": stageName("origin"), "txid": stageName("txid"),
            "micros": stageName("micros"),
            "context": stageName("context"), "settled": stageName("settled"), "absent": stageName("absent"),
        ]
    }

    func receiverRender(_ template: String, _ values: [String: String] = [:]) -> String {
        guard let masters, let key = receiverKey else { preconditionFailure("\(name) has no key between masters") }
        let delta = DeltaColumns(key, of: target)
        let own: [String: String] = [
            "keys": delta.names, "versions": versions(masters.receiverID), "target": target.sqlOnly,
            "version_joins": join(.numbered("v"), .columns("s"), key), "joins": join(.columns("t"), .columns("s"), key),
            "staged_keys": zip(key.columns, delta.columns).map { "s.\(SQLText.identifier($0)) AS \($1.arrayName)" }
                .joined(separator: ", "),
        ]
        return SQLTemplate.render(template, stageValues.merging(own) { $1 }.merging(values) { $1 })
    }

    /// The keys that the receiver changed itself, in a window or all.
    func ownChanges(_ condition: String) -> String {
        guard let deltas = masters?.receiverDeltas else {
            let nulls = table.deltaColumns?.nulls ?? ""
            let more =
                (masters?.tracksColumns == true ? ", NULL::smallint[] AS columns" : "")
                + (masters?.hasLinks == true ? ", NULL::\"char\" AS op" : "")
            return
                "SELECT \(nulls), NULL::bigint AS txid, NULL::timestamptz AS at, NULL::bigint AS number\(more) WHERE false"
        }
        return ownChanges(deltas.a, deltas.b, condition)
    }

    /// The keys that the source changed itself.
    var sourceChanges: String { ownChanges(deltaA, deltaB, "true") }

    /// What came from others and is handed on was not changed here.
    private func ownChanges(_ a: String, _ b: String, _ condition: String) -> String {
        changedKeys(a, b, masters?.hasLinks == true ? "\(condition) AND op <> 'f'" : condition)
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
                "changed": ownChanges(window), "delta_joins": join(.numbered("d"), .columns("s"), key),
                "unseen": theirs.lacksEntry,
                // What is handed on comes with all that its writer had seen seen here, too.
                "needs_settling": masters.hasLinks
                    ? "f.ctid <> s.ctid"
                    : "f.\(stageName("origin")) <> \(SQLText.literal(masters.source)) OR f.\(stageName("context")) IS NOT NULL",
                "same_key": join(.columns("f"), .columns("s"), key),
                "unsettled": "\(Standing.unsettled.rawValue)",
            ])
    }

    /// Leaves out the staged rows that are no news here.
    func dropKnown(_ mine: Knowledge) -> String {
        guard let key = receiverKey else { return "" }
        return receiverRender(
            "multimaster/drop_known",
            [
                "same_key": join(.columns("f"), .columns("s"), key),
                "unseen": mine.lacks(origin: "f.\(stageName("origin"))", transaction: "f.\(stageName("txid"))"),
            ])
    }

    /// Notes the staged rows as such as are to be handed on; nil where the receiver hands nothing on.
    ///
    /// - Parameter transaction: the number of the one that this runs in, which tells whose turn it is of the two delta tables.
    func handOn(in transaction: UInt64) -> String? {
        guard let masters, masters.handsOn, let deltas = masters.receiverDeltas, let key = receiverKey else {
            return nil
        }
        let delta = DeltaColumns(key, of: target)
        return receiverRender(
            "multimaster/hand_on",
            [
                "delta": (transaction >> 13) & 1 == 0 ? deltas.a : deltas.b, "elements": delta.elements("s"),
                "aggregates": delta.aggregates,
            ])
    }

    /// Counts the staged rows that an application wrote after a snapshot of the receiver; nil where none writes.
    func findOvertaken(since snapshot: Snapshot) -> String? {
        guard masters?.receiverDeltas != nil, let key = receiverKey else { return nil }
        return receiverRender(
            "multimaster/find_overtaken",
            [
                "changed": ownChanges(Window(after: snapshot).condition),
                "delta_joins": join(.numbered("d"), .columns("s"), key),
            ])
    }

    /// Chooses some rows to be settled next.
    func chooseUnsettled(rowsMost: Int) -> String {
        receiverRender(
            "multimaster/choose_unsettled",
            [
                "key_columns": stagedKeyColumns, "rows_most": "\(rowsMost)", "is_unsettled": standing(.unsettled),
                "chosen": "\(Standing.chosen.rawValue)",
                "same_key": receiverKey.map { join(.columns("s"), .numbered("c"), $0) } ?? "false",
            ])
    }

    private var texts: String { columns.map { "s.\(SQLText.identifier($0))::text" }.joined(separator: ", ") }

    private var stagedKeyColumns: String {
        (receiverKey?.columns ?? []).map { "s.\(SQLText.identifier($0))" }.joined(separator: ", ")
    }

    var stagedVersions: String {
        receiverRender(
            "multimaster/staged_versions",
            [
                "columns": texts, "is_chosen": standing(.chosen), "key_columns": stagedKeyColumns,
                "more": stagedStamps.map { ", s.\($0)" }.joined(),
            ])
    }

    /// The versions that the receiver holds of the chosen rows.
    var ownVersions: String {
        guard let masters, let key = receiverKey else { return "" }
        let delta = DeltaColumns(key, of: target)
        let values = columns.indices.map { index in
            "CASE WHEN v.stored IS NULL THEN t.\(SQLText.identifier(columns[index]))::text ELSE \(stored(index)) END"
        }
        // Keys can be equal and written otherwise: 1.0 and 1.00. Each version has its own, and one that deletes the row that of what came.
        let keys = zip(values, delta.columns).map { "coalesce(\($0), s.\($1.arrayName)::text)" }
        let others = values.dropFirst(keyCount)
        let more = stampParts("s", change: "c", versions(masters.receiverID), key)
        let chosen =
            "SELECT c.* FROM (\(ownChanges("true"))) AS c JOIN s ON \(join(.numbered("c"), .numbered("s"), key))"
        return receiverRender(
            "multimaster/own_versions",
            [
                "more": more.columns.isEmpty ? "" : ", \(more.columns)", "more_joins": more.joins,
                "is_chosen": standing(.chosen), "key_columns": stagedKeyColumns,
                "changed": lastChange(
                    chosen, window: "true", of: target, versions(masters.receiverID), key, at: masters.receiver),
                "same_key": join(.numbered("c"), .numbered("s"), key),
                "version_joins": join(.numbered("v"), .numbered("s"), key),
                "context_joins": join(.numbered("x"), .numbered("s"), key),
                "joins": join(.columns("t"), .numbered("s"), key),
                "node": SQLText.literal(masters.receiver), "alive": present(key.columns[0]),
                "columns": (keys + others).joined(separator: ", "),
            ])
    }

    var forgetChosen: String { receiverRender("multimaster/forget_told", ["which": standing(.chosen)]) }
    var forgetPlain: String { receiverRender("multimaster/forget_told", ["which": standing(nil)]) }
    var takeOutChosen: String { receiverRender("multimaster/replace_staged", ["is_chosen": standing(.chosen)]) }

    /// Tells whose versions the table shows; the parameters are what the sender had seen, and the receiver's snapshot.
    ///
    /// - Parameter onlyAbsent: of the rows of which there was nothing to lock.
    func tellVersions(onlyAbsent: Bool) -> String {
        receiverRender(
            "multimaster/tell_versions",
            [
                "is_plain": standing(nil) + (onlyAbsent ? " AND s.\(stageName("absent"))" : ""),
                "more": stagedStamps.isEmpty ? "" : ", stamps",
                "more_values": stagedStamps.map { ", s.\($0)" }.joined(),
            ])
    }

    /// Notes of the rows that were simply written that their conflicts are held no more.
    func decideStaged(sync: String) -> String {
        receiverRender(
            "multimaster/decide_staged",
            [
                "sync": SQLText.literal(sync), "schema": SQLText.literal(name.schema),
                "table_name": SQLText.literal(name.table), "same_key": isKeyOfStaged("c.key_values"),
                "is_plain": standing(nil),
            ])
    }

    /// The condition that a key that is kept as texts is that of the staged row s.
    func isKeyOfStaged(_ texts: String) -> String {
        guard let key = receiverKey else { return "false" }
        return DeltaColumns(key, of: target).matches(
            texts: texts, key.columns.map { "s.\(SQLText.identifier($0))" }, key.equality)
    }

    /// Notes that the conflicts of a row are held no more: the parameters are sync, schema, table, and the key's values.
    var decideHeld: String {
        guard let key = receiverKey else { return "" }
        return Self.decideHeld(key, of: target)
    }

    static func decideHeld(_ key: KeyDefinition, of table: TableDefinition) -> String {
        let delta = DeltaColumns(key, of: table)
        return SQLTemplate.render(
            "multimaster/decide_held",
            ["same_key": delta.matches(texts: "c.key_values", delta.values(texts: "$4::text[]"), key.equality)])
    }

    var stageSettledName: String { "settled_\(receiverRelation)" }
    /// Stages what is to be shown of a settled row: whether it is there, origin, transaction, microseconds, then the columns.
    var stageSettled: String {
        let parameters = columns.indices.map { "$\($0 + 5)" }
        return receiverRender(
            "multimaster/stage_settled",
            [
                "columns": list(columns), "parameters": parameters.joined(separator: ", "),
                "done": "\(Standing.settled.rawValue)",
            ])
    }

    var tellSettledName: String { "told_\(receiverRelation)" }
    /// Tells of one version of a settled row: the key's columns, origin, transaction, microseconds, whether the row is there,
    /// what is stored, the context, the receiver's snapshot, and the stamps of the columns where the rule needs them.
    var tellSettled: String {
        let keys = (1...max(1, keyCount)).map { "$\($0)" }
        let more = ["origin", "txid", "micros", "alive", "stored", "context", "as_of"]
        var values = Dictionary(uniqueKeysWithValues: zip(more, (keyCount + 1)...).map { ($0, "$\($1)") })
        values["more"] = stagedStamps.isEmpty ? "" : ", stamps"
        values["more_values"] = stagedStamps.isEmpty ? "" : ", $\(keyCount + more.count + 1)::jsonb"
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

    /// How one side of a join has the key.
    enum KeySide {
        /// As columns of the table.
        case columns(String)
        /// As k1, k2, ….
        case numbered(String)
    }

    func join(_ left: KeySide, _ right: KeySide, _ key: KeyDefinition) -> String {
        func names(_ side: KeySide) -> [String] {
            switch side {
            case .columns(let row): key.columns.map { "\(row).\(SQLText.identifier($0))" }
            case .numbered(let row): key.columns.indices.map { "\(row).k\($0 + 1)" }
            }
        }
        return zip(zip(names(left), names(right)), key.equality).map { "\($0.0) \($1) \($0.1)" }
            .joined(separator: " AND ")
    }
}
