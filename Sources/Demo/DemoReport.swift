import Failover

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

    /// A step of a plan, and how long it took.
    public struct PlanStep: Encodable, Sendable {
        public var step: String
        public var result: String
        public var seconds: Double
    }

    /// The death of the primary, and what followed by itself.
    public struct Failover: Encodable, Sendable {
        /// Who serves the name.
        public var nameServer = ""
        /// Acknowledged by the primary, and on no other machine when it died.
        public var strandedTransactions = 0
        /// From the death until the plan began.
        public var detectedAfterSeconds = 0.0
        /// From the death until the name server answered with the other site.
        public var nameMovedAfterSeconds = 0.0
        /// The longest time between two acknowledged writes.
        public var secondsWithoutWrites = 0.0
        public var steps: [PlanStep] = []
    }

    /// The time at the secondary.
    public struct Secondary: Encodable, Sendable {
        public var transactions = 0
    }

    /// The return of the old primary.
    public struct Returned: Encodable, Sendable {
        /// Rows that it held and that had never left it.
        public var strandedRows = 0
        public var strandedTables = 0
        /// What became of the row that both sites had changed.
        public var conflictWinner = ""
        /// What lost, as the conflict history keeps it.
        public var conflictLosers: [String] = []
    }

    /// The way back.
    public struct Failback: Encodable, Sendable {
        public var seconds = 0.0
        /// The longest time between two acknowledged writes.
        public var secondsWithoutWrites = 0.0
        public var steps: [PlanStep] = []
    }

    /// What the writers were told is committed, against what is there.
    public struct Acknowledged: Encodable, Sendable {
        public var transactions = 0
        /// Of those, at both nodes together.
        public var missing = 0
        /// There, though the answer was lost with the server.
        public var unanswered = 0
        /// There, though nobody wrote it.
        public var foreign = 0
        /// Whether the totals that both sites had added to are right at both nodes.
        public var balances = false
        public var holds = false

        init() {}

        init(_ proof: Proof, balances: Bool) {
            transactions = proof.acknowledged
            missing = proof.missingCount
            unanswered = proof.unanswered
            foreign = proof.foreign
            self.balances = balances
            holds = proof.holds && balances
        }
    }

    /// The comparison at the end.
    public struct Comparison: Encodable, Sendable {
        public var identical = false
        public var tables = 0
        public var rows = 0
        public var seconds = 0.0
    }

    /// The files that belong to rows.
    public struct Files: Encodable, Sendable {
        public var mover: String
        /// From an upload at the primary until its file was at the secondary.
        public var samples: Int
        public var p50Ms: Double
        public var maxMs: Double
        /// On no other machine when the primary died.
        public var stranded: [String] = []
        /// Of those, what the way back brought over.
        public var rescued: [String] = []
        public var uploaded = 0
        /// Of these, files whose version of one site lies in a backup folder and is named in the report.
        public var setAside: [String] = []
        public var missing: [String] = []
        /// Deleted at one site, and there again.
        public var returned: [String] = []
        /// At both nodes together.
        public var rowsWithoutFile = 0
        public var holds = false

        init(mover: String, arrivals: Latencies) {
            self.mover = mover
            samples = arrivals.samples.count
            p50Ms = DemoReport.milliseconds(arrivals.quantile(0.5))
            maxMs = DemoReport.milliseconds(arrivals.quantile(1))
        }

        mutating func take(_ proof: UploadProof, rescued: [String], rowsWithoutFile: Int) {
            self.rescued = rescued
            uploaded = proof.files
            setAside = proof.setAside
            missing = proof.missing
            returned = proof.returned
            self.rowsWithoutFile = rowsWithoutFile
            holds = proof.holds && rowsWithoutFile == 0 && Set(stranded).isSubset(of: rescued)
        }
    }

    public var start = Start()
    public var firstCopy = Copy()
    public var live = Live()
    public var lag = Lag()
    public var refusal = Refusal()
    public var schemaChange = SchemaChange()
    public var outage = Outage()
    /// Nil where nothing could move files.
    public var files: Files?
    public var books = Books()
    public var failover = Failover()
    public var secondary = Secondary()
    public var returned = Returned()
    public var failback = Failback()
    public var proof = Acknowledged()
    public var comparison = Comparison()
    public var seconds = 0.0

    init() {}

    static func milliseconds(_ duration: Duration?) -> Double {
        ((duration ?? .zero) / .microseconds(1)).rounded() / 1000
    }

    static func steps(of report: RunReport) -> [PlanStep] {
        report.lines.compactMap { line in
            line.seconds.map { PlanStep(step: line.step.rawValue, result: line.mark.rawValue, seconds: $0) }
        }
    }
}
