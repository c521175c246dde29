import Model

/// Carries syncs over, each by itself.
struct SyncPlanner {
    let catalogue: BucardoCatalogue
    private let nodes: [String: NodePlan]
    private let relations: [Int: BucardoCatalogue.Relation]

    init(_ catalogue: BucardoCatalogue, nodes: [NodePlan]) {
        self.catalogue = catalogue
        self.nodes = Dictionary(nodes.map { ($0.original, $0) }) { first, _ in first }
        relations = Dictionary(catalogue.relations.map { ($0.id, $0) }) { first, _ in first }
    }

    /// - Parameter name: the sync's in the configuration.
    func plan(_ sync: BucardoCatalogue.Sync, name: String) -> SyncPlan {
        let members = catalogue.groups.first { $0.name == sync.group }?.members ?? []
        let group = sync.group ?? "none"
        var plan = SyncPlan(
            name: name,
            comment: "Bucardo's sync \(sync.name): relgroup \(sync.relgroup ?? "none"), dbgroup \(group).")
        let isPure = Self.isFullCopy(members)
        plan.roles = roles(members, isPure: isPure)
        plan.isFullCopy = isPure
        plan.remarks =
            passedOver(members, place: "syncs.\(name).nodes")
            + SyncRemarks.remarks(of: sync, name: name, isFullCopy: isPure)
        addRelations(of: sync, to: &plan)
        plan.remarks += codeRemarks(sync, name: name)
        if plan.sources.count > 1 { addConflict(of: sync, to: &plan) }
        plan.obstacle = obstacle(sync, plan)
        return plan
    }

    // MARK: Nodes

    /// Bucardo has no word for it: one source, and nobody but those that are emptied and filled.
    private static func isFullCopy(_ members: [BucardoCatalogue.Member]) -> Bool {
        members.count { $0.role == "source" } == 1 && members.contains { $0.role == "fullcopy" }
            && !members.contains { $0.role == "target" }
    }

    private func roles(_ members: [BucardoCatalogue.Member], isPure: Bool) -> [SyncPlan.Role] {
        members.compactMap { member in
            guard let node = nodes[member.database], node.isPostgres, node.isActive else { return nil }
            let comment =
                member.role == "fullcopy" && !isPure
                ? "Bucardo emptied and filled it at each run. Here it gets what changed, as any target." : nil
            return SyncPlan.Role(
                node: node.name, original: node.original, isSource: member.role == "source", comment: comment)
        }
    }

    private func passedOver(_ members: [BucardoCatalogue.Member], place: String) -> [Remark] {
        members.compactMap { member in
            guard let node = nodes[member.database], !node.isPostgres || !node.isActive else { return nil }
            let why = node.isPostgres ? "inactive" : "no Postgres"
            return Remark(
                place, "\(node.name) was a \(member.role) and is \(why)",
                instead: node.isPostgres
                    ? "take the # away before it under nodes, and add it here, to have it take part"
                    : "feed it from a Postgres target by a tool of its own")
        }
    }

    // MARK: Tables

    private func addRelations(of sync: BucardoCatalogue.Sync, to plan: inout SyncPlan) {
        let group = catalogue.relgroups.first { $0.name == sync.relgroup }
        var found: [(table: TableName, note: Note)] = []
        for relation in (group?.relations ?? []).compactMap({ relations[$0] }) {
            let notes = RelationNotes(relation, sync: sync, plan: plan, catalogue: catalogue)
            found += notes.notes.map { (table: relation.name, note: $0) }
            guard !notes.isLeftOut else { continue }
            if relation.isSequence {
                plan.sequences.append(relation.name)
            } else {
                plan.tables.append(
                    SyncPlan.Table(name: relation.name, columns: notes.columns, isFullCopy: notes.isFullCopy))
            }
        }
        if group?.hasPriorities ?? false {
            plan.remarks.append(
                Remark(
                    "syncs.\(plan.name).tables", "the relgroup gave its tables an order",
                    instead: "nothing; all tables of a sync move together, in one transaction"))
        }
        if plan.sources.count > 1 && !plan.sequences.isEmpty {
            plan.remarks.append(
                Remark(
                    "syncs.\(plan.name).tables", "Bucardo set sequences to the highest number of all sources",
                    instead:
                        "let every source draw numbers that no other draws: a stride and an offset of its own, or UUIDs"
                ))
        }
        distribute(found, to: &plan)
    }

    /// Puts a note of one table with the table, and one that several share before them all.
    private func distribute(_ found: [(table: TableName, note: Note)], to plan: inout SyncPlan) {
        var seen: Set<Note> = []
        for (table, note) in found where seen.insert(note).inserted {
            let tables = found.filter { $0.note == note }.map(\.table)
            let remark = Remark(
                "syncs.\(plan.name).tables", "\(tables.listed): \(note.was)", instead: note.instead)
            if tables.count == 1, let position = plan.tables.firstIndex(where: { $0.name == table }) {
                plan.tables[position].remarks.append(remark)
            } else {
                plan.tableRemarks.append(remark)
            }
        }
    }

    // MARK: The rest

    private func codeRemarks(_ sync: BucardoCatalogue.Sync, name: String) -> [Remark] {
        catalogue.customCode.filter { $0.syncs.contains(sync.name) }.map { code in
            CodeText.note(code).at("syncs.\(name)")
        }
    }

    private func addConflict(of sync: BucardoCatalogue.Sync, to plan: inout SyncPlan) {
        let standard = catalogue.settings.first { $0.name == "default_conflict_strategy" && $0.item == nil }?.value
        let strategy = sync.conflictStrategy.isEmpty ? standard ?? "bucardo_latest" : sync.conflictStrategy
        let conflict = ConflictPlan(
            strategy, sources: plan.roles.filter(\.isSource).map { ($0.original, $0.node) })
        plan.conflict = conflict
    }

    /// Why the sync is written and not in use.
    private func obstacle(_ sync: BucardoCatalogue.Sync, _ plan: SyncPlan) -> Remark? {
        func because(_ was: String, _ instead: String) -> Remark {
            Remark("syncs.\(plan.name)", was, instead: instead)
        }
        if sync.status == "inactive" {
            return because(
                "the sync was inactive",
                "take the # away before each of its lines to use it, and before those of its nodes")
        }
        if plan.sources.isEmpty {
            return because("the sync has no source that can take part", "give it one under nodes")
        }
        if plan.roles.count < 2 {
            return because("the sync has no node that its source could send to", "give it one under nodes")
        }
        if plan.tables.isEmpty {
            return plan.sequences.isEmpty
                ? because("the sync has no table", "name some under tables")
                : because(
                    "the sync has sequences and no table",
                    "name its sequences under the tables of a sync between the same nodes; one that a table's column draws "
                        + "from travels with its table")
        }
        let locations = plan.roles.compactMap { nodes[$0.original]?.location }
        if Set(locations).count < locations.count {
            return because(
                "two of its nodes are one database, with tables of other names",
                "use a trigger of your own, or a view; nodes of Switchback are different databases")
        }
        return nil
    }
}

/// What is said of Perl code.
enum CodeText {
    static func note(_ code: BucardoCatalogue.CustomCode) -> Note {
        let use = code.isActive ? "" : " (not in use)"
        return Note("customcode \(code.name) ran Perl at \(code.moment)\(use)", instead: instead(code.moment))
    }

    private static func instead(_ moment: String) -> String {
        switch moment {
        case "conflict": "write the decision as a SQL function, and name it as the rule: function: public.settle"
        case "exception":
            "nothing runs at an error: a stream that cannot apply a row stops, \"switchback status\" shows the reason, and it "
                + "goes on by itself once that is mended"
        default:
            "use a trigger at the source for what belongs to a row; for the rest, a job of your own that reads "
                + "\"switchback status --json\""
        }
    }
}
