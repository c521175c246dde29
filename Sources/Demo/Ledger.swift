/// What the writers keep for themselves: each transaction that they began, and each that they were told is committed.
struct Ledger: Sendable {
    private(set) var begun: Set<String> = []
    private(set) var acknowledged: Set<String> = []
    /// Transactions that each node acknowledged since the last call of ``beginPart(now:)``.
    private(set) var byNode: [String: Int] = [:]
    /// The longest time since then in which nothing was acknowledged.
    private(set) var longestGap = Duration.zero
    private var last: ContinuousClock.Instant?

    /// A number for a transaction that begins now.
    mutating func begin(writer: Int) -> String {
        let receipt = "writer-\(writer)-\(begun.count + 1)"
        begun.insert(receipt)
        return receipt
    }

    /// Its COMMIT has returned.
    mutating func acknowledge(_ receipt: String, by node: String, now: ContinuousClock.Instant) {
        acknowledged.insert(receipt)
        byNode[node, default: 0] += 1
        if let last { longestGap = max(longestGap, now - last) }
        last = now
    }

    /// Counts and measures anew from here.
    mutating func beginPart(now: ContinuousClock.Instant) {
        byNode = [:]
        longestGap = .zero
        last = now
    }
}
