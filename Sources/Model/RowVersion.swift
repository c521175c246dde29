/// One version of a row: who wrote it when, and what the row was. A deleted row's version has no values.
public struct RowVersion: Hashable, Sendable {
    public let dot: Dot
    /// The time of its stamp.
    public let microseconds: Int64
    /// The text of each travelling column, in the route's order; nil: the row was deleted.
    public let values: [String?]?
    /// For the rule `merge`: for each travelling column the stamp of the write that its value is from, which is this one or
    /// one that this one had seen. Nil for a column whose value has been superseded by a write of another version; such a
    /// column takes no part any more.
    ///
    /// Without it every column counts as written by this version.
    public let columnStamps: [Stamp?]?
    /// For columns that are counters: what its writer knew of everybody's sums, its own included.
    public let counters: [String: CounterTotals]

    public init(
        dot: Dot, microseconds: Int64, values: [String?]?, columnStamps: [Stamp?]? = nil,
        counters: [String: CounterTotals] = [:]
    ) {
        precondition(columnStamps == nil || columnStamps?.count == values?.count, "a stamp for each column")
        self.dot = dot
        self.microseconds = microseconds
        self.values = values
        self.columnStamps = columnStamps
        self.counters = counters
    }

    public var stamp: Stamp {
        Stamp(microseconds: microseconds, origin: dot.origin, transaction: dot.transaction)
    }

    public var isDeletion: Bool { values == nil }

    /// The stamp of a column's value; nil when it was superseded, and for a deletion.
    public func stamp(ofColumn index: Int) -> Stamp? {
        guard values != nil else { return nil }
        guard let columnStamps else { return stamp }
        return columnStamps[index]
    }

    public static func == (left: RowVersion, right: RowVersion) -> Bool {
        left.stamp == right.stamp && isSameRow(left.values, right.values) && left.columnStamps == right.columnStamps
            && left.counters == right.counters
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(stamp) }
}
