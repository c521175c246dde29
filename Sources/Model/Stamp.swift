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

    /// Reads what `description` writes; nil when the text is not of that form.
    public init?(_ text: String) {
        // Not by characters: with an accent upon it a colon is no colon.
        let bytes = text.utf8
        guard let at = bytes.firstIndex(of: UInt8(ascii: "@")), let colon = bytes.lastIndex(of: UInt8(ascii: ":")),
            at < colon, let microseconds = Int64(text[..<at]),
            let transaction = UInt64(text[bytes.index(after: colon)...])
        else { return nil }
        let origin = String(text[bytes.index(after: at)..<colon])
        self.init(microseconds: microseconds, origin: origin, transaction: transaction)
    }

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
