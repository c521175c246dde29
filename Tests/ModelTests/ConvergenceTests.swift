import Model
import TestSupport
import Testing

/// Every state of a simulated cluster is compared with what an independent account of causes and effects demands.
@Suite("Convergence of the model (P4, P5)") struct ConvergenceTests {
    private typealias Step = Exploration.Step

    /// What a case may consist of: what is written, and when by the clocks of those who write.
    private static let changes: [Change] = [.put(a: 1), .put(b: 2, add: 3), .delete]

    @Test(arguments: SampleTable.rules)
    func `two nodes: every order of four writes and all deliveries, late and repeated ones included`(
        _ rule: ConflictRule
    ) {
        var states = 0
        for changes in Self.choices(of: Self.changes, count: 4) {
            for times in [[1, 2, 3, 4], [4, 3, 2, 1], [1, 1, 1, 1]] {
                var plan = Self.plan(2, .mesh, rule)
                plan.begins = changes[0] == .delete
                let steps = Self.steps(changes, times, at: [0, 0, 1, 1], nodes: 2)
                states += explore(Exploration(plan: plan, steps: steps))
            }
        }
        for changes in Self.choices(of: Self.changes, count: 2) {
            for slow in 0..<3 {
                var steps = Self.steps(changes + [.put(a: 3)], [2, 3, 1], at: [0, 1, 0], nodes: 2)
                steps[0][0].isSlow = slow > 0
                steps[1][0].isSlow = slow > 1
                states += explore(Exploration(plan: Self.plan(2, .mesh, rule), steps: steps, isLate: true))
            }
        }
        print("\(states) states of two nodes under \(rule)")
    }

    @Test(arguments: SampleTable.rules)
    func `three nodes: every order of three writes and all deliveries, directly or handed on`(_ rule: ConflictRule) {
        var states = 0
        for topology in [Topology.mesh, .chain, .ring] {
            for changes in Self.choices(of: [.put(a: 1), .delete], count: 2) {
                for times in [[1, 2, 3], [3, 2, 1], [1, 1, 1]] {
                    var plan = Self.plan(3, topology, rule)
                    plan.drops = times[0] == 3
                    let steps = Self.steps(changes + [.put(a: 2, b: 2, add: 1)], times, at: [0, 1, 2], nodes: 3)
                    states += explore(Exploration(plan: plan, steps: steps))
                }
            }
        }
        print("\(states) states of three nodes under \(rule)")
    }

    @Test(arguments: SampleTable.rules)
    func `four nodes: every order of a few writes and all deliveries around a ring`(_ rule: ConflictRule) {
        var states = 0
        for origins in [[0, 2, 3], [0, 1, 0], [0, 1, 2]] {
            let changes: [Change] = [.put(a: 1), .put(a: 2, add: 1), .put(b: 1, add: 2)]
            let steps = Self.steps(changes, [2, 1, 2], at: origins, nodes: 4)
            states += explore(Exploration(plan: Self.plan(4, .ring, rule), steps: steps))
        }
        print("\(states) states of four nodes under \(rule)")
    }

    @Test(arguments: Topology.allCases)
    func `two to five nodes, anything in any order, clocks that go wrong`(_ topology: Topology) {
        let seed = testSeed()
        var steps = 0
        var conflicts = 0
        for episode in 0..<Self.episodes {
            var workload = RandomWorkload(seed: seed &+ UInt64(episode), topology: topology)
            let cluster = workload.run(operations: 90)
            steps += cluster.steps
            conflicts += cluster.conflicts
            if cluster.findings.isEmpty { continue }
            Issue.record("seed \(seed &+ UInt64(episode)), \(cluster.plan.rule): \(cluster.findings)")
            return
        }
        print("\(steps) writes and merges in a \(topology), \(conflicts) versions lost")
        #expect(conflicts > Self.episodes)
    }

    static let episodes = 300

    // MARK: Cases

    private func explore(_ exploration: Exploration) -> Int {
        let (findings, states) = exploration.run()
        if !findings.isEmpty { Issue.record("\(exploration.plan), \(exploration.steps): \(findings)") }
        return states
    }

    private static func plan(_ nodes: Int, _ topology: Topology, _ rule: ConflictRule) -> SimulatedCluster.Plan {
        SimulatedCluster.Plan(nodes: nodes, rule: rule, links: topology.links(nodes))
    }

    private static func steps(_ changes: [Change], _ times: [Int], at origins: [Int], nodes: Int) -> [[Step]] {
        var steps = Array(repeating: [Step](), count: nodes)
        for (index, change) in changes.enumerated() {
            steps[origins[index]].append(Step(change: change, microseconds: Int64(times[index])))
        }
        return steps
    }

    /// All ways to choose so many of them, in order and with repetition.
    private static func choices(of changes: [Change], count: Int) -> [[Change]] {
        guard count > 0 else { return [[]] }
        return choices(of: changes, count: count - 1).flatMap { some in changes.map { some + [$0] } }
    }
}
