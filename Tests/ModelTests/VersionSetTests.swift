import Model
import TestSupport
import Testing

@Suite("Versions of a row that had not seen one another (P4)") struct VersionSetTests {
    private func version(_ origin: String, _ number: UInt64, at time: Int64 = 1, _ value: String? = "x") -> RowVersion {
        RowVersion(
            dot: Dot(origin: origin, transaction: number), microseconds: time, values: value.map { ["1", $0] })
    }

    private func seen(_ numbers: [String: UInt64]) -> Knowledge {
        Knowledge(numbers.mapValues { Snapshot(xmin: $0 + 1, xmax: $0 + 1) })
    }

    @Test func `versions stand in the order of their stamps, however they came`() {
        let late = version("A", 1, at: 2)
        let early = version("B", 9, at: 1)
        #expect(VersionSet([late, early]).versions == [early, late])
        #expect(VersionSet([late, early]) == VersionSet([early, late]))
    }

    @Test func `of two versions that neither node had seen both stay`() {
        let a = VersionSet([version("A", 1)])
        let b = VersionSet([version("B", 1)])
        let both = VersionSet.merged(a, knowing: seen(["A": 1]), b, knowing: seen(["B": 1]))
        #expect(both.versions.map(\.dot.origin) == ["A", "B"])
    }

    @Test func `a version that the other had seen and does not hold is superseded`() {
        let old = VersionSet([version("A", 1)])
        let new = VersionSet([version("B", 1)])
        let merged = VersionSet.merged(old, knowing: seen(["A": 1]), new, knowing: seen(["A": 1, "B": 1]))
        #expect(merged == new)
        #expect(VersionSet.merged(new, knowing: seen(["A": 1, "B": 1]), old, knowing: seen(["A": 1])) == new)
    }

    @Test func `a version that comes again after it was dropped does not return`() {
        let old = VersionSet([version("A", 1)])
        let merged = VersionSet.merged(VersionSet(), knowing: seen(["A": 1]), old, knowing: seen(["A": 1]))
        #expect(merged.isEmpty)
    }

    @Test func `a set is stable when every node's rows have come with the knowledge of it`() {
        let set = VersionSet([version("A", 1), version("B", 1)])
        #expect(set.isStable([seen(["A": 1, "B": 1]), seen(["A": 2, "B": 7])]))
        #expect(!set.isStable([seen(["A": 1, "B": 1]), seen(["A": 1])]))
    }

    /// DESIGN §4: pair by pair, A and C differ for ever.
    @Test func `prefer A, C, B: three nodes agree, whatever met first`() {
        let rule = ConflictRule.prefer(["A", "C", "B"])
        let context = RuleContext(columns: ["id", "v"], keyCount: 1, compare: { _, _, _ in 0 })
        let x = VersionSet([version("A", 1, "X")])
        let y = VersionSet([version("C", 1, "Y")])
        let z = VersionSet([version("B", 1, "Z")])
        let (atA, atC, atB) = (seen(["A": 1]), seen(["C": 1]), seen(["A": 1, "B": 1]))

        // X and Y first: X is shown, and Y is kept for the time when Z has superseded X.
        let xy = VersionSet.merged(x, knowing: atA, y, knowing: atC)
        #expect(rule.settle(xy, in: context).row == ["1", "X"])
        let xyz = VersionSet.merged(xy, knowing: seen(["A": 1, "C": 1]), z, knowing: atB)
        // Z first, then Y.
        let zy = VersionSet.merged(z, knowing: atB, y, knowing: atC)

        #expect(xyz == zy)
        let settled = rule.settle(zy, in: context)
        #expect(settled.row == ["1", "Y"])
        #expect(settled.losers.map(\.values) == [["1", "Z"]])
    }

    @Test func `merging in any order makes the same set`() {
        let seed = testSeed()
        for episode in 0..<60 {
            var workload = RandomWorkload(seed: seed &+ UInt64(episode))
            let nodes = workload.runUnsettled(operations: 40).nodes
            let states = nodes.map { ($0.rows[0].set, $0.knowledge) }
            var results: Set<VersionSet> = []
            for order in permutations(Array(states.indices.prefix(4))) {
                var (set, knowledge) = states[order[0]]
                // The first once more at the end: what comes twice changes nothing.
                for index in order.dropFirst() + [order[0]] {
                    set = VersionSet.merged(set, knowing: knowledge, states[index].0, knowing: states[index].1)
                    knowledge.formUnion(states[index].1)
                }
                results.insert(set)
            }
            #expect(results.count == 1, "episode \(episode)")
        }
    }

    private func permutations(_ all: [Int]) -> [[Int]] {
        guard all.count > 1 else { return [all] }
        return all.flatMap { first in permutations(all.filter { $0 != first }).map { [first] + $0 } }
    }
}
