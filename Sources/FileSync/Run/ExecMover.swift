import Foundation
import Programs
public import Settings

/// Moves a job's files by a program of the user's: one call an operation, a JSON document on its standard input, one on its
/// standard output.
///
/// Status 0 means that the operation was done or that its answer is in the document; 3 that it may not be done now, 4 that
/// the site has moved on; any other that it failed. What it says on standard error is shown.
public struct ExecMover: FileMover {
    private let settings: FilesSettings
    private let mover: ExecMoverSettings
    private let from: SiteSettings
    private let to: SiteSettings
    private let active: any ActiveSiteSource
    /// What is remembered of its runs.
    let book: RunBook

    public var job: String { settings.name }

    public init(
        _ settings: FilesSettings, mover: ExecMoverSettings, from: SiteSettings, to: SiteSettings,
        active: any ActiveSiteSource, book: RunBook
    ) {
        self.settings = settings
        self.mover = mover
        self.from = from
        self.to = to
        self.active = active
        self.book = book
    }

    /// What the program is told.
    struct Request: Encodable {
        struct Place: Encodable {
            let site: String
            let address: String
            let path: String
        }

        let operation: String
        let job: String
        let from: Place
        let to: Place
        /// The site that is active now, and under which epoch; for a freeze the epoch to come.
        let active: String
        let epoch: Int
        var dryRun = false
        var isFinal = false
    }

    /// What it answers. Whatever it cannot tell is left out.
    struct Answer: Decodable {
        var files: Int?
        var bytes: Int64?
        var deleted: Int?
        var remaining: Int?
        var remainingBytes: Int64?
        /// Paths and what would be or was done with them.
        var entries: [Entry]?
        var obstacle: String?
        var message: String?

        struct Entry: Decodable {
            let path: String
            let reason: String
            var keeps: String?
            var setAside: String?
            var bytes: Int64?
        }
    }

    public func sync(
        _ options: SyncOptions, progress: @escaping @Sendable (MoveProgress) -> Void
    ) async throws -> MoveReport {
        let site = try await active.activeSite()
        guard site.site == from.name else {
            throw FileSyncError(
                .standby,
                "the files of \(job) are not sent from \(from.name): \(site.site) is active, under epoch \(site.epoch)",
                hint: "\"switchback failback\" brings them back")
        }
        guard !options.dryRun else { return try await run(site, options) }
        guard let lock = try await book.lock() else {
            throw FileSyncError(
                .busy, "the files of \(job) are being moved by another run",
                hint: "wait for its end: \"switchback files status\"")
        }
        defer { lock.release() }
        var record = try await book.read()
        record.begin(at: RsyncMover.now(), epoch: site.epoch)
        try await book.write(record)
        do {
            let report = try await run(site, options)
            var stats = RsyncOutput.Stats()
            (stats.filesTransferred, stats.bytesTransferred) = (report.files, report.bytes)
            stats.filesDeleted = report.deleted
            record.end(stats, counts: true, error: nil, hint: nil, holds: false, at: RsyncMover.now())
            try await book.write(record)
            return report
        } catch let error as FileSyncError {
            record.end(
                RsyncOutput.Stats(), counts: false, error: error.message, hint: error.hint, holds: false,
                at: RsyncMover.now())
            try await book.write(record)
            throw error
        }
    }

    private func run(_ site: ActiveSite, _ options: SyncOptions) async throws -> MoveReport {
        let began = ContinuousClock.now
        let answer = try await ask("sync", site) { $0.dryRun = options.dryRun }
        return MoveReport(
            job: job, from: from.name, to: to.name, dryRun: options.dryRun, isComplete: (answer.remaining ?? 0) == 0,
            files: answer.files ?? 0, bytes: answer.bytes ?? 0, deleted: answer.deleted ?? 0,
            seconds: (ContinuousClock.now - began) / .seconds(1),
            changes: (answer.entries ?? []).map { MoveReport.Change(path: $0.path, change: $0.reason) },
            note: answer.message)
    }

    public func freeze(epoch: Int) async throws -> FreezeReport {
        let answer = try await ask("freeze", ActiveSite(site: to.name, epoch: epoch))
        return FreezeReport(job: job, epoch: epoch, files: answer.files)
    }

    /// The program learns the epoch with the next sync.
    public func regain(epoch: Int) async throws {}

    public func plan() async throws -> MovePlan {
        let answer = try await ask("plan", try await active.activeSite())
        let entries = (answer.entries ?? []).map {
            MovePlan.Entry(
                path: $0.path, reason: $0.reason, keeps: $0.keeps, setsAside: $0.setAside, copy: nil,
                bytes: $0.bytes ?? 0)
        }
        return MovePlan(
            job: job, active: to.name, returning: from.name, hasBase: true, entries: entries,
            files: answer.remaining ?? entries.count, bytes: answer.remainingBytes ?? 0, staying: [],
            obstacle: answer.obstacle)
    }

    public func pass(
        isFinal: Bool, progress: @escaping @Sendable (MoveProgress) -> Void
    ) async throws -> PassReport {
        let site = try await active.activeSite()
        guard site.site == to.name else {
            throw FileSyncError(
                .standby, "the files of \(job) are not brought back to \(from.name): \(site.site) is active",
                hint: "they go the other way: \"switchback files sync \(job)\"")
        }
        let began = ContinuousClock.now
        let answer = try await ask("pass", site) { $0.isFinal = isFinal }
        // A program that does not say how much is left has not said that nothing is.
        guard let remaining = answer.remaining, !isFinal || remaining == 0 else {
            throw FileSyncError(
                .failed,
                "the mover of \(job) did not finish: \(answer.remaining.map { "\($0) files are left" } ?? "it did not tell what remains")",
                hint: "its answer to pass needs \"remaining\", and 0 for the last one")
        }
        let done = (answer.entries ?? []).map {
            PassReport.Done(path: $0.path, reason: $0.reason, keeps: $0.keeps, setAside: $0.setAside, copy: nil)
        }
        return PassReport(
            isFinal: isFinal, planned: answer.files ?? done.count, plannedBytes: answer.bytes ?? 0,
            remaining: remaining, remainingBytes: answer.remainingBytes ?? 0,
            seconds: (ContinuousClock.now - began) / .seconds(1), done: done)
    }

    public func report() async throws -> FailbackReport {
        let site = try await active.activeSite()
        let answer = try await ask("report", site)
        let done = (answer.entries ?? []).map {
            PassReport.Done(path: $0.path, reason: $0.reason, keeps: $0.keeps, setAside: $0.setAside, copy: nil)
        }
        let pass = PassReport(
            isFinal: true, planned: answer.files ?? done.count, plannedBytes: answer.bytes ?? 0,
            remaining: answer.remaining ?? 0, remainingBytes: answer.remainingBytes ?? 0, seconds: 0, done: done)
        return FailbackReport(job: job, epoch: site.epoch, passes: [pass])
    }

    // MARK: Asking

    private func ask(
        _ operation: String, _ site: ActiveSite, _ change: (inout Request) -> Void = { _ in }
    ) async throws -> Answer {
        var request = Request(
            operation: operation, job: job, from: place(from), to: place(to), active: site.site, epoch: site.epoch)
        change(&request)
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let input = String(decoding: try encoder.encode(request), as: UTF8.self) + "\n"
        let outcome: ExternalProgram.Outcome
        do {
            outcome = try await ExternalProgram(mover.command, input: input).run(
                limit: mover.timeout, outputBytesMax: 1 << 28)
        } catch let error as ExternalProgramError {
            throw FileSyncError(.failed, error.description, hint: "mend files.\(job).mover")
        }
        try Task.checkCancellation()
        return try judged(outcome, operation)
    }

    private func place(_ site: SiteSettings) -> Request.Place {
        Request.Place(
            site: site.name, address: "\(site.address)", path: settings.reach[site.name]?.path ?? settings.path)
    }

    private func judged(_ outcome: ExternalProgram.Outcome, _ operation: String) throws -> Answer {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let answer = try? decoder.decode(Answer.self, from: Data(outcome.output.utf8))
        let said = answer?.message ?? outcome.errors.split(separator: "\n").last.map(String.init) ?? ""
        let reason = said.isEmpty ? "" : ": \(said)"
        let what = "the mover of \(job) did not do \(operation)"
        switch outcome.ending {
        case .exited(0):
            guard let answer else {
                throw FileSyncError(
                    .failed, "\(what): its answer is no JSON document of the kind that is wanted",
                    hint: "Docs/Files.md describes what a mover answers")
            }
            return answer
        case .exited(3):
            throw FileSyncError(
                .refused, what + reason,
                hint: "mend what the mover names, or look at its own log, and try again")
        case .exited(4):
            throw FileSyncError(
                .stale, what + reason, hint: "the site has moved; \"switchback status\" tells where it is")
        case .stopped:
            throw FileSyncError(
                .failed, "\(what) within its time", hint: "look at the mover, or raise files.\(job).mover.timeout")
        case .exited, .killed, .unknown:
            throw FileSyncError(
                .failed, "\(what) (status \(outcome.ending.status))\(reason)", hint: "look at the mover's own log")
        }
    }
}
