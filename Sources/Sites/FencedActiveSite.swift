public import FileSync
public import Replication
import Settings

/// Which site is active, as the fences of their nodes say: the one that is open. A job that asks it pushes nothing from a site
/// that was left.
public struct FencedActiveSite: ActiveSiteSource {
    private let cluster: Cluster
    private let looks: FenceLooks

    /// Nil where the configuration has no site that moves.
    public init?(_ cluster: Cluster) {
        guard cluster.settings.failover != nil, cluster.settings.syncs.contains(where: \.hasStandbys) else {
            return nil
        }
        self.cluster = cluster
        looks = FenceLooks(cluster)
    }

    public func activeSite() async throws -> ActiveSite {
        let settings = cluster.settings
        let sites = settings.sites.filter { site in settings.syncs.contains { settings.isGated(site.node, $0) } }
        var open: [ActiveSite] = []
        var newest = 0
        var silent: [String] = []
        for (site, answer) in try await fences(of: sites) {
            switch answer {
            case .fence(let state):
                newest = max(newest, Int(state.epoch))
                if !state.isClosed { open.append(ActiveSite(site: site, epoch: Int(state.epoch))) }
            case .none: continue
            case .silent(let node): silent.append(node)
            }
        }
        // One that is behind has not heard yet that it was left.
        let current = open.filter { $0.epoch == newest }
        guard current.count == 1, let active = current.first else {
            throw ActiveSiteUnknown(
                current.isEmpty
                    ? "no site is open"
                        + (silent.isEmpty ? "" : ", and \(silent.joined(separator: ", ")) did not answer")
                    : "more than one site is open: \(current.map(\.site).joined(separator: ", "))")
        }
        return active
    }

    private enum Answer: Sendable {
        case fence(NodeFence.State)
        /// It has no fence.
        case none
        case silent(node: String)
    }

    /// Asks side by side: a node that is lost holds up nobody longer than it does by itself.
    private func fences(of sites: [SiteSettings]) async throws -> [(site: String, Answer)] {
        try await withThrowingTaskGroup(of: (String, Answer).self) { group in
            for site in sites {
                group.addTask {
                    do {
                        let state = try await looks.state(of: site.node)
                        return (site.name, state.map(Answer.fence) ?? .none)
                    } catch let error as NodeUnreachable { return (site.name, .silent(node: error.node)) }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.site < $1.site }
        }
    }
}
