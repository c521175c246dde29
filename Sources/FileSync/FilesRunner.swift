import Foundation
import Glibc
public import Logging
import Model
import Settings

/// Runs jobs by their schedules until it is cancelled: what the daemon does for files.
public struct FilesRunner: Sendable {
    private let jobs: [FileJob]
    private let logger: Logger

    /// - Parameter jobs: all of the configuration's; the ones that are to be run elsewhere are left alone.
    public init(_ jobs: [FileJob], logger: Logger) {
        self.jobs = jobs.filter(\.isOurs)
        self.logger = logger
    }

    /// Runs until the task is cancelled. A job that fails does not disturb the others.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for job in jobs {
                var logger = logger
                logger[metadataKey: "stream"] = "files \(job.name)"
                let loop = JobLoop(job, logger)
                group.addTask { await loop.run() }
                group.addTask { await loop.watchAlarm() }
            }
        }
    }
}

/// The wall's clock, for cron expressions.
enum WallClock {
    static func minute(_ seconds: Double) -> CronSchedule.Minute {
        var moment = time_t(seconds)
        var parts = tm()
        localtime_r(&moment, &parts)
        return CronSchedule.Minute(
            year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
            hour: Int(parts.tm_hour), minute: Int(parts.tm_min))
    }

    /// An hour that the clock skips is the one after it.
    static func moment(_ minute: CronSchedule.Minute) -> Double {
        var parts = tm()
        parts.tm_year = Int32(minute.year - 1900)
        parts.tm_mon = Int32(minute.month - 1)
        parts.tm_mday = Int32(minute.day)
        parts.tm_hour = Int32(minute.hour)
        parts.tm_min = Int32(minute.minute)
        parts.tm_isdst = -1
        return Double(mktime(&parts))
    }
}

/// One job's loop.
private actor JobLoop {
    private let job: FileJob
    private let logger: Logger
    private let bell = Bell()
    private var watcher: TreeWatcher?
    /// What a failed run was to bring, and everything after a failure.
    private var owesEverything = true
    private var lastComplaint: String?
    /// What was told of folders that are not watched.
    private var lastUnwatched: String?
    private var alarm: String?
    private var backoff = Duration.seconds(1)
    /// By a clock that nobody sets.
    private var retryAt: ContinuousClock.Instant?
    private var tidiedAt: ContinuousClock.Instant?
    /// Since when the schedule is kept, by the wall's clock.
    private var since = Date().timeIntervalSince1970

    /// Whether nothing was to be moved for a moment since the last run.
    private var hasRested = true

    /// Changes gather until none has come for so long,
    private static let quiet = Duration.milliseconds(20)
    /// and where they do not cease for so long: what is moved together costs one run.
    private static let gatheringMost = Duration.milliseconds(500)
    /// How often somebody who waits looks whether another's run has ended, or what was refused is mended.
    private static let lookEvery = 10.0
    /// How often somebody who stands by looks whether the site is here again: as often as those who move it look.
    private static let standbyLookEvery = 1.0

    init(_ job: FileJob, _ logger: Logger) {
        self.job = job
        self.logger = logger
    }

    func run() async {
        defer { watcher?.stop() }
        while !Task.isCancelled {
            let record = await record()
            tellAlarm(record)
            await startWatching()
            let now = Date().timeIntervalSince1970
            // Before what has gathered: where changes never cease, something always has.
            if let due = due(record, now), due <= now {
                await fullPass(record)
                continue
            }
            if await watched() { continue }
            let next = [due(record, now), now + Self.lookEvery].compactMap { $0 }.min() ?? now
            hasRested = true
            await bell.wait(atMost: .seconds(max(0.05, next - now)))
        }
    }

    /// Rings also while a run hangs.
    func watchAlarm() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(Self.lookEvery))
            tellAlarm(await record())
        }
    }

    private func record() async -> RunRecord {
        (try? await job.record()) ?? RunRecord()
    }

    private func due(_ record: RunRecord, _ now: Double) -> Double? {
        if let retryAt {
            let left: Double = (retryAt - ContinuousClock.now) / .seconds(1)
            return now + left
        }
        if job.settings.watch && owesEverything { return now }
        // Not later than now: the clock may have been ahead.
        since = min(since, now)
        return job.schedule.due(
            after: record, now: now, since: since, minute: WallClock.minute, moment: WallClock.moment)
    }

    // MARK: Watching

    /// Watches the tree, where that is wanted and not so yet.
    private func startWatching() async {
        guard watcher == nil, job.settings.watch, let rsync = job.rsync, rsync.from.isLocal else { return }
        do {
            watcher = try await TreeWatcher.start(rsync.from.path, filter: rsync.filter, bell: bell)
            owesEverything = true
            logger.info("watches \(rsync.from.path)")
            tellUnwatched(nil)
        } catch {
            tellUnwatched(error)
        }
    }

    private func stopWatching() {
        watcher?.stop()
        watcher = nil
    }

    /// Before a full pass, which finds whatever came until now: sees to it that what lies at the root is what is watched, and all of it.
    private func renewWatching() async {
        guard let watcher else { return }
        let gathered = watcher.take()
        if await watcher.isAtRoot(), !gathered.rootLost {
            guard let failure = watcher.failure else { return tellUnwatched(nil) }
            tellUnwatched(failure)
            watcher.tryAgain()
        } else {
            stopWatching()
            await startWatching()
        }
    }

    /// Moves what has gathered.
    /// - Returns: whether something was done, or a full pass is to follow.
    private func watched() async -> Bool {
        guard let watcher, !owesEverything, retryAt == nil else { return false }
        let gathered = await gather(watcher)
        guard !gathered.isEmpty else { return false }
        if gathered.rootLost { stopWatching() }
        if gathered.rootLost || gathered.everything {
            owesEverything = true
            return true
        }
        var options = SyncOptions()
        options.paths = gathered.paths.sorted()
        if await !attempt(options) { owesEverything = true }
        hasRested = false
        return true
    }

    /// What has changed, once it has come to rest for a moment.
    private func gather(_ watcher: TreeWatcher) async -> TreeWatcher.Gathered {
        var gathered = watcher.take()
        let end = ContinuousClock.now + Self.gatheringMost
        // What came while the last run went on is not the last of it.
        let pause = hasRested ? Self.quiet : Self.gatheringMost
        while !gathered.isEmpty, !gathered.everything, !gathered.rootLost, ContinuousClock.now < end {
            try? await Task.sleep(for: pause)
            let later = watcher.take()
            if later.isEmpty { break }
            gathered.formUnion(later)
        }
        return gathered
    }

    // MARK: Running

    private func fullPass(_ record: RunRecord) async {
        // Whatever is told from here on comes after this pass has begun.
        await renewWatching()
        let began = Date().timeIntervalSince1970
        owesEverything = await !attempt(SyncOptions())
        await tidy()
        guard let every = job.schedule.every, retryAt == nil else { return }
        let missed = Int((Date().timeIntervalSince1970 - began) / (every / .seconds(1)))
        for _ in 0..<min(missed, 1000) { await noteSkipped() }
    }

    private func noteSkipped() async {
        try? await job.noteSkipped()
    }

    /// - Returns: whether it succeeded.
    private func attempt(_ options: SyncOptions) async -> Bool {
        retryAt = nil
        let now = ContinuousClock.now
        do {
            let report = try await job.mover.sync(options) { _ in }
            backoff = .seconds(1)
            tell(report)
            return true
        } catch {
            if Task.isCancelled { return false }
            await setBack(error, now)
            return false
        }
    }

    /// When to try again.
    private func setBack(_ error: any Error, _ now: ContinuousClock.Instant) async {
        // While the site moves, no place is the active one for a moment.
        if error is ActiveSiteUnknown {
            complain(error)
            retryAt = now + .seconds(Self.standbyLookEvery)
            return
        }
        switch (error as? FileSyncError)?.kind {
        case .busy:
            await noteSkipped()
            logger.info("skipped: another run has not finished")
            let most = Duration.seconds(Self.lookEvery)
            retryAt = now + min(most, job.schedule.every ?? most)
        case .standby:
            complain(error)
            retryAt = now + .seconds(Self.standbyLookEvery)
        case .stale, .refused:
            complain(error)
            retryAt = now + .seconds(Self.lookEvery)
        case .failed, nil:
            complain(error)
            retryAt = now + backoff
            backoff = min(backoff * 2, .seconds(60))
        }
    }

    private func tidy() async {
        let now = ContinuousClock.now
        if let tidiedAt, now - tidiedAt < .seconds(6 * 3600) { return }
        guard let rsync = job.rsync else { return }
        tidiedAt = now
        do { try await rsync.tidy() } catch { complain(error) }
    }

    // MARK: Telling

    private func tell(_ report: MoveReport) {
        if lastComplaint != nil {
            logger.info("goes on")
            lastComplaint = nil
        }
        guard report.files > 0 || report.deleted > 0 else { return }
        let deleted = report.deleted > 0 ? ", \(report.deleted) deleted" : ""
        let seconds = Double(Int(report.seconds * 10)) / 10
        logger.info("\(report.files) files, \(report.bytes) bytes to \(report.to)\(deleted) in \(seconds) s")
    }

    /// Tells what is wrong once, not at every try.
    private func complain(_ error: any Error) {
        let failure = error as? FileSyncError
        let message = failure?.message ?? "\(error)"
        guard message != lastComplaint else { return }
        lastComplaint = message
        var metadata: Logger.Metadata = [:]
        if let hint = failure?.hint { metadata["hint"] = "\(hint)" }
        logger.log(level: failure?.kind == .standby ? .info : .error, "\(message)", metadata: metadata)
    }

    /// Tells once that something is not watched, and when all is again.
    private func tellUnwatched(_ error: (any Error)?) {
        guard let error else {
            if lastUnwatched != nil { logger.info("all of the tree is watched again") }
            lastUnwatched = nil
            return
        }
        let failure = error as? FileSyncError
        let message = failure?.message ?? "\(error)"
        guard message != lastUnwatched else { return }
        lastUnwatched = message
        var metadata: Logger.Metadata = [:]
        if let hint = failure?.hint { metadata["hint"] = "\(hint)" }
        logger.error("\(message); what changes there moves with the full passes", metadata: metadata)
    }

    private func tellAlarm(_ record: RunRecord) {
        let now = job.schedule.alarm(record, now: Date().timeIntervalSince1970)
        if let now, alarm == nil { logger.error("alarm: \(now)") }
        alarm = now
    }
}
