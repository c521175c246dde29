/// One unit of a plan: what it looks at, what it does, how long that may take, and what takes it back.
public struct Step: Sendable, Hashable {
    /// What follows when a step has failed for good.
    public enum Failing: String, Sendable, CaseIterable {
        /// It is noted, and the plan goes on without it.
        case goOn
        /// Everything is undone.
        case undo
        /// The run stops here, for a person to look.
        case stop
    }

    public let name: StepName
    /// What it makes sure of before it acts.
    public let check: String
    public let action: String
    /// For one attempt.
    public let limit: Duration
    public let attemptsMost: Int
    public let failing: Failing
    /// What takes it back; nil where there is nothing to take back.
    public let undo: String?
    /// Whether the plan may go on undoing when this could not be undone. Never where that would leave both sites writable
    /// under one epoch.
    public let undoMayFail: Bool
    /// Nobody can write while it runs: the budget counts.
    public let isInFreeze: Bool

    public init(
        name: StepName, check: String, action: String, limit: Duration, attemptsMost: Int = 1, failing: Failing,
        undo: String? = nil, undoMayFail: Bool = false, isInFreeze: Bool = false
    ) {
        self.name = name
        self.check = check
        self.action = action
        self.limit = limit
        self.attemptsMost = attemptsMost
        self.failing = failing
        self.undo = undo
        self.undoMayFail = undoMayFail
        self.isInFreeze = isInFreeze
    }
}
