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

    /// Reckoning with decimal numbers of any length.
    public struct Arithmetic: Sendable {
        public let add: @Sendable (_ a: String, _ b: String) -> String
        public let subtract: @Sendable (_ a: String, _ b: String) -> String

        public init(
            add: @escaping @Sendable (String, String) -> String,
            subtract: @escaping @Sendable (String, String) -> String
        ) {
            self.add = add
            self.subtract = subtract
        }
    }

    /// The travelling columns, in the route's order.
    public let columns: [String]
    /// How many of them, from the first on, are the key.
    public let keyCount: Int
    /// Columns that no rule decides: what everybody added is added up.
    public let counters: [String]
    public let compare: Compare
    /// What `function` means; needed for that rule only.
    public let fold: Fold?
    /// Needed where versions carry what was counted; elsewhere the caller adds it up, and a counter of the settled row is any version's.
    public let arithmetic: Arithmetic?
    /// The columns that a rule decides, by index.
    let decided: [Int]

    public init(
        columns: [String], keyCount: Int, counters: [String] = [], compare: @escaping Compare, fold: Fold? = nil,
        arithmetic: Arithmetic? = nil
    ) {
        self.columns = columns
        self.keyCount = keyCount
        self.counters = counters
        self.compare = compare
        self.fold = fold
        self.arithmetic = arithmetic
        decided = columns.indices.filter { index in !counters.contains { isSameText($0, columns[index]) } }
    }

    /// Whether two rows are the same apart from counters, which cannot lose.
    public func isSame(_ left: [String?]?, _ right: [String?]?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        guard !counters.isEmpty else { return isSameRow(left, right) }
        return decided.allSatisfy { isSameText(left[$0], right[$0]) }
    }
}
