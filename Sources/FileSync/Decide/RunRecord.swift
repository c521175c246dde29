public import Model

/// What is remembered of a job's runs. Times are seconds since 1970.
public struct RunRecord: Sendable, Hashable, Codable {
    public var runs = 0
    public var failures = 0
    /// Runs that were due while another had not finished.
    public var skipped = 0
    public var filesMoved = 0
    public var bytesMoved: Int64 = 0
    public var filesDeleted = 0
    /// In the tree, of all kinds; nil before the first good run.
    public var files: Int?
    public var bytes: Int64?
    public var lastStart: Double?
    /// When the last run over the whole tree began: what a schedule goes by, for runs of single paths come all the time. Nil in a
    /// record of an older version, and before the first one.
    public var lastWholeStart: Double?
    public var lastEnd: Double?
    public var lastSuccess: Double?
    /// What the last run moved, and how long it took.
    public var lastFiles = 0
    public var lastBytes: Int64 = 0
    /// How many files runs of single paths deleted since the last good run over the whole tree.
    public var deletedSinceWhole: Int?
    /// Since when it has been tried without success; nil after a success, and before the first try.
    public var failingSince: Double?
    /// Why the last run was no success; nil when it was one.
    public var error: String?
    public var hint: String?
    /// Set when a person has to decide before anything moves again.
    public var isHeld = false
    /// Whether a run began whose end nobody has seen: what the manifest says may be older than what travelled.
    public var isUnderWay = false
    /// Set when a run was cut off, until the receiving tree has been looked at again.
    public var isDoubtful = false
    /// Under which epoch the last run began; nil in a record of an older version.
    public var epoch: Int?
    /// When the manifest was taken, in milliseconds, and how long that took, in seconds.
    public var manifestAt: Int64?
    public var manifestSeconds: Double?
    /// How many files of all kinds the sending tree had by then; nil in a record of an older version.
    public var manifestFiles: Int?

    /// Where other file systems were mounted in the sending tree; nil where that cannot be seen.
    public var mounts: [String]?
    /// Those of them in which something lay.
    public var filled: [String]?

    public init() {}

    /// - Parameters:
    ///   - epoch: under which the site is active. When it has moved since the last run, the manifest is not this record's any
    ///     more, and the receiving tree is looked at anew.
    ///   - isWhole: whether it goes over the whole tree, and not over single paths.
    public mutating func begin(at now: Double, epoch: Int? = nil, isWhole: Bool = true) {
        runs += 1
        // Of an older version's record nobody knows what its last run went over: it is what the next one counts from.
        lastWholeStart = isWhole ? now : lastWholeStart ?? lastStart
        lastStart = now
        if isUnderWay || (manifestAt != nil && self.epoch != epoch) { isDoubtful = true }
        self.epoch = epoch
        isUnderWay = true
    }

    /// Whether something of these runs may have travelled that a manifest does not know of.
    ///
    /// - Parameter epoch: the manifest's. One that was taken when the site moved, under a later epoch than the last run's,
    ///   was looked at when no such run could go on.
    func casts(doubtOnManifestOf epoch: Int) -> Bool {
        guard isUnderWay || isDoubtful else { return false }
        return self.epoch.map { $0 >= epoch } ?? true
    }

    /// - Parameter counts: whether it was a success: nothing was left behind.
    public mutating func end(
        _ stats: RsyncOutput.Stats, counts: Bool, error: String?, hint: String?, holds: Bool, at now: Double
    ) {
        lastEnd = now
        isUnderWay = false
        lastFiles = stats.filesTransferred
        lastBytes = stats.bytesTransferred
        filesMoved += stats.filesTransferred
        bytesMoved += stats.bytesTransferred
        filesDeleted += stats.filesDeleted
        // What a person is to decide does not go by a run that failed, nor do the words that say so.
        if counts || holds || !isHeld {
            self.error = error
            self.hint = hint
            isHeld = holds
        }
        if counts {
            lastSuccess = now
            failingSince = nil
        } else {
            fail(at: now)
        }
    }

    private mutating func fail(at now: Double) {
        failures += 1
        // Not later than now: the clock may have been ahead.
        failingSince = min(failingSince ?? now, now)
    }

    /// Notes a run that could not begin: an end that is not to be had, a tree that is not the right one. A job that is held says why
    /// it is, whatever else is wrong.
    public mutating func refuse(error: String, hint: String?, at now: Double) {
        fail(at: now)
        guard !isHeld else { return }
        self.error = error
        self.hint = hint
    }

    /// Whether the receiving tree is to be looked at after a run. A look may take a twentieth of the time at most; in between,
    /// the paths that moved are noted and taken out of the manifest, which makes it smaller and never wrong.
    func wantsManifest(moved: Bool, now: Double) -> Bool {
        guard let manifestAt, let manifestSeconds else { return true }
        if isDoubtful { return true }
        guard moved else { return false }
        return now - Double(manifestAt) / 1000 >= manifestSeconds * 20
    }
}

/// When a job runs, and when it has not run for too long.
public struct JobSchedule: Sendable, Hashable {
    public let every: Duration?
    public let cron: CronSchedule?
    public let once: Bool
    /// How old the last success may be; nil for no alarm.
    public let alarmAfter: Duration?

    public init(every: Duration? = nil, cron: CronSchedule? = nil, once: Bool = false, alarmAfter: Duration? = nil) {
        self.every = every
        self.cron = cron
        self.once = once
        self.alarmAfter = alarmAfter
    }

    /// When it is due; nil for never by itself. Seconds since 1970.
    ///
    /// - Parameters:
    ///   - since: when whoever asks began to; what a cron expression counts from for a job that never ran. Nil for now.
    ///   - minute: the wall's clock at a moment, and back.
    public func due(
        after record: RunRecord, now: Double, since: Double? = nil, minute: (Double) -> CronSchedule.Minute,
        moment: (CronSchedule.Minute) -> Double
    ) -> Double? {
        // Runs of single paths put nothing off: where changes never cease there would be none over the whole tree.
        let last = once ? record.lastStart : record.lastWholeStart ?? record.lastStart
        // One that is to come was noted by a clock that was ahead. Nobody knows when it was, and to wait for it may take years.
        let isAhead = last.map { $0 > now } ?? false
        if once {
            guard record.lastSuccess == nil else { return nil }
            return isAhead ? now : (last ?? now - 60) + 60
        }
        if let every {
            let seconds = every / .seconds(1)
            return isAhead ? now : (last ?? now - seconds) + seconds
        }
        guard let cron else { return nil }
        // From the last start on: a time that passed while no daemon ran is made up for, once.
        return isAhead ? now : moment(cron.next(after: minute(last ?? since ?? now)))
    }

    /// Why somebody should look; nil when all is well.
    public func alarm(_ record: RunRecord, now: Double) -> String? {
        guard let alarmAfter else { return nil }
        // Each try begins anew: the first one since is what counts. What is to come was noted by a clock that was ahead, and tells
        // nothing; the first run by the right clock does.
        let known = [record.lastSuccess, record.failingSince, record.lastStart].compactMap { $0 }
        guard let reference = known.first(where: { $0 <= now }) else { return nil }
        let age = now - reference
        guard age > alarmAfter / .seconds(1) else { return nil }
        guard let success = record.lastSuccess else { return "it has never succeeded" }
        return success > now
            ? "it has not succeeded for \(Self.text(age)), and the last success was noted by a clock that was ahead"
            : "the last success is \(Self.text(age)) old"
    }

    static func text(_ seconds: Double) -> String {
        if seconds < 120 { return "\(Int(seconds)) s" }
        if seconds < 7200 { return "\(Int(seconds / 60)) min" }
        return seconds < 172_800 ? "\(Int(seconds / 3600)) h" : "\(Int(seconds / 86_400)) days"
    }
}
