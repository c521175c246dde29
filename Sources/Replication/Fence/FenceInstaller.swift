import Assets
import Model
import Postgres
import Settings

extension Installer {
    /// Gives a node a fence, open, where it has none: every table that is captured there asks it from then on.
    ///
    /// - Returns: whether it was made now.
    /// - Throws: `SetupRefused` where the node's role makes it read-only anyhow, or captures nothing; what ``install(progress:)``
    ///   throws.
    public func installFence(
        at node: String, progress: @escaping @Sendable (InstallProgress) -> Void
    ) async throws -> Bool {
        guard cluster.settings.syncs.contains(where: { $0.sources.contains(node) }) else {
            let sync = cluster.settings.syncs.first { $0.targets.contains(node) }?.name ?? ""
            throw SetupRefused([
                Finding(
                    .problem, node: node, "it is read-only as a target of sync \(sync), by its role and always",
                    remedy: "a node that can be opened is a source, or a site's node with failover in the configuration"
                )
            ])
        }
        guard try await NodeFence(node: node, cluster: cluster).state() == nil else { return false }
        try await cluster.asking(node, purpose: "schema", deadline: .seconds(60)) { session in
            guard try CatalogueReader.serverFacts(session).isInstalled else {
                throw SetupRefused([
                    Finding(
                        .problem, node: node, "Switchback is not installed here", remedy: "switchback schema install")
                ])
            }
            try session.execute(SQLTemplate.render("fence/begin", ["closed": "false"]))
        }
        try await install(progress: progress)
        return true
    }
}
