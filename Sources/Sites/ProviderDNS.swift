import DNSProviders
import Failover
import Foundation
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

    func plan(toward site: String) async throws -> NamesPlan {
        try await telling {
            let plan = try await names.plan(to: site)
            return NamesPlan(kept: String(decoding: try JSONEncoder().encode(plan), as: UTF8.self))
        }
    }

    func apply(_ plan: NamesPlan, toward site: String) async throws {
        try await telling {
            let seen = try Self.read(plan)
            do { try await names.apply(seen) } catch let error as DNSError where error.kind == .stale {
                throw StepFailure(
                    error.message,
                    hint:
                        "see \"switchback dns show\"; if they are to lead to \(site) all the same, \"switchback dns apply --site \(site)\" leads them there, and the plan goes on from that"
                )
            }
        }
    }

    func takeBack(_ plan: NamesPlan?, toward site: String) async throws -> String? {
        try await telling {
            let back: DNSPlan
            var others: [DNSRecordSet.Key] = []
            if let seen = try plan.map(Self.read) {
                let view = try await names.provider.show(seen.names)
                (back, others) = (seen.takingBack(in: view), seen.changedByOthers(in: view))
            } else {
                back = try await names.plan(to: site)
            }
            if !back.isEmpty { try await names.apply(back) }
            var notes: [String] = []
            if !others.isEmpty {
                let list = others.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
                notes.append("\(list) was changed by somebody else and stays as it is")
            }
            // A server that lags is told, and keeps nobody from writing again.
            let proof = try await names.verify(back, within: verifyWithin / 8)
            notes += proof.isRight ? [] : ["not answered so yet: \(Self.wrong(proof))"]
            return notes.isEmpty ? nil : notes.joined(separator: "; ")
        }
    }

    private static func read(_ plan: NamesPlan) throws -> DNSPlan {
        try JSONDecoder().decode(DNSPlan.self, from: Data(plan.kept.utf8))
    }

    func verify(toward site: String) async throws {
        let found = try await telling { try await answers(toward: site) }
        guard !found.isRight else { return }
        throw StepFailure(
            "not every authoritative server leads to \(site): \(Self.wrong(found))",
            hint: "\"switchback dns verify --site \(site)\" shows what each of them answers")
    }

    /// Asks until every server leads to the site, or the time is up. The provider is not needed for it.
    private func answers(toward site: String) async throws -> DNSVerification {
        let wanted = try names.wanted(for: site)
        let end = ContinuousClock.now + verifyWithin
        while true {
            let found = try await names.authorities.verify(wanted: wanted, unwanted: [])
            if found.isRight || ContinuousClock.now + .seconds(1) >= end { return found }
            try await Task.sleep(for: .seconds(1))
        }
    }

    func isLed(toward site: String) async -> Bool { await answer(toward: site) == .led }

    func answer(toward site: String) async -> NamesAnswer {
        guard let wanted = try? names.wanted(for: site),
            let found = try? await names.authorities.verify(wanted: wanted, unwanted: [])
        else { return .silent }
        if found.isRight { return .led }
        return found.servers.contains { $0.problem == nil && !$0.isRight } ? .otherwise : .silent
    }

    private static func wrong(_ found: DNSVerification) -> String {
        found.servers.filter { !$0.isRight }.map { server in
            server.problem.map { "\(server.server): \($0)" } ?? "\(server.server) answers otherwise"
        }.joined(separator: "; ")
    }

    func manualSteps(_ seen: NamesPlan?, toward site: String) async -> [String] {
        // What was seen before the provider was lost is the best that there is.
        if let plan = try? seen.map(Self.read), !plan.isEmpty { return names.manualSteps(plan) }
        // What the provider does not tell, the authoritative servers may.
        if let plan = try? await names.plan(to: site) { return names.manualSteps(plan) }
        guard let plan = try? await names.manualPlan(to: site) else { return [] }
        return names.manualSteps(plan)
    }

    private func telling<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch let error as DNSError {
            throw StepFailure(error.message, hint: error.hint)
        } catch let failure as StepFailure {
            throw failure
        } catch let refused as DNSPlanRefused {
            throw StepFailure(refused.message, hint: refused.hint)
        } catch {
            if Task.isCancelled || error is CancellationError { throw CancellationError() }
            throw StepFailure(error)
        }
    }
}
