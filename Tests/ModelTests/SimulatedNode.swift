import Model

/// A node in memory: it numbers transactions, holds versions, reads and applies what a stream would.
///
/// It knows nothing of what really happened: that is kept beside it, by ``CausalHistory``.
struct SimulatedNode {
    struct Transaction {
        let number: UInt64
        let microseconds: Int64
        var changes: [Int: Change] = [:]
    }

    struct Row {
        var shown: SampleTable.Row?
        var set = VersionSet()
        var totals: CounterTotals?
        /// What the conflict history has, as dots.
        var recorded: Set<Dot> = []
        /// The last own transaction that wrote it.
        var written: UInt64?
    }

    /// A read of a sender: rows and knowledge of one snapshot.
    struct Message {
        let sender: Int
        let rows: [Int: (set: VersionSet, totals: CounterTotals?)]
        let knowledge: Knowledge
        let received: [Knowledge]
        let seen: UInt64
    }

    let index: Int
    let name: String
    let rule: ConflictRule
    let fault: Fault?
    let drops: Bool
    var rows: [Row]
    var open: [Transaction] = []
    /// The writes that reached this node, for the history's use.
    var seen: UInt64 = 0
    private var nextNumber: UInt64 = 1
    private var cursors = Knowledge()
    private(set) var received: [Knowledge]
    private var applied = 0

    init(index: Int, name: String, rows: [SampleTable.Row?], plan: SimulatedCluster.Plan) {
        self.index = index
        self.name = name
        rule = plan.rule
        fault = plan.fault
        drops = plan.drops
        self.rows = rows.map { Row(shown: $0) }
        received = Array(repeating: Knowledge(), count: plan.nodes)
    }

    /// What the node has seen, in the snapshot that it would read with now.
    var knowledge: Knowledge {
        let running = fault == .knowledgeByClock ? [] : open.map(\.number).sorted()
        var knowledge = cursors
        knowledge.learn(
            Snapshot(xmin: running.first ?? nextNumber, xmax: nextNumber, inProgress: running), of: name)
        return knowledge
    }

    // MARK: Applications

    /// Begins a transaction; its number and time are from now, whenever it commits.
    mutating func begin(at microseconds: Int64) -> UInt64 {
        open.append(Transaction(number: nextNumber, microseconds: microseconds))
        nextNumber += 1
        return nextNumber - 1
    }

    func isLocked(_ key: Int) -> Bool { open.contains { $0.changes[key] != nil } }

    /// Changes a row; false when another transaction has it locked.
    mutating func change(_ key: Int, _ change: Change, in number: UInt64) -> Bool {
        guard !isLocked(key), let at = open.firstIndex(where: { $0.number == number }) else { return false }
        open[at].changes[key] = change
        return true
    }

    mutating func rollBack(_ number: UInt64) { open.removeAll { $0.number == number } }

    /// Ends a transaction and says which rows it really wrote, as what.
    mutating func commit(_ number: UInt64) -> [(key: Int, version: RowVersion, changed: Set<Int>)] {
        guard let at = open.firstIndex(where: { $0.number == number }) else { return [] }
        let transaction = open.remove(at: at)
        return transaction.changes.sorted { $0.key < $1.key }.compactMap { key, change in
            write(key, change, in: transaction)
        }
    }

    private mutating func write(
        _ key: Int, _ change: Change, in transaction: Transaction
    ) -> (key: Int, version: RowVersion, changed: Set<Int>)? {
        let row = rows[key]
        let (after, changed) = change.applied(to: row.shown, key: key)
        if row.shown == nil && after == nil { return nil }
        let stamp = Stamp(microseconds: transaction.microseconds, origin: name, transaction: transaction.number)
        let totals = totals(after: after, of: row)
        let version = RowVersion(
            dot: stamp.dot, microseconds: stamp.microseconds, values: after,
            columnStamps: after.map { row.set.columnStamps(writing: stamp, changed: changed, columns: $0.count) },
            counters: totals.map { ["n": $0] } ?? [:])
        rows[key].shown = after
        rows[key].set = VersionSet([version])
        rows[key].totals = totals
        rows[key].written = transaction.number
        return (key, version, changed)
    }

    private func totals(after: SampleTable.Row?, of row: Row) -> CounterTotals? {
        let known = row.totals ?? row.shown.map { CounterTotals(base: $0[SampleTable.counter] ?? "0") }
        guard let arithmetic = SampleTable.context.arithmetic, let after else { return known }
        let value = after[SampleTable.counter]
        if let shown = row.shown, shown[SampleTable.counter] == value { return row.totals }
        return (known ?? CounterTotals(base: "0")).set(to: value, at: name, arithmetic)
    }

    // MARK: Streams

    /// What a receiver with this knowledge has to be sent; `everything`: and what it need not be sent, too.
    func read(for receiver: Knowledge, everything: Bool) -> Message {
        var sent: [Int: (set: VersionSet, totals: CounterTotals?)] = [:]
        for (key, row) in rows.enumerated() where !row.set.isEmpty {
            let isDue =
                if fault == .ownKnowledgeOnly {
                    row.written.map { !receiver.has(Dot(origin: name, transaction: $0)) } ?? false
                } else {
                    everything || row.set.versions.contains { !receiver.has($0.dot) }
                }
            if isDue { sent[key] = (row.set, row.totals) }
        }
        return Message(sender: index, rows: sent, knowledge: knowledge, received: drops ? received : [], seen: seen)
    }

    /// Applies in one transaction; nil when a row is locked. Otherwise says which rows came.
    mutating func apply(_ message: Message, from sender: String) -> [Int]? {
        if message.rows.keys.contains(where: isLocked) { return nil }
        let mine = knowledge
        applied += 1
        var keys = message.rows.keys.sorted()
        if fault == .lostDelivery && applied % 7 == 0 { keys = Array(keys.dropFirst()) }
        for key in keys { merge(key, message, knowing: mine) }
        if fault == .ownKnowledgeOnly {
            if let own = message.knowledge.snapshots[sender] { cursors.learn(own, of: sender) }
        } else {
            cursors.formUnion(message.knowledge)
        }
        for node in message.received.indices { received[node].formUnion(message.received[node]) }
        if drops { received[message.sender].formUnion(message.knowledge) }
        seen |= message.seen
        return message.rows.keys.sorted()
    }

    private mutating func merge(_ key: Int, _ message: Message, knowing mine: Knowledge) {
        guard let theirs = message.rows[key] else { return }
        let set = VersionSet.merged(rows[key].set, knowing: mine, theirs.set, knowing: message.knowledge)
        rows[key].totals = [rows[key].totals, theirs.totals].compactMap(\.self).reduce(nil) { $0?.joined($1) ?? $1 }
        rows[key].set = set
        if set.isEmpty { return }
        let settled = settle(set)
        rows[key].shown = settled.row
        for loser in settled.losers where !(fault == .loserNotRecorded && loser.isDeletion) {
            rows[key].recorded.insert(loser.dot)
        }
        if fault == .deletionsForgotten && settled.row == nil { rows[key].set = VersionSet() }
        if fault == .pairwiseChoice, let winner = settled.winner { rows[key].set = VersionSet([winner]) }
    }

    private func settle(_ set: VersionSet) -> Settled {
        let settled = rule.settle(set, in: SampleTable.context)
        switch fault {
        case .tieByApplier:
            guard let own = set.versions.first(where: { $0.dot.origin == name }) else { return settled }
            guard let winner = settled.winner, own.microseconds == winner.microseconds else { return settled }
            return rule.settle(VersionSet([own]), in: SampleTable.context)
        case .differencesOfVersions:
            guard var row = settled.row, let totals = set.totals(of: "n") else { return settled }
            let counts = set.versions.compactMap { $0.values.map { SampleTable.number($0[SampleTable.counter]) } }
            let base = SampleTable.number(totals.base)
            row[SampleTable.counter] = String(counts.reduce(base) { $0 + $1 - base })
            return Settled(row: row, winner: settled.winner, losers: settled.losers, isHeld: settled.isHeld)
        default: return settled
        }
    }

    /// Drops versions that no write can be concurrent with any more.
    ///
    /// - Parameter others: What all nodes have seen by now, which no node can know; for a fault only.
    mutating func drop(knowingOf others: [Knowledge]) {
        var known = fault == .droppedWhenSeen ? others : received
        known[index] = knowledge
        for key in rows.indices where !isLocked(key) && rows[key].set.isStable(known) { rows[key].set = VersionSet() }
    }
}
