public import Model

/// How far a copy has come.
public struct CopyProgress: Sendable, Equatable {
    public var tables: Int = 0
    public var tablesDone: Int = 0
    /// Rows at the receiver, with those that an earlier run has copied.
    public var rows: Int = 0
    /// Bytes of the tables at the source: done, and in all. An estimate, for the tables are in use.
    public var bytesDone: Int64 = 0
    public var bytesTotal: Int64 = 0
    /// What an earlier run had done, which says nothing of the rate.
    public var rowsBefore: Int = 0
    public var bytesBefore: Int64 = 0
    /// Bytes that have travelled in this run.
    public var bytesSent: Int64 = 0
    public var elapsed: Duration = .zero
    /// What is being done just now.
    public var current: TableName?

    /// From 0 to 1.
    public var fraction: Double { bytesTotal > 0 ? min(1, Double(bytesDone) / Double(bytesTotal)) : 1 }

    /// Rows that this run copies in a second.
    public var rowsPerSecond: Double { seconds > 0.001 ? Double(rows - rowsBefore) / seconds : 0 }

    /// Bytes that this run sends in a second.
    public var bytesPerSecond: Double { seconds > 0.001 ? Double(bytesSent) / seconds : 0 }

    /// At the rate so far; nil before there is one.
    public var remaining: Duration? {
        let done = Double(bytesDone - bytesBefore)
        guard bytesTotal > 0, done > 0.01 * Double(bytesTotal - bytesBefore), seconds > 0.5 else { return nil }
        return .seconds(seconds * Double(max(0, bytesTotal - bytesDone)) / done)
    }

    private var seconds: Double { elapsed / .seconds(1) }
}
