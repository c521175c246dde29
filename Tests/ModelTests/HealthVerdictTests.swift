import Model
import TestSupport
import Testing

@Suite("What checks say of a site, by their weights") struct HealthVerdictTests {
    /// A history that has come to a state.
    private static func history(_ state: CheckState) -> CheckHistory {
        var history = CheckHistory(fall: 2, rise: 2)
        let looks: [CheckOutcome] =
            switch state {
            case .untried: []
            case .up: [.up]
            case .doubtful: [.up, .down]
            case .down: [.down, .down]
            case .unsteady: [.down, .down, .up]
            case .unknown: [.unknown, .unknown]
            }
        for look in looks { history.note(CheckResult(look, "because")) }
        #expect(history.state == state)
        return history
    }

    private static func check(_ state: CheckState, _ weight: Int = 1) -> WeighedCheck {
        WeighedCheck(name: "\(state.rawValue)\(weight)", weight: weight, history: history(state))
    }

    /// Every three checks in every state, with weights from 0 to 2 and every threshold.
    @Test func `down takes the weight, up takes everything, and what is unseen is neither`() {
        let histories = Dictionary(uniqueKeysWithValues: CheckState.allCases.map { ($0, Self.history($0)) })
        var counts: [HealthState: Int] = [:]
        let cases = CheckState.allCases.flatMap { state in (0...2).map { (state, $0) } }
        for first in cases {
            for second in cases {
                for third in cases {
                    let three = [first, second, third]
                    let whole = three.reduce(0) { $0 + $1.1 }
                    let down = three.filter { $0.0 == .down }.reduce(0) { $0 + $1.1 }
                    let up = three.filter { $0.0 == .up }.reduce(0) { $0 + $1.1 }
                    let checks = three.map { WeighedCheck(name: "c", weight: $0.1, history: histories[$0.0]!) }
                    for threshold in [nil, 1, 2, 4] {
                        let verdict = HealthVerdict.judge(checks, downWeight: threshold)
                        counts[verdict.state, default: 0] += 1
                        let needed = threshold ?? whole / 2 + 1
                        #expect((verdict.state == .down) == (whole > 0 && down >= needed))
                        #expect((verdict.state == .up) == (whole > 0 && up == whole))
                        let isDark = three.allSatisfy { $0.1 == 0 || $0.0 == .unknown || $0.0 == .untried }
                        if isDark { #expect(verdict.state == .unknown) }
                        #expect(!verdict.reason.isEmpty)
                    }
                }
            }
        }
        for state in HealthState.allCases { #expect(counts[state, default: 0] > 100, "\(state)") }
    }

    @Test func `a page that answers keeps no broken site up, and one check takes none down`() {
        let broken = [Self.check(.up), Self.check(.down), Self.check(.down), Self.check(.down)]
        #expect(HealthVerdict.judge(broken, downWeight: nil).state == .down)
        let flaky = [Self.check(.down), Self.check(.up), Self.check(.up), Self.check(.up)]
        #expect(HealthVerdict.judge(flaky, downWeight: nil).state == .degraded)
        // One that weighs enough decides alone.
        #expect(HealthVerdict.judge([Self.check(.down, 9), Self.check(.up)], downWeight: 9).state == .down)
        // Two of four are down and two unseen: half is not more than half.
        let half = [Self.check(.down), Self.check(.down), Self.check(.unknown), Self.check(.unknown)]
        #expect(HealthVerdict.judge(half, downWeight: nil).state == .degraded)
    }

    @Test func `one that flaps makes the site neither down nor up`() {
        #expect(HealthVerdict.judge([Self.check(.unsteady)], downWeight: nil).state == .degraded)
    }

    @Test func `the reason names what is wrong, and why`() {
        let verdict = HealthVerdict.judge([Self.check(.up), Self.check(.down, 3)], downWeight: nil)
        #expect(verdict.reason == "down by 3 of 4, 3 needed: down3 failed 2 times in a row (because)")
        #expect(HealthVerdict.judge([], downWeight: nil) == HealthVerdict(.unknown, "no check looks at it"))
    }
}
