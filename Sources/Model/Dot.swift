/// Which transaction of which node wrote a version: what tells versions apart. Two versions of one row with one dot are
/// one.
///
/// The word is that of dotted version vectors. Dots have no order that means anything: of two transactions of one node,
/// the one with the higher number may have changed a row first.
public struct Dot: Hashable, Sendable, CustomStringConvertible {
    /// The node that the application wrote at.
    public let origin: String
    /// The top-level transaction there, as `pg_current_xact_id()` numbers it.
    public let transaction: UInt64

    public init(origin: String, transaction: UInt64) {
        self.origin = origin
        self.transaction = transaction
    }

    public var description: String { "\(origin):\(transaction)" }

    public static func == (left: Dot, right: Dot) -> Bool {
        left.transaction == right.transaction && isSameText(left.origin, right.origin)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(origin)
        hasher.combine(transaction)
    }
}
