public import Model

/// A named set of tables and the nodes they live on.
public struct SyncSettings: Sendable, Equatable {
    public let name: String
    /// Nodes whose writes are captured; two or more make the sync multi-master. The standbys are among them, at the end.
    public let sources: [String]
    /// Targets that a failover can make the active site's node: what is written there is captured from the start, and refused
    /// while the node's fence is closed.
    public let standbys: [String]
    /// Nodes that are read-only to applications.
    public let targets: [String]
    public let tables: [Glob]
    public let exclude: [Glob]
    /// Who wins a conflict where no override says otherwise.
    public let conflict: ConflictRule
    /// What is different for some tables; the last that matches a table holds, whole.
    public let overrides: [TableOverride]
    /// How long a node may be away before nothing is kept for it any more; for ever when nil.
    public var lostAfter: Duration?
    /// From which difference between the sources' clocks on somebody should know.
    public var clockSkewLimit = Duration.seconds(5)
    /// How long versions that lost a conflict stay in the history; for ever when nil.
    public var historyKeep: Duration?
    /// Who sends to whom, where not every source sends to every other node.
    public var links: SyncLinks?

    /// Whether several nodes write, or may come to, and receive from one another.
    public var isMultiMaster: Bool { sources.count > 1 }

    /// Whether one of its nodes is active at a time, and a failover moves that.
    public var hasStandbys: Bool { !standbys.isEmpty }

    /// The sources that the configuration names as such.
    public var namedSources: [String] { sources.filter { !standbys.contains($0) } }

    /// Whether sequences go with the rows: where one node hands out values at a time.
    public var sequencesFollow: Bool { namedSources.count == 1 }

    /// The nodes that a node receives from.
    public func senders(to node: String) -> [String] {
        sources.filter { $0 != node && (links?.neighbours(of: node).contains($0) ?? true) }
    }

    /// The nodes that receive from a source.
    public func receivers(from source: String) -> [String] {
        (sources + targets).filter { $0 != source && (links?.neighbours(of: source).contains($0) ?? true) }
    }

    /// Whether a node hands on to some what it receives from others.
    public func handsOn(_ node: String) -> Bool {
        guard links != nil, sources.contains(node) else { return false }
        let senders = senders(to: node)
        return receivers(from: node).contains { receiver in senders.contains { $0 != receiver } }
    }

    /// The same with those targets as standbys that are nodes of sites, where a source is one as well.
    func standingBy(siteNodes: Set<String>) -> SyncSettings {
        let standbys = targets.filter(siteNodes.contains)
        guard sources.contains(where: siteNodes.contains), !standbys.isEmpty else { return self }
        return SyncSettings(
            name: name, sources: sources + standbys, standbys: standbys,
            targets: targets.filter { !standbys.contains($0) }, tables: tables, exclude: exclude, conflict: conflict,
            overrides: overrides, lostAfter: lostAfter, clockSkewLimit: clockSkewLimit,
            historyKeep: historyKeep, links: links)
    }

    static func read(_ key: Value, _ value: Value, _ names: Names) -> SyncSettings? {
        let name = key.name()
        guard let section = value.section(.sync) else { return nil }
        let roles = section.required("nodes").flatMap { Roles.read($0, names) }
        let tables = section.required("tables")?.globs()
        let exclude = section["exclude"].map { $0.globs(mayBeEmpty: true) } ?? []
        let members = roles.map { $0.sources + $0.targets }
        let conflict = ConflictChoice.read(section, nodes: members)
        let overrides = section["overrides"].map { TableOverride.read($0, nodes: members) } ?? []
        let lostAfter = section["lost_after"].flatMap { $0.duration(least: "1m") }
        let clockSkewLimit = section["clock_skew_limit"].flatMap { $0.duration(least: "1s") } ?? .seconds(5)
        let historyKeep = section["history_keep"].flatMap { $0.duration(least: "1m") }
        guard let name, let roles, let tables, let exclude else {
            // Who may be linked is not known; that it is a list can be said all the same.
            if roles == nil { _ = section["links"]?.list() }
            return nil
        }
        let links = section["links"].flatMap { SyncLinks.read($0, sources: roles.sources, targets: roles.targets) }
        if links != nil, let lostAfter = section["lost_after"] {
            lostAfter.report(
                "cannot be said beside links: a node that hands on stands for all that lie behind it",
                remedy: "leave it out; a node that is gone for good is taken out of the sync's nodes and links")
        }
        return SyncSettings(
            name: name, sources: roles.sources, standbys: [], targets: roles.targets, tables: tables, exclude: exclude,
            conflict: conflict.rule ?? .latest, overrides: overrides, lostAfter: lostAfter,
            clockSkewLimit: clockSkewLimit, historyKeep: historyKeep, links: links)
    }
}

/// The nodes of a sync by their roles.
private struct Roles {
    var sources: [String] = []
    var targets: [String] = []

    static func read(_ value: Value, _ names: Names) -> Roles? {
        guard let entries = value.named() else { return nil }
        var roles = Roles()
        var isWhole = true
        for (key, role) in entries {
            let node = key.reference(to: "node", among: names.nodes)
            let role = role.choice(among: ["source", "target"])
            isWhole = isWhole && node != nil && role != nil
            guard let name = node ?? key.tree.text else { continue }
            if role == "source" { roles.sources.append(name) } else { roles.targets.append(name) }
        }
        guard isWhole else { return nil }
        let example = "write it like nodes: { raleigh: source, durham: target }"
        if roles.sources.isEmpty {
            value.report("has no source: nobody's writes would be replicated", remedy: example)
            return nil
        }
        if entries.count == 1 {
            value.report("has a source and nobody to receive from it", remedy: example)
            return nil
        }
        return roles
    }
}

/// What is different for the tables that a pattern matches.
public struct TableOverride: Sendable, Equatable {
    public let pattern: Glob
    /// Who wins a conflict; the sync's rule when nil.
    public let conflict: ConflictRule?
    /// Columns whose conflicts are settled by adding up what both sides added.
    public let counters: [String]
    /// SQL over the table's columns: which rows travel; all when nil.
    public let whereClause: String?
    /// The columns that travel; all when nil.
    public let columns: [String]?
    /// Whether the table travels whole, each time it changed: for one without a key.
    public let fullCopy: Bool

    static func read(_ value: Value, nodes: [String]?) -> [TableOverride] {
        guard let entries = value.named() else { return [] }
        var first: [Glob: Value] = [:]
        var overrides: [TableOverride] = []
        for (key, value) in entries {
            let pattern = key.glob()
            if let pattern {
                if let earlier = first[pattern] {
                    key.report(
                        "means the same tables as \(earlier.shown) on line \(earlier.place.line)",
                        remedy: "make one override of the two")
                }
                first[pattern] = first[pattern] ?? key
            }
            guard let section = value.section(.override) else { continue }
            if value.isEmptyMapping {
                value.report("is empty", remedy: "say what is different for the table, or leave it out")
            }
            let choice = ConflictChoice.read(section, nodes: nodes)
            let columns = section["columns"]?.texts()
            let whereClause = section["where"]?.text()
            let fullCopy = section["full_copy"]?.flag() ?? false
            guard let pattern else { continue }
            overrides.append(
                TableOverride(
                    pattern: pattern, conflict: choice.rule, counters: choice.counters, whereClause: whereClause,
                    columns: columns, fullCopy: fullCopy))
        }
        return overrides
    }
}
