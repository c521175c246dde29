import Synchronization
import TestSupport
import Testing

@testable import Failover

/// What a failover held back that was ended and left as it was, or undone without that.
@Suite("Changes that a plan left held back (P6, P11)") struct LeftHoldTests {
    private static let limits = PlanLimits(linger: .zero)

    private static func orchestrator(
        _ engine: MemoryEngine, dns: (any SiteDNS)? = nil,
        onProgress: @escaping @Sendable (RunProgress) -> Void = { _ in }
    ) -> Orchestrator {
        var parts = engine.parts
        if let dns { parts.dns = dns }
        return Orchestrator(
            parts: parts, limits: limits, home: Plans.home, other: Plans.other, name: engine.name,
            pause: .milliseconds(1), onProgress: onProgress)
    }

    private static func guardian(_ engine: MemoryEngine) -> Guardian {
        Guardian(parts: engine.parts, limits: limits, home: Plans.home, other: Plans.other, name: engine.name)
    }

    /// A failover from a primary that is gone, whose engine dies at a call; nil where it had come to its end before.
    private static func cutOff(at call: Int) async throws -> MemorySite? {
        let site = try await RunTests.site(for: .failover)
        site.change("raleigh") { $0.isGone = true }
        let one = orchestrator(site.engine("one"))
        let plan = try await one.plan(.failover, mode: .freeze, id: "f", cause: "a test")
        let calls = site.state.withLock { state in
            state.mishaps[state.calls + call] = .diesAfter
            return state.calls
        }
        _ = try? await one.run(plan, isOrdered: true)
        return site.state.withLock { $0.calls } < calls + call ? nil : site
    }

    /// Symptom: after "abort --leave" the secondary took nothing of the primary any more, though people were back at it. Cause: what the
    /// plan had held back was left so too, and only the way back of a failover let it pass. Fix: what comes from the active site passes.
    @Test func `what was held back of the active site passes when the plan is left as it is`() async throws {
        var times = 0
        for call in 1...60 {
            guard let site = try await Self.cutOff(at: call) else { break }
            let notes = Mutex<[String]>([])
            let two = Self.orchestrator(site.engine("two")) { progress in
                if case .done(let step, _, let note) = progress, step.name == .hold {
                    notes.withLock { $0.append(note ?? "") }
                }
            }
            guard site["durham"].held == ["raleigh"], try await two.standing().active == Plans.home else { continue }
            times += 1
            #expect(try await two.abandon().outcome == .undone, "call \(call)")
            #expect(site["durham"].held.isEmpty && site["durham"].isClosed, "call \(call)")
            #expect(notes.withLock { $0 } == ["what raleigh took passes to durham again"], "call \(call)")
            // A person who holds it up from then on is left alone.
            try await site.engine("person").hold(from: "raleigh", at: "durham")
            _ = try await Self.guardian(site.engine("three")).look()
            #expect(site["durham"].held == ["raleigh"], "call \(call)")
        }
        #expect(times > 1)
    }

    /// Whoever ended the plan could not let it pass, or died before.
    @Test(arguments: [Mishap.fails, .diesBefore, .diesAfter])
    func `where that could not be done at once, who stands by does it`(_ mishap: Mishap) async throws {
        var times = 0
        for call in 1...60 {
            for other in 1...20 {
                guard let site = try await Self.cutOff(at: call), site["durham"].held == ["raleigh"] else { break }
                let two = Self.orchestrator(site.engine("two"))
                guard try await two.standing().active == Plans.home else { break }
                site.state.withLock { state in state.mishaps[state.calls + other] = mishap }
                _ = try? await two.abandon()
                site.state.withLock { $0.mishaps = [:] }
                let three = Self.orchestrator(site.engine("three"))
                guard try await three.standing().state == .home, site["durham"].held == ["raleigh"] else { continue }
                times += 1
                _ = try await Self.guardian(site.engine("four")).look()
                #expect(site["durham"].held.isEmpty, "calls \(call) and \(other)")
            }
        }
        #expect(times > 0)
    }

    /// The site that took over is left where it is, and the lost one may take writes that nobody has counted.
    @Test func `what was held back of a site that was left stays so, which is told, until that is fenced`() async throws
    {
        let site = try await RunTests.site(for: .failover)
        site.change("raleigh") { $0.isGone = true }
        let engine = site.engine("one")
        let one = Self.orchestrator(engine, dns: RefusingNames(engine: engine))
        let plan = try await one.plan(.failover, mode: .freeze, id: "f", cause: "a test")
        #expect(try await one.run(plan, isOrdered: true).stoppedAt == .dns)
        let notes = Mutex<[String]>([])
        let two = Self.orchestrator(site.engine("two")) { progress in
            if case .done(_, _, let note?) = progress { notes.withLock { $0.append(note) } }
        }
        let report = try await two.abandon()
        #expect(report.outcome == .undone && report.isLeftAsItIs)
        #expect(site["durham"].held == ["raleigh"] && !site["durham"].isClosed)
        let way = "it passes when raleigh is back and fenced, by \"switchback run\" or a failback"
        #expect(notes.withLock { $0 } == ["what raleigh took is held back at durham: \(way)"])
        site.change("raleigh") { $0.isGone = false }
        #expect(try await Self.guardian(site.engine("three")).look().map(\.site) == [Plans.home])
        #expect(site["raleigh"].isClosed && site["durham"].held.isEmpty)
    }

    /// What a failover held back whose undoing could not reach the place where it waits.
    @Test func `a hold that could not be undone with its plan ends when somebody looks`() async throws {
        let site = try await Self.left()
        #expect(site["durham"].held == ["raleigh"] && !site["raleigh"].isClosed && site["durham"].isClosed)
        _ = try await Self.guardian(site.engine("two")).look()
        #expect(site["durham"].held.isEmpty)
    }

    /// A failover that was undone but for its hold, as the journal tells it.
    private static func left() async throws -> MemorySite {
        let site = MemorySite()
        let plan = Plans.plan(.failover, id: "f")
        let lines: [(JournalEvent, StepName?)] = [
            (.planned, nil), (.begun, .confirm), (.done, .confirm), (.begun, .fence), (.passed, .fence),
            (.begun, .hold), (.done, .hold), (.begun, .promote), (.undoing, .promote), (.undone, .promote),
            (.undoing, .hold), (.kept, .hold), (.undoing, .fence), (.undone, .fence), (.withdrawn, nil),
        ]
        let writer = site.engine("one")
        for (number, (event, step)) in lines.enumerated() {
            try await writer.write(
                JournalEntry(
                    plan: "f", number: number + 1, writer: "one", at: 0, epoch: 1, event: event, step: step,
                    record: event == .planned ? PlanRecord(plan) : nil))
        }
        for node in ["raleigh", "durham"] { site.change(node) { $0.epoch = 1 } }
        try await writer.hold(from: "raleigh", at: "durham")
        return site
    }
}
