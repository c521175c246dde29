import Synchronization
import TestSupport
import Testing

@testable import Failover

/// While nobody can write, the lease and the journal get no more time than the budget has.
@Suite("Nobody waits in a freeze for who does not answer (P8, P11)") struct FreezeTests {
    /// Something that has come to be so, and stays so.
    final class Latch: Sendable {
        private let value = Mutex(false)
        var isSet: Bool { value.withLock { $0 } }
        func set() { value.withLock { $0 = true } }
    }

    /// A lease that does not answer any more from one question on.
    struct StillLease: SiteLease {
        enum Silence: CaseIterable {
            /// The question is never answered.
            case hangs
            /// It is known that nobody answers, as of a lease in etcd that was not renewed.
            case told
            /// It is known to be over, as of a lease in etcd whose time was up before it could be renewed.
            case over
        }

        let engine: MemoryEngine
        let silence: Silence
        /// Whether it answers again after one question.
        let isBrief: Bool
        let isStill = Latch()
        /// Heard at each question until then: whether it is this one.
        let falls: @Sendable () -> Bool
        var meaning: String { "a test" }

        init(
            _ engine: MemoryEngine, _ silence: Silence, isBrief: Bool = false,
            falls: @escaping @Sendable () -> Bool
        ) {
            (self.engine, self.silence, self.isBrief, self.falls) = (engine, silence, isBrief, falls)
        }

        func take() async throws -> any LeaseHold { Hold(inner: try await engine.take(), lease: self) }

        struct Hold: LeaseHold {
            let inner: any LeaseHold
            let lease: StillLease

            func isHeld() async -> Bool { await answer() == .held }
            func answer() async -> LeaseAnswer {
                let fallsNow = !lease.isStill.isSet && lease.falls()
                if fallsNow { lease.isStill.set() }
                guard fallsNow || lease.isStill.isSet && !lease.isBrief else { return await inner.answer() }
                if lease.silence == .hangs { try? await Task.sleep(for: .seconds(3600)) }
                return lease.silence == .over ? .lost : .silent
            }
            func release() async { await inner.release() }
        }
    }

    /// A journal that does not take one line in time. It is there later, when a test says so.
    final class StillJournal: SiteJournal {
        private let engine: MemoryEngine
        private let event: JournalEvent
        private let step: StepName
        private let line = Mutex<JournalEntry?>(nil)

        init(_ engine: MemoryEngine, _ event: JournalEvent, _ step: StepName) {
            (self.engine, self.event, self.step) = (engine, event, step)
        }

        /// Whether the line was asked for.
        var isReached: Bool { line.withLock { $0 != nil } }

        func read() async throws -> (journal: Journal, missing: [String: String]) { try await engine.read() }
        func heal() async { await engine.heal() }
        func write(_ entry: JournalEntry) async throws {
            guard entry.event == event, entry.step == step else { return try await engine.write(entry) }
            line.withLock { $0 = entry }
            try await Task.sleep(for: .seconds(3600))
        }

        func land() async throws {
            let entry = try #require(line.withLock { $0 })
            try await engine.write(entry)
        }
    }

    private static func orchestrator(
        _ engine: MemoryEngine, lease: (any SiteLease)? = nil, journal: (any SiteJournal)? = nil,
        dns: (any SiteDNS)? = nil, hooks: (any SiteHooks)? = nil, limits: PlanLimits = PlanLimits(linger: .zero)
    ) -> Orchestrator {
        var parts = engine.parts
        parts.lease = lease ?? engine
        parts.journal = journal ?? engine
        parts.dns = dns ?? engine
        parts.hooks = hooks ?? engine
        return Orchestrator(
            parts: parts, limits: limits, home: Plans.home, other: Plans.other, name: engine.name,
            pause: .milliseconds(1))
    }

    /// Everything may take long, and writes may stop for a second.
    private static let budgeted = PlanLimits(
        node: .seconds(60), lost: .seconds(60), linger: .zero, budget: .seconds(1))

    private static func run(_ orchestrator: Orchestrator, _ kind: PlanKind) async throws -> RunReport {
        let plan = try await orchestrator.plan(kind, mode: .freeze, id: "p", cause: "a test")
        return try await orchestrator.run(plan, isOrdered: true)
    }

    // MARK: - The lease

    /// Symptom: etcd hung in the middle of a switchover, and nobody could write for as long as it did, whatever the budget was: the plan was
    /// left to another engine that did not exist. Cause: the question for the lease had a time limit of its own, and a lease that nobody
    /// answers for counted as another's. Fix: it ends the freeze as the budget does; what keeps others out on the way back are the epochs.
    ///
    /// Symptom: the same when etcd was back a moment after the lease's time was up, and nobody else had it. Cause: what is known to be lost
    /// was left to whoever has it, also where nobody has. Fix: the epochs tell.
    @Test(arguments: StillLease.Silence.allCases)
    func `a lease that does not answer in a freeze undoes the plan, also when it never answers again`(
        _ silence: StillLease.Silence
    ) async throws {
        for kind in [PlanKind.switchover, .failback] {
            let site = try await RunTests.site(for: kind)
            let (from, to) = kind == .switchover ? ("raleigh", "durham") : ("durham", "raleigh")
            let engine = site.engine("one")
            let lease = StillLease(engine, silence) { site[from].isClosed }
            let report = try await Self.run(Self.orchestrator(engine, lease: lease, limits: Self.budgeted), kind)
            #expect(report.outcome == .undone, "\(kind): \(report)")
            let says =
                switch silence {
                case .hangs: "the freeze budget of 1 s was used up at fence, waiting for the lease"
                case .told: "the lease did not answer at fence, while nobody could write"
                case .over: "the lease was lost at fence, while nobody could write"
                }
            #expect(report.reason == says, "\(kind)")
            #expect(report.hint != nil && report.lines.first { $0.step == .fence }?.mark == .undone, "\(kind)")
            #expect(!site[from].isClosed && site[to].isClosed && site.write(70, at: from), "\(kind)")
            let standing = try await site.engine("two").orchestrator().standing()
            #expect(standing.state == (kind == .switchover ? .home : .away), "\(kind)")
            #expect(standing.active.node == from, "\(kind)")
        }
    }

    /// At each question of a plan that goes well, and of one whose names cannot be moved, so that it is undone.
    @Test(arguments: [PlanKind.switchover, .failback], [false, true])
    func `whenever the lease falls silent, people can write at one site, and the plan comes to its end`(
        _ kind: PlanKind, _ refusesNames: Bool
    ) async throws {
        var ends: Set<RunReport.Outcome> = []
        for number in 1...200 {
            let site = try await RunTests.site(for: kind)
            let engine = site.engine("one")
            let asked = Mutex(0)
            let lease = StillLease(engine, .told) {
                asked.withLock { asked in
                    asked += 1
                    return asked == number
                }
            }
            let dns: (any SiteDNS)? = refusesNames ? RefusingNames(engine: engine) : nil
            let report = try await Self.run(Self.orchestrator(engine, lease: lease, dns: dns), kind)
            guard lease.isStill.isSet else { break }
            ends.insert(report.outcome)
            let what = "question \(number): \(report.outcome), \(RunTests.story(site))"
            #expect(!site["raleigh"].isClosed || !site["durham"].isClosed, "\(what)")
            try await Self.expectEnd(site, what)
        }
        #expect(ends.isSuperset(of: [.left, .undone]), "\(ends)")
    }

    /// Somebody goes on with what is left, and then one site takes writes and has every row.
    private static func expectEnd(_ site: MemorySite, _ what: String) async throws {
        let two = site.engine("two")
        let orchestrator = Self.orchestrator(two)
        if [.moving, .stopped].contains(try await orchestrator.standing().state) {
            let report = try await orchestrator.resume()
            #expect(report.outcome == .done || report.outcome == .undone, "\(what), then \(report)")
        }
        _ = try await two.guardian.look()
        let standing = try await orchestrator.standing()
        let (active, passive) = (standing.active.node, standing.passive.node)
        #expect(!site[active].isClosed && site[passive].isClosed, "\(what)")
        _ = try await two.carry(from: passive, to: active, limit: .seconds(1))
        #expect(site[active].rows == [1, 2, 3], "\(what)")
        #expect(site.state.withLock { $0.splits } == 0, "\(what)")
    }

    /// The epochs tell that somebody has begun something, whoever has the lease. That one may die as well: the report says what mends it then.
    @Test(arguments: [StillLease.Silence.told, .over])
    func `who was overtaken while the lease did not answer changes nothing any more`(
        _ silence: StillLease.Silence
    ) async throws {
        let site = try await RunTests.site(for: .switchover)
        let engine = site.engine("one")
        let lease = StillLease(engine, silence) {
            guard site["raleigh"].isClosed else { return false }
            site.change("raleigh") { $0.epoch += 100 }
            return true
        }
        let report = try await Self.run(Self.orchestrator(engine, lease: lease), .switchover)
        #expect(report.outcome == .left, "\(report)")
        #expect(site["raleigh"].isClosed && site["durham"].isClosed)
        #expect(report.undoCommand == "switchback switchover abort --yes")
        #expect(report.hint?.hasPrefix("nobody can write: ") == true, "\(report)")
        #expect(report.notice.weight == .alarm && report.notice.text.hasSuffix("switchback switchover abort --yes"))
        // The other one goes back as well: people have waited long enough.
        let other = try await Self.orchestrator(site.engine("two")).resume()
        #expect(other.outcome == .undone && !site["raleigh"].isClosed && site["durham"].isClosed, "\(other)")
    }

    /// Symptom: a lease was silent in a freeze, both nodes were slow to answer just then, and the site stayed closed: the plan was left to an
    /// engine that did not exist. Cause: one look that came to nothing counted as having seen a later epoch. Fix: it is taken again, with
    /// more time.
    @Test(arguments: [StillLease.Silence.told, .over])
    func `a look at the nodes that is late on the way back is taken again`(_ silence: StillLease.Silence) async throws {
        let site = try await RunTests.site(for: .switchover)
        let engine = site.engine("one")
        let lease = StillLease(engine, silence) {
            guard site["raleigh"].isClosed else { return false }
            // What comes next are the looks at both nodes.
            site.state.withLock { state in
                for call in 1...2 { state.mishaps[state.calls + call] = .hangs }
            }
            return true
        }
        let limits = PlanLimits(lost: .milliseconds(200), linger: .zero)
        let report = try await Self.run(Self.orchestrator(engine, lease: lease, limits: limits), .switchover)
        #expect(report.outcome == .undone, "\(report)")
        #expect(!site["raleigh"].isClosed && site["durham"].isClosed && site.write(70, at: "raleigh"))
    }

    /// Symptom: the new site died while it was opened, and the old one stayed closed, though it may be opened where the other cannot be fenced.
    /// Cause: a lease that was slow once was not asked any more, and the epochs tell nothing where the new site is dark and may have been
    /// opened by somebody else. Fix: then the lease is asked again. Where it stays silent nobody can know, and the report says so.
    @Test(arguments: [true, false])
    func `a new site that dies while it is opened leaves the old one open, where the lease answers again`(
        _ isBrief: Bool
    ) async throws {
        let site = try await RunTests.site(for: .switchover)
        let engine = site.engine("one")
        let lease = StillLease(engine, .told, isBrief: isBrief) {
            guard site["raleigh"].journal.contains(where: { $0.step == .promote && $0.event == .begun }) else {
                return false
            }
            site.change("durham") { $0.isGone = true }
            return true
        }
        let report = try await Self.run(Self.orchestrator(engine, lease: lease), .switchover)
        #expect(report.outcome == (isBrief ? .undone : .left), "\(report)")
        #expect(site["raleigh"].isClosed != isBrief)
        #expect(report.keptSteps == (isBrief ? [.promote] : []), "\(report)")
        #expect(report.undoCommand == (isBrief ? nil : "switchback switchover abort --yes"))
        #expect(site.write(70, at: "raleigh") == isBrief)
    }

    // MARK: - The user's program

    /// A program that stops a site's services, and does not end.
    private final class SlowStop: SiteHooks {
        private let calls = Mutex<[String]>([])
        var log: [String] { calls.withLock { $0 } }

        func has(_ point: HookPoint) -> Bool { true }
        func run(
            _ point: HookPoint, site: PlanSite, plan: Plan, epoch: Int, limit: Duration
        ) async throws -> String? {
            calls.withLock { $0.append("\(point.rawValue) \(site.name)") }
            if point == .stop { try await Task.sleep(for: .seconds(3600)) }
            return nil
        }
    }

    /// Symptom: an engine was told to end while the user's program stopped the site's services, and they stayed stopped. Cause: nothing was
    /// fenced yet, and only that counted as a freeze. Fix: what the program may have stopped is started again first.
    @Test func `a run that is told to end while the services are being stopped starts them again`() async throws {
        let site = try await RunTests.site(for: .switchover)
        let hooks = SlowStop()
        let orchestrator = Self.orchestrator(site.engine("one"), hooks: hooks)
        let task = Task { try await Self.run(orchestrator, .switchover) }
        try #require(try await eventually { hooks.log == ["stop primary"] })
        task.cancel()
        let report = try await task.value
        #expect(report.outcome == .undone, "\(report)")
        #expect(report.reason == "the run was told to end while nobody could write")
        #expect(hooks.log == ["stop primary", "start primary"])
        try await Self.expectHome(site)
    }

    // MARK: - The journal

    /// Lines that are written while nobody can write.
    static let lines: [(event: JournalEvent, step: StepName)] = [
        (.done, .fence), (.begun, .drain), (.done, .drain), (.begun, .filesLast), (.done, .filesLast),
        (.begun, .promote),
    ]

    /// Symptom: a node that stood still kept a site closed for three times the limit of a line, past the budget. Cause: lines of the journal had
    /// a time limit of their own. Fix: they get what is left of the budget. A line that was given up may be there later, and one that says
    /// that the new site is being opened must not make it the active one then: it is taken for written, and its step is undone.
    @Test(arguments: FreezeTests.lines.indices)
    func `a line that the journal does not take in time undoes the plan, and changes nothing when it comes later`(
        _ index: Int
    ) async throws {
        let (event, step) = Self.lines[index]
        let site = try await RunTests.site(for: .switchover)
        let engine = site.engine("one")
        let journal = StillJournal(engine, event, step)
        let report = try await Self.run(
            Self.orchestrator(engine, journal: journal, limits: Self.budgeted), .switchover)
        #expect(report.outcome == .undone, "\(report)")
        #expect(report.reason == "the freeze budget of 1 s was used up at \(step.rawValue), waiting for the journal")
        #expect(!site["raleigh"].isClosed && site["durham"].isClosed)
        try await journal.land()
        try await Self.expectHome(site)
    }

    private static func expectHome(_ site: MemorySite) async throws {
        let two = site.engine("two")
        let standing = try await Self.orchestrator(two).standing()
        #expect(standing.state == .home && standing.active == Plans.home, "\(RunTests.story(site))")
        #expect(standing.writable == ["primary"], "\(RunTests.story(site))")
        _ = try await two.guardian.look()
        #expect(!site["raleigh"].isClosed && site["durham"].isClosed)
    }

    /// Symptom: a switchover was told to end at the line that says that the new site is being opened, and was undone; the journal then said
    /// that both sites may take writes, and that the new one is active. Cause: the line was there, though nobody had waited for the answer, and
    /// the step was not undone. Fix: it is taken for begun.
    @Test func `a run that is told to end at the line before the new site is opened undoes that as well`()
        async throws
    {
        let site = try await RunTests.site(for: .switchover)
        let engine = site.engine("one")
        let journal = StillJournal(engine, .begun, .promote)
        let orchestrator = Self.orchestrator(engine, journal: journal)
        let task = Task { try await Self.run(orchestrator, .switchover) }
        try #require(try await eventually { journal.isReached })
        task.cancel()
        let report = try await task.value
        #expect(report.outcome == .undone, "\(report)")
        #expect(report.reason == "the run was told to end while nobody could write")
        try await journal.land()
        try await Self.expectHome(site)
    }
}
