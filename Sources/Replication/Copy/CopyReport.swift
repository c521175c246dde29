public import Model
public import Postgres

/// How a table joined its stream.
public enum JoinKind: String, Sendable {
    case copied
    /// It held the same rows already.
    case adopted
    /// It held other rows, and they are being mended.
    case repaired
    /// It had joined before.
    case already
    /// It holds other rows, and nobody said what to do with them.
    case refused
}

/// What a copy did.
public struct CopyReport: Sendable {
    public struct Table: Sendable {
        public let stream: StreamID
        public let name: TableName
        public let kind: JoinKind
        /// Rows of the table at the source; of a copied one, those that were copied.
        public let rows: Int
        public let difference: TableDifference?
    }

    public var tables: [Table] = []
    public var elapsed: Duration = .zero
    /// Rows that this run copied; an earlier one may have copied more.
    public var rowsCopied = 0

    /// Tables that hold other rows and were left alone.
    public var refused: [Table] { tables.filter { $0.kind == .refused } }
}

/// What a copy does with a table that holds other rows than its source.
public enum CopyChoice: Sendable {
    /// Leaves it alone.
    case refuse
    /// Mends what differs; what it overwrites goes to the history.
    case repair
    /// Empties it and copies it.
    case replace

    /// Whether somebody said what to do with other rows: then a stream that has stopped may begin anew.
    public var isDecided: Bool {
        switch self {
        case .refuse: false
        case .repair, .replace: true
        }
    }
}

/// Tables could not be copied; the others were, and a further copy goes on with what is left.
public struct CopyFailed: Error, Sendable, CustomStringConvertible {
    public let stream: StreamID
    /// Why, by table.
    public let causes: [(table: TableName, cause: PostgresError)]

    /// What failed, a line for each table.
    public var message: String {
        causes.map { "\(stream): copying \($0.table) failed: \($0.cause)" }.joined(separator: "\n")
    }

    public var hint: String {
        "mend what it says and run \"switchback copy \(stream.sync)\" again; it goes on where it was"
    }

    public var description: String { "\(message)\n  hint: \(hint)" }
}
