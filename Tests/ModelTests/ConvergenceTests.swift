import Model
import TestSupport
import Testing

/// Every state of a simulated cluster is compared with what an independent account of causes and effects demands.
@Suite("Convergence of the model (P4, P5)") struct ConvergenceTests {
    private typealias Step = Exploration.Step

    private static let times = [[1, 2, 3, 4], [4, 3, 2, 1], [1, 1, 1, 1]]

    @Test(arguments: SampleTable.rules.indices)
    func `two nodes: every order of four writes and all deliveries`(_ rule: Int) {
        var cases: [Exploration] = []
        for changes in Self.choices(of: [.put(a: 1), .put(b: 2, add: 3), .delete], count: 4) {
            for times in Self.times {
                var plan = Self.plan(2, .mesh, rule)
                plan.begins = changes[0] == .delete
                plan.drops = changes[1] == .delete
                cases.append(
                    Exploration(plan: plan, steps: Self.steps(changes, times, at: [0, 0, 1, 1], nodes: 2)))
            }
        }
        explore(Effort.part(of: cases, every: 41, for: rule), rule)
    }

    @Test(arguments: SampleTable.rules.indices)
    func `two nodes: deliveries that are late, overtaken and repeated, transactions that stay open`(_ rule: Int) {
        var cases: [Exploration] = []
        for changes in Self.choices(of: [.put(a: 1), .put(b: 2, add: 3), .delete], count: 3) {
            for times in Self.times {
                for slow in 1...2 {
                    var steps = Self.steps(changes, times, at: [0, 1, 0], nodes: 2)
                    steps[0][0].isSlow = true
                    steps[1][0].isSlow = slow > 1
                    cases.append(Exploration(plan: Self.plan(2, .mesh, rule), steps: steps, isLate: true))
                }
            }
        }
        explore(Effort.part(of: cases, every: 61, for: rule), rule)
    }

    @Test(arguments: SampleTable.rules.indices)
    func `three nodes: every order of two or three writes and all deliveries, directly or handed on`(_ rule: Int) {
        var cases: [Exploration] = []
        for topology in [Topology.mesh, .chain, .ring] {
            for changes in Self.choices(of: [.put(a: 1), .put(b: 2, add: 1), .delete], count: 2) {
                for times in Self.times {
                    var plan = Self.plan(3, topology, rule)
                    plan.drops = times[0] == 4
                    // Two writes have as many orders in a mesh as three have elsewhere.
                    let hasThird = topology != .mesh && Effort.isThorough
                    let all = hasThird ? changes + [.put(a: 2, b: 2, add: 1)] : changes
                    cases.append(
                        Exploration(plan: plan, steps: Self.steps(all, times, at: [0, 1, 2], nodes: 3)))
                }
            }
        }
        explore(Effort.part(of: cases, every: 80, for: rule * 9), rule)
    }

    @Test(arguments: SampleTable.rules.indices)
    func `four nodes: every order of two or three writes and all deliveries around a ring`(_ rule: Int) {
        var cases: [Exploration] = []
        let changes: [Change] = [.put(a: 1), .put(a: 2, add: 1), .put(b: 1, add: 2)]
        for origins in [[0, 2], [0, 1], [0, 2, 3], [0, 1, 0], [0, 1, 2]] where origins.count == 2 || Effort.isThorough {
            let steps = Self.steps(Array(changes.prefix(origins.count)), [2, 1, 2], at: origins, nodes: 4)
            cases.append(Exploration(plan: Self.plan(4, .ring, rule), steps: steps))
        }
        explore(Effort.part(of: cases, every: 6, for: rule), rule)
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

    private static let episodes = Effort.isThorough ? 20_000 : 60

    // MARK: Cases

    private func explore(_ cases: [Exploration], _ rule: Int) {
        guard !cases.isEmpty else { return }
        var states = 0
        for exploration in cases {
            let (findings, count) = exploration.run()
            states += count
            if !findings.isEmpty { Issue.record("\(exploration.plan), \(exploration.steps): \(findings)") }
        }
        print("\(states) states in \(cases.count) cases under \(SampleTable.rules[rule])")
    }

    private static func plan(_ nodes: Int, _ topology: Topology, _ rule: Int) -> SimulatedCluster.Plan {
        SimulatedCluster.Plan(nodes: nodes, rule: SampleTable.rules[rule], links: topology.links(nodes))
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
