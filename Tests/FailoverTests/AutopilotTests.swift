import Testing

@testable import Failover

@Suite("What moves the site by itself, and what keeps it") struct AutopilotTests {
    private static let down = SiteVerdict(state: .down, reasons: ["HEAD / answers 503"], agreeing: 2, asked: 2)
    private static let up = SiteVerdict(state: .up, since: .seconds(600))

    private func view(
        _ state: Standing.State = .home, active: SiteVerdict? = down, passive: SiteVerdict? = up,
        obstacle: String? = nil,
        undone: Duration? = nil
    ) -> Autopilot.View {
        Autopilot.View(
            state: state, active: state == .away ? Plans.other : Plans.home,
            passive: state == .away ? Plans.home : Plans.other, undoneSince: undone, activeVerdict: active,
            passiveVerdict: passive, obstacle: obstacle)
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
}
