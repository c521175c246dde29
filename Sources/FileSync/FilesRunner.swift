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
    private var alarm: String?
    private var backoff = Duration.seconds(1)
    private var retryAt: Double?
    private var tidiedAt: Double = 0

    /// How long changes gather before they are moved.
    private static let gathering = Duration.milliseconds(200)
    /// How often somebody who waits looks whether the site has moved, or whether another's run has ended.
    private static let lookEvery = 10.0

    init(_ job: FileJob, _ logger: Logger) {
        self.job = job
        self.logger = logger
    }

    func run() async {
        defer { watcher?.stop() }
        while !Task.isCancelled {
            let record = await record()
            tellAlarm(record)
            let now = Date().timeIntervalSince1970
            if await watched(record, now) { continue }
            if let due = due(record, now), due <= now {
                await fullPass(record)
            } else {
                let next = [due(record, now), now + Self.lookEvery].compactMap { $0 }.min() ?? now
                await bell.wait(atMost: .seconds(max(0.05, next - now)))
            }
        }
    }

    private func record() async -> RunRecord {
        (try? await job.record()) ?? RunRecord()
    }

    private func due(_ record: RunRecord, _ now: Double) -> Double? {
        if let retryAt { return retryAt }
        if job.settings.watch && owesEverything { return now }
        return job.schedule.due(after: record, now: now, minute: WallClock.minute, moment: WallClock.moment)
    }

    // MARK: Watching

    /// Moves what has gathered.
    /// - Returns: whether something was done.
    private func watched(_ record: RunRecord, _ now: Double) async -> Bool {
        guard job.settings.watch, let rsync = job.rsync, rsync.from.isLocal else { return false }
        if watcher == nil {
            do {
                watcher = try await TreeWatcher.start(rsync.from.path, filter: rsync.filter, bell: bell)
                owesEverything = true
                logger.info("watches \(rsync.from.path)")
            } catch {
                complain(error)
                return false
            }
        }
        guard let watcher, !owesEverything, retryAt == nil else { return false }
        var gathered = watcher.take()
        guard !gathered.isEmpty else { return false }
        if gathered.rootLost {
            watcher.stop()
            self.watcher = nil
            owesEverything = true
            return false
        }
        try? await Task.sleep(for: Self.gathering)
        let later = watcher.take()
        gathered.paths.formUnion(later.paths)
        gathered.everything = gathered.everything || later.everything
        if gathered.everything {
            owesEverything = true
            return false
        }
        var options = SyncOptions()
        options.paths = gathered.paths.sorted()
        if await !attempt(options) { owesEverything = true }
        return true
    }

    // MARK: Running

    private func fullPass(_ record: RunRecord) async {
        // Whatever is told from here on comes after this pass has begun.
        _ = watcher?.take()
        let began = Date().timeIntervalSince1970
        owesEverything = await !attempt(SyncOptions())
        guard let every = job.schedule.every, retryAt == nil else { return }
        let missed = Int((Date().timeIntervalSince1970 - began) / (every / .seconds(1)))
        for _ in 0..<min(missed, 1000) { await noteSkipped() }
        await tidy()
    }

    private func noteSkipped() async {
        try? await job.noteSkipped()
    }

    /// - Returns: whether it succeeded.
    private func attempt(_ options: SyncOptions) async -> Bool {
        retryAt = nil
        let now = Date().timeIntervalSince1970
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
    private func setBack(_ error: any Error, _ now: Double) async {
        switch (error as? FileSyncError)?.kind {
        case .busy:
            await noteSkipped()
            logger.info("skipped: another run has not finished")
            retryAt = now + min(Self.lookEvery, (job.schedule.every ?? .seconds(10)) / .seconds(1))
        case .standby, .stale, .refused:
            complain(error)
            retryAt = now + Self.lookEvery
        case .failed, nil:
            complain(error)
            retryAt = now + backoff / .seconds(1)
            backoff = min(backoff * 2, .seconds(60))
        }
    }

    private func tidy() async {
        let now = Date().timeIntervalSince1970
        guard let rsync = job.rsync, now - tidiedAt > 6 * 3600 else { return }
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

    private func tellAlarm(_ record: RunRecord) {
        let now = job.schedule.alarm(record, now: Date().timeIntervalSince1970)
        if let now, alarm == nil { logger.error("alarm: \(now)") }
        alarm = now
    }
}
