import Model

/// What lies past a cursor: the transactions that its snapshot had not seen.
struct Window: Sendable, Equatable {
    let after: Snapshot

    /// The first transaction that had not begun.
    var firstNew: String { String(after.xmax) }
    /// Those that were running, as a Postgres array.
    var running: String { after.inProgress.postgresArray }

    /// The values of `parameterised`.
    var parameters: [String?] { [firstNew, running] }

    /// The condition on `txid`, with its values in place.
    var condition: String {
        after.inProgress.isEmpty
            ? "txid >= \(after.xmax)" : "(txid >= \(after.xmax) OR txid = ANY ('\(running)'::bigint[]))"
    }

    /// The condition on `txid`, with the values as parameters 1 and 2.
    static let parameterised = "(txid >= $1::bigint OR txid = ANY ($2::bigint[]))"
}
