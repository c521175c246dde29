import Model

/// What Bucardo does differently with one table or sequence of a sync, and what becomes of it.
struct RelationNotes {
    private(set) var notes: [Note] = []
    /// Whether it is not among the sync's tables.
    private(set) var isLeftOut = false
    /// The columns that travel; nil for all.
    private(set) var columns: [String]?
    /// Whether it travels whole.
    private(set) var isFullCopy = false

    /// - Parameter plan: the sync's, with its nodes.
    init(
        _ relation: BucardoCatalogue.Relation, sync: BucardoCatalogue.Sync, plan: SyncPlan,
        catalogue: BucardoCatalogue
    ) {
        lookAtGhost(relation)
        if !relation.isSequence && !isLeftOut { lookAtKey(relation, plan) }
        lookAtColumns(relation, sync, plan, catalogue)
        lookAtNames(relation, sync, plan, catalogue)
        lookAtSettings(relation)
        for code in catalogue.customCode where code.relations.contains(relation.id) {
            notes.append(CodeText.note(code))
        }
        for trigger in catalogue.customTriggers where trigger.relation == relation.id {
            note(
                "the custom trigger \(trigger.name) (\(trigger.kind))",
                "nothing; Bucardo 5 does not use it, and Switchback records changes by triggers of its own")
        }
    }

    private mutating func note(_ was: String, _ instead: String) { notes.append(Note(was, instead: instead)) }

    private mutating func lookAtGhost(_ relation: BucardoCatalogue.Relation) {
        guard relation.isGhost else { return }
        isLeftOut = true
        note(
            "it was a ghost, in the relgroup and not replicated",
            "nothing; it is left out. Add it to tables to carry it")
    }

    private mutating func lookAtKey(_ relation: BucardoCatalogue.Relation, _ plan: SyncPlan) {
        isFullCopy = plan.isFullCopy
        guard let key = relation.key, key.isEmpty, !plan.isFullCopy else { return }
        if plan.sources.count > 1 {
            isLeftOut = true
            note(
                "it has no key", "give it a primary key and add it to tables; where several nodes write, rows need one")
        } else {
            isFullCopy = true
            note(
                "it has no key, and Bucardo replicates no such table by its changes",
                "give it a primary key and take its full_copy out; until then it travels whole whenever it changed")
        }
    }

    // MARK: Columns and names

    private mutating func lookAtColumns(
        _ relation: BucardoCatalogue.Relation, _ sync: BucardoCatalogue.Sync, _ plan: SyncPlan,
        _ catalogue: BucardoCatalogue
    ) {
        let entries = Self.entries(catalogue.customColumns, relation, sync)
        guard !entries.isEmpty else { return }
        let receivers = plan.roles.filter { !$0.isSource || plan.sources.count > 1 }.map(\.original)
        for entry in entries {
            if let database = entry.database, receivers != [database] {
                guard plan.roles.contains(where: { $0.original == database }) else { continue }
                note(
                    "customcols for \(database) alone: \(entry.clause)",
                    "make a sync of its own for that node, with columns in an override of the table")
                continue
            }
            // What is for the sync stands above what is for all; entries come in that order.
            switch ColumnClause(entry.clause) {
            case .all: columns = nil
            case .columns(let names): columns = withKey(names, relation)
            case .expression:
                columns = nil
                note(
                    "customcols made more of it than a choice of columns: \(entry.clause)",
                    "make a generated column at the source, or a view at the target; all columns travel here")
            }
        }
    }

    /// The key's columns must travel.
    private mutating func withKey(_ names: [String], _ relation: BucardoCatalogue.Relation) -> [String] {
        let missing = (relation.key ?? []).filter { !names.contains($0) }
        guard !missing.isEmpty else { return names }
        note(
            "customcols left out the key: \(missing.joined(separator: ", "))",
            "nothing; the key travels here, for a row is known by it")
        return missing + names
    }

    private mutating func lookAtNames(
        _ relation: BucardoCatalogue.Relation, _ sync: BucardoCatalogue.Sync, _ plan: SyncPlan,
        _ catalogue: BucardoCatalogue
    ) {
        for entry in Self.entries(catalogue.customNames, relation, sync) {
            if let database = entry.database, !plan.roles.contains(where: { $0.original == database }) { continue }
            let place = entry.database.map { "at \($0)" } ?? "at the targets"
            note(
                "customname called it \(entry.name) \(place)",
                "rename it there before you install; Switchback carries a table under one name. A view can keep the old one"
            )
        }
    }

    /// What is for this relation in this sync: what is for all first, what is for the sync last.
    private static func entries<Entry: Scoped>(
        _ entries: [Entry], _ relation: BucardoCatalogue.Relation, _ sync: BucardoCatalogue.Sync
    ) -> [Entry] {
        let own = entries.filter { $0.relation == relation.id && ($0.sync == nil || $0.sync == sync.name) }
        return own.filter { $0.sync == nil } + own.filter { $0.sync != nil }
    }

    // MARK: Settings

    private mutating func lookAtSettings(_ relation: BucardoCatalogue.Relation) {
        if !relation.isStrict { notes.append(SyncRemarks.strict) }
        if let switched = relation.makesDeltas, !switched.isEmpty {
            note(
                "makedelta was \(switched)",
                "nothing; no sync takes on what another brought. Name every node that is to have it in one sync")
        }
        if let strategy = relation.conflictStrategy, !strategy.isEmpty {
            note(
                "conflict_strategy \(strategy), which Bucardo keeps and never uses",
                "give the table a rule in overrides if you want one")
        }
        if relation.rebuildsIndex { notes.append(SyncRemarks.indexes) }
        if relation.autokick == false {
            note("autokick was off for it, which Bucardo never looks at", "nothing")
        }
        if relation.bypassesDeltas {
            note("delta_bypass", "nothing; a batch of any size passes through in little memory")
        }
    }
}
