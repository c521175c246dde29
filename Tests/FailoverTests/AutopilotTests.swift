import Testing

@testable import Failover

@Suite("What moves the site by itself, and what keeps it") struct AutopilotTests {
    private static let down = SiteVerdict(state: .down, reasons: ["HEAD / answers 503"], agreeing: 2, asked: 2)
    private static let up = SiteVerdict(state: .up, since: .seconds(600))

    private func view(
        _ state: Standing.State = .home, active: SiteVerdict? = down, passive: SiteVerdict? = up,
        obstacle: String? = nil,
        undone: Duration? = nil, moved: Autopilot.Move? = .init(since: .seconds(3600), isByItself: true)
    ) -> Autopilot.View {
        Autopilot.View(
            state: state, active: state == .away ? Plans.other : Plans.home,
            passive: state == .away ? Plans.home : Plans.other, undoneSince: undone, moved: moved,
            activeVerdict: active, passiveVerdict: passive, obstacle: obstacle)
    }

    private let automatic = Autopilot(.init(isAutomatic: true, observersLeast: 2))

    private func gates(_ pilot: Autopilot, _ view: Autopilot.View) -> [String] {
        if case .stay(let gates) = pilot.decide(view) { return gates }
        return []
    }

    @Test func `a site that is down by two observers' word is failed away from`() {
        guard case .failover(let why) = automatic.decide(view()) else {
            Issue.record("it stays")
            return
        }
        #expect(why == "primary is down: HEAD / answers 503 (2 of 2 observers)")
        let alone = view(
            active: SiteVerdict(
                state: .down, reasons: ["down by 1 of 1, 1 needed: HEAD / answers 503"], agreeing: 1, asked: 1))
        let pilot = Autopilot(.init(isAutomatic: true))
        #expect(
            pilot.decide(alone) == .failover(because: "primary is down by 1 of 1, 1 needed: HEAD / answers 503"))
    }

    @Test func `each gate keeps it by itself, and is named`() {
        let manual = Autopilot(.init(isAutomatic: false, observersLeast: 2))
        #expect(gates(manual, view()) == ["failover.mode is manual: a person has to say \"switchback failover --yes\""])
        #expect(gates(automatic, view(active: nil)) == ["nothing tells whether primary is well"])
        #expect(gates(automatic, view(active: Self.up)) == ["primary is up"])
        #expect(
            gates(automatic, view(active: SiteVerdict(state: .unknown)))
                == ["nobody can tell whether primary is down: unknown is not down"])
        #expect(
            gates(automatic, view(active: SiteVerdict(state: .down, agreeing: 1, asked: 2)))
                == ["only 1 of 2 observers say that primary is down"])
        #expect(gates(automatic, view(obstacle: "it is a standby server")).count == 1)
        #expect(
            gates(automatic, view(undone: .seconds(60))).first?.hasPrefix("the last plan was undone 60 s ago") == true)
        #expect(automatic.decide(view(undone: .seconds(7200))) != .stay([]))
        #expect(gates(automatic, view(.stopped)).count == 1)
        #expect(automatic.decide(view(.moving)) == .resume)
    }

    @Test func `a site that is away does not return because a check turned green`() {
        let latched = view(.away, active: Self.up, passive: Self.up)
        #expect(
            gates(automatic, latched) == [
                "secondary is up", "it stays at secondary until a person says \"switchback failback --yes\"",
            ])
        let calm = Autopilot(.init(isAutomatic: true, calm: .seconds(900), observersLeast: 2))
        #expect(gates(calm, latched).last == "primary has been well for 10 min, and 15 min are wanted")
        let patient = Autopilot(.init(isAutomatic: true, calm: .seconds(300), observersLeast: 2))
        #expect(patient.decide(latched) == .failback(because: "primary has been well for long enough"))
        #expect(gates(patient, view(.away, active: Self.up, passive: SiteVerdict(state: .unknown))).count == 2)
    }

    /// Symptom: a site that a person had moved for maintenance went back a second later. Cause: what was well all the time counted as well
    /// for long enough. Fix: the calm counts from the move, and what a person moved a person brings back.
    @Test func `what a person moved stays, and the calm counts from the move`() {
        let calm = Autopilot(.init(isAutomatic: true, calm: .seconds(300), observersLeast: 2))
        let ordered = Autopilot.Move(since: .seconds(3600), isByItself: false)
        #expect(
            gates(calm, view(.away, active: Self.up, passive: Self.up, moved: ordered)).last
                == "a person moved it: it stays at secondary until a person says \"switchback failback --yes\"")
        let lately = Autopilot.Move(since: .seconds(60), isByItself: true)
        #expect(
            gates(calm, view(.away, active: Self.up, passive: Self.up, moved: lately)).last
                == "primary has been well for 60 s, and 5 min are wanted")
    }

    /// Symptom: a site whose web server had died moved to the other one and a second later back to the broken place. Cause: what checks
    /// had found of the one site counted for the other, and nothing kept it from a place that was down itself. Fix: they know
    /// nothing of the other one yet, a site that is down takes nothing over, and a site does not leave at once where it came by itself.
    @Test func `a site does not move to and fro by itself`() {
        let lately = Autopilot.Move(since: .seconds(20), isByItself: true)
        #expect(
            gates(automatic, view(.away, moved: lately)).first
                == "it moved to secondary by itself 20 s ago, and does not leave it by itself for 580 s more")
        let ordered = Autopilot.Move(since: .seconds(20), isByItself: false)
        #expect(automatic.decide(view(.away, moved: ordered)) != .stay([]))
        let broken = SiteVerdict(state: .down, reasons: ["HEAD / answers 503"], agreeing: 2, asked: 2)
        #expect(gates(automatic, view(passive: broken)) == ["secondary is down as well: HEAD / answers 503"])
        // Its services may be started by the plan.
        let starting = Autopilot(.init(isAutomatic: true, observersLeast: 2, startsServices: true))
        #expect(starting.decide(view(passive: broken)) != .stay([]) && gates(starting, view(passive: broken)).isEmpty)
    }

    @Test func `what did not work is tried again later and later, and told once`() {
        var patience = Patience()
        let begin = ContinuousClock.now
        var (now, tries, told) = (begin, 0, 0)
        while now < begin + .seconds(3600) {
            if patience.isOver(.failback, now: now) {
                tries += 1
                if patience.note(.failback, failure: "raleigh does not answer", now: now) { told += 1 }
            }
            now += .seconds(1)
        }
        #expect(tries < 25 && told == 1, "\(tries)")
        #expect(patience.isOver(.failover, now: now))
        let isNews = patience.note(.failback, failure: "it is a standby", now: now)
        #expect(isNews)
        _ = patience.note(.failover, failure: nil, now: now)
        #expect(patience.isOver(.failback, now: now))
    }
}
