import Failover
import Health
import Model

/// Whether a site is well, as the daemon's monitor and the other observers see it.
struct MonitoredHealth: SiteHealth {
    let monitor: HealthMonitor

    func verdict(of site: String) async -> SiteVerdict {
        guard let watched = await monitor.report.site(site), watched.isLookedAt else {
            return SiteVerdict(state: .unknown, reasons: ["no check looks at \(site)"], agreeing: 0)
        }
        // A site that is partly well is not down, and nobody moves away from it.
        let state: SiteVerdict.State =
            switch watched.verdict.state {
            case .up: .up
            case .down: .down
            case .degraded, .unknown: .unknown
            }
        return SiteVerdict(
            state: state, since: watched.lasting, reasons: [watched.verdict.reason], agreeing: watched.agreeing,
            asked: watched.asked)
    }

    func visit(_ site: String) async throws {
        let visit = await monitor.visit(site)
        // Where no page is checked there is none to look at.
        guard let wrong = visit.results.first(where: { $0.result.outcome != .up }) else { return }
        throw StepFailure(
            "\(site) does not answer as it should: \(wrong.check)",
            hint: "look at it by its address: curl --resolve; \"switchback health\" shows the checks")
    }
}
