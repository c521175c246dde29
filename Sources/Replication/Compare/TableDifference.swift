public import Model

/// What a comparison says of one table.
public struct TableDifference: Sendable, Equatable {
    public let stream: StreamID
    public let table: TableName
    /// Rows at the source.
    public let rows: Int
    /// At the source and not at the receiver.
    public let missing: Int
    /// At the receiver and not at the source.
    public let extra: Int
    /// At both, and not the same.
    public let different: Int
    /// Differ, and are on their way: the stream has them before it.
    public let underWay: Int
    /// Keys of some that differ.
    public let samples: [String]
    /// Why the table could not be compared, or why the comparison is not the last word; then it is not called identical.
    public let problem: String?
    /// The rows were looked at; otherwise the numbers say nothing.
    public let isCompared: Bool

    public var isIdentical: Bool { isCompared && problem == nil && missing == 0 && extra == 0 && different == 0 }

    init(_ stream: StreamID, _ table: TableName, rows: Int, _ found: RowDifferences, problem: String? = nil) {
        self.stream = stream
        self.table = table
        self.rows = rows
        missing = found.missing
        extra = found.extra
        different = found.different
        underWay = found.underWay
        samples = found.samples
        self.problem = problem
        isCompared = true
    }

    /// A table that could not be compared.
    init(_ stream: StreamID, _ table: TableName, problem: String) {
        self.stream = stream
        self.table = table
        rows = 0
        missing = 0
        extra = 0
        different = 0
        underWay = 0
        samples = []
        self.problem = problem
        isCompared = false
    }
}
