import Model
import TestSupport
import Testing

@Suite("Counters: everything that was added, once (P4, P5)") struct CounterTests {
    private let arithmetic = SampleTable.context.arithmetic!

    @Test func `a sum is changed by its node only, and the later one counts`() {
        let base = CounterTotals(base: "10")
        let a1 = base.set(to: "12", at: "A", arithmetic)
        let b1 = base.set(to: "15", at: "B", arithmetic)
        let a2 = a1.joined(b1).set(to: "18", at: "A", arithmetic)
        let c1 = base.set(to: "11", at: "C", arithmetic)
        #expect(a1.joined(b1).value(arithmetic) == "17")
        // A's second version superseded its first and B's; C knew of none of them.
        for joined in [a2.joined(c1), c1.joined(a2), c1.joined(a1).joined(a2).joined(b1).joined(a2)] {
            #expect(joined.value(arithmetic) == "19")
        }
        #expect(a2.shares["A"] == CounterTotals.Share(sum: "3", changes: 2))
    }

    @Test func `a sum that falls is not mistaken for an earlier one`() {
        let up = CounterTotals(base: "0").set(to: "5", at: "A", arithmetic)
        let down = up.set(to: "1", at: "A", arithmetic)
        #expect(up.joined(down).value(arithmetic) == "1" && down.joined(up).value(arithmetic) == "1")
    }

    @Test func `NULL counts as zero`() {
        let totals = CounterTotals(base: "4").set(to: nil, at: "A", arithmetic)
        #expect(totals.value(arithmetic) == "0")
    }

    @Test func `two nodes that insert one key at the same time add up`() {
        var cluster = SimulatedCluster(SimulatedCluster.Plan(nodes: 2, links: Topology.mesh.links(2)))
        cluster.write(0, .put(add: 3), at: 0, microseconds: 1)
        cluster.write(0, .put(add: 4), at: 1, microseconds: 2)
        cluster.settle()
        #expect(cluster.nodes.map { $0.rows[0].shown?[SampleTable.counter] } == ["7", "7"])
    }

    @Test func `a row that is inserted again counts what was added while it was gone`() {
        var plan = SimulatedCluster.Plan(nodes: 2, links: Topology.mesh.links(2))
        plan.begins = true
        var cluster = SimulatedCluster(plan)
        cluster.write(0, .put(add: 4), at: 1, microseconds: 1)
        cluster.write(0, .delete, at: 0, microseconds: 2)
        cluster.write(0, .put(add: 2), at: 0, microseconds: 3)
        cluster.settle()
        cluster.lookAtTheEnd()
        #expect(cluster.nodes.map { $0.rows[0].shown?[SampleTable.counter] } == ["6", "6"])
        #expect(cluster.findings.isEmpty)
    }

    @Test func `a counter is in no conflict, and is right whoever wins`() {
        var cluster = SimulatedCluster(
            SimulatedCluster.Plan(nodes: 2, rule: .earliest, links: Topology.mesh.links(2), begins: true))
        cluster.write(0, .put(add: 1), at: 0, microseconds: 1)
        cluster.write(0, .put(add: 10), at: 1, microseconds: 2)
        cluster.settle()
        for node in cluster.nodes {
            #expect(node.rows[0].shown == ["0", "5", nil, "111"] && node.rows[0].recorded.isEmpty)
        }
    }

    @Test(arguments: Topology.allCases, [ConflictRule.latest, .earliest, .merge, .hold])
    func `the end is the beginning and all that was acknowledged`(_ topology: Topology, _ rule: ConflictRule) {
        let seed = testSeed()
        var random = SeededRandom(seed)
        for _ in 0..<25 {
            let nodes = random.number(2...5)
            var cluster = SimulatedCluster(
                SimulatedCluster.Plan(nodes: nodes, rule: rule, links: topology.links(nodes), begins: true))
            var wanted = 100
            for _ in 0..<60 where !cluster.history.isFull {
                if random.once(in: 2) {
                    let add = random.number(-9...9)
                    wanted += add
                    cluster.write(
                        0, .put(a: random.number(0...9), add: add), at: random.number(0...nodes - 1),
                        microseconds: Int64(random.number(0...5)))
                } else {
                    cluster.deliver(cluster.plan.links[random.number(0...cluster.plan.links.count - 1)])
                }
            }
            cluster.settle()
            for node in cluster.nodes { #expect(node.rows[0].shown?[SampleTable.counter] == String(wanted)) }
        }
    }
}
