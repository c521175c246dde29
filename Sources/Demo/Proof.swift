/// Whether nothing was lost: what the writers were told is committed, against what each node holds.
struct Proof: Sendable, Equatable {
    /// Transactions that writers were told are committed.
    let acknowledged: Int
    /// Those of them that a node does not have, by node.
    let missing: [String: [String]]
    /// Transactions whose answer was lost with the server, and which are there.
    let unanswered: Int
    /// Receipts that a node has and nobody ever wrote.
    let foreign: Int
    /// Whether all nodes hold the same receipts.
    let areSame: Bool

    /// - Parameter found: the receipts at each node.
    init(_ ledger: Ledger, found: [String: Set<String>]) {
        acknowledged = ledger.acknowledged.count
        missing = found.mapValues { ledger.acknowledged.subtracting($0).sorted() }.filter { !$0.value.isEmpty }
        let all = found.values.reduce(into: Set<String>()) { $0.formUnion($1) }
        unanswered = all.intersection(ledger.begun).subtracting(ledger.acknowledged).count
        foreign = all.subtracting(ledger.begun).count
        areSame = !found.isEmpty && found.values.allSatisfy { $0 == all }
    }

    var missingCount: Int { missing.values.reduce(0) { $0 + $1.count } }

    /// Something was written, all that was acknowledged is at every node, and nothing is there that nobody wrote.
    var holds: Bool { acknowledged > 0 && missing.isEmpty && foreign == 0 && areSame }
}
