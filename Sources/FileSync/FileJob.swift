import Model
public import Settings

/// A job of the configuration, with who moves its files and when.
public struct FileJob: Sendable {
    public let settings: FilesSettings
    public let mover: any FileMover
    public let schedule: JobSchedule
    /// rsync's part; nil where a program of the user's moves the files.
    public let rsync: RsyncMover?
    /// The record of one that a program of the user's moves; nil for rsync's, whose record lies beside its files.
    public let book: RunBook?
    /// What looks at the trees, whoever moves their files.
    public let trees: RsyncMover
    /// Whether the engine that runs here is the one to run it by itself.
    public let isOurs: Bool

    public var name: String { settings.name }

    /// The jobs of a configuration.
    ///
    /// - Parameters:
    ///   - here: the name of the site that this machine is; found by its addresses when nil.
    ///   - state: the folder for records of jobs that a program of the user's moves; ``RunBook/usual`` when nil.
    ///   - active: who knows where the site is; when nil every job's `from` is active, as where nothing ever moves.
    public static func all(
        _ settings: Settings, here: String? = nil, active: (any ActiveSiteSource)? = nil, state: String? = nil
    ) -> [FileJob] {
        settings.files.map { files in
            func site(_ name: String) -> SiteSettings { settings.sites.first { $0.name == name }! }
            func end(_ name: String) -> TreeEnd {
                let site = site(name)
                return TreeEnd(files, site: site, isHere: here.map { $0 == name } ?? LocalSite.isHere(site.address))
            }
            let known = active ?? FixedActiveSite(site: files.from)
            let schedule = JobSchedule(
                every: files.every ?? (files.watch && files.cron == nil ? .seconds(600) : nil), cron: files.cron,
                once: files.once, alarmAfter: files.alarmAfter ?? Self.alarm(files))
            let (from, to) = (end(files.from), end(files.to))
            let rsync = RsyncMover(files, from: from, to: to, active: known)
            if let mover = files.mover {
                let book = RunBook(folder: state, cluster: settings.cluster, job: files.name)
                let exec = ExecMover(
                    files, mover: mover, from: site(files.from), to: site(files.to), active: known, book: book)
                return FileJob(
                    settings: files, mover: exec, schedule: schedule, rsync: nil, book: book, trees: rsync,
                    isOurs: files.pull ? to.isLocal : from.isLocal)
            }
            return FileJob(
                settings: files, mover: rsync, schedule: schedule, rsync: rsync, book: nil, trees: rsync,
                isOurs: files.pull ? to.isLocal : from.isLocal)
        }
    }

    /// What is remembered of its runs.
    public func record() async throws -> RunRecord {
        if let book { return try await book.read() }
        return try await trees.record()
    }

    /// Notes that a run was due while another had not finished.
    func noteSkipped() async throws {
        if let book { try await book.noteSkipped() } else { try await trees.noteSkipped() }
    }

    /// Ten times as long as it should take; a day past a week for a cron expression, which may be weekly.
    private static func alarm(_ files: FilesSettings) -> Duration? {
        if let every = files.every { return max(every * 10, .seconds(60)) }
        if files.watch { return .seconds(3600) }
        return files.cron == nil ? nil : .seconds(8 * 86_400)
    }
}
