public import Failover

/// Plans, their runs and the journal as text for people.
public enum PlanText {
    /// A plan before it runs, with what it would come to.
    public static func render(_ plan: Plan, _ outlook: PlanOutlook) -> String {
        var lines = [
            "\(plan.kind.rawValue) from \(plan.from.name) (\(plan.from.node)) to \(plan.to.name) (\(plan.to.node))"
                + (plan.kind == .failback ? ", mode \(plan.mode.rawValue)" : ""), "",
        ]
        for (number, step) in plan.steps.enumerated() {
            lines.append("  \(number + 1). \(step.name.rawValue): \(step.action)")
            lines.append("     first: \(step.check)")
            var end = "     at most \(step.limit.text)"
            if step.attemptsMost > 1 { end += ", \(step.attemptsMost) times" }
            end += "; \(failing(step.failing))"
            lines.append(end)
            if let undo = step.undo { lines.append("     undo: \(undo)") }
        }
        lines.append("")
        lines += list("names", outlook.names, empty: "lead there already")
        let stranded = outlook.stranded?.map { "\($0.table): \($0.rows) rows" }
        lines += list(
            plan.kind == .failback ? "rows to be merged" : "rows that would be stranded", stranded, empty: "none")
        lines += files(outlook.files)
        if let seconds = outlook.secondsWithoutWrites {
            let most = outlook.secondsAtMost.map { ", at most \(rounded($0)) s" } ?? ""
            lines.append("  without writes: about \(rounded(seconds)) s\(most)")
        }
        lines += outlook.notes.map { "  note: \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func failing(_ failing: Step.Failing) -> String {
        switch failing {
        case .goOn: "when it fails, the plan goes on"
        case .undo: "when it fails, everything is undone"
        case .stop: "when it fails, the plan stops for a person"
        }
    }

    private static func files(_ jobs: [FilesOutlook]?) -> [String] {
        guard let jobs else { return [] }
        var lines = ["  files:"]
        for job in jobs {
            let bytes = job.entries.isEmpty ? "" : ", \(ProgressText.bytes(Int(job.bytes)))"
            lines.append("    \(job.summary)\(bytes)")
            let rows = job.entries.map { entry in
                [
                    entry.reason, entry.keeps.map { "\($0)'s stays" } ?? "", entry.path,
                    entry.setsAside.map {
                        "(\($0)'s goes to its backup folder\(entry.copy.map { ", and stays as \($0)" } ?? ""))"
                    }
                        ?? "",
                ]
            }
            lines += TextColumns.lines(rows).map { "    " + $0 }
        }
        return lines
    }

    private static func list(_ head: String, _ items: [String]?, empty: String) -> [String] {
        guard let items else { return [] }
        if items.isEmpty { return ["  \(head): \(empty)"] }
        return ["  \(head):"] + items.map { "    \($0)" }
    }

    static func rounded(_ seconds: Double) -> String {
        seconds < 10 ? "\((seconds * 10).rounded() / 10)" : "\(Int(seconds.rounded()))"
    }

    /// What a run came to.
    public static func render(_ report: RunReport) -> String {
        var lines: [String] = []
        let head = "\(report.plan.kind.rawValue) from \(report.plan.from.name) to \(report.plan.to.name)"
        switch report.outcome {
        case .done: lines.append("\(head): done in \(rounded(report.seconds)) s, epoch \(report.epoch)")
        case .undone where report.isLeftAsItIs: lines.append("\(head): ended; everything is left as it is")
        case .undone:
            let kept = report.lines.filter { $0.mark == .kept }.map(\.step.rawValue)
            lines.append(
                "\(head): undone; \(kept.isEmpty ? "everything is as it was before" : "NOT as it was before: \(kept.joined(separator: ", "))")"
            )
        case .stopped: lines.append("\(head): STOPPED at \(report.stoppedAt?.rawValue ?? "its beginning")")
        case .left: lines.append("\(head): left, because the lease is gone")
        }
        if let reason = report.reason { lines.append("  because: \(reason)") }
        if let hint = report.hint { lines.append("  → \(hint)") }
        for line in report.lines {
            guard let seconds = line.seconds else { continue }
            let mark =
                switch line.mark {
                case .done: "done"
                case .passed: "PASSED OVER"
                case .undone: "undone"
                case .kept: "NOT UNDONE"
                case .open, .begun, .undoing: "begun"
                }
            lines.append(
                "  \(line.step.rawValue): \(mark), \((seconds * 100).rounded() / 100) s\(line.note.map { "; \($0)" } ?? "")"
            )
        }
        if let seconds = report.secondsWithoutWrites {
            lines.append("  nobody could write for \((seconds * 100).rounded() / 100) s")
        }
        let numbers = report.numbers
        if let rows = numbers["stranded_rows"] {
            lines.append(
                "  stranded rows: \(rows), merged: \(numbers["merged_rows"] ?? 0), in conflict: \(numbers["conflicts"] ?? 0)"
            )
        }
        lines += moved(numbers)
        if !report.manualSteps.isEmpty {
            lines.append("  by hand, at the DNS provider:")
            lines += report.manualSteps.map { "    \($0)" }
        }
        if let command = report.command { lines.append("  to go on:   \(command)") }
        if let command = report.undoCommand { lines.append("  to undo it: \(command)") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func moved(_ numbers: [String: Int]) -> [String] {
        guard let count = numbers["files_moved"] else { return [] }
        return [
            "  files moved: \(count), rescued: \(numbers["files_rescued"] ?? 0), deleted: \(numbers["files_deleted"] ?? 0), in conflict: \(numbers["files_in_conflict"] ?? 0), set aside: \(numbers["files_set_aside"] ?? 0)"
        ]
    }

    /// One event of a run, as it comes; nil for what is not worth a line.
    public static func line(_ progress: RunProgress) -> String? {
        switch progress {
        case .epoch(let epoch): "epoch \(epoch)"
        case .begins(let step, let number, let count): "\(number)/\(count) \(step.name.rawValue): \(step.action)"
        case .again(let step, let attempt, let reason): "\(step.name.rawValue), attempt \(attempt): \(reason)"
        case .done(_, _, let note): note
        case .passed(let step, let reason): "\(step.name.rawValue) is passed over: \(reason)"
        case .turns(let reason): "everything is undone: \(reason)"
        case .undoing(let step): "undoing \(step.name.rawValue): \(step.undo ?? "")"
        case .undone: nil
        case .kept(let step, let reason): "\(step.name.rawValue) could not be undone: \(reason)"
        case .stopped(let step, let reason): "stopped at \(step.name.rawValue): \(reason)"
        case .finished: "done"
        case .withdrawn: "undone"
        }
    }

    /// The journal, a line an event.
    ///
    /// - Parameter time: how a moment is shown.
    public static func render(_ entries: [JournalEntry], time: (Double) -> String) -> String {
        entries.map { entry in
            var line = "\(time(entry.at))  \(entry.plan)  epoch \(entry.epoch)  \(entry.event.rawValue)"
            if let step = entry.step { line += " \(step.rawValue)" }
            if let seconds = entry.seconds { line += " (\((seconds * 100).rounded() / 100) s)" }
            if let record = entry.record {
                line += " \(record.kind.rawValue) \(record.from.name) → \(record.to.name); \(record.cause)"
            }
            if let note = entry.note { line += ": \(note)" }
            return line + "\n"
        }.joined()
    }
}
