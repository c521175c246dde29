/// What a scenario needs around it. Scenarios of one setting share servers, data and a running system.
enum Setting: String, CaseIterable, Sendable {
    /// pgbench's tables, replicated to one target.
    case pair
    /// pgbench's tables with and without triggers, and no daemon.
    case triggers
    /// The same, and an engine in the end.
    case notify
    /// Many small tables, replicated to one target.
    case manyTables
    /// pgbench's tables, and a target without rows.
    case copy
    /// pgbench's tables, replicated to one target and then to four.
    case fanOut
    /// As `pair`, for what takes long.
    case endurance
    /// A tree of files that is followed.
    case filesWatch
    /// A tree of files that is gone over whole.
    case filesPass
    /// pgbench's tables at a site and its standby, with a name that moves.
    case site
    /// pgbench's tables at two sources.
    case masters

    /// The scenarios in it, in the order in which they are run.
    var scenarios: [ScenarioInfo] {
        switch self {
        case .pair:
            [
                Catalogue.latency, Catalogue.bulkUpdate, Catalogue.bulkInsert, Catalogue.bulkDelete, Catalogue.hotRow,
                Catalogue.paced, Catalogue.flatOut,
            ]
        case .triggers: [Catalogue.triggers]
        case .notify: [Catalogue.notify]
        case .manyTables: [Catalogue.manyTables]
        case .copy: [Catalogue.copy]
        case .fanOut: [Catalogue.fanOut]
        case .endurance: [Catalogue.soak, Catalogue.outage]
        case .filesWatch: [Catalogue.files]
        case .filesPass: [Catalogue.filesPass]
        case .site: [Catalogue.failover]
        case .masters: [Catalogue.masters, Catalogue.mastersHot]
        }
    }

    func dataset(_ sizes: Sizes) -> Dataset {
        switch self {
        case .manyTables: .small(count: sizes.tables)
        case .filesWatch, .filesPass: .small(count: 1)
        case .pair, .triggers, .notify, .copy, .fanOut, .endurance, .site, .masters: .pgbench(scale: sizes.scale)
        }
    }

    var targets: Int { self == .fanOut ? 4 : 1 }
}
