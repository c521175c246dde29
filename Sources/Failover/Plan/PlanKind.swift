/// What a plan is for.
public enum PlanKind: String, Sendable, Codable, CaseIterable {
    /// The active site is lost: the other one takes over.
    case failover
    /// Both sites are well, and the site is to be at the other.
    case switchover
    /// After a failover or a switchover: back to the site where it belongs.
    case failback
}

/// How the site goes back.
public enum ReturnMode: String, Sendable, Codable, CaseIterable {
    /// Writes stop for a moment, within a budget, so that both sites hold the same when the roles change.
    case freeze
    /// Writes never stop: for a while both sites take them, and the sync's conflict rules settle what they disagree in.
    case overlap
}

/// A place, as plans know it.
public struct PlanSite: Sendable, Hashable, Codable {
    /// The site's name in the configuration.
    public let name: String
    /// Its node's name.
    public let node: String

    public init(name: String, node: String) {
        self.name = name
        self.node = node
    }
}
