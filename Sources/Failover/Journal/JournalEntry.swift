/// What a line of the journal says.
public enum JournalEvent: String, Sendable, Codable, CaseIterable, Hashable {
    /// A plan will be run; the line holds the plan.
    case planned
    /// A step begins: from here on it may have acted.
    case begun
    case done
    /// A step failed, and the plan goes on without it.
    case passed
    /// Everything is undone, and this step is next.
    case undoing
    case undone
    /// A step could not be undone, and the plan goes on undoing.
    case kept
    case stopped
    /// The plan is done.
    case finished
    /// The plan was undone.
    case withdrawn
    /// A node that had been out of reach was fenced, and what it had taken was counted; or is no longer held back.
    case quarantined
}

/// A line of the journal.
public struct JournalEntry: Sendable, Hashable, Codable {
    public let plan: String
    /// Counts within the plan.
    public let number: Int
    /// The run that wrote it: a number is written twice when two runs did not see each other.
    public let writer: String
    /// When, by the clock of the node that keeps it: seconds since 1970.
    public var at: Double
    public let epoch: Int
    public let event: JournalEvent
    public let step: StepName?
    public let note: String?
    public let numbers: [String: Int]
    /// How long the step took.
    public let seconds: Double?
    /// What is to be carried out; with `planned`, and with a step that has looked at the names before it leads them elsewhere.
    public let record: PlanRecord?

    public init(
        plan: String, number: Int, writer: String, at: Double, epoch: Int, event: JournalEvent, step: StepName? = nil,
        note: String? = nil, numbers: [String: Int] = [:], seconds: Double? = nil, record: PlanRecord? = nil
    ) {
        self.plan = plan
        self.number = number
        self.writer = writer
        self.at = at
        self.epoch = epoch
        self.event = event
        self.step = step
        self.note = note
        self.numbers = numbers
        self.seconds = seconds
        self.record = record
    }
}

extension JournalEntry {
    /// A number of a `quarantined` line: what was counted is no longer held back.
    static let released = "released"
    /// A number of the step `hold`: whether anything is held back.
    static let held = "held"

    var tellsOfRelease: Bool { event == .quarantined && numbers[Self.released] == 1 }
}

/// A plan as the journal keeps it: what must not change while it is carried out. Time limits are the configuration's.
public struct PlanRecord: Sendable, Hashable, Codable {
    public let kind: PlanKind
    public let mode: ReturnMode
    public let from: PlanSite
    public let to: PlanSite
    public let steps: [StepName]
    public let cause: String
    /// None where they could not be looked at when the plan was made; and in older plans.
    public let names: NamesPlan?

    public init(_ plan: Plan) {
        kind = plan.kind
        mode = plan.mode
        from = plan.from
        to = plan.to
        steps = plan.steps.map(\.name)
        cause = plan.cause
        names = plan.names
    }

    /// Whether nobody ordered it.
    var isByItself: Bool { cause.hasPrefix(Plan.byItself) }

    /// The plan again.
    public func plan(id: String, limits: PlanLimits) -> Plan {
        var plan = Plan.make(
            id: id, kind: kind, mode: mode, from: from, to: to, limits: limits, steps: steps, cause: cause)
        plan.names = names
        return plan
    }
}
