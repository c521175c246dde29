public import Model

/// How far a copy has come.
public struct CopyProgress: Sendable, Equatable {
    public var tables: Int = 0
    public var tablesDone: Int = 0
    public var rows: Int = 0
    /// Bytes of the tables at the source: done, and in all. An estimate, for the tables are in use.
    public var bytesDone: Int64 = 0
    public var bytesTotal: Int64 = 0
    public var elapsed: Duration = .zero
    /// What is being done just now.
    public var current: TableName?

    /// From 0 to 1.
    public var fraction: Double { bytesTotal > 0 ? min(1, Double(bytesDone) / Double(bytesTotal)) : 1 }

    /// At the rate so far; nil before there is one.
    public var remaining: Duration? {
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        guard fraction > 0.01, seconds > 0.5 else { return nil }
        return .seconds(seconds * (1 - fraction) / fraction)
    }
}

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
        public let rows: Int
        public let difference: TableDifference?
    }

    public var tables: [Table] = []
    public var elapsed: Duration = .zero

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
}
