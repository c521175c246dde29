public import Model

/// A folder that is carried from one site to another.
public struct FilesSettings: Sendable, Equatable {
    /// Who wins where both sites changed a file while they were apart.
    public enum Conflict: Sendable, Equatable {
        case newer
        case site(String)
        case keepBoth
    }

    /// What travels besides content, time, mode and owner.
    public struct Options: Sendable, Equatable {
        public var hardLinks = false
        public var acls = false
        public var xattrs = false
        public var sparse = false
        /// Send changed files whole instead of their differences.
        public var wholeFile = false
        public var compress = false
        /// Tell files apart by their content, not by size and time.
        public var checksum = false
        /// In kilobytes a second; unlimited when nil.
        public var bandwidth: Int?
        /// How long nothing may move.
        public var timeout: Duration = .seconds(60)

        public init() {}
    }

    public let name: String
    public let from: String
    public let to: String
    /// The same at both sites, unless `reach` says otherwise.
    public let path: String
    /// How often; only on demand when nil.
    public let every: Duration?
    /// When, by the wall's clock.
    public let cron: CronSchedule?
    /// Whether it runs until it has succeeded one time.
    public let once: Bool
    /// Whether changes are followed as they happen.
    public let watch: Bool
    /// Whether what is gone at the one site goes at the other.
    public let delete: Bool
    /// Patterns as rsync knows them.
    public let exclude: [String]
    /// Patterns that are looked at before `exclude`.
    public let include: [String]
    public let options: Options
    /// The most files that a run may delete.
    public let maxDeletions: Int
    public let maxDeletionsPercent: Int
    /// How long what was overwritten or deleted is kept.
    public let keepBackups: Duration
    /// How old the last success may be before it is an alarm; a default of the schedule's when nil.
    public let alarmAfter: Duration?
    public let conflict: Conflict
    /// Whether the engine at the receiving site runs it, rather than the one at the sending site.
    public let pull: Bool
    /// How a site's tree is reached, by site.
    public let reach: [String: FilesReach]
    /// The user's own mover; rsync when nil.
    public let mover: ExecMoverSettings?
    public let referencedBy: FileReferences?

    static func read(_ key: Value, _ value: Value, _ names: Names) -> FilesSettings? {
        let name = key.name()
        guard let section = value.section(.files) else { return nil }
        let from = section.required("from")?.reference(to: "site", among: names.sites)
        let to = section.required("to")?.reference(to: "site", among: names.sites)
        if let from, from == to {
            section["to"]?.report("is the site that the files come from", remedy: "name another site")
        }
        let path = section.required("path")?.absolutePath()
        let every = section["every"]?.duration(least: "1s")
        let cron = section["cron"]?.cron()
        let once = section["once"]?.flag() ?? false
        if every != nil, cron != nil {
            section["cron"]?.report("stands beside every", remedy: "keep one of the two")
        }
        if once, every != nil || cron != nil {
            section["once"]?.report("stands beside \(every == nil ? "cron" : "every")", remedy: "keep one of the two")
        }
        let exclude = section["exclude"].map { $0.patterns() } ?? []
        let include = section["include"].map { $0.patterns() } ?? []
        let options = readOptions(section)
        let watch = section["watch"]?.flag() ?? false
        let delete = section["delete"]?.flag() ?? false
        let pull = section["pull"]?.flag() ?? false
        let conflict = section["conflict"].map { $0.fileConflict([from, to].compactMap { $0 }) } ?? .newer
        let reach = FilesReach.read(section["reach"], [from, to].compactMap { $0 })
        let mover = section["mover"].flatMap { ExecMoverSettings.read($0) }
        let references = section["referenced_by"].flatMap { FileReferences.read($0) }
        let maxDeletions = section["max_deletions"].map { $0.number(0...1_000_000_000) } ?? 1000
        let percent = section["max_deletions_percent"].map { $0.number(0...100) } ?? 10
        let keep = section["keep_backups"].map { $0.duration(least: "1m") } ?? .seconds(14 * 86_400)
        let alarm = section["alarm_after"]?.duration(least: "1s")
        guard let name, let from, let to, let path, let exclude, let include, let conflict, let maxDeletions,
            let percent, let keep
        else { return nil }
        return FilesSettings(
            name: name, from: from, to: to, path: path, every: every, cron: cron, once: once,
            watch: watch, delete: delete, exclude: exclude,
            include: include, options: options, maxDeletions: maxDeletions, maxDeletionsPercent: percent,
            keepBackups: keep, alarmAfter: alarm, conflict: conflict, pull: pull,
            reach: reach, mover: mover, referencedBy: references)
    }

    private static func readOptions(_ section: Section) -> Options {
        var options = Options()
        options.hardLinks = section["hard_links"]?.flag() ?? false
        options.acls = section["acls"]?.flag() ?? false
        options.xattrs = section["xattrs"]?.flag() ?? false
        options.sparse = section["sparse"]?.flag() ?? false
        options.wholeFile = section["whole_file"]?.flag() ?? false
        options.compress = section["compress"]?.flag() ?? false
        options.checksum = section["checksum"]?.flag() ?? false
        options.bandwidth = section["bandwidth"]?.number(1...1_000_000_000)
        options.timeout = section["timeout"]?.duration(least: "1s", isWhole: true) ?? options.timeout
        return options
    }
}

/// How the tree at a site is reached from elsewhere.
public struct FilesReach: Sendable, Equatable {
    /// It is on the machine that the engine runs on, wherever that is.
    public let local: Bool
    /// Where the tree is at this site; the job's path when nil.
    public let path: String?
    /// The remote shell and its options; `ssh` when nil.
    public let shell: [String]?
    /// For the remote shell; the site's address when nil.
    public let host: String?
    public let user: String?
    /// `rsync://host:port/module/path`, where an rsync daemon serves the tree.
    public let daemon: String?
    /// For the daemon.
    public let password: Secret?

    static func read(_ value: Value?, _ sites: [String]) -> [String: FilesReach] {
        guard let value, let entries = value.named() else { return [:] }
        var all: [String: FilesReach] = [:]
        for (key, value) in entries {
            let reach = read(value)
            guard let site = key.reference(to: "site", among: sites.count == 2 ? sites : nil), let reach else {
                continue
            }
            all[site] = reach
        }
        return all
    }

    private static func read(_ value: Value) -> FilesReach? {
        guard let section = value.section(.reach) else { return nil }
        let local = section["local"]?.flag() ?? false
        let shell = section["shell"].flatMap { $0.words() }
        let daemon = section["daemon"]?.daemonAddress()
        let host = section["host"]?.plainWord("a host")
        let user = section["user"]?.plainWord("a user")
        if let other = ["shell", "host"].first(where: { section[$0] != nil }), section["daemon"] != nil {
            section[other]?.report("is for a remote shell, and daemon stands beside it", remedy: "keep one of the two")
        }
        if section["daemon"] != nil, let path = section["path"] {
            path.report("stands beside daemon", remedy: "write the path into the daemon's address")
        }
        if section["password"] != nil, section["daemon"] == nil {
            section["password"]?.report(
                "is for an rsync daemon, and none is named", remedy: "a remote shell has keys of its own; add daemon")
        }
        let password = section["password"]?.secret()
        return FilesReach(
            local: local, path: section["path"]?.absolutePath(), shell: shell, host: host, user: user,
            daemon: daemon, password: password)
    }
}

/// A program of the user's that moves files in rsync's place.
public struct ExecMoverSettings: Sendable, Equatable {
    public let command: [String]
    /// How long one operation may take.
    public let timeout: Duration

    static func read(_ value: Value) -> ExecMoverSettings? {
        guard let section = value.section(.mover) else { return nil }
        let command = section.required("exec")?.command()
        let timeout = section["timeout"]?.duration(least: "1s") ?? .seconds(3600)
        return command.map { ExecMoverSettings(command: $0, timeout: timeout) }
    }
}

/// A column that names the job's files.
public struct FileReferences: Sendable, Equatable {
    /// `schema.table`, as SQL has it.
    public let table: String
    /// Holds paths: from the tree's root on, or from the top with the job's path in front.
    public let column: String
    /// Whether a failback waits until every row's file is there.
    public let hold: Bool

    static func read(_ value: Value) -> FileReferences? {
        guard let section = value.section(.references) else { return nil }
        let table = section.required("table")?.text("a table")
        let column = section.required("column")?.text("a column")
        let hold = section["hold"]?.flag() ?? false
        if let table, table.split(separator: ".", omittingEmptySubsequences: false).count != 2 {
            section["table"]?.report("must be a table with its schema", remedy: "write it like public.bitstream")
        }
        guard let table, let column else { return nil }
        return FileReferences(table: table, column: column, hold: hold)
    }
}

extension Value {
    /// A word that cannot be taken for an option or for two words.
    fileprivate func plainWord(_ kind: String) -> String? {
        guard let text = text(kind) else { return nil }
        if !text.hasPrefix("-"), text.allSatisfy({ $0.isLetter || $0.isNumber || "._-:%".contains($0) }) { return text }
        report("must be \(kind), not \(shown)", remedy: "it has letters, digits and . _ - : % only")
        return nil
    }

    fileprivate func patterns() -> [String]? {
        guard let texts = texts(mayBeEmpty: true) else { return nil }
        for text in texts where text.contains("[[:") || text.contains("\n") {
            report(
                "has a pattern with \(text.contains("\n") ? "a line break" : "[[:class:]]"), which is not known here",
                remedy: "write the characters out: [a-z]")
            return nil
        }
        return texts
    }

    fileprivate func cron() -> CronSchedule? {
        guard let text = text("a cron expression") else { return nil }
        do { return try CronSchedule(text) } catch {
            report(error.reason, remedy: "write minute, hour, day, month and weekday: \"30 3 * * sun\"")
            return nil
        }
    }

    /// A program and its arguments, in which a word may stand twice.
    fileprivate func words() -> [String]? {
        guard let words = list() else { return nil }
        let texts = words.compactMap { $0.text() }
        return texts.count == words.count ? texts : nil
    }

    fileprivate func fileConflict(_ sites: [String]) -> FilesSettings.Conflict? {
        guard let text = text("a rule") else { return nil }
        switch text {
        case "newer": return .newer
        case "keep_both": return .keepBoth
        case _ where sites.contains(text): return .site(text)
        default:
            report("cannot be \(shown)", remedy: Reading.suggestion(for: text, among: ["newer", "keep_both"] + sites))
            return nil
        }
    }

    /// `rsync://host[:port]/module[/path]`, without a password.
    fileprivate func daemonAddress() -> String? {
        guard let text = text("the address of an rsync daemon") else { return nil }
        let rest = text.dropFirst("rsync://".count)
        if text.hasPrefix("rsync://"), let slash = rest.firstIndex(of: "/"), slash != rest.startIndex,
            rest.index(after: slash) != rest.endIndex, !rest[..<slash].contains("@"),
            !text.contains(where: \.isWhitespace)
        {
            return text
        }
        report(
            "must be the address of an rsync daemon",
            remedy: "write it like rsync://backup.example.org/opt; user and password have keys of their own")
        return nil
    }
}
