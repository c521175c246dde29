/// One version of a row: who wrote it when, and what the row was. A deleted row's version has no values.
public struct RowVersion: Hashable, Sendable {
    public let dot: Dot
    /// The time of its stamp.
    public let microseconds: Int64
    /// The text of each travelling column, in the route's order; nil: the row was deleted.
    public let values: [String?]?

    public init(dot: Dot, microseconds: Int64, values: [String?]?) {
        self.dot = dot
        self.microseconds = microseconds
        self.values = values
    }

    public var stamp: Stamp {
        Stamp(microseconds: microseconds, origin: dot.origin, transaction: dot.transaction)
    }

    public var isDeletion: Bool { values == nil }

    public static func == (left: RowVersion, right: RowVersion) -> Bool {
        left.stamp == right.stamp && isSameRow(left.values, right.values)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(stamp) }
}
