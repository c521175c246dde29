import Model
import TestSupport

/// Any cluster doing anything, from a seed.
struct RandomWorkload {
    enum Clock: CaseIterable { case right, skewed, backward, equal }

    private var random: SeededRandom
    private var cluster: SimulatedCluster
    private let clock: Clock
    private let skews: [Int]
    private var time = 1000
    private var underWay: [(message: SimulatedNode.Message, to: Int)] = []

    init(seed: UInt64, fault: Fault? = nil, rule: ConflictRule? = nil, topology: Topology? = nil) {
        var random = SeededRandom(seed)
        let nodes = random.number(2...5)
        let topology = topology ?? Topology.allCases[random.number(0...3)]
        let rule = rule ?? SampleTable.rules[random.number(0...SampleTable.rules.count - 1)]
        clock = Clock.allCases[random.number(0...3)]
        skews = (0..<nodes).map { _ in random.number(-50...50) }
        cluster = SimulatedCluster(
            SimulatedCluster.Plan(
                nodes: nodes, keys: random.number(1...3), rule: rule, links: topology.links(nodes), fault: fault,
                drops: fault == nil ? random.once(in: 2) : fault == .droppedWhenSeen, begins: random.once(in: 2)))
        self.random = random
    }

    /// Does so many things, brings everything everywhere and looks at the end.
    mutating func run(operations: Int) -> SimulatedCluster {
        _ = runUnsettled(operations: operations)
        cluster.settle()
        cluster.lookAtTheEnd()
        return cluster
    }

    /// Does so many things and leaves them where they are.
    mutating func runUnsettled(operations: Int) -> SimulatedCluster {
        for _ in 0..<operations where !cluster.history.isFull { operate() }
        return cluster
    }

    private mutating func operate() {
        time += random.number(0...3)
        let node = random.number(0...cluster.plan.nodes - 1)
        switch random.number(0...9) {
        case 0...2: cluster.write(anyKey(), anyChange(), at: node, microseconds: now(at: node))
        case 3: work(at: node)
        case 4, 5: read()
        case 6, 7: apply()
        default: cluster.deliver(anyLink())
        }
    }

    /// Goes on with a transaction that is open, or begins one.
    private mutating func work(at node: Int) {
        guard let open = cluster.nodes[node].open.first, !random.once(in: 3) else {
            let transaction = cluster.begin(at: node, microseconds: now(at: node))
            _ = cluster.change(anyKey(), anyChange(), at: node, in: transaction)
            return
        }
        switch random.number(0...4) {
        case 0: cluster.rollBack(open.number, at: node)
        case 1: _ = cluster.change(anyKey(), anyChange(), at: node, in: open.number)
        default: cluster.commit(open.number, at: node)
        }
    }

    private mutating func read() {
        let link = anyLink()
        underWay.append((cluster.read(link, everything: random.once(in: 3)), link.to))
    }

    /// Applies something that was read some time ago, now and then not for the last time.
    private mutating func apply() {
        guard !underWay.isEmpty else { return }
        let at = random.number(0...underWay.count - 1)
        cluster.apply(underWay[at].message, at: underWay[at].to)
        if !random.once(in: 3) { underWay.remove(at: at) }
    }

    private mutating func anyKey() -> Int { random.number(0...cluster.plan.keys - 1) }
    private mutating func anyLink() -> SimulatedCluster.Link {
        cluster.plan.links[random.number(0...cluster.plan.links.count - 1)]
    }

    private mutating func anyChange() -> Change {
        if random.once(in: 5) { return .delete }
        return .put(
            a: random.once(in: 2) ? random.number(0...3) : nil, b: random.once(in: 2) ? random.number(0...3) : nil,
            add: random.once(in: 2) ? random.number(-2...5) : 0)
    }

    private mutating func now(at node: Int) -> Int64 {
        switch clock {
        case .right: Int64(time)
        case .skewed: Int64(time + skews[node])
        case .backward: Int64(time + random.number(-20...20))
        case .equal: 7
        }
    }
}
