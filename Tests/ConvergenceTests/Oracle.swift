import Model

/// What the written rules make of a history of writes, computed from who had seen what, and from nothing that the program
/// under test says of itself: of all writes of a row, those that no other had seen, and of these the one that the rule names.
///
/// A write had seen all that its node had heard of the row at the time; a node hears what it writes itself, and, when what
/// another wrote is carried to it, all that the other had heard of those rows.
struct Oracle {
    struct Write {
        let number: Int
        let node: Int
        let key: Int
        /// The row's columns after the key; nil: it was deleted.
        let row: (name: String, n: Int)?
        /// The stamp that the capture gave it.
        let microseconds: Int
        let transaction: UInt64
        /// The writes of the row that it had seen.
        let seen: Set<Int>
    }

    private(set) var writes: [Write] = []
    /// By node and key: the writes that the node has heard of.
    private var heard: [[Int: Set<Int>]]
    /// By sender and receiver: how many of the sender's writes were carried.
    private var carried: [[Int]]
    private let masters: Int

    init(masters: Int, nodes: Int) {
        self.masters = masters
        heard = Array(repeating: [:], count: nodes)
        carried = Array(repeating: Array(repeating: 0, count: nodes), count: masters)
    }

    mutating func write(node: Int, key: Int, row: (name: String, n: Int)?, microseconds: Int, transaction: UInt64) {
        let seen = heard[node][key] ?? []
        let write = Write(
            number: writes.count, node: node, key: key, row: row, microseconds: microseconds, transaction: transaction,
            seen: seen)
        writes.append(write)
        heard[node][key] = seen.union([write.number])
    }

    mutating func carry(from: Int, to: Int) {
        let keys = Set(writes.dropFirst(carried[from][to]).filter { $0.node == from }.map(\.key))
        for key in keys { heard[to][key, default: []].formUnion(heard[from][key] ?? []) }
        carried[from][to] = writes.count
    }

    /// The writes of a row that none other had seen.
    func left(of key: Int) -> [Write] {
        let own = writes.filter { $0.key == key }
        return own.filter { write in !own.contains { $0.seen.contains(write.number) } }
    }

    /// Whether neither of two writes had seen the other.
    func areConcurrent(_ a: Write, _ b: Write) -> Bool { !a.seen.contains(b.number) && !b.seen.contains(a.number) }

    /// The write that is shown.
    ///
    /// - Parameter node: who shows it; of a conflict that is held each node shows its own.
    func winner(of key: Int, by rule: ConflictRule, at node: Int) -> Write? {
        let left = left(of: key).sorted { isEarlier($0, $1) }
        switch rule {
        case .latest: return left.last
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
        case .merge, .function: return nil
        }
    }

    static func name(_ node: Int) -> String { "m\(node + 1)" }

    private func value(_ write: Write, orIfGone: Int) -> Int { write.row?.n ?? orIfGone }
    private func isTie(_ a: Write, _ b: Write) -> Bool { value(a, orIfGone: -1) == value(b, orIfGone: -1) }

    private func isEarlier(_ a: Write, _ b: Write) -> Bool {
        if a.microseconds != b.microseconds { return a.microseconds < b.microseconds }
        return a.node != b.node ? a.node < b.node : a.transaction < b.transaction
    }
}
