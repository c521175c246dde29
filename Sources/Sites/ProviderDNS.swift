import DNSProviders
import Failover
import Model
import Settings

/// The names of the site, moved at whoever holds their zone.
struct ProviderDNS: SiteDNS {
    private let names: DNSSwitch
    /// For how long the authoritative servers are asked.
    private let verifyWithin: Duration
    let ttl: Duration

    /// - Throws: `DNSError` when the settings do not go together.
    init(_ settings: DNSSettings, sites: [SiteSettings], verifyWithin: Duration) throws {
        names = try DNSSwitch(settings, sites: sites)
        ttl = settings.records.map(\.ttl).max() ?? .zero
        self.verifyWithin = verifyWithin
    }

    func difference(toward site: String) async throws -> [String] {
        try await telling {
            let plan = try await names.plan(to: site)
            return plan.changes.isEmpty ? [] : plan.lines
        }
    }

    func apply(toward site: String) async throws {
        try await telling {
            // Made anew: what was done already is no part of it, and what somebody else changed meanwhile is seen.
            _ = try await names.apply(try await names.plan(to: site))
        }
    }

    func verify(toward site: String) async throws {
        let found = try await telling {
            try await names.verify(try await names.plan(to: site), within: verifyWithin, every: .seconds(1))
        }
        guard !found.isRight else { return }
        let wrong = found.servers.filter { !$0.isRight }.map { server in
            server.problem.map { "\(server.server): \($0)" } ?? "\(server.server) answers otherwise"
        }
        throw StepFailure(
            "not every authoritative server leads to \(site): \(wrong.joined(separator: "; "))",
            hint: "\"switchback dns verify --site \(site)\" shows what each of them answers")
    }

    func manualSteps(toward site: String) async -> [String] {
        // What the provider does not tell, the authoritative servers may.
        if let plan = try? await names.plan(to: site) { return names.manualSteps(plan) }
        guard let plan = try? await names.manualPlan(to: site) else { return [] }
        return names.manualSteps(plan)
    }

    private func telling<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch let error as DNSError {
            throw StepFailure(error.message, hint: error.hint)
        } catch let refused as DNSPlanRefused {
            throw StepFailure(refused.message, hint: refused.hint)
        } catch {
            if Task.isCancelled || error is CancellationError { throw CancellationError() }
            throw StepFailure(error)
        }
    }
}
