/// What each node has added to one counter of one row, over all the time that the row is replicated.
///
/// A positive-negative counter, kept as one sum per node. Sums of differences between versions are exact only as long as
/// every difference is taken from the same past: if A counts 10 → 12 and then, having seen B's +5, 17 → 18, while C, which
/// knows neither, counts 10 → 11, then the differences of the two versions that are left (A's +1 from 17, C's +1 from 10)
/// say nothing of A's first step and of B's. The cumulative sums do, whichever versions superseded which: a node only ever
/// changes its own sum, its later sum contains its earlier one, and what is shown is `base` and all sums together.
/// Joining takes the later sum of each node; this is commutative, associative and idempotent, so that a version that
/// arrives twice counts once.
///
/// **What a node stores** for each row and counter column: the base, and for each origin its sum and number of changes.
/// They outlive the versions of the row: versions can be dropped once they are stable, sums cannot, for the next version
/// carries them on; they end with the sync. A deletion changes no sum, and its version carries base and sums on like any
/// other (a base without sums, when nobody had counted yet). An insert changes the sum by the difference to what all
/// sums together say, and where there are none, to zero: two nodes that insert one key at the same time add up.
public struct CounterTotals: Hashable, Sendable {
    /// What one node has added.
    public struct Share: Hashable, Sendable {
        /// Of all its differences, as a decimal number.
        public let sum: String
        /// How many times it changed the counter of this row. It tells the later sum, which a clock would not.
        public let changes: UInt64

        public init(sum: String, changes: UInt64) {
            self.sum = sum
            self.changes = changes
        }
    }

    /// The counter when no node had changed it yet: zero for a row inserted since, otherwise the value that all nodes
    /// began with.
    public let base: String
    /// By origin.
    public let shares: [String: Share]

    public init(base: String, shares: [String: Share] = [:]) {
        self.base = base
        self.shares = shares
    }

    /// What two nodes know together.
    public func joined(_ other: CounterTotals) -> CounterTotals {
        CounterTotals(base: base, shares: shares.merging(other.shares) { $0.changes >= $1.changes ? $0 : $1 })
    }

    /// The counter's value. Added up in the order of the nodes' names, so that every node rounds alike if it has to.
    public func value(_ arithmetic: RuleContext.Arithmetic) -> String {
        shares.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .reduce(base) { arithmetic.add($0, $1.value.sum) }
    }

    /// The totals after a node has set the counter to a value, seeing what these totals say.
    ///
    /// - Parameter value: NULL counts as zero.
    public func set(to value: String?, at origin: String, _ arithmetic: RuleContext.Arithmetic) -> CounterTotals {
        let difference = arithmetic.subtract(value ?? "0", self.value(arithmetic))
        let before = shares[origin] ?? Share(sum: "0", changes: 0)
        var after = shares
        after[origin] = Share(sum: arithmetic.add(before.sum, difference), changes: before.changes + 1)
        return CounterTotals(base: base, shares: after)
    }
}
