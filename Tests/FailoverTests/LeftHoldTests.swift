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

    /// A daemon of somebody who moves the site by hand.
    private static func watch(_ engine: MemoryEngine) -> Watch {
        Watch(
            orchestrator: orchestrator(engine), guardian: guardian(engine),
            autopilot: Autopilot(.init(isAutomatic: false)), parts: engine.parts, onEvent: { _ in })
    }

    /// Runs a body whose engine dies at a call.
    private static func dying(_ site: MemorySite, at call: Int, _ body: () async throws -> Void) async {
        site.state.withLock { $0.mishaps[$0.calls + call] = .diesAfter }
        try? await body()
        site.state.withLock { $0.mishaps = [:] }
    }

    /// The calls at which a failover's engine can die so that the primary's changes are held back, and the primary is the active site.
    private static func callsThatHold() async throws -> [Int] {
        var calls: [Int] = []
        for call in 1...60 {
            guard let site = try await cutOff(at: call) else { break }
            let active = try await orchestrator(site.engine("two")).standing().active
            if site["durham"].held == ["raleigh"], active == Plans.home { calls.append(call) }
        }
        return calls
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

    /// Symptom: after "abort --leave" the secondary never took the primary's changes again, whoever stood by. Cause: a run that had gone on
    /// with the plan had raised the epoch at the secondary and died before its next line; a node that has heard of more than the journal
    /// tells was left alone, for somebody might be about to begin. Fix: whoever gets the lease knows that nobody is.
    @Test func `a run that died between its epoch and its next line keeps nothing held back`() async throws {
        var times = 0
        for call in try await Self.callsThatHold() {
            for other in 1...10 {
                for last in 1...14 {
                    let site = try #require(try await Self.cutOff(at: call))
                    await Self.dying(site, at: other) { _ = try await Self.orchestrator(site.engine("two")).resume() }
                    let isAhead = site["durham"].epoch > Journal([site["durham"].journal]).epoch
                    await Self.dying(site, at: last) { _ = try await Self.orchestrator(site.engine("three")).abandon() }
                    let daemon = Self.watch(site.engine("four"))
                    for _ in 0..<2 { try await daemon.look() }
                    let what = "calls \(call), \(other) and \(last): \(RunTests.story(site))"
                    let standing = try await Self.orchestrator(site.engine("five")).standing()
                    #expect(standing.state == .home || standing.state == .away, "\(what)")
                    #expect(!site[standing.passive.node].held.contains(standing.active.node), "\(what)")
                    if isAhead, standing.active == Plans.home { times += 1 }
                }
            }
        }
        #expect(times > 10)
    }

    /// Symptom: people were back at the primary, a person had ended the failover with "abort --leave", and the daemon fenced the primary: nobody
    /// could write at all. Cause: the step that fences it had been passed over while it was gone, so that it counted as a site that must not
    /// take writes. Fix: the site that is active when no plan is under way may take them.
    @Test func `the active site is fenced by nobody when a failover was left as it is`() async throws {
        for call in try await Self.callsThatHold() {
            let site = try #require(try await Self.cutOff(at: call))
            let report = try await Self.orchestrator(site.engine("two")).abandon()
            #expect(report.outcome == .undone, "call \(call)")
            site.change("raleigh") { $0.isGone = false }
            let daemon = Self.watch(site.engine("three"))
            for _ in 0..<2 { try await daemon.look() }
            #expect(!site["raleigh"].isClosed && site["durham"].isClosed, "call \(call)")
            let standing = try await Self.orchestrator(site.engine("four")).standing()
            #expect(standing.state == .home && standing.writable == ["primary"], "call \(call)")
        }
    }

    /// Somebody else has the lease: they may be about to write the line that is missing.
    @Test func `what may be another's epoch is left alone as long as somebody has the lease`() async throws {
        let site = try await Self.left()
        site.change("durham") { $0.epoch = 9 }
        let hold = try await site.engine("two").take()
        #expect(try await Self.guardian(site.engine("three")).look() == [])
        #expect(site["durham"].held == ["raleigh"])
        await hold.release()
        _ = try await Self.guardian(site.engine("three")).look()
        #expect(site["durham"].held.isEmpty)
        #expect(site["durham"].journal.last.map { $0.event == .quarantined && $0.epoch == 9 } == true)
        #expect(site.state.withLock { $0.nodes.values.allSatisfy { $0.holder == nil } }, "it is given back")
    }

    /// The engine that carries a failover out dies, then the daemon that goes on with it, at any call; another daemon stands by.
    @Test(arguments: [false, true])
    func `whenever engines die, nothing of the active site is held back once somebody has looked`(
        _ comesBackFirst: Bool
    ) async throws {
        for call in try await Self.callsThatHold() {
            for other in 1...40 {
                let site = try #require(try await Self.cutOff(at: call))
                if comesBackFirst { site.change("raleigh") { $0.isGone = false } }
                await Self.dying(site, at: other) { try await Self.watch(site.engine("two")).look() }
                let daemon = Self.watch(site.engine("three"))
                for _ in 0..<3 { try await daemon.look() }
                site.change("raleigh") { $0.isGone = false }
                for _ in 0..<3 { try await daemon.look() }
                let held = ["raleigh", "durham"].map { site[$0].held }
                #expect(held == [[], []], "calls \(call) and \(other): \(RunTests.story(site))")
            }
        }
    }

    /// Symptom: after two failovers, there and back, the secondary took nothing of the primary any more. Cause: what the first one held back
    /// was let go by whoever fenced a site that came back; the second one had fenced the site itself. Fix: plans that are done are asked as well
    /// whether they still hold back what comes from the active site.
    @Test func `what the first of two failovers held back passes after the second`() async throws {
        let site = try await RunTests.site(for: .failover)
        site.change("raleigh") { $0.isGone = true }
        #expect(try await RunTests.run(site.engine("one"), .failover, .freeze, limits: Self.limits).outcome == .done)
        site.change("raleigh") { $0.isGone = false }
        #expect(try await RunTests.run(site.engine("two"), .failover, .freeze, limits: Self.limits).outcome == .done)
        #expect(!site["raleigh"].isClosed && site["durham"].isClosed && site["durham"].held == ["raleigh"])
        _ = try await Self.guardian(site.engine("three")).look()
        #expect(site["durham"].held.isEmpty)
        // A person who holds it up from then on is left alone.
        try await site.engine("person").hold(from: "raleigh", at: "durham")
        _ = try await Self.guardian(site.engine("three")).look()
        #expect(site["durham"].held == ["raleigh"])
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
