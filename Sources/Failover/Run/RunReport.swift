/// What a run came to, measured.
public struct RunReport: Sendable, Equatable {
    public enum Outcome: String, Sendable {
        case done
        case undone
        /// At a named step; ``RunReport/command`` goes on.
        case stopped
        /// Another orchestrator took over, or nobody could be told.
        case left
    }

    /// One step of it.
    public struct Line: Sendable, Equatable {
        public let step: StepName
        public let mark: PlanMachine.Mark
        /// As long as it took, of all attempts; nil when it did not run.
        public let seconds: Double?
        public let note: String?
        public let numbers: [String: Int]
    }

    public let plan: Plan
    public let outcome: Outcome
    public let epoch: Int
    public private(set) var lines: [Line]
    /// From the first step that began to the end.
    public let seconds: Double
    /// How long nobody could write; nil when that is not known, as when the old site was lost.
    public let secondsWithoutWrites: Double?
    /// Why it was undone or stopped.
    public let reason: String?
    public let hint: String?
    /// The step that it stopped at.
    public let stoppedAt: StepName?
    /// The exact command that goes on, when it stopped.
    public let command: String?
    /// The command that undoes it, when it stopped, or was left while nobody could write.
    public let undoCommand: String?
    /// Edits for a person at the DNS provider, when it stopped at the names.
    public let manualSteps: [String]

    /// Whether it was ended by somebody who wanted nothing undone: some step is still in effect.
    public var isLeftAsItIs: Bool {
        outcome == .undone
            && zip(plan.steps, lines).contains { $0.undo != nil && [.done, .begun].contains($1.mark) }
    }

    /// Steps of a plan that was undone which could not be, so that not everything is as it was before.
    public var keptSteps: [StepName] { outcome == .undone ? lines.filter { $0.mark == .kept }.map(\.step) : [] }

    /// The same without the keys of rows, for logs: what is stranded is told by its number.
    public var withoutKeys: RunReport {
        var report = self
        report.lines = lines.map { line in
            guard line.step == .assess, let rows = line.numbers["stranded_rows"], rows > 0 else { return line }
            let note = "stranded rows: \(rows), in tables: \(line.numbers["stranded_tables"] ?? 0)"
            return Line(step: line.step, mark: line.mark, seconds: line.seconds, note: note, numbers: line.numbers)
        }
        return report
    }

    /// The step that holds changes back, where it still does.
    var heldStep: Step? {
        zip(plan.steps, lines).first { step, line in
            step.name == .hold && [.begun, .done, .passed, .undoing, .kept].contains(line.mark)
                && line.numbers[JournalEntry.held] != 0
        }?.0
    }

    /// What was counted in all steps together.
    public var numbers: [String: Int] {
        lines.reduce(into: [:]) { $0.merge($1.numbers, uniquingKeysWith: +) }
    }

    /// Puts it together from the journal, so that it tells of all runs of the plan.
    init(_ machine: PlanMachine, entries: [JournalEntry], epoch: Int, manualSteps: [String] = []) {
        plan = machine.plan
        self.epoch = epoch
        outcome =
            switch machine.phase {
            case .done: .done
            case .undone: .undone
            case .left: .left
            default: .stopped
            }
        lines = machine.plan.steps.enumerated().map { index, step in
            let own = entries.filter { $0.step == step.name }
            let ends = own.filter { [.done, .passed, .undone, .kept].contains($0.event) }
            let said = ends.last { $0.note != nil }?.note
            return Line(
                step: step.name, mark: machine.marks[index],
                seconds: ends.isEmpty ? nil : ends.reduce(0) { $0 + ($1.seconds ?? 0) }, note: said,
                numbers: ends.last { !$0.numbers.isEmpty }?.numbers ?? [:])
        }
        let moments = entries.filter { $0.event != .quarantined }.map(\.at)
        seconds = max(0, (moments.max() ?? 0) - (moments.min() ?? 0))
        secondsWithoutWrites = Self.withoutWrites(machine, entries)
        let rests = machine.phase == .done ? nil : machine.reason
        reason = rests?.message
        let isStopped = outcome == .stopped
        // Whoever has the lease by now goes on; but there may be nobody.
        let isLeftClosed = outcome == .left && machine.isClosed
        let abort = "\(plan.command) abort --yes"
        hint =
            isLeftClosed
            ? "nobody can write: \"switchback why\" tells whether another engine goes on; where none does, \"\(abort)\" undoes it"
            : rests?.hint
        stoppedAt = isStopped ? machine.step.name : nil
        command = isStopped ? "\(plan.command) resume --yes" : nil
        undoCommand = isStopped || isLeftClosed ? abort : nil
        self.manualSteps = isStopped ? manualSteps : []
    }

    private static func withoutWrites(_ machine: PlanMachine, _ entries: [JournalEntry]) -> Double? {
        guard machine.plan.kind != .failover else { return nil }
        guard machine.plan.mode == .freeze else { return 0 }
        guard let closing = closing(entries) else { return 0 }
        return closing.end.map { max(0, $0 - closing.begin) }
    }

    /// When a plan that freezes closed the one site, by its fence or by the user's program before it, and when people could write again:
    /// at the other one, once the user's program for that had ended, or where they had before. Nil where nothing was closed.
    static func closing(_ entries: [JournalEntry]) -> (begin: Double, end: Double?)? {
        func moment(_ step: StepName, _ event: JournalEvent) -> Double? {
            entries.first { $0.step == step && $0.event == event }?.at
        }
        guard let begin = moment(.fenceHook, .begun) ?? moment(.fence, .begun) else { return nil }
        if let back = entries.last(where: { [.fence, .fenceHook].contains($0.step) && $0.event == .undone }) {
            return (begin, back.at)
        }
        guard let promoted = moment(.promote, .done) else { return (begin, nil) }
        return (begin, moment(.promoteHook, .done) ?? promoted)
    }
}
