import Synchronization
import TestSupport
import Testing

@testable import Failover

/// What the daemon does about a site, after engines and nodes that died at any moment.
@Suite("The daemon's looks (P8, P11)") struct SiteWatchTests {
    /// Says of each site what a test wants.
    private final class Verdicts: SiteHealth {
        private let states: Mutex<[String: SiteVerdict.State]>
        private let sites = Mutex<[String]>([])
        /// The sites that it was told are the active one.
        var followed: [String] { sites.withLock { $0 } }

        init(_ states: [String: SiteVerdict.State]) { self.states = Mutex(states) }

        func set(_ site: String, _ state: SiteVerdict.State) { states.withLock { $0[site] = state } }
        func follow(_ site: String, epoch: Int) async { sites.withLock { $0.append(site) } }
        func verdict(of site: String) async -> SiteVerdict {
            SiteVerdict(state: states.withLock { $0[site] ?? .unknown }, since: .seconds(60), reasons: ["a test"])
        }
        func visit(_ site: String) async throws {}
    }

    private struct Setup {
        let orchestrator: Orchestrator
        let watch: Watch

        init(
            _ engine: MemoryEngine, _ health: Verdicts?, dns: (any SiteDNS)? = nil, hooks: (any SiteHooks)? = nil,
            calm: Duration? = nil, every: Duration = .seconds(1),
            onEvent: @escaping @Sendable (Watch.Event) -> Void = { _ in }
        ) {
            let parts = SiteParts(
                nodes: engine, journal: engine, lease: engine, dns: dns ?? engine, files: engine, health: health,
                hooks: hooks ?? engine, notifier: engine)
            orchestrator = Orchestrator(
                parts: parts, limits: MemoryEngine.limits, home: Plans.home, other: Plans.other, name: engine.name,
                pause: .milliseconds(1))
            let guardian = Guardian(
                parts: parts, limits: MemoryEngine.limits, home: Plans.home, other: Plans.other, name: engine.name)
            watch = Watch(
                orchestrator: orchestrator, guardian: guardian,
                autopilot: Autopilot(.init(isAutomatic: true, calm: calm)), parts: parts, every: every,
                onEvent: onEvent)
        }
    }

    /// A failover by itself whose engine dies at a call; nil where it had come to its end before.
    private static func cutOff(at call: Int) async throws -> MemorySite? {
        let site = try await RunTests.site(for: .failover)
        _ = try await site.engine("stream").carry(from: "raleigh", to: "durham", limit: .seconds(1))
        site.change("raleigh") { $0.isGone = true }
        let one = Setup(site.engine("one"), Verdicts(["primary": .down, "secondary": .up]))
        let plan = try await one.orchestrator.plan(
            .failover, mode: .freeze, id: "f", cause: Plan.byItself + "primary is down")
        let calls = site.state.withLock { state in
            state.mishaps[state.calls + call] = .diesAfter
            return state.calls
        }
        _ = try? await one.orchestrator.run(plan, isOrdered: false)
        return site.state.withLock { $0.calls } < calls + call ? nil : site
    }

    /// Symptom: an engine died at the beginning of a failover that nobody had ordered; the primary was well again, and whoever went on
    /// with the plan left it. Cause: to go on counted as a person's order. Fix: as long as nothing was done the verdict counts.
    @Test func `a failover that was cut off before it did anything is undone where the site is well again`()
        async throws
    {
        var ends: [Standing.State: Int] = [:]
        for call in 1...60 {
            guard let site = try await Self.cutOff(at: call) else { break }
            site.change("raleigh") { $0.isGone = false }
            let health = Verdicts(["primary": .unknown, "secondary": .up])
            let two = Setup(site.engine("two"), health)
            let before = try await two.orchestrator.standing()
            guard before.state == .moving, let run = before.run else { continue }
            let hasActed = !run.hasOnlyLooked
            if !hasActed {
                // A daemon that has just begun knows nothing yet.
                await #expect(throws: StepFailure.self) { try await two.watch.look() }
                #expect(try await two.orchestrator.standing().state == .moving)
            }
            health.set("primary", .up)
            try await two.watch.look()
            let state = try await two.orchestrator.standing().state
            #expect(state == (hasActed ? .away : .home), "call \(call)")
            #expect(site["raleigh"].isClosed == hasActed && site["durham"].isClosed != hasActed, "call \(call)")
            ends[state, default: 0] += 1
        }
        #expect(ends[.home] ?? 0 > 0 && ends[.away] ?? 0 > 0, "\(ends)")
    }

    @Test func `it goes on where the site is still down`() async throws {
        var count = 0
        for call in 1...60 {
            guard let site = try await Self.cutOff(at: call) else { break }
            let two = Setup(site.engine("two"), Verdicts(["primary": .down, "secondary": .up]))
            guard try await two.orchestrator.standing().state == .moving else { continue }
            try await two.watch.look()
            #expect(try await two.orchestrator.standing().state == .away, "call \(call)")
            count += 1
        }
        #expect(count > 5)
    }

    /// Symptom: an observer went on looking at the primary after a failover, until the next plan. Cause: it was told of the primary in the middle of
    /// the plan, under the epoch that the secondary was active under in the end. Fix: it is told when no plan is under way.
    @Test func `nobody is told which site is the active one before a plan has come to its end`() async throws {
        var count = 0
        for call in 1...60 {
            guard let site = try await Self.cutOff(at: call) else { break }
            let health = Verdicts(["primary": .down, "secondary": .up])
            let two = Setup(site.engine("two"), health)
            guard try await two.orchestrator.standing().state == .moving else { continue }
            _ = try await two.watch.view()
            #expect(health.followed == [], "call \(call)")
            try await two.watch.look()
            #expect(health.followed == [], "call \(call)")
            _ = try await two.watch.view()
            #expect(health.followed == ["secondary"], "call \(call)")
            count += 1
        }
        #expect(count > 5)
    }

    /// The verdicts here say that a site has been as it is for 60 s.
    @Test func `a site that moved by itself goes back by itself, when the calm that is wanted is over`() async throws {
        for (calm, goes) in [(Duration.seconds(90), false), (Duration.seconds(30), true)] {
            let site = try await RunTests.site(for: .failover)
            _ = try await site.engine("stream").carry(from: "raleigh", to: "durham", limit: .seconds(1))
            site.change("raleigh") { $0.isGone = true }
            let health = Verdicts(["primary": .down, "secondary": .up])
            let ended = Mutex<[PlanKind]>([])
            let setup = Setup(site.engine("one"), health, calm: calm) { event in
                if case .ended(let report) = event { ended.withLock { $0.append(report.plan.kind) } }
            }
            try await setup.watch.look()
            #expect(site.write(50, at: "durham"))
            site.change("raleigh") { node in
                node.isGone = false
                node.rows.insert(60)
            }
            // What comes back is fenced first, whatever the calm.
            try await setup.watch.look()
            health.set("primary", .up)
            try await setup.watch.look()
            let standing = try await setup.orchestrator.standing()
            #expect(standing.state == (goes ? .home : .away), "\(calm)")
            #expect(ended.withLock { $0 } == (goes ? [.failover, .failback] : [.failover]), "\(calm)")
            #expect(site["raleigh"].isClosed != goes && site["durham"].isClosed == goes, "\(calm)")
            guard goes else { continue }
            #expect(site["raleigh"].rows == [1, 2, 3, 50, 60])
            // Home again it stays, however well both are.
            try await setup.watch.look()
            #expect(try await setup.orchestrator.standing().state == .home)
        }
    }

    /// Symptom: after a failover a site came back, was fenced and counted, and what it had taken never came over. Cause: the engine died
    /// after the line that says that it is counted, and before it let the changes pass; that line kept everybody else from it. Fix: a line
    /// of its own says that they pass.
    @Test(arguments: [Mishap.diesBefore, .diesAfter, .fails, .failsAfter])
    func `what a site took that came back passes, whenever the one who counts it dies`(_ mishap: Mishap) async throws {
        var times = 0
        for call in 1...40 {
            let site = try await RunTests.site(for: .failover)
            site.change("raleigh") { $0.isGone = true }
            #expect(try await RunTests.run(site.engine("one"), .failover, .freeze).outcome == .done)
            site.change("raleigh") { $0.isGone = false }
            #expect(site["durham"].held == ["raleigh"])
            let calls = site.state.withLock { state in
                state.mishaps[state.calls + call] = mishap
                return state.calls
            }
            _ = try? await site.engine("two").guardian.look()
            guard site.state.withLock({ $0.calls }) >= calls + call else { break }
            times += 1
            site.state.withLock { $0.mishaps = [:] }
            let three = site.engine("three").guardian
            _ = try await three.look()
            #expect(site["raleigh"].isClosed && site["durham"].held.isEmpty, "call \(call)")
            let lines = site["durham"].journal.filter { $0.event == .quarantined }
            #expect(lines.contains { $0.numbers["stranded_rows"] == 3 }, "call \(call): \(lines)")
            // A person who holds the stream up afterwards is left alone.
            try await site.engine("person").hold(from: "raleigh", at: "durham")
            _ = try await three.look()
            #expect(site["durham"].held == ["raleigh"], "call \(call)")
        }
        #expect(times > 5)
    }

    /// Symptom: what a site had taken waited for ever after a failback was begun and undone before it was merged. Cause: only the last plan was
    /// asked whether it holds anything back. Fix: it is the plan by which the site is where it is.
    @Test func `what a site took passes although a failback was begun since and undone`() async throws {
        var times = 0
        for call in 1...60 {
            let site = try await RunTests.site(for: .failover)
            site.change("raleigh") { $0.isGone = true }
            #expect(try await RunTests.run(site.engine("one"), .failover, .freeze).outcome == .done)
            site.change("raleigh") { $0.isGone = false }
            let calls = site.state.withLock { state in
                for attempt in 0..<3 { state.mishaps[state.calls + call + attempt] = .fails }
                return state.calls
            }
            let report = try? await RunTests.run(site.engine("two"), .failback, .freeze)
            guard site.state.withLock({ $0.calls }) >= calls + call else { break }
            site.state.withLock { $0.mishaps = [:] }
            guard report?.outcome == .undone, site["durham"].held == ["raleigh"] else { continue }
            times += 1
            _ = try await site.engine("three").guardian.look()
            #expect(site["raleigh"].isClosed && site["durham"].held.isEmpty, "call \(call)")
            let lines = site["durham"].journal.filter { $0.event == .quarantined }
            #expect(lines.contains { $0.numbers["stranded_rows"] == 3 }, "call \(call): \(lines)")
        }
        #expect(times > 0)
    }

    /// Symptom: people got hundreds of mails an hour, and the provider of the names was asked each second. Cause: a way back that could not
    /// begin left no line, and began again at the next look. Fix: it is tried again later and later, and told once.
    @Test func `a way back that cannot begin is not begun at each look`() async throws {
        let site = try await RunTests.site(for: .failover)
        _ = try await site.engine("stream").carry(from: "raleigh", to: "durham", limit: .seconds(1))
        site.change("raleigh") { $0.isGone = true }
        let health = Verdicts(["primary": .down, "secondary": .up])
        let begun = Mutex(0)
        let setup = Setup(site.engine("one"), health, calm: .zero) { event in
            if case .began = event { begun.withLock { $0 += 1 } }
        }
        try await setup.watch.look()
        #expect(try await setup.orchestrator.standing().state == .away)
        site.change("raleigh") { $0.isGone = false }
        try await setup.watch.look()
        health.set("primary", .up)
        health.set("secondary", .degraded)
        site.change("durham") { $0.isGone = true }
        let before = begun.withLock { $0 }
        for _ in 0..<5 { try? await setup.watch.look() }
        #expect(begun.withLock { $0 } == before + 1)
    }

    /// Symptom: a switchover stopped with nobody able to write, although the names led where they always had. Cause: the provider did not
    /// answer, and was asked what there is to be taken back. Fix: then the name servers are asked.
    @Test func `a provider that is gone keeps no site closed whose names never moved`() async throws {
        let site = try await RunTests.site(for: .switchover)
        let engine = site.engine("one")
        let setup = Setup(engine, nil, dns: RefusingNames(engine: engine, isGone: true))
        let plan = try await setup.orchestrator.plan(.switchover, mode: .freeze, id: "s", cause: "a test")
        let report = try await setup.orchestrator.run(plan, isOrdered: true)
        #expect(report.outcome == .undone, "\(report)")
        #expect(!report.isLeftAsItIs)
        #expect(!site["raleigh"].isClosed && site["durham"].isClosed)
    }

    /// Symptom: no failover back to a site that had returned, though the other one had died since. Cause: what is stranded there could not
    /// be counted without the dead one, and the look ended with that. Fix: trouble with the one is told, and does not end the look.
    @Test func `a site that has come back takes over although what it took cannot be counted`() async throws {
        let site = try await RunTests.site(for: .failover)
        _ = try await site.engine("stream").carry(from: "raleigh", to: "durham", limit: .seconds(1))
        site.change("raleigh") { $0.isGone = true }
        #expect(try await RunTests.run(site.engine("one"), .failover, .freeze).outcome == .done)
        // It is back, hears of what was done, and then the other one dies before anybody has counted.
        site.change("raleigh") { $0.isGone = false }
        await site.engine("heard").heal()
        site.change("durham") { $0.isGone = true }
        let two = Setup(site.engine("two"), Verdicts(["primary": .up, "secondary": .down]))
        try await two.watch.look()
        #expect(try await two.orchestrator.standing().active == Plans.home)
        #expect(!site["raleigh"].isClosed)
        #expect(site.state.withLock { $0.splits } == 0)
        // The other one comes back. What it held back since the first failover are the active site's changes now.
        #expect(site["durham"].held == ["raleigh"])
        site.change("durham") { $0.isGone = false }
        try? await two.watch.look()
        #expect(site["durham"].isClosed && site["durham"].held.isEmpty)
    }

    /// Starts the services of the new site, and the first visitor writes there.
    private struct Visited: SiteHooks {
        let site: MemorySite

        func has(_ point: HookPoint) -> Bool { true }
        func run(_ point: HookPoint, site: PlanSite, plan: Plan, epoch: Int, limit: Duration) async throws -> String? {
            if point == .start, site == Plans.other { self.site.write(77, at: site.node) }
            return nil
        }
    }

    /// Symptom: what was written at the new site before a switchover was undone was not at the old one when people wrote there again.
    /// Fix: it is brought home between the two fences.
    @Test func `what the new site took before it was left again is home when people write there`() async throws {
        let site = try await RunTests.site(for: .switchover)
        let engine = site.engine("one")
        let setup = Setup(engine, nil, dns: RefusingNames(engine: engine), hooks: Visited(site: site))
        let plan = try await setup.orchestrator.plan(.switchover, mode: .freeze, id: "s", cause: "a test")
        let report = try await setup.orchestrator.run(plan, isOrdered: true)
        #expect(report.outcome == .undone, "\(report)")
        #expect(!site["raleigh"].isClosed && site["durham"].isClosed)
        #expect(site["raleigh"].rows == [1, 2, 3, 77])
    }

    /// Takes a change of the names and never answers. It carries it out when a test says so.
    private struct SlowNames: SiteDNS {
        let engine: MemoryEngine
        /// What the name servers answer, where it is not what they have.
        var says: NamesAnswer?
        var ttl: Duration { .zero }
        func difference(toward site: String) async throws -> [String] { try await engine.difference(toward: site) }
        func plan(toward site: String) async throws -> NamesPlan { try await engine.plan(toward: site) }
        func apply(_ plan: NamesPlan, toward site: String) async throws { try await Task.sleep(for: .seconds(3600)) }
        func takeBack(_ plan: NamesPlan?, toward site: String) async throws -> String? {
            try await engine.takeBack(plan, toward: site)
        }
        func isLed(toward site: String) async -> Bool { await engine.isLed(toward: site) }
        func answer(toward site: String) async -> NamesAnswer {
            if let says { return says }
            return await isLed(toward: site) ? .led : .otherwise
        }
        func verify(toward site: String) async throws { try await engine.verify(toward: site) }
        func manualSteps(_ plan: NamesPlan?, toward site: String) async -> [String] { [] }
    }

    /// What a daemon says is not as it should be.
    private final class Alarms: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }

        func hear(_ event: Watch.Event) {
            if case .alarm(let why) = event { lines.withLock { $0.append(why) } }
        }
    }

    /// A switchover whose provider never answered, and what a daemon says after it.
    ///
    /// - Parameters:
    ///   - age: how long ago it ended, in seconds by the journal's clock.
    ///   - lands: whether the provider has carried the change out after all.
    ///   - says: what the name servers answer, where it is not what they have.
    ///   - restarts: whether a daemon that begins anew looks after the first one.
    private static func alarms(
        age: Double, lands: Bool, says: NamesAnswer? = nil, restarts: Bool = false
    ) async throws -> (told: [SiteNotice], logged: [String]) {
        let site = try await RunTests.site(for: .switchover)
        site.state.withLock { $0.clock = WallClock.seconds() - age }
        let engine = site.engine("one")
        let logged = Alarms()
        func setup() -> Setup {
            Setup(
                engine, Verdicts(["primary": .up, "secondary": .up]), dns: SlowNames(engine: engine, says: says),
                every: .milliseconds(2)
            ) { event in logged.hear(event) }
        }
        let first = setup()
        let plan = try await first.orchestrator.plan(.switchover, mode: .freeze, id: "s", cause: "a test")
        let report = try await first.orchestrator.run(plan, isOrdered: true)
        try #require(report.outcome == .undone, "\(report)")
        try #require(report.lines.first { $0.step == .dns }?.mark == .undone, "\(report)")
        #expect(site.state.withLock { $0.names } == "primary")
        if lands { site.state.withLock { $0.names = "secondary" } }
        try await first.watch.look()
        // Servers may be about to follow.
        #expect(logged.all == [], "one look is no alarm")
        for watch in restarts ? [setup().watch, setup().watch] : [first.watch] {
            for _ in 0..<(restarts ? 1 : 3) {
                try await Task.sleep(for: .milliseconds(30))
                try await watch.look()
            }
        }
        return (site.state.withLock { $0.told.filter { $0.weight == .alarm } }, logged.all)
    }

    /// Symptom: people were led to a site that takes no writes, and nobody was told. Cause: a change of the names that was given up was carried out after
    /// the plan had been undone and the names had been looked at. Fix: the daemon looks once more when the request's own time is over.
    @Test func `a change of the names that comes after its plan was undone is seen and told once, with what mends it`()
        async throws
    {
        let late = try await Self.alarms(age: 600, lands: true)
        #expect(late.told.map(\.subject) == ["not every authoritative name server leads to primary, the active site"])
        #expect(late.told.first?.text.contains("\"switchback dns apply --site primary\" leads them there") == true)
        #expect(late.logged.count == 1 && late.logged.first?.contains("the switchover s was undone") == true)
        let well = try await Self.alarms(age: 600, lands: false)
        #expect(well.told == [] && well.logged == [])
        // Its time is not over yet.
        let early = try await Self.alarms(age: 0, lands: true)
        #expect(early.told == [] && early.logged == [])
    }

    /// Symptom: people were woken because a name server was restarted, and again by each start of the daemon, days later. Cause: one look was enough,
    /// a server that did not answer counted as one that leads elsewhere, and every process looked anew. Fix: it takes two looks that see
    /// names led elsewhere, within the hour.
    @Test func `names are no cause for alarm after one look, nor where nobody answers, nor long after the plan`()
        async throws
    {
        let silent = try await Self.alarms(age: 600, lands: true, says: .silent)
        #expect(silent.told == [] && silent.logged == [])
        let old = try await Self.alarms(age: 7200, lands: true)
        #expect(old.told == [] && old.logged == [])
        let restarted = try await Self.alarms(age: 600, lands: true, restarts: true)
        #expect(restarted.told == [] && restarted.logged == [])
    }
}
