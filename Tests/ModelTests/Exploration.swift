import Model

/// Goes through every order in which a few transactions and deliveries can happen.
struct Exploration {
    /// What an application does at a node: a transaction of one change.
    struct Step: Hashable, Sendable {
        let change: Change
        let microseconds: Int64
        /// Whether other things may happen between its beginning and its end.
        var isSlow = false
    }

    private struct State {
        var cluster: SimulatedCluster
        /// How far each node's transactions have come; a slow one takes two moves.
        var done: [Int]
        var open: [UInt64?]
        /// What was read and may yet be applied, once or again.
        var underWay: [SimulatedCluster.Link: SimulatedNode.Message] = [:]
    }

    private struct Place: Hashable {
        let fingerprint: SimulatedCluster.Fingerprint
        let done: [Int]
        let open: [UInt64?]
        let underWay: [SimulatedCluster.Link: [UInt64]]
    }

    let plan: SimulatedCluster.Plan
    /// For each node.
    let steps: [[Step]]
    /// Whether a read and its application are two moves, so that messages are late, overtake one another and come twice.
    var isLate = false

    /// What was found wrong in any order, and how many states there were.
    func run() -> (findings: Set<SimulatedCluster.Finding>, states: Int) {
        let start = State(
            cluster: SimulatedCluster(plan), done: Array(repeating: 0, count: plan.nodes),
            open: Array(repeating: nil, count: plan.nodes))
        var visited: Set<Place> = [place(of: start)]
        var findings: Set<SimulatedCluster.Finding> = []
        var waiting = [(state: start, place: place(of: start))]
        while let (state, here) = waiting.popLast() {
            findings.formUnion(state.cluster.findings)
            var isEnd = true
            for next in moves(from: state) {
                let there = place(of: next)
                if there != here { isEnd = false }
                if visited.insert(there).inserted { waiting.append((next, there)) }
            }
            // Where no move leads on, everything has been written and is everywhere.
            guard isEnd else { continue }
            var end = state.cluster
            end.lookAtTheEnd()
            findings.formUnion(end.findings)
        }
        return (findings, visited.count)
    }

    private func place(of state: State) -> Place {
        Place(
            fingerprint: state.cluster.fingerprint, done: state.done, open: state.open,
            underWay: state.underWay.mapValues { message in
                let dots = message.rows.values.flatMap { $0.set.versions.map(\.dot.transaction) }
                return [message.seen] + dots
            })
    }

    private func moves(from state: State) -> [State] {
        var next: [State] = []
        for node in steps.indices {
            if let moved = work(at: node, from: state) { next.append(moved) }
        }
        for link in plan.links {
            var moved = state
            if !isLate {
                moved.cluster.deliver(link)
                next.append(moved)
                continue
            }
            moved.underWay[link] = state.cluster.read(link)
            next.append(moved)
            guard let message = state.underWay[link] else { continue }
            var applied = state
            if applied.cluster.apply(message, at: link.to) { next.append(applied) }
        }
        return next
    }

    private func work(at node: Int, from state: State) -> State? {
        var moved = state
        if let transaction = state.open[node] {
            // The row is changed now only: with a number and a time from before all that came in between.
            let step = steps[node][state.done[node] - 1]
            guard moved.cluster.change(0, step.change, at: node, in: transaction) else { return nil }
            moved.cluster.commit(transaction, at: node)
            moved.open[node] = nil
            return moved
        }
        guard state.done[node] < steps[node].count else { return nil }
        let step = steps[node][state.done[node]]
        moved.done[node] += 1
        guard step.isSlow else {
            moved.cluster.write(0, step.change, at: node, microseconds: step.microseconds)
            return moved
        }
        moved.open[node] = moved.cluster.begin(at: node, microseconds: step.microseconds)
        return moved
    }
}
