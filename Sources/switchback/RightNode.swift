import FileSync
import Replication
import Settings
import Sites

/// Whose rows the others are to have, where several nodes of a sync write and nobody said so.
///
/// A site's standby writes as well once the site has moved there: then the source of the configuration is the one that is to be mended, and to take it for
/// right would be to write old rows over those that people have written since.
struct RightNode {
    private static let ask = "--from NODE says whose rows the others are to have"

    private let cluster: Cluster

    init(_ cluster: Cluster) { self.cluster = cluster }

    /// - Returns: the source that the configuration names, where it is the only one.
    /// - Throws: ``WrongUsage`` where somebody has to say.
    static func named(of sync: SyncSettings) throws -> String {
        guard sync.namedSources.count == 1, let named = sync.namedSources.first else {
            throw WrongUsage("sync \(sync.name) has several sources: \(ask)")
        }
        return named
    }

    /// - Returns: the same, where the site is there.
    /// - Throws: ``WrongUsage`` where somebody has to say.
    func present(of sync: SyncSettings) async throws -> String {
        let named = try Self.named(of: sync)
        guard sync.hasStandbys, let fences = FencedActiveSite(cluster) else { return named }
        let active: String
        do { active = try await fences.activeSite().site } catch let unknown as ActiveSiteUnknown {
            throw WrongUsage("which site is active cannot be told, \(unknown): \(Self.ask)")
        }
        guard cluster.settings.sites.contains(where: { $0.name == active && $0.node == named }) else {
            throw WrongUsage("the site is at \(active), and \(named) is not its node: \(Self.ask)")
        }
        return named
    }
}
