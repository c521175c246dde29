import Model

/// What the written rules make of a history of writes, computed from who had seen what, and from nothing that the program
/// under test says of itself: of all writes of a row, those that no other had seen, and of these the one that the rule names, or
/// the row that it makes of them.
///
/// A write had seen all that its node had heard of the row at the time; a node hears what it writes itself, and, when what
/// another wrote is carried to it, all that the other had heard of those rows; where nodes hand on, of all rows.
struct Oracle {
    struct Row: Equatable {
        var name: String
        var n: Int
    }

    struct Write {
        let number: Int
        let node: Int
        let key: Int
        /// The row's columns after the key; nil: it was deleted.
        let row: Row?
        /// The stamp that the capture gave it.
        let microseconds: Int
        let transaction: UInt64
        /// The writes of the row that it had seen.
        let seen: Set<Int>
        /// The writes that its values of name and n are from: itself, or others that it had seen. None when it deleted the row.
        let sources: [Int]
        /// By how much it changed n, as its application saw it.
        let difference: Int
    }

    /// What a history comes to at one node.
    struct Outcome {
        let row: Row?
        /// The writes that are left and whose values are not shown.
        let losers: [Write]
        /// The write that the row is as new as; none where nobody wrote it.
        var newest: Write?
    }

    /// What a node was before a batch came to it.
    private struct Taken {
        let from: Int
        let heard: [Int: Set<Int>]
        let carried: Int
    }

    private(set) var writes: [Write] = []
    /// By node and key: the writes that the node has heard of.
    private var heard: [[Int: Set<Int>]]
    /// By sender and receiver: how many of the sender's writes were carried.
    private var carried: [[Int]]
    /// By node: what it had heard before each batch that was carried to it, the last one last.
    private var taken: [[Taken]]
    private let rule: ConflictRule
    /// Whether n is a counter.
    private let counts: Bool
    /// Whether nodes hand on what they receive.
    private let handsOn: Bool

    init(masters: Int, nodes: Int, rule: ConflictRule, counts: Bool, handsOn: Bool = false) {
        self.handsOn = handsOn
        self.rule = rule
        self.counts = counts
        heard = Array(repeating: [:], count: nodes)
        carried = Array(repeating: Array(repeating: 0, count: nodes), count: masters)
        taken = Array(repeating: [], count: nodes)
    }

    /// - Parameter before: the row that its application found; nil: none.
    mutating func write(node: Int, key: Int, row: Row?, before: Row?, microseconds: Int, transaction: UInt64) {
        let seen = heard[node][key] ?? []
        let number = writes.count
        let replaced = seen.map { writes[$0] }.filter { write in
            !seen.contains { writes[$0].seen.contains(write.number) }
        }
        let isKept = [before?.name == row?.name, before?.n == row?.n].map { $0 && before != nil }
        let sources = row == nil ? [] : [0, 1].map { isKept[$0] ? source(of: $0, in: replaced) ?? number : number }
        let found = before?.n ?? (row == nil ? 0 : total(seen))
        writes.append(
            Write(
                number: number, node: node, key: key, row: row, microseconds: microseconds, transaction: transaction,
                seen: seen, sources: sources, difference: row.map { $0.n - found } ?? 0))
        heard[node][key] = seen.union([number])
        // What an application commits is on the node's disk, with all that came before.
        taken[node] = []
    }

    /// The keys of the writes that a batch would carry.
    func pending(from: Int, to: Int) -> Set<Int> { Set(onTheWay(from, to).map(\.key)) }

    /// Their transactions.
    func pendingTransactions(from: Int, to: Int) -> Set<UInt64> { Set(onTheWay(from, to).map(\.transaction)) }

    private func onTheWay(_ from: Int, _ to: Int) -> [Write] {
        guard !handsOn else {
            return writes.filter { write in
                heard[from][write.key]?.contains(write.number) == true
                    && heard[to][write.key]?.contains(write.number) != true
            }
        }
        return writes.dropFirst(carried[from][to]).filter { $0.node == from }
    }

    mutating func carry(from: Int, to: Int) {
        taken[to].append(Taken(from: from, heard: heard[to], carried: carried[from][to]))
        guard !handsOn else {
            for (key, writes) in heard[from] { heard[to][key, default: []].formUnion(writes) }
            return
        }
        let keys = Set(writes.dropFirst(carried[from][to]).filter { $0.node == from }.map(\.key))
        for key in keys { heard[to][key, default: []].formUnion(heard[from][key] ?? []) }
        carried[from][to] = writes.count
    }

    /// The last batch that was carried to a node and that a crash of it may take back: whose, and of which transactions. None where
    /// the node has committed something of its own since.
    func lastTaken(at node: Int) -> (from: Int, transactions: Set<UInt64>)? {
        guard let last = taken[node].last else { return nil }
        let carriedNow = carried[last.from][node]
        let batch = writes[last.carried..<max(last.carried, carriedNow)].filter { $0.node == last.from }
        return (last.from, Set(batch.map(\.transaction)))
    }

    /// A crash of a node took that batch back.
    mutating func takeBack(at node: Int) {
        guard let last = taken[node].popLast() else { return }
        heard[node] = last.heard
        carried[last.from][node] = last.carried
    }

    /// The writes whose stamps are earlier than one of another node that theirs had seen. What had been written over before it was
    /// seen never travelled, and its stamp with it: a node whose clock was set back may write over its own later stamps.
    var stampsBehind: [Write] {
        writes.filter { write in
            let later = write.seen.map { writes[$0] }.filter {
                $0.node != write.node && $0.microseconds > write.microseconds
            }
            return later.contains { other in
                !write.seen.contains { writes[$0].key == other.key && writes[$0].seen.contains(other.number) }
            }
        }
    }

    /// Whether neither of two writes had seen the other.
    func areConcurrent(_ a: Write, _ b: Write) -> Bool { !a.seen.contains(b.number) && !b.seen.contains(a.number) }

    /// The writes of a row that are left when everybody has heard of everything: those that no other had seen, the earliest first.
    func left(of key: Int) -> [Write] {
        let own = writes.filter { $0.key == key }
        return own.filter { write in !own.contains { $0.seen.contains(write.number) } }.sorted { isEarlier($0, $1) }
    }

    /// Whether a node wrote over a write of a row.
    func isReplaced(_ write: Write, at node: Int) -> Bool {
        writes.contains { $0.node == node && $0.key == write.key && $0.seen.contains(write.number) }
    }

    /// What a row comes to when everybody has heard of everything.
    ///
    /// - Parameter node: who shows it; of a conflict that is held each node shows its own.
    func outcome(of key: Int, at node: Int) -> Outcome {
        let left = left(of: key)
        guard let latest = left.last else { return Outcome(row: nil, losers: []) }
        var outcome: Outcome
        switch rule {
        case .merge: outcome = merged(left, latest)
        case .function: outcome = folded(left)
        default:
            let winner = winner(of: left, at: node) ?? latest
            outcome = Outcome(row: winner.row, losers: left.filter { !isSame($0.row, winner.row) }, newest: winner)
        }
        outcome.newest = outcome.newest ?? latest
        if counts, var row = outcome.row {
            row.n = total(Set(writes.filter { $0.key == key }.map(\.number)))
            outcome = Outcome(row: row, losers: outcome.losers, newest: outcome.newest)
        }
        return outcome
    }

    static func name(_ node: Int) -> String { "m\(node + 1)" }

    // MARK: - Rules

    private func winner(of left: [Write], at node: Int) -> Write? {
        switch rule {
        case .latest, .merge, .function: return left.last
        case .earliest: return left.first
        case .hold: return left.first { $0.node == node } ?? left.first
        case .prefer(let names):
            for name in names {
                if let write = left.last(where: { Self.name($0.node) == name }) { return write }
            }
            return left.last
        case .largest:
            return left.max { value($0, orIfGone: -1) < value($1, orIfGone: -1) || isTie($0, $1) && isEarlier($0, $1) }
        case .smallest:
            return left.max {
                value($1, orIfGone: .max) < value($0, orIfGone: .max) || isTie($0, $1) && isEarlier($0, $1)
            }
        }
    }

    private func merged(_ left: [Write], _ latest: Write) -> Outcome {
        guard latest.row != nil, let name = source(of: 0, in: left).flatMap({ writes[$0].row?.name }),
            let n = source(of: 1, in: left).flatMap({ writes[$0].row?.n })
        else { return Outcome(row: nil, losers: left.filter { $0.row != nil }) }
        let losers = left.filter { write in
            guard let row = write.row else { return true }
            return contested(0, in: left).contains(write.sources[0]) && row.name != name
                || !counts && contested(1, in: left).contains(write.sources[1]) && row.n != n
        }
        return Outcome(row: Row(name: name, n: n), losers: losers)
    }

    /// The writes that the values of a column are from, without those of which somebody had seen the value and replaced it.
    private func contested(_ column: Int, in left: [Write]) -> [Int] {
        left.filter { $0.row != nil }.map { $0.sources[column] }.filter { source in
            !left.contains { $0.seen.contains(source) && ($0.row == nil || $0.sources[column] != source) }
        }
    }

    /// The write that a column's merged value is from.
    private func source(of column: Int, in left: [Write]) -> Int? {
        let sorted = left.sorted { isEarlier($0, $1) }
        guard let latest = sorted.last, latest.row != nil else { return nil }
        return contested(column, in: left).max { isEarlier(writes[$0], writes[$1]) } ?? latest.sources[column]
    }

    /// What `fold` makes of two rows, the earlier first; the schedule has the same in SQL.
    static func fold(_ earlier: Row?, _ later: Row?) -> Row? {
        guard let later else { return nil }
        guard let earlier else { return later }
        return Row(name: "\(earlier.name)+\(later.name)", n: max(earlier.n, later.n))
    }

    private func folded(_ left: [Write]) -> Outcome {
        var different: [Write] = []
        for write in left where !different.contains(where: { isSame($0.row, write.row) }) { different.append(write) }
        let row = different.dropFirst().reduce(different[0].row) { Self.fold($0, $1.row) }
        return Outcome(row: row, losers: left.filter { !isSame($0.row, row) })
    }

    /// What n is when these writes are added up.
    private func total(_ numbers: Set<Int>) -> Int { numbers.reduce(0) { $0 + writes[$1].difference } }

    private func isSame(_ a: Row?, _ b: Row?) -> Bool {
        guard let a, let b else { return a == nil && b == nil }
        return a.name == b.name && (counts || a.n == b.n)
    }

    private func value(_ write: Write, orIfGone: Int) -> Int { write.row?.n ?? orIfGone }
    private func isTie(_ a: Write, _ b: Write) -> Bool { value(a, orIfGone: -1) == value(b, orIfGone: -1) }

    func isEarlier(_ a: Write, _ b: Write) -> Bool {
        if a.microseconds != b.microseconds { return a.microseconds < b.microseconds }
        return a.node != b.node ? a.node < b.node : a.transaction < b.transaction
    }
}
