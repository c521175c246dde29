import Foundation
import Glibc
public import Settings

/// Moves a job's files by rsync.
public struct RsyncMover: FileMover {
    let settings: FilesSettings
    let from: TreeEnd
    let to: TreeEnd
    let active: any ActiveSiteSource
    let filter: PathFilter

    public var job: String { settings.name }

    /// - Parameters:
    ///   - from, to: the trees of the job's sites.
    ///   - active: who knows where the site is.
    public init(_ settings: FilesSettings, from: TreeEnd, to: TreeEnd, active: any ActiveSiteSource) {
        self.settings = settings
        self.from = from
        self.to = to
        self.active = active
        filter = PathFilter(include: settings.include, exclude: settings.exclude)
    }

    static func now() -> Double { Date().timeIntervalSince1970 }

    /// The end whose state folder has the lock and the record: the one that is here.
    func home() throws -> TreeEnd {
        if from.isLocal { return from }
        if to.isLocal { return to }
        throw FileSyncError(
            .refused,
            "the files of \(job) cannot be moved from here: neither \(from.site) nor \(to.site) is this machine",
            hint: "run Switchback at one of the two, or say files.\(job).reach.SITE.local: true")
    }

    func locked() async throws -> JobLock {
        // Whoever looks whether it is taken has it for a moment.
        for _ in 0..<20 {
            if let lock = try await JobLock.take(in: try home()) { return lock }
            try await Task.sleep(for: .milliseconds(25))
        }
        throw FileSyncError(
            .busy, "the files of \(job) are being moved by another run",
            hint: "wait for its end: \"switchback files status\"")
    }

    func look(_ end: TreeEnd) -> TreeLook {
        TreeLook(end: end, filter: filter, withHashes: settings.options.checksum)
    }

    // MARK: The record

    /// What is remembered of the runs; of none when there is no record, or a torn one.
    public func record() async throws -> RunRecord {
        guard let bytes = try await StateFolder(end: try home()).read("runs") else { return RunRecord() }
        return (try? JSONDecoder().decode(RunRecord.self, from: Data(bytes))) ?? RunRecord()
    }

    func write(_ record: RunRecord) async throws {
        try await StateFolder(end: try home()).write(["runs": Array(try JSONEncoder().encode(record))])
    }

    /// Notes that a run was due while another had not finished. The other one writes the record too, so the count has a
    /// file of its own, a byte for each.
    public func noteSkipped() async throws {
        let end = try home()
        let path = "\(end.path)\(StateNames.home(job))/skipped"
        try await BlockingWork.run("sb-state") { try LocalFiles.append([0x2E], to: path) }
    }

    /// How often a run was skipped.
    public func skipped() async throws -> Int { try await StateFolder(end: try home()).read("skipped")?.count ?? 0 }

    // MARK: Forward

    public func sync(
        _ options: SyncOptions, progress: @escaping @Sendable (MoveProgress) -> Void
    ) async throws -> MoveReport {
        let site = try await active.activeSite()
        guard site.site == from.site else {
            throw FileSyncError(
                .standby,
                "the files of \(job) are not sent from \(from.site): \(site.site) is active, under epoch \(site.epoch)",
                hint: "\"switchback failback\" brings them back")
        }
        let lock = try await locked()
        defer { lock.release() }
        var record = try await record()
        if record.isHeld, !options.allowDeletions, !options.adopt, !options.dryRun {
            throw FileSyncError(.refused, record.error ?? "the files of \(job) are held", hint: record.hint)
        }
        let hasOwn: Bool
        do { hasOwn = try await guardTrees(epoch: site.epoch, &record, options, progress) } catch {
            // A site that has moved is no failure. The rest is to be seen in the status, and to ring in the end.
            if let failure = error as? FileSyncError, failure.kind != .stale, !options.dryRun {
                record.refuse(error: failure.message, hint: failure.hint, at: Self.now())
                try? await write(record)
            }
            throw error
        }
        if options.dryRun { return try await dryRun(site.epoch, record, options, isMergedFirst: hasOwn) }
        // The manifest that is due after a merge is taken by a run over the whole tree.
        var wanted = options
        if hasOwn, from.isLocal { wanted.paths = nil }
        record.begin(at: Self.now(), epoch: site.epoch, isWhole: wanted.paths == nil)
        try await write(record)
        let run = try forward(site.epoch, record, wanted)
        let outcome: RsyncRun.Outcome
        do { outcome = try await run.run(progress: Self.rated(progress)) } catch {
            // Nobody knows how much of it came: the record keeps saying that it is under way.
            if let failure = error as? FileSyncError {
                record.end(
                    RsyncOutput.Stats(), counts: false, error: failure.message, hint: failure.hint, holds: false,
                    at: Self.now())
                record.isUnderWay = true
                try await write(record)
            }
            throw error
        }
        return try await conclude(outcome, &record, wanted, epoch: site.epoch)
    }

    /// Looks whether these are the trees, and whether this end knows enough.
    /// - Returns: whether the receiving tree had something of its own, which is merged first.
    private func guardTrees(
        epoch: Int, _ record: inout RunRecord, _ options: SyncOptions,
        _ progress: @escaping @Sendable (MoveProgress) -> Void
    ) async throws -> Bool {
        async let theirs = look(at: to)
        var source = try await look(at: from)
        var destination = try await theirs
        // A tree that is here is also looked at when single paths go: an empty one would have all of them deleted.
        if options.paths == nil || from.isLocal {
            source = TreeGuard.Look(
                site: from.site, marker: source.marker, isEmpty: try await look(from).isEmpty())
            if source.isEmpty == true {
                destination = TreeGuard.Look(
                    site: to.site, marker: destination.marker, isEmpty: try await look(to).isEmpty())
            }
        }
        if source.marker == nil, try await isUnfinishedFirst(destination.marker, epoch) {
            destination = TreeGuard.Look(site: to.site, marker: nil, isEmpty: destination.isEmpty)
        }
        switch TreeGuard.judge(
            job: job, source: source, destination: destination, epoch: epoch, adopt: options.adopt)
        {
        case .stale(let reason, let hint): throw FileSyncError(.stale, reason, hint: hint)
        case .refuse(let reason, let hint): throw FileSyncError(.refused, reason, hint: hint)
        case .go(let sourceMarker, let destinationMarker):
            try await checkMounts(&record, adopt: options.adopt)
            let hasOwn = destination.marker?.hasOwn == true
            if options.dryRun { return hasOwn }
            if hasOwn {
                try await mergeFirst(epoch: epoch, progress)
                // The base is that of the way back and of the merge, and not the one that this record tells of: both trees are looked at
                // after the run, whatever it moves. Noted before the mark goes that leads to a merge.
                record.isDoubtful = true
                try await write(record)
            }
            if let destinationMarker { try await lead(to, destinationMarker) }
            if let sourceMarker {
                _ = try await marker(of: from, under: sourceMarker.epoch)
                try await StateFolder(end: from).write(sourceMarker)
            }
            return hasOwn
        }
    }

    /// Whether the receiving tree was marked by a first run that was cut off before it marked the sending one: no run has come to its
    /// end there, or there would be a manifest.
    private func isUnfinishedFirst(_ marker: TreeMarker?, _ epoch: Int) async throws -> Bool {
        guard let marker, marker.job == job, marker.site == to.site, marker.epoch <= epoch, marker.hasOwn != true else {
            return false
        }
        return try await StateFolder(end: to).read("manifest") == nil
    }

    /// What people wrote at the receiving site while it was the active one, and no way back has brought over yet, is
    /// compared and merged before anything is sent over it.
    private func mergeFirst(epoch: Int, _ progress: @escaping @Sendable (MoveProgress) -> Void) async throws {
        let turned = RsyncMover(settings, from: to, to: from, active: FixedActiveSite(site: from.site, epoch: epoch))
        _ = try await turned.lockedPass(isFinal: false, progress)
    }

    /// Writes a tree's marker. Whatever is under way under an older epoch cannot put another file in its place from here on,
    /// nor can anything begin under one: first the folder that it needs goes, so that dying in between leaves no hole.
    ///
    /// - Throws: `FileSyncError` of kind `stale` where the tree is under a later epoch by now: the site may have moved since its marker
    ///   was looked at; of kind `failed` where such a folder does not go.
    func lead(_ end: TreeEnd, _ marker: TreeMarker) async throws {
        if let stayed = try await keepOut(of: end, before: marker.epoch) { throw stayed }
        try await StateFolder(end: end).write(marker)
    }

    /// Takes away the folders that whatever is under way under older epochs needs to put a file in its place.
    ///
    /// - Returns: why such a folder does not go; nil when they are gone.
    /// - Throws: `FileSyncError` of kind `stale` where the tree is under a later epoch.
    func keepOut(of end: TreeEnd, before epoch: Int) async throws -> FileSyncError? {
        let state = StateFolder(end: end)
        let prefix = StateNames.incoming
        let epochs = try await state.folders().filter { $0.hasPrefix(prefix) }.compactMap {
            Int($0.dropFirst(prefix.count))
        }
        _ = try await marker(of: end, under: epoch, seen: epochs.max() ?? 0)
        do {
            try await state.takeAway(epochs.filter { $0 < epoch }.map { "\(prefix)\($0)" })
            return nil
        } catch let error as FileSyncError { return error }
    }

    func look(at end: TreeEnd) async throws -> TreeGuard.Look {
        TreeGuard.Look(site: end.site, marker: try await StateFolder(end: end).marker(), isEmpty: nil)
    }

    /// A file system inside of the tree that is not mounted any more, or another one in its place, would look like deleted files.
    private func checkMounts(_ record: inout RunRecord, adopt: Bool) async throws {
        guard from.isLocal else { return }
        let root = from.path
        // A file system that does not answer must not take the whole engine with it.
        let seen = try await BlockingWork.run("sb-scan") { () -> (mounts: [String], empty: Set<String>)? in
            guard let mounts = MountTable.below(root) else { return nil }
            let empty = mounts.filter { LocalFiles.hasNothing(in: root + $0, but: TreeGuard.ofEveryFileSystem) }
            return (mounts, Set(empty))
        }
        guard let (mounts, empty) = seen else { return }
        let missing = (record.mounts ?? []).filter { !mounts.contains($0) }
        if let first = missing.first, !adopt {
            throw FileSyncError(
                .refused,
                "\(from.path)\(first) at \(from.site) was a mount point and is none now: its files would look deleted",
                hint: "mount it; if it is right, run \"switchback files sync \(job) --adopt\"")
        }
        // Where nothing is deleted at the other site nothing can be lost there.
        if settings.delete, let first = (record.filled ?? []).first(where: empty.contains), !adopt {
            throw FileSyncError(
                .refused,
                "what is mounted at \(from.path)\(first) at \(from.site) is empty, and something lay there: its files would look deleted",
                hint: "mount what belongs there; if it is right, run \"switchback files sync \(job) --adopt\"")
        }
        record.mounts = mounts
        record.filled = mounts.filter { !empty.contains($0) }
    }

    // MARK: rsync's arguments

    /// What travels, and how.
    var archive: [String] {
        let options = settings.options
        var words = ["--archive", "--modify-window=-1"]
        if options.hardLinks { words.append("--hard-links") }
        if options.acls { words.append("--acls") }
        if options.xattrs { words.append("--xattrs") }
        if options.sparse { words.append("--sparse") }
        if options.wholeFile { words.append("--whole-file") }
        if options.compress { words.append("--compress") }
        if options.checksum { words += ["--checksum", "--checksum-choice=md5"] }
        if let bandwidth = options.bandwidth { words.append("--bwlimit=\(bandwidth)") }
        let seconds = options.timeout.components.seconds
        return words + ["--timeout=\(seconds)", "--stats", "--info=progress2", "--out-format=\(RsyncOutput.format)"]
    }

    /// Where what is overwritten or deleted goes, and what is not whole yet, at the receiving end.
    func asideArguments(stamp: String, epoch: Int) -> [String] {
        [
            "--backup", "--backup-dir=\(StateNames.home(job))/backup/\(stamp)",
            "--temp-dir=\(StateNames.scratch(job, epoch: epoch))",
        ]
    }

    /// `20261126T215101Z`, and what makes it the only one of its second.
    static func stamp() -> String {
        var seconds = time(nil)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let day = "\(parts.tm_year + 1900)\(two(parts.tm_mon + 1))\(two(parts.tm_mday))"
        let clock = "\(two(parts.tm_hour))\(two(parts.tm_min))\(two(parts.tm_sec))"
        return "\(day)T\(clock)Z-\(String(UInt16.random(in: 0 ... .max), radix: 16))"
    }

    private func forward(_ epoch: Int, _ record: RunRecord, _ options: SyncOptions) throws -> RsyncRun {
        var words = archive
        if settings.delete {
            let limit = DeletionLimit(absolute: settings.maxDeletions, percent: settings.maxDeletionsPercent)
            let deleted = options.paths == nil ? nil : record.deletedSinceWhole ?? 0
            if !options.allowDeletions { words.append("--max-delete=\(limit.most(of: record.files, after: deleted))") }
            words += options.paths == nil ? ["--delete-delay"] : ["--delete-missing-args", "--force"]
        } else if options.paths != nil {
            words.append("--ignore-missing-args")
        }
        words += options.dryRun ? ["--dry-run"] : asideArguments(stamp: Self.stamp(), epoch: epoch)
        words += filter.arguments + from.rsyncOptions + to.rsyncOptions + [from.argument(), to.argument()]
        return RsyncRun(
            arguments: words, environment: from.environment.merging(to.environment) { $1 }, paths: options.paths,
            lock: options.dryRun ? nil : try rsyncLock())
    }

    func rsyncLock() throws -> String { "\(try home().path)\(StateNames.home(job))/rsync-lock" }

    private func dryRun(
        _ epoch: Int, _ record: RunRecord, _ options: SyncOptions, isMergedFirst: Bool
    ) async throws -> MoveReport {
        let outcome = try await forward(epoch, record, options).run()
        guard outcome.exit == .done || outcome.exit == .vanished || outcome.exit == .deletionLimit else {
            throw failure(outcome)
        }
        return report(
            outcome, isComplete: true, dryRun: true,
            note: isMergedFirst
                ? "what was written at \(to.site) while it was the active site is merged first"
                : outcome.exit == .deletionLimit ? "the limit of deletions would be reached" : nil)
    }

    private func conclude(
        _ outcome: RsyncRun.Outcome, _ record: inout RunRecord, _ options: SyncOptions, epoch: Int
    ) async throws -> MoveReport {
        let isGood = outcome.exit == .done || outcome.exit == .vanished
        let problem: FileSyncError? = isGood ? nil : failure(outcome)
        try await noteTravelled(outcome, &record, options, isGood: isGood, epoch: epoch)
        if isGood && options.paths == nil {
            record.files = outcome.stats.files
            record.bytes = outcome.stats.bytesTotal
            record.deletedSinceWhole = nil
        } else if let files = record.files {
            record.deletedSinceWhole = (record.deletedSinceWhole ?? 0) + outcome.stats.filesDeleted
            record.files = max(0, files + outcome.stats.filesCreated - outcome.stats.filesDeleted)
        }
        record.end(
            outcome.stats, counts: isGood, error: problem?.message, hint: problem?.hint,
            holds: outcome.exit == .deletionLimit, at: Self.now())
        try await write(record)
        if let problem { throw problem }
        return report(
            outcome, isComplete: outcome.exit == .done, dryRun: false,
            note: outcome.exit == .vanished ? RsyncExit.meaning(24) : nil)
    }

    static func rated(
        _ progress: @escaping @Sendable (MoveProgress) -> Void
    ) -> @Sendable (RsyncOutput.Progress) -> Void {
        let began = ContinuousClock.now
        return { seen in
            let seconds = max(0.001, (ContinuousClock.now - began) / .seconds(1))
            progress(
                MoveProgress(
                    bytes: seen.bytes, percent: seen.percent, files: seen.filesTransferred,
                    bytesPerSecond: Double(seen.bytes) / seconds))
        }
    }

    private func report(_ outcome: RsyncRun.Outcome, isComplete: Bool, dryRun: Bool, note: String?) -> MoveReport {
        let changes = outcome.events.prefix(5000).map {
            MoveReport.Change(path: "\($0.path)", change: $0.change)
        }
        return MoveReport(
            job: job, from: from.site, to: to.site, dryRun: dryRun, isComplete: isComplete,
            files: outcome.stats.filesTransferred, bytes: outcome.stats.bytesTransferred,
            deleted: outcome.stats.filesDeleted, seconds: outcome.elapsed / .seconds(1),
            changes: dryRun ? changes : [], note: note)
    }

    func failure(_ outcome: RsyncRun.Outcome) -> FileSyncError {
        let what = "the files of \(job) did not get from \(from.site) to \(to.site) whole"
        let complaint = outcome.complaint.isEmpty ? "" : ": \(outcome.complaint)"
        let reason = "\(RsyncExit.meaning(outcome.status)) (rsync status \(outcome.status))"
        switch outcome.exit {
        case .deletionLimit:
            return FileSyncError(
                .refused,
                "\(what): \(reason). \(outcome.stats.filesDeleted) files were deleted and lie in \(StateNames.home(job))/backup at \(to.site); nothing moves until somebody has looked",
                hint:
                    "look at \"switchback files sync \(job) --dry-run\"; if it is right, run \"switchback files sync \(job) --allow-deletions\""
            )
        case .fenced:
            return FileSyncError(
                .stale, "the files of \(job) are not sent to \(to.site): its tree is under a later epoch",
                hint: "the site has moved; \"switchback status\" tells where it is")
        case .done, .vanished, .partial, .unreachable, .failed:
            return FileSyncError(.failed, "\(what): \(reason)\(complaint)", hint: RsyncAdvice.hint(outcome.status))
        }
    }
}
