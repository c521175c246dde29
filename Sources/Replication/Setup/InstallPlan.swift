import Assets
import Model
import Postgres

/// One transaction of an installation.
public struct InstallStep: Sendable, Equatable {
    /// What it does: `capture changes of public.item`.
    public let title: String
    /// Its statements, in order. They run in one transaction.
    public let statements: [String]
    /// Something the operator must know, if any.
    public let warning: String?

    init(_ title: String, _ statements: [String], warning: String? = nil) {
        self.title = title
        self.statements = statements
        self.warning = warning
    }
}

/// What a node's tables are to be, by the configuration.
struct DesiredTable: Sendable {
    let definition: TableDefinition
    /// Set where changes are captured.
    var captured: SelectedTable?
    /// The syncs that capture it.
    var syncs: Set<String> = []
    /// The sync that it is a read-only target of.
    var fencedBy: String?
    /// The sync that a failover moves, at whose nodes it is read-only while the node's fence is closed.
    var gatedBy: String?
    /// How its keys stand in its table of versions; nil when it has one source.
    var versionKeys: DeltaColumns?
    /// Versions are kept with the stamps of their columns.
    var tracksColumns = false
    /// Sums are kept of columns of it.
    var hasCounters = false
}

/// Decides what an installation has to do at one node. A value: it reads and writes nothing.
struct InstallPlan {
    let node: String
    let desired: [DesiredTable]
    let installed: InstalledState

    /// The steps that bring the node's tables to what is desired; empty when they are.
    func steps() -> [InstallStep] {
        var nextID = (installed.tables.map(\.id).max() ?? 0) + 1
        let existing = Dictionary(uniqueKeysWithValues: installed.tables.map { ($0.relation, $0) })
        let wanted = Set(desired.map(\.definition.oid))
        let gone = installed.tables.filter { !wanted.contains($0.relation) }
        let predecessors = Dictionary(
            gone.filter { $0.capture != nil }.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let successors = Set(
            desired.filter { $0.captured != nil && existing[$0.definition.oid] == nil }.map(\.definition.name))
        var steps = gone.filter { $0.capture == nil || !successors.contains($0.name) }.map { forget($0) }
        for table in desired {
            let before = existing[table.definition.oid]
            let change = TableChange(
                node: node, table: table, before: before, installed: installed, id: before?.id ?? nextID,
                predecessor: before == nil ? predecessors[table.definition.name] : nil)
            if before == nil { nextID += 1 }
            if let step = change.step() { steps.append(step) }
        }
        return steps
    }

    private func forget(_ table: InstalledState.Table) -> InstallStep {
        InstallStep(
            "forget \(table.name)",
            Self.forgetting(table)
                + [
                    SQLTemplate.render(
                        "install/forget_state",
                        ["schema": SQLText.literal(table.name.schema), "table": SQLText.literal(table.name.table)])
                ])
    }

    /// What takes away everything that was made for a table.
    static func forgetting(_ table: InstalledState.Table) -> [String] {
        [SQLTemplate.render("install/forget_table", ["id": "\(table.id)"])]
    }

    /// The steps that take everything away, each table in a transaction of its own so that thousands of tables do not
    /// exhaust the lock table.
    ///
    /// - Parameter keepsSchema: an administrator made the schema, and it stays.
    static func removal(of installed: InstalledState, keepsSchema: Bool) -> [InstallStep] {
        let tables = installed.tables.map { table in
            let action = table.capture == nil ? "open" : "stop capturing"
            return InstallStep("\(action) \(table.name)", forgetting(table))
        }
        let sequences = installed.partedSequences.map { sequence in
            InstallStep(
                "\(sequence.name): hand out values as before",
                [
                    SQLTemplate.render(
                        "install/unpart_sequence",
                        [
                            "sequence": sequence.name.sql, "increment": "\(sequence.increment)",
                            "start": "\(sequence.start)",
                        ])
                ])
        }
        let last =
            keepsSchema
            ? InstallStep("empty schema switchback", [SQLTemplate.render("install/empty_schema")])
            : InstallStep("drop schema switchback", [SQLTemplate.render("install/drop_schema")])
        return tables + sequences + [last]
    }
}
