import HTTP
public import Model
import Replication
import Settings

/// What a visit of a site found.
public struct HealthVisit: Sendable {
    /// Each page that was asked for, by its check's name.
    public let results: [(check: String, result: CheckResult)]

    /// Whether a page was asked for, and every one was as it should be.
    public var isWell: Bool { !results.isEmpty && results.allSatisfy { $0.result.outcome == .up } }
}

extension HealthMonitor {
    /// Looks at a site's pages as people would see them were they led there: the pages that are checked wherever the name
    /// leads, asked of the site's own address, and those that are checked at this site. Nothing is remembered of it.
    ///
    /// Each page is asked for once, all side by side, each within its check's limit.
    public nonisolated func visit(_ site: String) async -> HealthVisit {
        let client = HTTPClient()
        let loops = visitChecks(of: site).compactMap { check -> CheckLoop? in
            guard case .http(let http) = check.kind else { return nil }
            let probe = HTTPProbe(check: http, timeout: check.timeout, client: client)
            // Whether a silence is ours or theirs: people who are led there would see nothing.
            return CheckLoop(check, probe, isLocal: true, witnesses: Witnesses([]))
        }
        return await withTaskGroup(of: (Int, CheckResult).self) { group in
            for (index, loop) in loops.enumerated() { group.addTask { (index, await loop.look()) } }
            var results: [(String, CheckResult)?] = loops.map { _ in nil }
            for await (index, result) in group { results[index] = (loops[index].check.name, result) }
            return HealthVisit(results: results.compactMap { $0 })
        }
    }

    private nonisolated func visitChecks(of site: String) -> [HealthCheck] {
        let address = cluster.settings.sites.first { $0.name == site }?.address
        return checks.compactMap { check in
            guard case .http(let http) = check.kind else { return nil }
            if check.site == site { return check }
            guard check.site == nil, let address else { return nil }
            return check.asked(http, of: address)
        }
    }
}

extension HealthCheck {
    fileprivate func asked(_ http: HTTPCheck, of address: IPAddress) -> HealthCheck { with(.http(http.at(address))) }
}
