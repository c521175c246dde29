import Failover
import Logging
import Replication
import Settings
import Sites

/// Status, with where the site is.
struct SiteStatus {
    let reader: StatusReader
    let setup: SiteSetup?

    init(_ cluster: Cluster, logger: Logger) {
        reader = StatusReader(cluster)
        setup = cluster.settings.failover == nil ? nil : try? SiteSetup(cluster, logger: logger)
    }

    func read() async throws -> StatusReport {
        var report = try await reader.read()
        guard let setup else { return report }
        if let standing = try? await setup.orchestrator().standing() {
            report.site = .init(active: standing.active.name, state: standing.state.rawValue, epoch: standing.epoch)
        } else {
            report.site = .init(active: nil, state: "unknown", epoch: 0)
        }
        return report
    }
}
