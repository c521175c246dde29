import Synchronization
import TestSupport
import Testing

@testable import Failover

/// Names that nobody could look at when the plan was made.
@Suite("Names that are looked at late (P11)") struct LateNamesTests {
    /// A provider that does not answer until it is mended, and a name server that stays behind.
    private final class LateNames: SiteDNS {
        let engine: MemoryEngine
        let isThere: Mutex<Bool>

        init(_ engine: MemoryEngine, isThere: Bool) {
            self.engine = engine
            self.isThere = Mutex(isThere)
        }

        var ttl: Duration { .zero }
        private func ask() throws {
            guard isThere.withLock({ $0 }) else { throw StepFailure("the provider is down") }
        }

        func difference(toward site: String) async throws -> [String] {
            try ask()
            return try await engine.difference(toward: site)
        }
        func plan(toward site: String) async throws -> NamesPlan {
            try ask()
            return try await engine.plan(toward: site)
        }
        func apply(_ plan: NamesPlan, toward site: String) async throws {
            try ask()
            try await engine.apply(plan, toward: site)
        }
        func takeBack(_ plan: NamesPlan?, toward site: String) async throws -> String? {
            try ask()
            return try await engine.takeBack(plan, toward: site)
        }
        func isLed(toward site: String) async -> Bool { false }
        func verify(toward site: String) async throws { throw StepFailure("a name server stays behind") }
        func manualSteps(_ plan: NamesPlan?, toward site: String) async -> [String] { [] }
    }

    private static func orchestrator(_ names: LateNames) -> Orchestrator {
        var parts = names.engine.parts
        parts.dns = names
        return Orchestrator(
            parts: parts, limits: PlanLimits(linger: .zero), home: Plans.home, other: Plans.other,
            name: names.engine.name, pause: .milliseconds(1))
    }

    /// A failover whose provider did not answer when the plan was made. The names lead to a third place then.
    private static func begun(_ site: MemorySite, isThereAtTheStep: Bool) async throws -> RunReport {
        site.state.withLock { $0.names = "elsewhere" }
        let names = LateNames(site.engine("one"), isThere: false)
        let plan = try await orchestrator(names).plan(.failover, mode: .freeze, id: "f", cause: "a test")
        #expect(plan.names == nil)
        names.isThere.withLock { $0 = isThereAtTheStep }
        return try await orchestrator(names).run(plan, isOrdered: true)
    }

    private static func expectKept(_ site: MemorySite) {
        let kept = NamesPlan(kept: "elsewhere secondary")
        for node in ["raleigh", "durham"] {
            #expect(
                site[node].journal.contains { $0.step == .dns && $0.event == .begun && $0.record?.names == kept },
                "\(node)")
        }
    }

    /// Symptom: names that had led to a third place led to the primary after a failover was undone. Cause: the provider did not answer when
    /// the plan was made, and nobody knew how they had been. Fix: they are looked at right before they are changed, and the journal
    /// keeps that.
    @Test func `names that were first seen at their step are led back to where they were, by another engine too`()
        async throws
    {
        let site = try await RunTests.site(for: .failover)
        let report = try await Self.begun(site, isThereAtTheStep: true)
        #expect(report.outcome == .stopped && report.stoppedAt == .dnsVerify, "\(report)")
        #expect(site.state.withLock { $0.names } == "secondary")
        Self.expectKept(site)
        let other = Self.orchestrator(LateNames(site.engine("two"), isThere: true))
        #expect(try await other.abort().outcome == .undone)
        #expect(site.state.withLock { $0.names } == "elsewhere")
    }

    @Test func `names that cannot be seen at their step stay as they are, and are seen when the plan goes on`()
        async throws
    {
        let site = try await RunTests.site(for: .failover)
        let report = try await Self.begun(site, isThereAtTheStep: false)
        #expect(report.outcome == .stopped && report.stoppedAt == .dns, "\(report)")
        #expect(report.reason == "the provider is down")
        #expect(site.state.withLock { $0.names } == "elsewhere")
        let other = Self.orchestrator(LateNames(site.engine("two"), isThere: true))
        #expect(try await other.resume().stoppedAt == .dnsVerify)
        Self.expectKept(site)
        #expect(try await Self.orchestrator(LateNames(site.engine("three"), isThere: true)).abort().outcome == .undone)
        #expect(site.state.withLock { $0.names } == "elsewhere")
    }

    /// The engine dies at any call from the moment on when the names are looked at: whoever goes on knows how they were, or they
    /// were not changed.
    @Test func `whenever the engine dies, names are changed only when it is known how they were`() async throws {
        var ends: Set<String> = []
        for call in 1...80 {
            let site = try await RunTests.site(for: .failover)
            let calls = site.state.withLock { state in
                state.names = "elsewhere"
                // The first two calls are the plan's own: one reads the journal, the other would look at the names.
                state.mishaps[state.calls + 2] = .fails
                state.mishaps[state.calls + 2 + call] = .diesAfter
                return state.calls
            }
            let engine = site.engine("one").orchestrator(limits: PlanLimits(linger: .zero))
            let plan = try await engine.plan(.failover, mode: .freeze, id: "f", cause: "a test")
            try #require(plan.names == nil)
            _ = try? await engine.run(plan, isOrdered: true)
            guard site.state.withLock({ $0.calls }) >= calls + 2 + call else { break }
            let names = site.state.withLock { $0.names }
            ends.insert(names)
            let other = site.engine("two").orchestrator(limits: PlanLimits(linger: .zero))
            let standing = try await other.standing()
            guard let run = standing.run, standing.state == .moving else { continue }
            #expect(names == "elsewhere" || run.plan.names == NamesPlan(kept: "elsewhere secondary"), "call \(call)")
            guard run.plan.names != nil else { continue }
            #expect(try await other.abort().outcome == .undone, "call \(call)")
            #expect(site.state.withLock { $0.names } == "elsewhere", "call \(call)")
        }
        #expect(ends == ["elsewhere", "secondary"])
    }
}
