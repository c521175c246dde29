import Model

/// Nodes that write and exchange what they have, and the account of what really happened.
struct SimulatedCluster {
    /// How a cluster is made up.
    struct Plan: Sendable {
        var nodes: Int
        var keys = 1
        var rule = ConflictRule.latest
        var links: [Link]
        var fault: Fault?
        /// Whether nodes drop versions as soon as they may.
        var drops = false
        /// Whether rows are there from the beginning, rather than inserted.
        var begins = false
    }

    /// A stream, from one node to another.
    struct Link: Hashable, Sendable {
        let from: Int
        let to: Int
    }

    /// What was found wrong.
    enum Finding: Hashable, Sendable {
        /// Nodes that hold the same differ, though nothing is under way.
        case diverged(key: Int)
        /// A node shows something else than what it has seen demands.
        case wrongRow(key: Int)
        /// A counter is not the sum of what was added.
        case wrongCount(key: Int)
        /// A version that lost is not in the history of any node.
        case lost(Dot)
        /// A version that lost nothing is in a history.
        case listedWithoutCause(Dot)
        /// An origin has two versions in one set.
        case doubled(key: Int)
    }

    static let names = ["A", "B", "C", "D", "E"]

    let plan: Plan
    private(set) var nodes: [SimulatedNode]
    private(set) var history: CausalHistory
    private(set) var findings: Set<Finding> = []
    /// How much was done: writes, and rows that were merged.
    private(set) var steps = 0
    /// Those that lost at some node at some time, by the independent account.
    private var lost: [Set<Dot>]
    /// How many versions lost a conflict.
    var conflicts: Int { lost.reduce(0) { $0 + $1.count } }
    /// For each row what applications have added to its counter.
    private var added: [Int]

    init(_ plan: Plan) {
        self.plan = plan
        let initial: [SampleTable.Row?] = (0..<plan.keys).map { plan.begins ? [String($0), "5", nil, "100"] : nil }
        nodes = (0..<plan.nodes).map { SimulatedNode(index: $0, name: Self.names[$0], rows: initial, plan: plan) }
        history = CausalHistory(initial: initial)
        lost = Array(repeating: [], count: plan.keys)
        added = Array(repeating: 0, count: plan.keys)
    }

    // MARK: Operations

    mutating func begin(at node: Int, microseconds: Int64) -> UInt64 { nodes[node].begin(at: microseconds) }

    mutating func change(_ key: Int, _ change: Change, at node: Int, in transaction: UInt64) -> Bool {
        nodes[node].change(key, change, in: transaction)
    }

    mutating func rollBack(_ transaction: UInt64, at node: Int) { nodes[node].rollBack(transaction) }

    mutating func commit(_ transaction: UInt64, at node: Int) {
        let past = nodes[node].seen
        for (key, version, changed) in nodes[node].commit(transaction) {
            nodes[node].seen |= history.add(key: key, version: version, changed: changed, past: past)
            if let write = history.writes.last { added[key] += write.added }
            look(at: key, of: node)
        }
    }

    /// A transaction of one change.
    mutating func write(_ key: Int, _ change: Change, at node: Int, microseconds: Int64) {
        let transaction = begin(at: node, microseconds: microseconds)
        if self.change(key, change, at: node, in: transaction) { commit(transaction, at: node) }
    }

    func read(_ link: Link, everything: Bool = false) -> SimulatedNode.Message {
        nodes[link.from].read(for: nodes[link.to].knowledge, everything: everything)
    }

    /// False when it has to wait for a lock.
    @discardableResult mutating func apply(_ message: SimulatedNode.Message, at node: Int) -> Bool {
        guard let keys = nodes[node].apply(message, from: nodes[message.sender].name) else { return false }
        for key in keys { look(at: key, of: node) }
        if plan.drops {
            let all = plan.fault == .droppedWhenSeen ? nodes.map(\.knowledge) : []
            nodes[node].drop(knowingOf: all)
        }
        return true
    }

    mutating func deliver(_ link: Link) { apply(read(link), at: link.to) }

    /// Ends all transactions and brings everything everywhere.
    mutating func settle() {
        for node in nodes.indices {
            for transaction in nodes[node].open { commit(transaction.number, at: node) }
        }
        for _ in nodes.indices { for link in plan.links { deliver(link) } }
    }

    /// Everything that what follows depends on.
    struct Fingerprint: Hashable {
        struct Row: Hashable {
            let shown: SampleTable.Row?
            let set: VersionSet
            let recorded: Set<Dot>
        }

        let seen: [UInt64]
        let rows: [[Row]]
        let knowledge: [Knowledge]
        let received: [[Knowledge]]
        let lost: [Set<Dot>]
        let findings: Set<Finding>
    }

    var fingerprint: Fingerprint {
        Fingerprint(
            seen: nodes.map(\.seen),
            rows: nodes.map { node in
                node.rows.map { Fingerprint.Row(shown: $0.shown, set: $0.set, recorded: $0.recorded) }
            },
            knowledge: nodes.map(\.knowledge), received: plan.drops ? nodes.map(\.received) : [], lost: lost,
            findings: findings)
    }

    // MARK: Looking

    /// Compares a node with what it is to show by all that it has seen.
    private mutating func look(at key: Int, of node: Int) {
        steps += 1
        let row = nodes[node].rows[key]
        let verdict = history.verdict(key, in: nodes[node].seen, by: plan.rule)
        if row.shown != verdict.row {
            let isCount = SampleTable.isSame(row.shown, verdict.row)
            findings.insert(isCount ? .wrongCount(key: key) : .wrongRow(key: key))
        }
        lost[key].formUnion(verdict.losers)
        let origins = row.set.versions.map(\.dot.origin)
        if Set(origins).count != origins.count { findings.insert(.doubled(key: key)) }
    }

    /// Looks at everything when nothing is under way any more.
    mutating func lookAtTheEnd() {
        for key in 0..<plan.keys {
            let rows = nodes.map { $0.rows[key] }
            if Set(rows.map(\.shown)).count > 1 { findings.insert(.diverged(key: key)) }
            if !plan.drops && Set(rows.map(\.set)).count > 1 { findings.insert(.diverged(key: key)) }
            let recorded = rows.reduce(into: Set<Dot>()) { $0.formUnion($1.recorded) }
            for dot in lost[key].subtracting(recorded) { findings.insert(.lost(dot)) }
            for dot in recorded.subtracting(lost[key]) { findings.insert(.listedWithoutCause(dot)) }
            lookAtWrites(key, recorded, shown: rows[0].shown)
            let base = plan.begins ? 100 : 0
            if let shown = rows[0].shown, SampleTable.number(shown[SampleTable.counter]) != base + added[key] {
                findings.insert(.wrongCount(key: key))
            }
        }
    }

    /// Every write is shown, or was superseded by one that had seen it, or is listed; and who is listed had met a
    /// concurrent write that said something else.
    private mutating func lookAtWrites(_ key: Int, _ recorded: Set<Dot>, shown: SampleTable.Row?) {
        let all = history.writes.enumerated().filter { $0.element.key == key }
        let superseded = all.reduce(UInt64(0)) { $0 | $1.element.past }
        for (index, write) in all {
            let isSuperseded = superseded >> UInt64(index) & 1 == 1
            let isMerged = plan.rule == .merge && write.values != nil && shown != nil
            let isShown = isMerged || SampleTable.isSame(write.values, shown)
            if !isSuperseded && !isShown && !recorded.contains(write.dot) { findings.insert(.lost(write.dot)) }
            guard recorded.contains(write.dot) else { continue }
            let met = all.contains { other, rival in
                let isConcurrent = write.past >> UInt64(other) & 1 == 0 && rival.past >> UInt64(index) & 1 == 0
                return other != index && isConcurrent && !SampleTable.isSame(rival.values, write.values)
            }
            if !met { findings.insert(.listedWithoutCause(write.dot)) }
        }
    }
}
