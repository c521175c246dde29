/// What a demo measured.
public struct DemoReport: Encodable, Sendable {
    /// The clusters and what was in them at first.
    public struct Start: Encodable, Sendable {
        public var postgres = ""
        public var tables = 0
        public var rows = 0
        public var bytes = 0
    }

    /// The first copy.
    public struct Copy: Encodable, Sendable {
        public var rows = 0
        public var seconds = 0.0
        /// Transactions of the writers meanwhile.
        public var transactions = 0
    }

    /// What people did while both nodes were there.
    public struct Live: Encodable, Sendable {
        public var seconds = 0.0
        public var writers = 0
        public var transactions = 0
        public var statements = 0
        /// Rows that the stream carried.
        public var rows = 0
    }

    /// From a commit at the primary until the row showed at the secondary, while both were there.
    public struct Lag: Encodable, Sendable {
        public var samples = 0
        public var p50Ms = 0.0
        public var p95Ms = 0.0
        public var maxMs = 0.0
    }

    /// The write that the secondary refused.
    public struct Refusal: Encodable, Sendable {
        public var sqlstate = ""
        public var message = ""
    }

    /// The column that came at the primary first.
    public struct SchemaChange: Encodable, Sendable {
        public var reason = ""
        public var hint: String?
        /// From the change at the secondary until the stream moved.
        public var resumedAfterSeconds = 0.0
    }

    /// The time without the secondary.
    public struct Outage: Encodable, Sendable {
        public var seconds = 0.0
        public var pendingRows = 0
        /// From the start of its server until all of it was there.
        public var caughtUpAfterSeconds = 0.0
    }

    /// How often the books were looked at while the streams ran, and how often they did not balance.
    public struct Books: Encodable, Sendable {
        public var looks = 0
        public var wrong = 0
    }

    /// The comparison at the end.
    public struct Comparison: Encodable, Sendable {
        public var identical = false
        public var tables = 0
        public var rows = 0
        public var seconds = 0.0
    }

    public var start = Start()
    public var firstCopy = Copy()
    public var live = Live()
    public var lag = Lag()
    public var refusal = Refusal()
    public var schemaChange = SchemaChange()
    public var outage = Outage()
    public var books = Books()
    public var comparison = Comparison()
    public var seconds = 0.0

    init() {}
}
