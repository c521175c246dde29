/// A Switchback configuration made of a Bucardo catalogue. A pure function of it: nothing is read and nothing written.
public struct MigratedConfiguration: Sendable, Equatable {
    /// The file, as Switchback reads it.
    public let text: String
    /// The nodes that are in use.
    public let nodes: [String]
    /// The syncs that are in use.
    public let syncs: [String]
    /// Environment variables that hold what no file should, to be set for switchback.
    public let variables: [String]
    /// Everything that could not be carried over, in the order of the file.
    public let remarks: [Remark]

    /// Carries a catalogue over.
    ///
    /// - Throws: `BucardoError.nothingToCarry` when no sync would be in use.
    public init(_ catalogue: BucardoCatalogue) throws(BucardoError) {
        let nodes = Self.nodePlans(catalogue)
        let syncs = Self.syncPlans(catalogue, nodes)
        let carried = syncs.filter { $0.obstacle == nil }
        guard let first = carried.first else {
            throw .nothingToCarry(reasons: syncs.compactMap { plan in plan.obstacle.map { "\(plan.name): \($0.was)" } })
        }
        let names = Set(carried.flatMap(\.roles).map(\.node))
        let inUse = nodes.filter { names.contains($0.name) }
        let source = first.roles.first(where: \.isSource)?.original
        let database = catalogue.databases.first { $0.name == source }?.database ?? ""
        let rest = Rest.remarks(catalogue)
        var writer = ConfigurationWriter(
            version: catalogue.version, cluster: NameBook.plain(database.isEmpty ? "bucardo" : database))
        writer.write(nodes: nodes, inUse: names, syncs: syncs, rest: rest)
        text = writer.text
        remarks = writer.remarks
        self.nodes = inUse.map(\.name)
        self.syncs = carried.map(\.name)
        variables = inUse.flatMap(\.variables)
    }

    private static func nodePlans(_ catalogue: BucardoCatalogue) -> [NodePlan] {
        var names = NameBook()
        return catalogue.databases.map { NodePlan($0, name: names.name(for: $0.name)) }
    }

    private static func syncPlans(_ catalogue: BucardoCatalogue, _ nodes: [NodePlan]) -> [SyncPlan] {
        var names = NameBook()
        let planner = SyncPlanner(catalogue, nodes: nodes)
        var plans: [SyncPlan] = []
        for sync in catalogue.syncs {
            var plan = planner.plan(sync, name: names.name(for: sync.name))
            plan.settle(beside: plans)
            plans.append(plan)
        }
        return plans
    }
}
