/// How the values of a row are compared and reckoned with by a rule. Postgres knows a type's order, this program does not:
/// the caller supplies it.
public struct RuleContext: Sendable {
    /// Compares two values of a column: below zero when the first is smaller, zero when they are equal. NULL is smallest.
    ///
    /// It must say the same at every node. Text in a locale's order does not: two versions of the C library sort it
    /// differently. Compare text by its bytes (`COLLATE "C"`).
    public typealias Compare = @Sendable (_ column: String, _ a: String?, _ b: String?) -> Int
    /// Makes a row of two versions; nil: no row. See ``ConflictRule/settle(_:in:)`` for what it must keep to.
    public typealias Fold = @Sendable (_ earlier: RowVersion, _ later: RowVersion) -> [String?]?

    /// The travelling columns, in the route's order.
    public let columns: [String]
    /// How many of them, from the first on, are the key.
    public let keyCount: Int
    public let compare: Compare
    public let fold: Fold?

    public init(columns: [String], keyCount: Int, compare: @escaping Compare, fold: Fold? = nil) {
        self.columns = columns
        self.keyCount = keyCount
        self.compare = compare
        self.fold = fold
    }
}
