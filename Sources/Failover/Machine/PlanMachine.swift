/// A run of a plan as a value: events in, actions out. It reads no clock and touches nothing.
///
/// Whoever carries the actions out tells it how each came out, and gets the next. What it knows is rebuilt from the
/// journal by ``init(_:replaying:)``, wherever the one before it was cut off.
public struct PlanMachine: Sendable, Hashable {
    /// How far one step is.
    public enum Mark: String, Sendable, Hashable, CaseIterable {
        case open
        /// The journal says that it begins: it may or may not have acted.
        case begun
        case done
        /// It failed, and the plan went on without it.
        case passed
        /// The journal says that it will be undone: it may or may not have been.
        case undoing
        case undone
        /// It could not be undone, and the plan went on undoing.
        case kept
    }

    public private(set) var plan: Plan
    public private(set) var phase: Phase = .ready
    /// The step that the run is at.
    public private(set) var index = 0
    /// Counted from 1 while a step acts or is undone.
    public private(set) var attempt = 1
    /// Whether it is undoing.
    public private(set) var isBack = false
    public private(set) var marks: [Mark]
    /// Steps that failed and were passed over, whatever became of them since.
    private(set) var wasPassed: Set<Int> = []
    /// Why it turned back, stopped, or passed over the step that it is at.
    public private(set) var reason: StepFailure?
    /// What the step that acted last has to tell.
    public private(set) var result: StepResult?

    /// A run that was not begun.
    public init(_ plan: Plan) {
        self.plan = plan
        marks = Array(repeating: .open, count: plan.steps.count)
    }

    public var step: Step { plan.steps[index] }

    /// Takes what is to become of the names, where that was not known when the plan was made.
    mutating func keep(_ names: NamesPlan) { plan.names = names }

    /// Takes it that the journal may say that the step begins, though nobody was told that it does: then it is taken back as well.
    mutating func mayHaveBegun() {
        guard phase == .noting else { return }
        marks[index] = .begun
    }

    /// Takes an event and says what is to be done next.
    ///
    /// - Returns: nil when the run rests, or when the event is of no concern to it.
    public mutating func handle(_ event: RunEvent) -> RunAction? {
        guard let row = Transition.table.first(where: { matches($0, event) }) else { return nil }
        apply(row, event)
        return action(row.action)
    }

    private func matches(_ row: Transition, _ event: RunEvent) -> Bool {
        row.phase == phase && row.event == event.name && holds(row.condition, event)
    }

    // MARK: - What holds

    /// For tests that look at which line of the table was gone by.
    func conditionHolds(_ condition: Guard, _ event: RunEvent) -> Bool { holds(condition, event) }

    private func holds(_ condition: Guard, _ event: RunEvent) -> Bool {
        switch condition {
        case .always: true
        case .beginsNothing: marks.allSatisfy { $0 == .open }
        case .goesForward: !isBack
        case .isFrozen: !isBack && isFrozen
        case .allDone: nextOpen == nil
        case .attemptsLeft: attempt < attemptsMost
        case .isPassable: step.failing == .goOn
        case .isUndoable: step.failing == .undo
        case .hasUndo: nextUndo != nil
        case .undoMayFail: step.undoMayFail || (wasPassed.contains(index) && event.failure?.isGone == true)
        }
    }

    /// Undoing is tried as often as three times, whatever the step's own number.
    private var attemptsMost: Int { isBack ? max(step.attemptsMost, 3) : step.attemptsMost }

    /// Nobody can write: the old site is fenced, and the new one not yet open.
    public var isFrozen: Bool {
        guard plan.kind != .failover, plan.mode == .freeze else { return false }
        return isInEffect(.fence) && !isInEffect(.promote)
    }

    /// Nobody can write, or nobody is served, as far as this run knows: also while that is taken back, until the old site is as it was. A new
    /// site of which it is not known that it was opened serves nobody.
    var isClosed: Bool {
        guard plan.kind != .failover, plan.mode == .freeze else { return false }
        let isOpened = plan.index(of: .promote).map { marks[$0] == .done } ?? false
        return (mayBeInEffect(.fence) || mayBeInEffect(.fenceHook)) && !isOpened
    }

    /// The user's program has stopped the old site's services, or may have, and the run has gone no further than it can turn back from at
    /// once.
    var hasStoppedServices: Bool {
        guard plan.kind != .failover, plan.mode == .freeze, !isBack else { return false }
        return [.noting, .acting, .recording].contains(phase) && isInEffect(.fenceHook) && !isInEffect(.promote)
    }

    /// Whether a step has acted or may have, and was not taken back for certain.
    private func mayBeInEffect(_ name: StepName) -> Bool {
        isInEffect(name) || plan.index(of: name).map { marks[$0] == .undoing } ?? false
    }

    /// Whether a step was never begun.
    func isUntouched(_ name: StepName) -> Bool { plan.index(of: name).map { marks[$0] == .open } ?? true }

    /// The first step that has not come out; a failed one that the plan went on without has.
    private var nextOpen: Int? { marks.firstIndex { $0 == .open || $0 == .begun } }

    /// The last step that was begun, can be undone and was not.
    private var nextUndo: Int? {
        marks.indices.last { plan.steps[$0].undo != nil && [.begun, .done, .passed, .undoing].contains(marks[$0]) }
    }

    /// Whether a step has acted or may have, and was not taken back.
    private func isInEffect(_ name: StepName) -> Bool {
        guard let index = plan.index(of: name) else { return false }
        return [.begun, .done, .passed].contains(marks[index])
    }

    // MARK: - What changes

    private mutating func apply(_ row: Transition, _ event: RunEvent) {
        learn(event)
        switch (row.phase, row.next) {
        case (.acting, .acting), (.undoing, .undoing): attempt += 1
        case (.acting, .recording):
            marks[index] = event.name == .succeeded ? .done : .passed
            if event.name != .succeeded { wasPassed.insert(index) }
        case (.stopped, .raising): looksAgain()
        case (.notingUndo, .undoing): marks[index] = .undoing
        case (.undoing, .recordingUndo): marks[index] = event.name == .succeeded ? .undone : .kept
        case (_, .turning): isBack = true
        case (_, .noting):
            index = nextOpen ?? index
            attempt = 1
        case (.noting, .acting): marks[index] = .begun
        case (_, .notingUndo):
            index = nextUndo ?? index
            attempt = 1
        default: break
        }
        phase = row.next
    }

    /// The last look before the freeze says nothing of a moment after a run was cut off.
    private mutating func looksAgain() {
        guard let look = plan.index(of: .lastLook), marks[look] == .done,
            marks[(look + 1)...].allSatisfy({ $0 == .open })
        else { return }
        marks[look] = .open
    }

    private mutating func learn(_ event: RunEvent) {
        switch event {
        case .succeeded(let found):
            result = found
            if !isBack { reason = nil }
        case .failed(let failure), .notRaised(let failure), .unwritten(let failure), .spent(let failure):
            reason = failure
            result = nil
        case .late:
            reason = .late(step, attempt: attempt, isUndo: isBack)
            result = nil
        case .abort: reason = StepFailure("a person asked for it to be undone")
        case .abandon: reason = StepFailure("a person ended it and left everything as it was")
        case .resume where isFrozen && !isBack: reason = StepFailure("the run was cut off while nobody could write")
        case .start, .raised, .written, .resume, .lost: break
        }
    }

    private func action(_ name: ActionName) -> RunAction? {
        switch name {
        case .raise: .raise
        case .note: .write(.begun)
        case .act: .act(step, attempt: attempt)
        case .record: .write(marks[index] == .done ? .done : .passed)
        case .noteUndo: .write(.undoing)
        case .undo: .undo(step, attempt: attempt)
        case .recordUndo: .write(marks[index] == .undone ? .undone : .kept)
        case .noteStop: .write(.stopped)
        case .noteDone: .write(.finished)
        case .noteUndone: .write(.withdrawn)
        case .nothing: nil
        }
    }

    /// Whether nothing but `confirm` was begun.
    var hasOnlyLooked: Bool {
        !isBack && marks.indices.allSatisfy { marks[$0] == .open || plan.steps[$0].name == .confirm }
    }

    // MARK: - Who may be writable

    /// Whether applications may write at the site that is left, as far as this run has come.
    public var mayWriteAtFrom: Bool { !isInEffect(.fence) }

    /// Whether they may at the site that takes over.
    public var mayWriteAtTo: Bool { isInEffect(.promote) }
}

extension PlanMachine {
    /// Rebuilds a run from what the journal says of it. It then rests: ``Phase/stopped``, or at its end.
    ///
    /// - Parameter entries: the plan's, in order.
    public init(_ plan: Plan, replaying entries: [JournalEntry]) {
        self.init(plan)
        for entry in entries { replay(entry) }
        if !phase.isRest { phase = .stopped }
    }

    /// What a line about a stop says when the run was undoing.
    static let undoing = "undoing"

    private mutating func replay(_ entry: JournalEntry) {
        if let name = entry.step, let found = plan.index(of: name) { index = found }
        switch entry.event {
        case .planned, .quarantined: break
        case .begun: marks[index] = .begun
        case .done: marks[index] = .done
        case .passed:
            marks[index] = .passed
            wasPassed.insert(index)
        case .undoing:
            isBack = true
            marks[index] = .undoing
        case .undone: marks[index] = .undone
        case .kept: marks[index] = .kept
        case .stopped:
            isBack = isBack || entry.numbers[Self.undoing] == 1
            reason = entry.note.map { StepFailure($0) }
            phase = .stopped
            return
        case .finished: phase = .done
        case .withdrawn: phase = .undone
        }
        if let note = entry.note, entry.event != .done { reason = StepFailure(note) }
        if phase == .stopped { phase = .ready }
    }
}
