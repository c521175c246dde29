/// Why a step could not be done, or undone.
public struct StepFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What happened, and in what state things are.
    public let message: String
    /// What to do about it.
    public let hint: String?
    /// What it is about could not be reached at all, so nothing was changed there.
    public let isGone: Bool

    public init(_ message: String, hint: String? = nil, isGone: Bool = false) {
        self.message = message
        self.hint = hint
        self.isGone = isGone
    }

    public var description: String { message + (hint.map { "; \($0)" } ?? "") }

    static func late(_ step: Step, attempt: Int, isUndo: Bool) -> StepFailure {
        let what = isUndo ? "undoing \(step.name.rawValue)" : step.name.rawValue
        return StepFailure(
            "\(what) was not done within \(step.limit.text), and may yet have had an effect", hint: hint(step.name))
    }

    /// The epoch stops what comes late at a node or a tree. Elsewhere nobody knows of it.
    private static func hint(_ step: StepName) -> String {
        switch step {
        case .dns: "the provider may still do it: look with \"switchback dns show\" before people are led elsewhere"
        case .fenceHook, .promoteHook: "the program was ended; look what it has done"
        default: "the epoch keeps it from having one later"
        }
    }

    static func spent(_ step: Step, budget: Duration) -> StepFailure {
        StepFailure(
            "the freeze budget of \(budget.text) was used up at \(step.name.rawValue)",
            hint: "try again when less is on its way, or raise failover.freeze_budget")
    }

    /// - Parameter what: did not answer while nobody could write: `the journal`.
    static func spent(_ step: Step, budget: Duration, waitingFor what: String) -> StepFailure {
        StepFailure(
            "the freeze budget of \(budget.text) was used up at \(step.name.rawValue), waiting for \(what)",
            hint: "try again when both nodes answer at once, or raise failover.freeze_budget")
    }

    /// The lease was ours no more while nobody could write.
    static func leaseLost(_ step: Step) -> StepFailure {
        StepFailure(
            "the lease was lost at \(step.name.rawValue), while nobody could write",
            hint: "\"switchback check\" tells what the lease rests on, and whether that answers")
    }

    /// The lease did not answer while nobody could write.
    static func silent(_ step: Step) -> StepFailure {
        StepFailure(
            "the lease did not answer at \(step.name.rawValue), while nobody could write",
            hint: "\"switchback check\" tells what the lease rests on, and whether that answers")
    }
}

/// What a step has to tell when it is done.
public struct StepResult: Sendable, Hashable {
    /// A sentence for people; nil when there is nothing to say.
    public var note: String?
    /// What was counted, by name: `stranded_rows`, `conflicts`.
    public var numbers: [String: Int]
    /// The sentence without the keys of rows, where it has some: for logs.
    public var plainNote: String?

    public init(_ note: String? = nil, numbers: [String: Int] = [:], plainNote: String? = nil) {
        self.note = note
        self.numbers = numbers
        self.plainNote = plainNote
    }
}

/// What happened to a run.
public enum RunEvent: Sendable, Hashable {
    case start
    case raised
    case notRaised(StepFailure)
    case written
    case unwritten(StepFailure)
    case succeeded(StepResult)
    case failed(StepFailure)
    case late
    /// Whoever cannot write has waited long enough, or the run is to end while nobody can.
    case spent(StepFailure)
    case resume
    case abort
    case abandon
    case lost

    public var name: EventName {
        switch self {
        case .start: .start
        case .raised: .raised
        case .notRaised: .notRaised
        case .written: .written
        case .unwritten: .unwritten
        case .succeeded: .succeeded
        case .failed: .failed
        case .late: .late
        case .spent: .spent
        case .resume: .resume
        case .abort: .abort
        case .abandon: .abandon
        case .lost: .lost
        }
    }

    var failure: StepFailure? {
        switch self {
        case .failed(let failure), .notRaised(let failure), .unwritten(let failure), .spent(let failure): failure
        case .start, .raised, .written, .succeeded, .late, .resume, .abort, .abandon, .lost: nil
        }
    }
}

/// What a run wants done.
public enum RunAction: Sendable, Equatable {
    /// A higher epoch at every node that can be reached: above what any of them has.
    case raise
    /// A line in the journal, of the step that the machine is at.
    case write(JournalEvent)
    case act(Step, attempt: Int)
    case undo(Step, attempt: Int)
}
