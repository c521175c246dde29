public import FileSync
public import Replication
import Settings

/// Which site is active, as the fences of their nodes say: the one that is open. A job that asks it pushes nothing from a site
/// that was left.
public struct FencedActiveSite: ActiveSiteSource {
    private let cluster: Cluster

    /// Nil where the configuration has no site that moves.
    public init?(_ cluster: Cluster) {
        guard cluster.settings.failover != nil, cluster.settings.syncs.contains(where: \.hasStandbys) else {
            return nil
        }
        self.cluster = cluster
    }

    public func activeSite() async throws -> ActiveSite {
        let settings = cluster.settings
        let sites = settings.sites.filter { site in settings.syncs.contains { settings.isGated(site.node, $0) } }
        var open: [ActiveSite] = []
        var newest = 0
        var silent: [String] = []
        for site in sites {
            do {
                guard let state = try await NodeFence(node: site.node, cluster: cluster).state() else { continue }
                newest = max(newest, Int(state.epoch))
                if !state.isClosed { open.append(ActiveSite(site: site.name, epoch: Int(state.epoch))) }
            } catch let error as NodeUnreachable {
                silent.append(error.node)
            }
        }
        // One that is behind has not heard yet that it was left.
        let current = open.filter { $0.epoch == newest }
        guard current.count == 1, let active = current.first else {
            throw ActiveSiteUnknown(
                description: current.isEmpty
                    ? "no site is open"
                        + (silent.isEmpty ? "" : ", and \(silent.joined(separator: ", ")) did not answer")
                    : "more than one site is open: \(current.map(\.site).joined(separator: ", "))")
        }
        return active
    }
}

/// It cannot be told which site is active; nothing moves then.
struct ActiveSiteUnknown: Error, CustomStringConvertible {
    let description: String
}
