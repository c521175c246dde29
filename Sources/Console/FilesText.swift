public import FileSync

/// What is told of files, for people.
public enum FilesText {
    /// How far a run is.
    public static func progress(_ job: String, _ progress: MoveProgress) -> String {
        let files = progress.files.map { ", \(ProgressText.count($0, "file"))" } ?? ""
        let rate = ProgressText.bytes(Int(progress.bytesPerSecond))
        return
            "\(job) \(ProgressText.bar(Double(progress.percent) / 100)) \(progress.percent) %, \(ProgressText.bytes(Int(progress.bytes)))\(files), \(rate)/s"
    }

    /// What a run did, in one line.
    public static func summary(_ report: MoveReport) -> String {
        let verb = report.dryRun ? "would be moved" : "moved"
        let deleted = report.deleted > 0 ? ", \(ProgressText.count(report.deleted)) deleted" : ""
        let note = report.note.map { " (\($0))" } ?? ""
        return
            "\(report.job): \(ProgressText.count(report.files, "file")), \(ProgressText.bytes(Int(report.bytes))) \(verb) from \(report.from) to \(report.to)\(deleted)\(note)"
    }

    /// The jobs, each problem with its remedy below.
    public static func table(_ jobs: [FilesStatus]) -> String {
        guard !jobs.isEmpty else { return "" }
        let rows = jobs.map { job in
            [
                job.name, "\(job.from) → \(job.to)", job.state,
                job.lagSeconds.map { ProgressText.duration(.milliseconds(Int($0 * 1000))) + " ago" } ?? "never",
                job.files.map { ProgressText.count($0) } ?? "", job.skipped.map { ProgressText.count($0) } ?? "",
            ]
        }
        var lines = TextColumns.lines([["FILES", "", "STATE", "LAST SUCCESS", "IN THE TREE", "SKIPPED"]] + rows)
        for job in jobs {
            if let alarm = job.alarm { lines.append("  \(job.name): ALARM: \(alarm)") }
            if let error = job.error { lines.append("  \(job.name): \(error)") }
            if let hint = job.hint { lines.append("    → \(hint)") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A failback's plan, whole.
    public static func plan(_ plan: MovePlan) -> String {
        var lines = ["\(plan.job): \(difference(plan))"]
        if !plan.hasBase {
            lines.append("  no manifest of a good run is there: nothing is taken for deleted")
        }
        if let obstacle = plan.obstacle { lines.append("  NOT NOW: \(obstacle)") }
        let rows = plan.entries.map { entry in
            [
                word(entry.reason), entry.keeps.map { "\($0)'s stays" } ?? "goes", entry.path,
                entry.setsAside.map { "(\($0)'s goes to its backup folder)" } ?? "",
            ]
        }
        lines += TextColumns.lines(rows)
        return lines.joined(separator: "\n") + "\n"
    }

    /// What is to be moved, and what one site has for itself: two trees of which one has more than the other are not equal.
    private static func difference(_ plan: MovePlan) -> String {
        let sites = "\(plan.active) and \(plan.returning)"
        var parts = plan.staying.map(kept)
        if plan.files > 0 {
            let (paths, bytes) = (ProgressText.count(plan.files, "path"), ProgressText.bytes(Int(plan.bytes)))
            parts.insert(
                "\(paths) \(plan.files == 1 ? "differs" : "differ") between \(sites), \(bytes) to move", at: 0)
        } else {
            parts.insert(parts.isEmpty ? "\(sites) are equal" : "nothing is to be moved between \(sites)", at: 0)
        }
        return parts.joined(separator: "; ")
    }

    private static func kept(_ staying: MovePlan.Staying) -> String {
        let paths = ProgressText.count(staying.paths, "path")
        return staying.paths == 1
            ? "\(paths) is only at \(staying.site) and stays there because of delete: false"
            : "\(paths) are only at \(staying.site) and stay there because of delete: false"
    }

    /// What the passes of failbacks did.
    public static func report(_ report: FailbackReport) -> String {
        var lines = ["\(report.job): \(report.passes.count) \(report.passes.count == 1 ? "pass" : "passes")"]
        for (number, pass) in report.passes.enumerated() where !pass.done.isEmpty {
            let end =
                pass.isCutOff == true ? ", CUT OFF: this is what it was about to do" : pass.isFinal ? ", the last" : ""
            lines.append("  pass \(number + 1)\(end)")
            let rows = pass.done.map { done in
                [
                    word(done.reason), done.keeps.map { "\($0)'s stays" } ?? "goes", done.path,
                    [done.setAside.map { "set aside: \($0)" }, done.copy.map { "kept as \($0)" }].compactMap { $0 }
                        .joined(separator: "; "),
                ]
            }
            lines += TextColumns.lines(rows)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func word(_ reason: String) -> String {
        guard let reason = FilePlan.Reason(rawValue: reason) else { return reason }
        return switch reason {
        case .copyBack: "copy back"
        case .rescue: "rescue"
        case .delete: "delete"
        case .restore: "restore"
        case .conflict: "CONFLICT"
        case .displaced: "DISPLACED"
        }
    }

    /// Rows and files that do not belong together.
    public static func references(_ report: ReferenceReport) -> String {
        var lines = [
            "\(report.job) at \(report.site): \(report.table).\(report.column) names \(ProgressText.count(report.named, "file")), \(ProgressText.count(report.files)) are there"
        ]
        lines += report.missing.prefix(20).map { "  missing: \($0)" }
        if report.missing.count > 20 { lines.append("  … \(ProgressText.count(report.missing.count)) are missing") }
        lines += report.unknown.prefix(20).map { "  known to no row: \($0)" }
        if report.unknown.count > 20 {
            lines.append("  … \(ProgressText.count(report.unknown.count)) are known to no row")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
