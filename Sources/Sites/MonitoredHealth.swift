import Failover
import Health
import Logging
import Model
import Replication
import Settings

/// Whether a site is well, as the daemon's monitor and the other observers see it.
struct MonitoredHealth: SiteHealth {
    let monitor: HealthMonitor

    func follow(_ site: String, epoch: Int) async { await monitor.setActive(site, epoch: Int64(epoch)) }

    func verdict(of site: String) async -> SiteVerdict {
        guard let watched = await monitor.report.site(site), watched.isLookedAt else {
            return SiteVerdict(state: .unknown, reasons: ["no check looks at \(site)"], agreeing: 0)
        }
        return SiteVerdict(
            state: .init(watched.verdict.state), since: watched.lasting, reasons: [watched.verdict.reason],
            agreeing: watched.agreeing, asked: watched.asked)
    }

    func visit(_ site: String) async throws { try await monitor.look(at: site) }
}

/// Whether a site is well, as daemons and observers have told the nodes: for commands, which watch nothing themselves.
struct ToldHealth: SiteHealth {
    private let reader: HealthReader
    private let observers: Int
    /// Never runs: only for visits.
    private let visitor: HealthMonitor

    init(_ cluster: Cluster, health: HealthSettings, logger: Logger) {
        reader = HealthReader(cluster, health: health)
        observers = max(1, health.observers.count)
        visitor = HealthMonitor(cluster, health: health, logger: logger)
    }

    func follow(_ site: String, epoch: Int) async {}

    func verdict(of site: String) async -> SiteVerdict {
        guard let told = await reader.read() else {
            return SiteVerdict(
                state: .unknown, reasons: ["nobody watches: no daemon and no observer has said anything lately"],
                agreeing: 0, asked: observers)
        }
        guard let found = told.sites.first(where: { $0.site == site }), found.isLookedAt else {
            return SiteVerdict(state: .unknown, reasons: ["no check looks at \(site)"], agreeing: 0, asked: observers)
        }
        return SiteVerdict(
            state: .init(found.state), since: .seconds(found.lastingSeconds), reasons: [found.reason],
            agreeing: found.votes.count { $0.counts && $0.state == found.state }, asked: observers)
    }

    func visit(_ site: String) async throws { try await visitor.look(at: site) }
}

extension SiteVerdict.State {
    fileprivate init(_ state: HealthState) {
        self =
            switch state {
            case .up: .up
            case .down: .down
            case .degraded: .degraded
            case .unknown: .unknown
            }
    }
}

extension HealthMonitor {
    /// Looks at a site's pages as people would see them.
    fileprivate func look(at site: String) async throws {
        let visit = await visit(site)
        // Where no page is checked there is none to look at.
        guard let wrong = visit.results.first(where: { $0.result.outcome != .up }) else { return }
        throw StepFailure(
            "\(site) does not answer as it should: \(wrong.check): \(wrong.result.reason)",
            hint: "look at it by its address: curl --resolve; \"switchback health\" shows the checks")
    }
}
