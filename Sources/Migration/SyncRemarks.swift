/// What a sync's own settings were, where Switchback has none like them.
enum SyncRemarks {
    /// - Parameters:
    ///   - name: the sync's in the configuration.
    ///   - isFullCopy: whether all its tables are emptied and filled; then Bucardo keeps no process for it.
    static func remarks(of sync: BucardoCatalogue.Sync, name: String, isFullCopy: Bool) -> [Remark] {
        let notes = timing(sync, name) + copying(sync) + watching(sync) + processes(sync, isFullCopy)
        return notes.map { $0.at("syncs.\(name)") }
    }

    private static func timing(_ sync: BucardoCatalogue.Sync, _ name: String) -> [Note] {
        var notes: [Note] = []
        if !sync.autokick {
            notes.append(
                Note(
                    "autokick was off: the sync ran when it was kicked",
                    instead:
                        "keep it in a configuration of its own, without a daemon, and run \"switchback sync \(name)\" when "
                        + "it is to run; a daemon carries changes as they are committed"))
        }
        if let interval = sync.checkInterval {
            notes.append(
                Note(
                    "checktime \(interval) kicked it at that interval",
                    instead: "nothing; a stream looks every second by itself"))
        }
        if sync.oneTimeCopy != 0 {
            let which = sync.oneTimeCopy == 2 ? "the tables that are empty at the target" : "all tables"
            notes.append(
                Note(
                    "onetimecopy \(sync.oneTimeCopy): the next run was to copy \(which)",
                    instead:
                        "run \"switchback copy \(name)\", which copies empty tables and compares those that hold rows"))
        }
        return notes
    }

    private static func copying(_ sync: BucardoCatalogue.Sync) -> [Note] {
        var notes: [Note] = []
        func note(_ was: String, _ instead: String) { notes.append(Note(was, instead: instead)) }
        if !sync.isStrict { notes.append(strict) }
        if sync.rebuildsIndex { notes.append(indexes) }
        if sync.deleteMethod != "delete" {
            note("deletemethod \(sync.deleteMethod)", "nothing; a table is emptied so that nobody sees it empty")
        }
        if !sync.copyExtra.isEmpty { note("copyextra \(sync.copyExtra)", "nothing; COPY needs no more words here") }
        if let level = sync.isolationLevel {
            note(
                "isolation_level \(level)",
                "nothing; a batch is one snapshot of the source, applied so that a busy receiver cannot starve it")
        }
        if !sync.analyzes || sync.vacuums {
            note(
                "analyze_after_copy \(sync.analyzes ? "on" : "off"), vacuum_after_copy \(sync.vacuums ? "on" : "off")",
                "leave it to autovacuum, or run VACUUM (ANALYZE) after the first copy")
        }
        return notes
    }

    /// Of a sync and of a table alike.
    static let strict = Note(
        "strict_checking was off",
        instead:
            "make both ends alike where \"switchback check\" finds a difference; the order of columns and their defaults "
            + "are none")
    /// Likewise.
    static let indexes = Note(
        "rebuild_index was on",
        instead: "nothing; for a large first copy drop secondary indexes at the target, and make them after it")

    private static func watching(_ sync: BucardoCatalogue.Sync) -> [Note] {
        var notes: [Note] = []
        let limits = [sync.overdue.map { "overdue \($0)" }, sync.expired.map { "expired \($0)" }].compactMap { $0 }
        if !limits.isEmpty {
            notes.append(
                Note(
                    "\(limits.joined(separator: ", ")) told the monitoring when to complain",
                    instead: "let it look at lag_seconds in \"switchback status --json\""))
        }
        if sync.tracksRates {
            notes.append(Note("track_rates was on", instead: "look at \"switchback status --json\""))
        }
        return notes
    }

    private static func processes(_ sync: BucardoCatalogue.Sync, _ isFullCopy: Bool) -> [Note] {
        var notes: [Note] = []
        var settings: [String] = []
        if let lifetime = sync.lifetime { settings.append("lifetime \(lifetime)") }
        if sync.kicksMax != 0 { settings.append("maxkicks \(sync.kicksMax)") }
        if !sync.staysAlive && !isFullCopy { settings.append("stayalive off") }
        if !sync.kidsStayAlive && !isFullCopy { settings.append("kidsalive off") }
        if sync.priority != 0 { settings.append("priority \(sync.priority)") }
        if !settings.isEmpty {
            notes.append(
                Note(
                    settings.joined(separator: ", "),
                    instead: "nothing; one daemon carries every stream, each over two connections, and none has a rank")
            )
        }
        if !["active", "inactive"].contains(sync.status) {
            notes.append(
                Note("Bucardo had the sync as \(sync.status)", instead: "see why; a stream tries again by itself"))
        }
        return notes
    }
}
