import Model
import TestSupport
import Testing

/// What a check's looks make of it, against the rules read off the whole list of looks.
@Suite("A check's history") struct CheckHistoryTests {
    /// The rules in the words of the documentation, from the list and from nothing that was kept.
    private struct Oracle {
        let looks: [CheckOutcome]
        let fall: Int
        let rise: Int

        /// The looks that saw something, since the last time that nothing was seen for `fall` looks.
        private var run: [CheckOutcome] {
            var run: [CheckOutcome] = []
            var blind = 0
            for look in looks {
                blind = look == .unknown ? blind + 1 : 0
                if look != .unknown { run.append(look) } else if blind >= fall { run = [] }
            }
            return run
        }

        private func trailing(_ outcome: CheckOutcome) -> Int { run.reversed().prefix { $0 == outcome }.count }

        private var isBlind: Bool { looks.reversed().prefix { $0 == .unknown }.count >= fall }

        /// Failures after the last time that it was well for `rise` looks.
        private var counted: Int {
            for end in stride(from: looks.count, through: 0, by: -1) {
                let before = Oracle(looks: Array(looks.prefix(end)), fall: fall, rise: rise)
                if looks.prefix(end).last == .up, before.trailing(.up) >= rise {
                    return looks.dropFirst(end).count { $0 == .down }
                }
            }
            return looks.count { $0 == .down }
        }

        var state: CheckState {
            if looks.isEmpty { return .untried }
            if isBlind { return .unknown }
            if trailing(.down) >= fall { return .down }
            let counted = counted
            if counted == 0 { return trailing(.up) > 0 ? .up : .unknown }
            return counted >= fall ? .unsteady : .doubtful
        }
    }

    private func history(_ looks: [CheckOutcome], fall: Int, rise: Int) -> CheckHistory {
        var history = CheckHistory(fall: fall, rise: rise)
        for look in looks { history.note(CheckResult(look, "")) }
        return history
    }

    /// All lists of up to seven looks, with every fall and rise from 1 to 3.
    @Test func `after any looks, the state is what the rules say`() {
        var count = 0
        func explore(_ looks: [CheckOutcome], _ fall: Int, _ rise: Int) {
            let state = history(looks, fall: fall, rise: rise).state
            let wanted = Oracle(looks: looks, fall: fall, rise: rise).state
            if state != wanted {
                Issue.record("fall \(fall) rise \(rise) \(looks.map(\.rawValue)): \(state), not \(wanted)")
            }
            count += 1
            guard looks.count < 7 else { return }
            for look in CheckOutcome.allCases { explore(looks + [look], fall, rise) }
        }
        for fall in 1...3 { for rise in 1...3 { explore([], fall, rise) } }
        #expect(count == 9 * 3280)
    }

    @Test func `long random histories keep the rules, and what follows from them`() {
        let seed = testSeed()
        var random = SeededRandom(seed)
        for _ in 0..<2000 {
            let (fall, rise) = (random.number(1...6), random.number(1...6))
            let bias = random.number(1...8)
            var looks: [CheckOutcome] = []
            var history = CheckHistory(fall: fall, rise: rise)
            for _ in 0..<random.number(1...60) {
                let look: CheckOutcome = random.once(in: 9) ? .unknown : random.once(in: bias) ? .down : .up
                looks.append(look)
                history.note(CheckResult(look, ""))
                let state = history.state
                if state != Oracle(looks: looks, fall: fall, rise: rise).state {
                    Issue.record("seed \(seed) fall \(fall) rise \(rise) \(looks.map(\.rawValue)): \(state)")
                }
                // Nothing is down without that many failures and no success in between.
                let seen = looks.filter { $0 != .unknown }
                if state == .down { #expect(seen.suffix(fall).allSatisfy { $0 == .down } && seen.count >= fall) }
                // Nothing is up that failed within its last successes.
                if state == .up { #expect(!seen.suffix(rise).contains(.down)) }
            }
        }
    }

    @Test(arguments: 2...6) func `one that flaps is neither down nor up, however long`(_ fall: Int) {
        var history = CheckHistory(fall: fall, rise: 5)
        for _ in 0..<fall {
            history.note(CheckResult(.down, ""))
            history.note(CheckResult(.up, ""))
        }
        for turn in 0..<200 {
            history.note(CheckResult(turn % 2 == 0 ? .down : .up, ""))
            #expect(history.state == .unsteady)
        }
    }

    @Test func `what is not seen is not down`() {
        let blind = history(Array(repeating: .unknown, count: 50), fall: 3, rise: 5)
        #expect(blind.state == .unknown && blind.failuresCounted == 0)
        // Two failures, darkness, and one more failure: that is not three in a row.
        let dark = history([.down, .down, .unknown, .unknown, .unknown, .down], fall: 3, rise: 5)
        #expect(dark.state == .unsteady && dark.failuresInRow == 1)
        // A look that saw nothing in between neither counts nor clears.
        #expect(history([.down, .unknown, .down, .unknown, .down], fall: 3, rise: 5).state == .down)
    }

    @Test func `it is looked at sooner on the way down, and not on the way up`() {
        func isInDoubt(_ looks: CheckOutcome...) -> Bool { history(looks, fall: 3, rise: 3).isInDoubt }
        #expect(CheckHistory(fall: 3, rise: 3).isInDoubt)
        #expect(isInDoubt(.up, .down) && isInDoubt(.up, .down, .down) && isInDoubt(.unknown))
        #expect(!isInDoubt(.up) && !isInDoubt(.up, .down, .up))
        #expect(!isInDoubt(.down, .down, .down) && !isInDoubt(.down, .down, .down, .up))
        #expect(isInDoubt(.down, .down, .down, .up, .down))
    }
}
