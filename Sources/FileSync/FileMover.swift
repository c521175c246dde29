/// Somebody who moves the files of one job: rsync, or a program of the user's. An orchestrator calls these in the order of
/// a move of the site; each may be called again after a crash.
public protocol FileMover: Sendable {
    /// The job's name in the configuration.
    var job: String { get }

    /// Forward: brings the receiving site's tree up to the sending site's.
    ///
    /// - Throws: `FileSyncError`; of kind `standby` when the sending site is not the active one.
    func sync(
        _ options: SyncOptions, progress: @escaping @Sendable (MoveProgress) -> Void
    ) async throws -> MoveReport

    /// Failover, before the receiving site becomes writable: from now on nothing of an older epoch comes in, and what the
    /// tree holds now is the base of a later failback.
    ///
    /// - Parameter epoch: the new one.
    func freeze(epoch: Int) async throws -> FreezeReport

    /// Failover back to the sending site, because the one that had taken over is lost: nothing of an older epoch comes into
    /// the sending site's tree from now on. What only the lost site has is merged before the first run that sends to it.
    func regain(epoch: Int) async throws

    /// Failback: what would be done with the files if it were done now, with the job's receiving site as the one where
    /// people write. Moves nothing.
    func plan() async throws -> MovePlan

    /// Failback: one pass. Repeated until little is left; the last one inside of the freeze, when nobody writes.
    ///
    /// - Parameter isFinal: whether nobody writes: then nothing may be left afterwards, or it is an error.
    func pass(
        isFinal: Bool, progress: @escaping @Sendable (MoveProgress) -> Void
    ) async throws -> PassReport

    /// Failback: all that the passes since the last move of the site did.
    func report() async throws -> FailbackReport
}

/// How one forward run is to be.
public struct SyncOptions: Sendable, Hashable {
    /// Say what would be moved, and move nothing.
    public var dryRun = false
    /// These are the trees, whatever their markers say.
    public var adopt = false
    /// Delete as much as there is to delete, this once.
    public var allowDeletions = false
    /// Just these paths; nil for the whole tree.
    public var paths: [TreePath]?

    public init() {}
}

/// How far a run is.
public struct MoveProgress: Sendable, Hashable {
    public let bytes: Int64
    public let percent: Int
    public let files: Int?
    public let bytesPerSecond: Double
}

/// What a forward run did.
public struct MoveReport: Sendable, Hashable, Encodable {
    public let job: String
    public let from: String
    public let to: String
    public let dryRun: Bool
    /// Nothing was left behind.
    public let isComplete: Bool
    public let files: Int
    public let bytes: Int64
    public let deleted: Int
    public let seconds: Double
    /// What was done to which path, for a dry run; at most some thousand.
    public let changes: [Change]
    /// What was not done, and why.
    public let note: String?

    public struct Change: Sendable, Hashable, Encodable {
        public let path: String
        /// As rsync itemizes it.
        public let change: String
    }
}

/// What a freeze fixed.
public struct FreezeReport: Sendable, Hashable, Encodable {
    public let job: String
    public let epoch: Int
    /// Files in the tree that is the base of a failback from now on; nil where the mover cannot tell.
    public let files: Int?
}

/// What a failback would do.
public struct MovePlan: Sendable, Hashable, Encodable {
    public let job: String
    public let active: String
    public let returning: String
    /// Whether it is known what both had when they parted. Otherwise nothing is taken for deleted.
    public let hasBase: Bool
    public let entries: [Entry]
    public let files: Int
    public let bytes: Int64
    /// What only one of the sites has, and keeps for itself: the job has `delete: false`.
    public let staying: [Staying]
    /// Why nothing may move as things are; nil when it may.
    public let obstacle: String?

    /// Paths that are at one site only and stay there.
    public struct Staying: Sendable, Hashable, Encodable {
        public let site: String
        public let paths: Int
    }

    public struct Entry: Sendable, Hashable, Encodable {
        public let path: String
        /// A reason of `FilePlan.Reason`.
        public let reason: String
        /// The site whose version stays; nil when none does.
        public let keeps: String?
        /// The site whose version goes to the backup folder; nil when none is lost.
        public let setsAside: String?
        /// The name that the other version gets in the tree, where both are kept.
        public let copy: String?
        public let bytes: Int64
    }

    public func count(_ reason: FilePlan.Reason) -> Int { entries.count { $0.reason == reason.rawValue } }
}

/// What one pass of a failback did.
public struct PassReport: Sendable, Hashable, Codable {
    public let isFinal: Bool
    /// What was found to do when it began.
    public let planned: Int
    public let plannedBytes: Int64
    /// What is left: changed at the active site meanwhile, or not movable.
    public let remaining: Int
    public let remainingBytes: Int64
    public let seconds: Double
    public let done: [Done]
    /// Whether nobody has seen its end; then this is what it was about to do.
    public let isCutOff: Bool?

    init(
        isFinal: Bool, planned: Int, plannedBytes: Int64, remaining: Int, remainingBytes: Int64, seconds: Double,
        done: [Done], isCutOff: Bool = false
    ) {
        self.isFinal = isFinal
        self.planned = planned
        self.plannedBytes = plannedBytes
        self.remaining = remaining
        self.remainingBytes = remainingBytes
        self.seconds = seconds
        self.done = done
        self.isCutOff = isCutOff ? true : nil
    }

    public struct Done: Sendable, Hashable, Codable {
        public let path: String
        public let reason: String
        public let keeps: String?
        /// Where what was overwritten or removed lies now, if there was anything.
        public let setAside: String?
        public let copy: String?

        public init(path: String, reason: String, keeps: String?, setAside: String?, copy: String?) {
            self.path = path
            self.reason = reason
            self.keeps = keeps
            self.setAside = setAside
            self.copy = copy
        }
    }
}

/// All passes since the last move of the site.
public struct FailbackReport: Sendable, Hashable, Codable {
    public let job: String
    public let epoch: Int
    public var passes: [PassReport]

    /// All that was done, path by path.
    public var done: [PassReport.Done] { passes.flatMap(\.done) }

    /// The paths that something was done with for a reason, each once: what a pass that was cut off had begun, the next one
    /// may have done again.
    public func paths(_ reasons: FilePlan.Reason...) -> [String] {
        let wanted = Set(reasons.map(\.rawValue))
        var seen: Set<String> = []
        return done.filter { wanted.contains($0.reason) && seen.insert($0.path).inserted }.map(\.path)
    }
}
