/// The files of the site. Throws ``StepFailure``.
///
/// The files of a job go one way, and come back when the site does. Which of the two a plan needs follows from the sites that
/// it names.
public protocol SiteFiles: Sendable {
    /// What would be done with the files, were the site to move now; a value a job. Moves nothing.
    ///
    /// - Parameter epoch: of the run; nil before there is one.
    func outlook(from: String, to: String, epoch: Int?) async throws -> [FilesOutlook]
    /// Lets nothing of an older epoch into the trees of the site that takes over, and keeps what they hold now: it is what both
    /// sites had in common.
    func freeze(from: String, to: String, epoch: Int) async throws -> StepResult
    /// Brings the files of one site to the other: by comparison with what both had, so that none is taken for deleted that
    /// is new.
    ///
    /// - Parameter limit: for the step, within which it has to say what it could not do.
    func carry(from: String, to: String, epoch: Int, pass: FilesPass, limit: Duration) async throws -> StepResult
    /// Makes sure that the jobs that send from a site can go on. They see by themselves, by the fences, that it is the active
    /// one.
    func rearm(from: String, to: String, epoch: Int) async throws -> StepResult
}

/// When in a plan files are brought over.
public enum FilesPass: Sendable, Equatable {
    /// People write, and another pass follows: it is enough that little is left.
    case ahead
    /// Nobody writes: then both must be equal afterwards.
    case last
    /// People write at both sites; what comes later is merged by the runs that follow.
    case lastWhileOpen
}

/// What would be done with the files of one job.
public struct FilesOutlook: Sendable, Equatable, Encodable {
    public struct Entry: Sendable, Equatable, Encodable {
        public let path: String
        /// `copy_back`, `rescue`, `delete`, `restore`, `conflict`, `displaced`; where files only go forward what rsync says.
        public let reason: String
        /// The site whose version stays; nil when none does.
        public let keeps: String?
        /// The site whose version goes to the backup folder.
        public let setsAside: String?
        /// The name that the other version gets, where both are kept.
        public let copy: String?
        public let bytes: Int64

        public init(path: String, reason: String, keeps: String?, setsAside: String?, copy: String?, bytes: Int64) {
            self.path = path
            self.reason = reason
            self.keeps = keeps
            self.setsAside = setsAside
            self.copy = copy
            self.bytes = bytes
        }
    }

    public let job: String
    public let entries: [Entry]
    public let bytes: Int64
    /// Why nothing may move as things are; nil when it may.
    public let obstacle: String?
    /// What could not be looked at, or is to be known besides.
    public let note: String?

    public init(job: String, entries: [Entry], bytes: Int64, obstacle: String? = nil, note: String? = nil) {
        self.job = job
        self.entries = entries
        self.bytes = bytes
        self.obstacle = obstacle
        self.note = note
    }

    /// In one line: how many paths for which reason.
    public var summary: String {
        let counts = Dictionary(grouping: entries, by: \.reason).mapValues(\.count).sorted { $0.key < $1.key }
        let list = counts.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        return "\(job): \(entries.isEmpty ? "nothing to do" : list)"
    }
}
