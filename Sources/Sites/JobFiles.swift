import Failover
import FileSync
import Foundation
import Logging
import Postgres
import Replication
import Settings

/// The files of the site, moved by its jobs: those that run between the two sites that plans name. A job that runs once is for
/// setting up, and no part of a move.
struct JobFiles: SiteFiles {
    private let cluster: Cluster
    /// The site that this machine is; found by its addresses when nil.
    private let here: String?
    private let settings: Settings
    private let logger: Logger

    /// Between two looks whether another run has ended, or whether a file has come.
    private static let pause = Duration.milliseconds(500)
    /// What may be left when the last pass begins: it takes no longer than looking at the trees does.
    private static let fewFiles = 20
    private static let fewBytes: Int64 = 16 << 20
    private static let passesMost = 10

    /// Nil where no job runs between the two sites.
    init?(_ cluster: Cluster, between sites: [String], here: String?, logger: Logger) {
        self.cluster = cluster
        self.here = here
        self.logger = logger
        settings = cluster.settings
        guard settings.files.contains(where: { !$0.once && Set([$0.from, $0.to]) == Set(sites) }) else { return nil }
    }

    /// The jobs between two sites, told that one of them is active.
    private func jobs(_ from: String, _ to: String, epoch: Int) -> [FileJob] {
        FileJob.all(settings, here: here, active: FixedActiveSite(site: from, epoch: epoch)).filter {
            !$0.settings.once && Set([$0.settings.from, $0.settings.to]) == Set([from, to])
        }
    }

    // MARK: Looking

    func outlook(from: String, to: String, epoch: Int?) async throws -> [FilesOutlook] {
        var all: [FilesOutlook] = []
        // A look moves nothing: no epoch is too old for it.
        for job in jobs(from, to, epoch: epoch ?? .max) {
            try Task.checkCancellation()
            all.append(
                job.settings.from == from ? await forwardOutlook(job, from) : try await returnOutlook(job))
        }
        return all
    }

    private func returnOutlook(_ job: FileJob) async throws -> FilesOutlook {
        let plan = try await failing { try await job.mover.plan() }
        return FilesOutlook(
            job: job.name,
            entries: plan.entries.map {
                FilesOutlook.Entry(
                    path: $0.path, reason: $0.reason, keeps: $0.keeps, setsAside: $0.setsAside, copy: $0.copy,
                    bytes: $0.bytes)
            }, bytes: plan.bytes, obstacle: plan.obstacle,
            note: plan.hasBase ? nil : "no manifest of a good run is there: nothing is taken for deleted")
    }

    /// What has not been sent yet. A site that is lost cannot be asked.
    private func forwardOutlook(_ job: FileJob, _ from: String) async -> FilesOutlook {
        var options = SyncOptions()
        options.dryRun = true
        let wanted = options
        do {
            let report = try await job.mover.sync(wanted) { _ in }
            let entries = report.changes.map {
                FilesOutlook.Entry(
                    path: $0.path, reason: $0.change.hasPrefix("*deleting") ? "delete" : "send", keeps: from,
                    setsAside: nil, copy: nil, bytes: 0)
            }
            return FilesOutlook(job: job.name, entries: entries, bytes: report.bytes, note: report.note)
        } catch let error as FileSyncError where error.kind == .refused {
            return FilesOutlook(job: job.name, entries: [], bytes: 0, obstacle: error.message)
        } catch {
            let reason = (error as? FileSyncError)?.message ?? "\(error)"
            return FilesOutlook(
                job: job.name, entries: [], bytes: 0,
                note: "what \(from) has not sent is not known (\(reason)); a failback rescues it")
        }
    }

    // MARK: Failing over

    func freeze(from: String, to: String, epoch: Int) async throws -> StepResult {
        let jobs = jobs(from, to, epoch: epoch)
        return try await failing {
            // One tree that cannot be reached must not keep the others open.
            let results = await withTaskGroup(of: (String, Result<Int?, any Error>).self) { group in
                for job in jobs {
                    group.addTask { (job.name, await Self.frozen(job, from, epoch)) }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }.sorted { $0.0 < $1.0 }
            var failures: [(job: String, failure: StepFailure)] = []
            for case (let name, .failure(let error)) in results {
                if error is CancellationError { throw error }
                failures.append((name, StepFailure(error)))
            }
            if !failures.isEmpty { throw Self.joined(failures) }
            let counts = results.compactMap { try? $0.1.get() }
            return StepResult(numbers: ["files_in_base": counts.reduce(0, +)])
        }
    }

    /// All jobs whose old site could not be kept out, in one message: who mended the first would otherwise learn of the next one by
    /// another try, while the old site can write to its tree.
    private static func joined(_ failures: [(job: String, failure: StepFailure)]) -> StepFailure {
        var hints: [String] = []
        for hint in failures.compactMap({ $0.failure.hint }) where !hints.contains(hint) { hints.append(hint) }
        return StepFailure(
            failures.map { "files.\($0.job): \($0.failure.message)" }.joined(separator: "; "),
            hint: hints.isEmpty ? nil : hints.joined(separator: "; "),
            isGone: failures.allSatisfy { $0.failure.isGone })
    }

    private static func frozen(_ job: FileJob, _ from: String, _ epoch: Int) async -> Result<Int?, any Error> {
        do {
            guard job.settings.from == from else {
                try await job.mover.regain(epoch: epoch)
                return .success(nil)
            }
            return .success(try await job.mover.freeze(epoch: epoch).files)
        } catch { return .failure(error) }
    }

    // MARK: Moving

    func carry(
        from: String, to: String, epoch: Int, pass: FilesPass, limit: Duration
    ) async throws -> StepResult {
        // What could not be done is to be said before the step's time is up.
        let deadline = ContinuousClock.now + limit * 3 / 4
        var result = StepResult()
        var notes: [String] = []
        for job in jobs(from, to, epoch: epoch) {
            let part = try await failing {
                job.settings.from == from
                    ? try await send(job, epoch, pass, deadline) : try await bringBack(job, to, pass, deadline)
            }
            if let note = part.note { notes.append(note) }
            result.numbers.merge(part.numbers, uniquingKeysWith: +)
        }
        result.note = notes.isEmpty ? nil : notes.joined(separator: "; ")
        return result
    }

    /// Waits for a run of the daemon's to end.
    private func patiently<Value>(_ deadline: ContinuousClock.Instant, _ body: () async throws -> Value) async throws
        -> Value
    {
        while true {
            do { return try await body() } catch let error as FileSyncError
                where error.kind == .busy && ContinuousClock.now < deadline
            { try await Task.sleep(for: Self.pause) }
        }
    }

    private func send(
        _ job: FileJob, _ epoch: Int, _ pass: FilesPass, _ deadline: ContinuousClock.Instant
    ) async throws -> StepResult {
        var (files, deleted) = (0, 0)
        var isComplete = false
        // What went away while it was read is looked at once more.
        for _ in 0..<(pass == .last ? 3 : 1) where !isComplete {
            let report = try await patiently(deadline) { try await job.mover.sync(SyncOptions()) { _ in } }
            files += report.files
            deleted += report.deleted
            isComplete = report.isComplete
        }
        if pass == .last {
            guard isComplete else {
                throw StepFailure(
                    "the files of \(job.name) are not at rest: some went away while they were read",
                    hint: "look who still writes below \(job.settings.path)")
            }
            _ = try await job.mover.freeze(epoch: epoch)
        }
        return StepResult(
            "\(job.name): \(files) files sent, \(deleted) deleted",
            numbers: ["files_moved": files, "files_deleted": deleted])
    }

    private func bringBack(
        _ job: FileJob, _ to: String, _ pass: FilesPass, _ deadline: ContinuousClock.Instant
    ) async throws -> StepResult {
        var passes = 0
        var left = Int.max
        while true {
            let report = try await patiently(deadline) {
                try await job.mover.pass(isFinal: pass == .last) { _ in }
            }
            passes += 1
            let isSmall = report.remaining <= Self.fewFiles && report.remainingBytes <= Self.fewBytes
            let shrinks = report.remaining < left
            left = report.remaining
            if pass == .last || isSmall || !shrinks || passes >= Self.passesMost { break }
            guard ContinuousClock.now < deadline else { break }
        }
        try await waitForReferenced(job, at: to, pass, deadline)
        guard pass != .ahead else {
            let count = passes == 1 ? "1 pass" : "\(passes) passes"
            return StepResult("\(job.name): \(count), \(left) left", numbers: ["files_left": left])
        }
        return try await told(job)
    }

    /// All that the passes since the last move of the site did. Each is kept before it begins, so that nothing is missing in
    /// it that a pass did before it was cut off.
    private func told(_ job: FileJob) async throws -> StepResult {
        let report = try await job.mover.report()
        let (moved, rescued) = (report.paths(.copyBack, .restore), report.paths(.rescue))
        let (deleted, settled) = (report.paths(.delete), report.paths(.conflict, .displaced))
        let aside = Set(report.done.filter { $0.setAside != nil }.map(\.path))
        var text = "\(job.name): \(moved.count) moved, \(deleted.count) deleted"
        text += Self.listed(rescued, "rescued") + Self.listed(settled, "in conflict")
        text += "; \"switchback files report \(job.name)\" lists all"
        return StepResult(
            text,
            numbers: [
                "files_moved": moved.count, "files_rescued": rescued.count, "files_deleted": deleted.count,
                "files_in_conflict": settled.count, "files_set_aside": aside.count,
            ])
    }

    private static func listed(_ paths: [String], _ word: String) -> String {
        guard !paths.isEmpty else { return "" }
        let rest = paths.count > 10 ? ", …" : ""
        return ", \(paths.count) \(word) (\(paths.prefix(10).joined(separator: ", "))\(rest))"
    }

    // MARK: Files that rows name

    /// Holds the plan up until each row at the site that takes over has its file there.
    private func waitForReferenced(
        _ job: FileJob, at site: String, _ pass: FilesPass, _ deadline: ContinuousClock.Instant
    ) async throws {
        guard let references = job.settings.referencedBy, references.hold else { return }
        while true {
            let missing = try await missing(job, at: site)
            guard let first = missing.first else { return }
            // In the freeze there is nothing to wait for: what is not there now does not come.
            guard pass != .last, ContinuousClock.now < deadline else {
                let others = missing.count > 1 ? " and \(missing.count - 1) more" : ""
                throw StepFailure(
                    "rows of \(references.table) at \(site) name files of \(job.name) that are not there: \(first)\(others)",
                    hint:
                        "\"switchback files status \(job.name) --rows\" compares; put the files there, or say files.\(job.name).referenced_by.hold: false to go back without them; then \"switchback failback --yes\" goes on"
                )
            }
            try await Task.sleep(for: Self.pause)
            _ = try await patiently(deadline) { try await job.mover.pass(isFinal: false) { _ in } }
        }
    }

    private func missing(_ job: FileJob, at site: String) async throws -> [String] {
        guard let node = settings.sites.first(where: { $0.name == site })?.node else { return [] }
        let connection = try await cluster.open(node, purpose: "files")
        do {
            let report = try await job.trees.references(at: site, over: connection)
            await connection.close()
            return report?.missing ?? []
        } catch {
            await connection.close()
            throw error
        }
    }

    // MARK: Going on

    func rearm(from: String, to: String, epoch: Int) async throws -> StepResult {
        let names = jobs(from, to, epoch: epoch).filter { $0.settings.from == from }.map(\.name)
        return StepResult(
            names.isEmpty ? nil : "files go from \(from) to \(to) again: \(names.joined(separator: ", "))")
    }
}
