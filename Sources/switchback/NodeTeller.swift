import Foundation
import Logging
import Model
import Notify
import Replication
import Settings

/// Tells of nodes that are lost and clocks that are off: in the log, and to whoever is to be notified.
struct NodeTeller: Sendable {
    let watch: NodeWatch

    init(_ cluster: Cluster, _ logger: Logger) {
        let settings = cluster.settings
        let notifier = settings.notify.isEmpty ? nil : Notifier(settings.notify, logger: logger)
        watch = NodeWatch(cluster, logger: logger) { event in
            logger.log(level: event.level, "\(event.text)")
            notifier?.send(event.notification(cluster: settings.cluster))
        }
    }
}

extension NodeEvent {
    fileprivate var level: Logger.Level {
        if case .clockIsRight = self { .info } else { .warning }
    }

    fileprivate func notification(cluster: String) -> NotifyEvent {
        switch self {
        case .lost(let node, let sync, let judge, _):
            NotifyEvent(
                kind: "node.lost", cluster: cluster, title: text, details: ["node": node, "sync": sync, "judge": judge])
        case .clockIsOff(let skew, let sync, _):
            NotifyEvent(
                kind: "clock.off", cluster: cluster, title: text, text: ClockSkew.remedy,
                details: ["node": skew.node, "sync": sync, "seconds": "\(skew.seconds)"])
        case .clockIsRight(let node, let sync):
            NotifyEvent(kind: "clock.right", cluster: cluster, title: text, details: ["node": node, "sync": sync])
        }
    }
}
