/// A hybrid logical clock value with its origin node; totally ordered: by time, then by origin's name (compared by UTF-8
/// bytes), then by transaction.
///
/// Who wrote breaks a tie, never who applies: every node must come to the same answer. Stamps of different dots are never
/// equal.
public struct Stamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Since 1970, UTC.
    public let microseconds: Int64
    public let origin: String
    public let transaction: UInt64

    public init(microseconds: Int64, origin: String, transaction: UInt64) {
        self.microseconds = microseconds
        self.origin = origin
        self.transaction = transaction
    }

    /// The transaction that took the stamp.
    public var dot: Dot { Dot(origin: origin, transaction: transaction) }

    public var description: String { "\(microseconds)@\(origin):\(transaction)" }

    public static func < (left: Stamp, right: Stamp) -> Bool {
        if left.microseconds != right.microseconds { return left.microseconds < right.microseconds }
        if !isSameText(left.origin, right.origin) {
            return left.origin.utf8.lexicographicallyPrecedes(right.origin.utf8)
        }
        return left.transaction < right.transaction
    }

    public static func == (left: Stamp, right: Stamp) -> Bool {
        left.microseconds == right.microseconds && left.dot == right.dot
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(microseconds)
        hasher.combine(dot)
    }
}
