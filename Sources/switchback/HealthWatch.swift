import Health
import Logging
import Model
import Notify
import Replication
import Settings

/// The daemon's eye on the sites: it makes the checks, votes, and has people told when a site goes down and comes back.
struct HealthWatch: Sendable {
    private let monitor: HealthMonitor
    private let notifier: Notifier
    private let cluster: String

    /// How long deliveries may take when the daemon ends.
    private static let lastDeliveries = Duration.seconds(5)

    /// Nil when the configuration has no `health`.
    init?(_ cluster: Cluster, _ logger: Logger) {
        guard let health = cluster.settings.health else { return nil }
        monitor = HealthMonitor(cluster, health: health, logger: logger)
        notifier = Notifier(cluster.settings.notify, logger: logger)
        self.cluster = cluster.settings.cluster
    }

    /// Watches until the task is cancelled.
    func run() async {
        let changes = await monitor.changesOfSites()
        await withDiscardingTaskGroup { group in
            group.addTask { await monitor.run() }
            group.addTask {
                var news = SiteNews()
                for await change in changes where news.isWorthTelling(change) { notifier.send(event(change)) }
            }
        }
        // The task is cancelled by now; what people are to be told still goes out.
        await Task { await notifier.finish(within: Self.lastDeliveries) }.value
    }

    private func event(_ change: SiteChange) -> NotifyEvent {
        NotifyEvent(
            kind: "health.\(change.to.rawValue)", cluster: cluster, site: change.site,
            title: "site \(change.site) is \(change.to.rawValue)", text: change.reason,
            details: ["from": change.from.rawValue, "to": change.to.rawValue])
    }
}

/// Which changes people are told of: that a site is down, once, and that it is up again after that. What lies between is in
/// the log and in `health`.
struct SiteNews {
    private var down: Set<String> = []

    mutating func isWorthTelling(_ change: SiteChange) -> Bool {
        switch change.to {
        case .down: down.insert(change.site).inserted
        case .up: down.remove(change.site) != nil
        case .degraded, .unknown: false
        }
    }
}
