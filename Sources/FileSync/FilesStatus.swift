import Foundation
import Settings

/// What `status` and `files status` show of the jobs. What could not be looked at is nil, with the reason beside it.
public struct FilesStatus: Sendable, Encodable {
    public let name: String
    public let from: String
    public let to: String
    public let path: String
    /// `idle`, `running`, `held`, `failed`, `standby`, `never run`, `elsewhere`, `unknown`.
    public let state: String
    public let lastSuccessAt: String?
    public let lagSeconds: Double?
    public let runs: Int?
    public let failures: Int?
    public let skipped: Int?
    /// In the tree at the last good run.
    public let files: Int?
    public let bytes: Int64?
    /// Of the last run.
    public let lastFiles: Int?
    public let lastBytes: Int64?
    public let lastSeconds: Double?
    public let filesMoved: Int?
    public let bytesMoved: Int64?
    public let filesDeleted: Int?
    /// Why somebody should look, though nothing may have failed.
    public let alarm: String?
    public let error: String?
    public let hint: String?

    public var isWell: Bool { alarm == nil && (error == nil || state == "standby") && state != "held" }

    /// Looks at a job.
    public static func of(_ job: FileJob) async -> FilesStatus {
        guard let rsync = job.rsync else { return await ofProgram(job) }
        guard let home = try? rsync.home() else {
            return FilesStatus(job, state: "elsewhere", RunRecord(), known: false)
        }
        do {
            // What runs just now holds the lock; who cannot have it need not ask further.
            var record = try await rsync.record()
            record.skipped = try await rsync.skipped()
            let site = try await rsync.active.activeSite()
            if site.site != rsync.from.site {
                return FilesStatus(job, state: "standby", record, known: true)
            }
            let lock = record.lastStart != nil ? try await JobLock.take(in: home) : nil
            lock?.release()
            let isBusy = record.lastStart != nil && lock == nil
            return FilesStatus(job, state: Self.state(record, isBusy: isBusy), record, known: true)
        } catch {
            let failure = error as? FileSyncError
            return FilesStatus(
                job, state: "unknown", RunRecord(), known: false, error: failure?.message ?? "\(error)",
                hint: failure?.hint)
        }
    }

    /// Of a job that a program of the user's moves: what is remembered here.
    private static func ofProgram(_ job: FileJob) async -> FilesStatus {
        guard job.isOurs, let book = job.book else {
            return FilesStatus(job, state: "elsewhere", RunRecord(), known: false)
        }
        do {
            let record = try await book.read()
            let site = try await job.trees.active.activeSite()
            guard site.site == job.settings.from else {
                return FilesStatus(job, state: "standby", record, known: true)
            }
            return FilesStatus(job, state: state(record, isBusy: await book.isBusy()), record, known: true)
        } catch {
            let failure = error as? FileSyncError
            return FilesStatus(
                job, state: "unknown", RunRecord(), known: false, error: failure?.message ?? "\(error)",
                hint: failure?.hint)
        }
    }

    private static func state(_ record: RunRecord, isBusy: Bool) -> String {
        if isBusy { return "running" }
        if record.isHeld { return "held" }
        if record.error != nil || record.isUnderWay { return "failed" }
        return record.lastStart == nil ? "never run" : "idle"
    }

    private init(
        _ job: FileJob, state: String, _ record: RunRecord, known: Bool, error: String? = nil, hint: String? = nil
    ) {
        let now = Date().timeIntervalSince1970
        name = job.name
        from = job.settings.from
        to = job.settings.to
        path = job.settings.path
        self.state = state
        lastSuccessAt = record.lastSuccess.map {
            Date(timeIntervalSince1970: $0.rounded(.down)).formatted(.iso8601)
        }
        lagSeconds = record.lastSuccess.map { ((now - $0) * 1000).rounded() / 1000 }
        runs = known ? record.runs : nil
        failures = known ? record.failures : nil
        skipped = known ? record.skipped : nil
        files = record.files
        bytes = record.bytes
        lastFiles = known ? record.lastFiles : nil
        lastBytes = known ? record.lastBytes : nil
        if let end = record.lastEnd, let start = record.lastStart, end >= start {
            lastSeconds = ((end - start) * 1000).rounded() / 1000
        } else {
            lastSeconds = nil
        }
        filesMoved = known ? record.filesMoved : nil
        bytesMoved = known ? record.bytesMoved : nil
        filesDeleted = known ? record.filesDeleted : nil
        alarm = state == "standby" || !known ? nil : job.schedule.alarm(record, now: now)
        let cut = state == "failed" && record.error == nil
        self.error = error ?? (cut ? "the last run was cut off" : record.error)
        self.hint = hint ?? (cut ? "the next one makes up for it: \"switchback files sync \(job.name)\"" : record.hint)
    }
}
