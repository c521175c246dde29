import Model
import Settings

/// One table of a sync at its source, with what the configuration says of it.
struct SelectedTable: Sendable, Equatable {
    let definition: TableDefinition
    /// Nil when the table is carried by full copy.
    let key: KeyDefinition?
    /// The columns that travel: the key's first, then the others in the table's order. Generated ones are left out.
    let columns: [String]
    /// SQL over the table's columns: which rows travel.
    let filter: String?
    /// Several nodes capture it, and receive it from one another.
    var isMultiMaster = false
    /// Its changes are captured with the columns that they changed: conflicts are settled column by column.
    var tracksColumns = false
    /// Columns whose differences are added up between masters.
    var counters: [String] = []
    /// Between a site and its standby: why the table goes one way only. At the standby it is read-only, also after a failover.
    var oneWayReason: String?

    var name: TableName { definition.name }
    var isWhole: Bool { key == nil }

    /// How keys stand in the table's delta tables; nil when it has none.
    var deltaColumns: DeltaColumns? { key.map { DeltaColumns($0, of: definition) } }

    /// How its changes are captured.
    var capture: CaptureKind {
        if isWhole { return .whole }
        return hasOtherNames ? .row : .statement
    }

    /// A statement trigger would miss rows that are written under another table's name.
    var hasOtherNames: Bool { definition.hasOtherNames }

    /// Whether its triggers fire in replica role too. Only its owner can say so. Between masters that role is what keeps a
    /// change from coming back as a new one.
    var firesAlways: Bool {
        !isMultiMaster && definition.isOwned && definition.partitions.allSatisfy(\.isOwned)
    }

    /// The names of the capture triggers on the table itself, without what they begin with.
    var triggerNames: [String] {
        switch capture {
        case .statement:
            ["insert", "update", "delete", "key", "truncate"] + (counters.isEmpty ? [] : CounterObjects.triggerNames)
        case .row: ["row", "truncate"]
        case .whole: hasOtherNames ? ["row", "truncate"] : ["insert", "update", "delete", "truncate"]
        }
    }
}

/// How a table's changes are captured.
enum CaptureKind: String, Sendable {
    /// Statement triggers with transition tables.
    case statement
    /// Row triggers.
    case row
    /// Statement triggers that mark the table as changed; it travels whole.
    case whole
}

/// Chooses a sync's tables among those of its source.
enum SyncTables {
    /// The tables that the configuration names, and what is wrong with them.
    ///
    /// - Parameters:
    ///   - sync: its settings.
    ///   - catalogue: what the source holds.
    ///   - node: the source's name, for the findings.
    static func select(_ sync: SyncSettings, in catalogue: Catalogue, node: String) -> ([SelectedTable], [Finding]) {
        var findings: [Finding] = []
        let named = catalogue.tables.filter { sync.names($0.name) }
        let namedOIDs = Set(named.map(\.oid))
        // A partition travels with its root, where the root is named too.
        let chosen = named.filter { !$0.isPartition || !namedOIDs.contains($0.root) }
        for glob in sync.tables where !catalogue.hasRelation(glob) {
            findings.append(
                Finding(
                    .problem, node: node, sync: sync.name, "no table matches \(glob)",
                    remedy:
                        "create the table, mend the pattern under syncs.\(sync.name).tables, or grant USAGE on its schema"
                ))
        }
        if chosen.isEmpty && findings.isEmpty {
            findings.append(
                Finding(
                    .problem, node: node, sync: sync.name, "every table that matches is excluded",
                    remedy: "mend syncs.\(sync.name).tables or .exclude"))
        }
        var selected: [SelectedTable] = []
        for table in chosen {
            switch select(table, sync) {
            case .success(let chosenTable):
                // What goes one way is a standby's to receive and nobody's to capture.
                if chosenTable.oneWayReason == nil || !sync.standbys.contains(node) { selected.append(chosenTable) }
            case .failure(let problem):
                findings.append(
                    Finding(.problem, node: node, sync: sync.name, problem.message, remedy: problem.remedy))
            }
        }
        return (selected, findings)
    }

    private struct Problem: Error {
        let message: String
        let remedy: String
    }

    private static func select(_ table: TableDefinition, _ sync: SyncSettings) -> Result<SelectedTable, Problem> {
        let override = sync.override(for: table.name)
        // A comment at its end must end there.
        let filter = override?.whereClause.map { $0 + "\n" }
        if table.rowSecurityHidesRows {
            return .failure(
                Problem(
                    message: "row security hides rows of \(table.name) from Switchback's role",
                    remedy: "give the role BYPASSRLS, or exclude the table"))
        }
        let names = Dictionary(grouping: table.columns, by: \.name)
        if let twin = names.values.first(where: { $0.count > 1 })?.first {
            return .failure(
                Problem(
                    message: "\(table.name) has two columns whose names look alike: \(twin.name)",
                    remedy: "rename one of them, or exclude the table"))
        }
        if table.isUnlogged {
            return .failure(
                Problem(
                    message:
                        "\(table.name), or a partition of it, is unlogged: a crash would empty it, and no trigger tells",
                    remedy: "as its owner: ALTER TABLE \(table.name.sql) SET LOGGED; or exclude the table"))
        }
        if table.hasForeignPartitions {
            return .failure(
                Problem(
                    message: "\(table.name) has partitions that are foreign tables, where changes pass unseen",
                    remedy: "detach them, or exclude the table"))
        }
        let carriable = table.columns.filter { !$0.generated }.map(\.name)
        if let wanted = override?.columns, let unknown = wanted.first(where: { table.column($0) == nil }) {
            return .failure(
                Problem(
                    message: "\(table.name) has no column \(unknown), which its override names",
                    remedy: "mend syncs.\(sync.name).overrides"))
        }
        let carried = carriable.filter { override?.columns?.contains($0) ?? true }
        let fullCopyReason = sync.hasStandbys ? "it is carried by full copy" : nil
        if override?.fullCopy == true && sync.isMultiMaster && !sync.hasStandbys {
            return .failure(
                Problem(
                    message: "\(table.name) cannot be carried by full copy between several sources",
                    remedy: "give it a key, or carry it in a sync of its own with one source"))
        }
        guard let key = table.keys.first(where: { $0.columns.allSatisfy { !(table.column($0)?.generated ?? true) } })
        else {
            if override?.fullCopy == true {
                return .success(
                    SelectedTable(
                        definition: table, key: nil, columns: carried, filter: filter, oneWayReason: fullCopyReason))
            }
            return .failure(
                Problem(
                    message: "\(table.name) has no usable key",
                    remedy:
                        "add a primary key, or a unique index over NOT NULL columns; or have it carried by full copy (overrides: \(table.name): { full_copy: true }), or exclude it"
                ))
        }
        if override?.fullCopy == true {
            return .success(
                SelectedTable(
                    definition: table, key: nil, columns: carried, filter: filter, oneWayReason: fullCopyReason))
        }
        if let missing = key.columns.first(where: { !carried.contains($0) }) {
            return .failure(
                Problem(
                    message: "the key column \(missing) of \(table.name) is not among the columns that travel",
                    remedy: "add it to the table's columns under syncs.\(sync.name).overrides"))
        }
        let others = carried.filter { !key.columns.contains($0) }
        var selected = SelectedTable(
            definition: table, key: key, columns: key.columns + others, filter: filter,
            isMultiMaster: sync.isMultiMaster)
        guard sync.isMultiMaster, let why = singleMasterReason(selected, key) else {
            selected.tracksColumns = sync.isMultiMaster && sync.rule(of: table.name) == .merge
            selected.counters = sync.isMultiMaster ? override?.counters ?? [] : []
            return .success(selected)
        }
        guard sync.hasStandbys else {
            return .failure(
                Problem(
                    message: "\(table.name) cannot have several sources: \(why)",
                    remedy: "exclude it, or carry it in a sync of its own with one source"))
        }
        selected.isMultiMaster = false
        selected.oneWayReason = why
        return .success(selected)
    }

    /// Why a table cannot have several masters.
    private static func singleMasterReason(_ table: SelectedTable, _ key: KeyDefinition) -> String? {
        if table.filter != nil {
            "a filter chooses its rows: what one master filters out another would take for deleted"
        } else if table.hasOtherNames {
            "it has partitions or children, whose rows this version carries from one source only"
        } else if !key.immediate {
            "its key is deferrable, and replica role does not check it"
        } else if table.columns.count > columnsMultiMasterMost {
            "it has more than \(columnsMultiMasterMost) columns"
        } else {
            nil
        }
    }

    /// Versions travel with some columns more, and no table has more than 1,600.
    private static let columnsMultiMasterMost = 1590
}

extension SyncSettings {
    /// The nodes that receive from a source.
    func receivers(of source: String) -> [String] { (sources + targets).filter { $0 != source } }

    /// Whether the sync's patterns name a table.
    func names(_ table: TableName) -> Bool {
        tables.contains { $0.matches(table) } && !exclude.contains { $0.matches(table) }
    }

    /// Who wins conflicts of a table.
    func rule(of table: TableName) -> ConflictRule { override(for: table)?.conflict ?? conflict }

    /// What the configuration says of one table; the last override that matches it.
    func override(for table: TableName) -> TableOverride? { overrides.last { $0.pattern.matches(table) } }
}

extension Catalogue {
    /// Whether a pattern means a table, or a sequence, which can be named like one.
    fileprivate func hasRelation(_ glob: Glob) -> Bool {
        tables.contains { glob.matches($0.name) } || sequences.contains { glob.matches($0.name) }
    }

    /// The sequences that travel with tables of a sync, or are named by it themselves.
    func sequences(of tables: [SelectedTable], _ sync: SyncSettings) -> [SequenceDefinition] {
        let relations = Set(tables.map(\.definition.oid))
        return sequences.filter { sequence in
            !sequence.users.isDisjoint(with: relations) || sequence.owner == nil && sync.names(sequence.name)
        }
    }
}
