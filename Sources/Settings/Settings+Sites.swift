extension Settings {
    /// Whether a node has a fence for a sync: one that a failover can close and open.
    public func isGated(_ node: String, _ sync: SyncSettings) -> Bool {
        sync.hasStandbys && sync.sources.contains(node) && sites.contains { $0.node == node }
    }

    /// The site that a node belongs to.
    public func site(of node: String) -> SiteSettings? { sites.first { $0.node == node } }
}
