import Model
import Testing

@Suite("Conflict rules: who wins and who is listed (P4, P5)") struct ConflictRuleTests {
    private let context = SampleTable.context

    /// A version by a node at a time.
    private func version(
        _ origin: String, at time: Int64, _ a: String?, _ b: String? = nil, isDeleted: Bool = false,
        _ stamps: [Stamp?]? = nil
    ) -> RowVersion {
        RowVersion(
            dot: Dot(origin: origin, transaction: 1), microseconds: time, values: isDeleted ? nil : ["1", a, b, "0"],
            columnStamps: stamps)
    }

    private func winner(_ rule: ConflictRule, _ versions: RowVersion...) -> String? {
        rule.settle(VersionSet(versions), in: context).winner?.dot.origin
    }

    @Test func `one version wins under every rule, and nobody lost`() {
        for rule in SampleTable.rules {
            for isDeleted in [true, false] {
                let only = version("B", at: 5, "1", isDeleted: isDeleted)
                let settled = rule.settle(VersionSet([only]), in: context)
                #expect(settled == Settled(row: only.values, winner: only, losers: []), "\(rule)")
            }
        }
    }

    @Test func `equal changes are no conflict under any rule`() {
        for rule in SampleTable.rules {
            let set = VersionSet([version("A", at: 1, "1"), version("B", at: 2, "1"), version("C", at: 2, "1")])
            let settled = rule.settle(set, in: context)
            #expect(settled.row == ["1", "1", nil, "0"] && settled.losers.isEmpty && !settled.isHeld, "\(rule)")
            let gone = VersionSet(["A", "B"].map { version($0, at: 1, nil, isDeleted: true) })
            #expect(rule.settle(gone, in: context).row == nil, "\(rule)")
            #expect(rule.settle(gone, in: context).losers.isEmpty, "\(rule)")
        }
    }

    @Test func `a loser that says what the winner says is not listed`() {
        let set = VersionSet([version("A", at: 1, "1"), version("B", at: 2, "2"), version("C", at: 3, "1")])
        #expect(ConflictRule.latest.settle(set, in: context).losers.map(\.dot.origin) == ["B"])
        #expect(ConflictRule.earliest.settle(set, in: context).losers.map(\.dot.origin) == ["B"])
        #expect(ConflictRule.hold.settle(set, in: context).losers.map(\.dot.origin) == ["B"])
    }

    @Test func `latest and earliest go by stamp, deletions included`() {
        let (a, b) = (version("A", at: 2, "1"), version("B", at: 2, nil, isDeleted: true))
        #expect(winner(.latest, a, b) == "B" && winner(.earliest, a, b) == "A")
        #expect(winner(.latest, b, a) == "B" && winner(.earliest, b, a) == "A")
    }

    @Test func `prefer goes by the list, and by the stamp among those who are not in it`() {
        let (a, b, c) = (version("A", at: 3, "1"), version("B", at: 2, "2"), version("C", at: 1, "3"))
        #expect(winner(.prefer(["A", "C", "B"]), a, b, c) == "A")
        #expect(winner(.prefer(["A", "C", "B"]), b, c) == "C")
        #expect(winner(.prefer(["C"]), a, b, c) == "C")
        #expect(winner(.prefer(["D"]), b, a, c) == "A")
        #expect(winner(.prefer([]), b, c) == "B")
    }

    @Test func `largest and smallest go by a value, then by the latest stamp; a row wins over its deletion`() {
        let (one, ten) = (version("A", at: 1, "1"), version("B", at: 2, "10"))
        let again = version("C", at: 3, "10", "other")
        let (null, gone) = (version("D", at: 4, nil), version("E", at: 9, nil, isDeleted: true))
        #expect(winner(.largest("a"), one, ten, gone) == "B" && winner(.smallest("a"), one, ten, gone) == "A")
        #expect(winner(.largest("a"), again, ten, one) == "C")
        #expect(winner(.largest("a"), null, one) == "A" && winner(.smallest("a"), null, one) == "D")
        #expect(winner(.largest("a"), null, gone) == "D" && winner(.smallest("a"), null, gone) == "D")
    }

    @Test func `hold shows the earliest until somebody writes, and says that it waits`() {
        let set = VersionSet([version("B", at: 1, "2"), version("A", at: 2, "1")])
        let settled = ConflictRule.hold.settle(set, in: context)
        #expect(settled.isHeld && settled.row == ["1", "2", nil, "0"] && settled.losers.map(\.dot.origin) == ["A"])
    }

    /// What two nodes hold together whose writers had both seen what Z wrote.
    private func met(_ left: RowVersion, _ right: RowVersion) -> VersionSet {
        let one = Snapshot("2:2:")!
        return VersionSet.merged(
            VersionSet([left]), knowing: Knowledge([left.dot.origin: one, "Z": one]),
            VersionSet([right]), knowing: Knowledge([right.dot.origin: one, "Z": one]))
    }

    @Test func `merge takes each column from who wrote it last, and only what both changed conflicts`() {
        let before = Stamp(microseconds: 0, origin: "Z", transaction: 1)
        let first = Stamp(microseconds: 1, origin: "A", transaction: 1)
        let second = Stamp(microseconds: 2, origin: "B", transaction: 1)
        let a = version("A", at: 1, "7", "0", [before, first, before, before])
        let b = version("B", at: 2, "0", "8", [before, before, second, before])
        let apart = ConflictRule.merge.settle(met(a, b), in: context)
        #expect(apart.row == ["1", "7", "8", "0"] && apart.losers.isEmpty && apart.winner == nil)

        let both = version("B", at: 2, "9", "8", [before, second, second, before])
        let clash = ConflictRule.merge.settle(met(a, both), in: context)
        #expect(clash.row == ["1", "9", "8", "0"] && clash.losers.map(\.dot) == [a.dot])
        #expect(clash.winner?.dot == both.dot)
    }

    @Test func `merge lists a version for a value that it took over from another`() {
        // C wrote a=5, A saw it and wrote b; B wrote a=9 having seen neither. C's version is superseded, its value lost.
        let taken = Stamp(microseconds: 1, origin: "C", transaction: 1)
        let a = version(
            "A", at: 2, "5", "1", [taken, taken, Stamp(microseconds: 2, origin: "A", transaction: 1), taken])
        let b = version("B", at: 3, "9")
        let settled = ConflictRule.merge.settle(VersionSet([a, b]), in: context)
        #expect(settled.losers == [a] && settled.row == ["1", "9", nil, "0"])
    }

    @Test func `merge does not list a version for a value that the other had seen`() {
        // Z wrote a=5; A saw it and wrote b; B saw it, too, and wrote a=9.
        let taken = Stamp(microseconds: 1, origin: "Z", transaction: 1)
        let own = Stamp(microseconds: 2, origin: "A", transaction: 1)
        let other = Stamp(microseconds: 3, origin: "B", transaction: 1)
        let a = version("A", at: 2, "5", "1", [taken, taken, own, taken])
        let b = version("B", at: 3, "9", nil, [taken, other, taken, taken])
        let settled = ConflictRule.merge.settle(met(a, b), in: context)
        #expect(settled.row == ["1", "9", "1", "0"] && settled.losers.isEmpty)
    }

    @Test func `a function gets the versions in the order of their stamps, once each, and cannot change the key`() {
        let told = RuleContext(
            columns: ["id", "v"], keyCount: 1, compare: { _, _, _ in 0 },
            fold: { earlier, later in
                ["?", "(\(earlier.values?[1] ?? "-")\(earlier.stamp)+\(later.values?[1] ?? "-")\(later.stamp))"]
            })
        let versions = [(3, "C", "z"), (1, "A", "x"), (2, "B", "y"), (4, "D", "x")].map { time, origin, value in
            RowVersion(dot: Dot(origin: origin, transaction: 1), microseconds: time, values: ["1", value])
        }
        let settled = ConflictRule.function("f").settle(VersionSet(versions), in: told)
        #expect(settled.row == ["1", "((x1@A:1+y2@B:1)2@B:1+z3@C:1)"])
        #expect(settled.winner == nil && settled.losers.count == 4)
    }

    @Test func `values are told apart by their bytes`() {
        let set = VersionSet([version("A", at: 1, "caf\u{E9}"), version("B", at: 2, "cafe\u{301}")])
        #expect(ConflictRule.latest.settle(set, in: context).losers.count == 1)
    }

    @Test func `a rule that could not converge is refused for two sources and more, with the reason`() {
        for rule in SampleTable.rules {
            #expect(rule.refusal(sources: 1, functionIsImmutable: false, comparesAlike: false) == nil, "\(rule)")
            #expect(rule.refusal(sources: 5, functionIsImmutable: true, comparesAlike: true) == nil, "\(rule)")
        }
        let refused = SampleTable.rules.filter {
            $0.refusal(sources: 2, functionIsImmutable: false, comparesAlike: false) != nil
        }
        #expect(refused == [.largest("a"), .smallest("a"), .function("choose")])
    }
}
