import Model
import Postgres

/// What an installation has to do at one table. A value: it reads and writes nothing.
struct TableChange {
    let node: String
    let table: DesiredTable
    /// What was made for it earlier.
    let before: InstalledState.Table?
    let installed: InstalledState
    let id: Int
    /// The table that was captured under this name, and in whose place this one is. Forgotten in the same transaction, for
    /// an installation that was cut off in between would not know that receivers have rows of another.
    let predecessor: InstalledState.Table?

    private var definition: TableDefinition { table.definition }
    private var objects: CaptureObjects? { table.captured.map { CaptureObjects(table: $0, id: id, node: node) } }
    private var fence: FenceObjects? {
        if let sync = table.fencedBy {
            return FenceObjects(definition: definition, id: id, node: node, sync: sync, isGate: false)
        }
        return table.gatedBy.map { FenceObjects(definition: definition, id: id, node: node, sync: $0, isGate: true) }
    }
    private var shape: String { objects?.shape ?? "none" }

    /// The triggers that are to be on the table and its partitions.
    private var wantedTriggers: [(relation: (oid: UInt32, name: TableName), triggers: [String])] {
        (objects?.wantedTriggers ?? []) + (fence?.wantedTriggers ?? [])
    }

    /// Functions with triggers where none are to be, such as on a partition that was detached, or a fence that is lifted.
    private var functionsAstray: [String] {
        let wanted = Dictionary(wantedTriggers.map { ($0.relation.oid, Set($0.triggers)) }) { $0.union($1) }
        let astray = installed.triggers.filter {
            $0.tableID == id && !(wanted[$0.relation]?.contains($0.name) ?? false)
        }
        return Set(astray.map(\.function)).sorted()
    }

    /// Its deltas were captured under another key, or in another way, and cannot be read any more.
    var isRebuilt: Bool {
        guard let before, before.capture != nil, let objects else { return false }
        return !before.fingerprint.hasPrefix(objects.shape(of: before.name) + ".")
    }

    /// The transaction that brings the table to what is desired; nil when it is that already.
    func step() -> InstallStep? {
        let made = versions + (objects?.functions() ?? []) + (objects?.triggers() ?? []) + (fence?.statements() ?? [])
        let fingerprint = "\(shape).\(Fingerprint.of(made))" + (objects?.counted ?? "")
        let astray = before == nil ? [] : functionsAstray
        if before?.fingerprint == fingerprint && before?.name == definition.name && before?.syncs == table.syncs
            && hasItsTriggers && astray.isEmpty
        {
            return nil
        }
        var statements: [String] = []
        if let predecessor { statements += InstallPlan.forgetting(predecessor) }
        if isRebuilt { statements.append(SQLTemplate.render("install/rebuild_table", ["id": "\(id)"])) }
        statements += astray.map { SQLTemplate.render("install/drop_function", ["function": $0]) }
        if before?.capture == nil || isRebuilt { statements += objects?.deltaTables() ?? [] }
        statements += made
        if table.captured != nil && (predecessor != nil || wasSwitchedOff) {
            statements.append(SQLTemplate.render("install/mark_whole", ["id": "\(id)"]))
        }
        if let before, before.name != definition.name {
            let names = literals(before.name, prefix: "old_").merging(literals(definition.name)) { $1 }
            statements += isRebuilt ? [] : objects?.describeDeltas() ?? []
            statements.append(SQLTemplate.render("install/rename_state", names))
        }
        statements.append(record(fingerprint))
        statements += syncs()
        if before != nil && table.captured != nil && definition.isPartitioned {
            statements.append(SQLTemplate.render("install/adopt", ["id": "\(id)"]))
        }
        let action = table.captured != nil ? "capture changes of" : "fence"
        return InstallStep("\(action) \(definition.name)", statements, warning: warning)
    }

    /// Makes the table of its rows' versions, where it has several masters.
    private var versions: [String] {
        guard let keys = table.versionKeys else { return [] }
        return [
            SQLTemplate.render(
                "multimaster/version_table",
                [
                    "versions": "version_\(id)", "key_definitions": keys.scalarDefinitions, "keys": keys.names,
                    "comment": SQLText.literal("versions of rows of \(definition.name)"),
                ])
        ] + (table.tracksColumns ? [SQLTemplate.render("multimaster/track_stamps", ["versions": "version_\(id)"])] : [])
            + (table.hasCounters ? [CounterObjects.makeTable(id, keys, of: definition.name)] : [])
    }

    private func literals(_ name: TableName, prefix: String = "") -> [String: String] {
        [prefix + "schema": SQLText.literal(name.schema), prefix + "table": SQLText.literal(name.table)]
    }

    private var hasItsTriggers: Bool {
        let always = table.captured?.firesAlways ?? false
        return wantedTriggers.allSatisfy { relation, names in
            let present = installed.triggers(of: relation.oid)
            return names.allSatisfy { name in
                guard let trigger = present[name], !trigger.isOff else { return false }
                return !always || trigger.fires == "A" || !trigger.name.hasPrefix("switchback_capture")
            }
        }
    }

    /// Triggers that were taken away or switched off let changes pass unseen.
    private var wasSwitchedOff: Bool {
        guard let before, before.exists, let captured = table.captured, before.capture == captured.capture.rawValue,
            !isRebuilt
        else { return false }
        let present = installed.triggers(of: before.relation)
        return captured.triggerNames.contains { present["switchback_capture_\($0)"]?.isOff ?? true }
    }

    private var warning: String? {
        guard wasSwitchedOff else { return nil }
        return
            "capture of \(definition.name) had been switched off: changes may have passed unseen, so it travels whole once"
    }

    private func syncs() -> [String] {
        let known = before?.syncs ?? []
        func values(_ sync: String) -> [String: String] { ["sync": SQLText.literal(sync), "id": "\(id)"] }
        return table.syncs.subtracting(known).sorted().map {
            SQLTemplate.render("install/record_sync_table", values($0))
        }
            + known.subtracting(table.syncs).sorted().map {
                SQLTemplate.render("install/forget_sync_table", values($0))
            }
    }

    private func record(_ fingerprint: String) -> String {
        let key = table.captured?.key?.columns ?? []
        func delta(_ name: String?) -> String {
            key.isEmpty ? "NULL" : SQLText.literal("switchback.\(name ?? "")")
        }
        return SQLTemplate.render(
            "install/record_table",
            [
                "id": "\(id)", "relation": "\(definition.oid)", "schema": SQLText.literal(definition.name.schema),
                "table": SQLText.literal(definition.name.table),
                "capture": table.captured.map { SQLText.literal($0.capture.rawValue) } ?? "NULL",
                "keys": SQLText.literal(key.postgresArray), "fenced": table.fencedBy == nil ? "false" : "true",
                "delta_a": delta(objects?.deltaA), "delta_b": delta(objects?.deltaB),
                "fingerprint": SQLText.literal(fingerprint),
            ])
    }
}
