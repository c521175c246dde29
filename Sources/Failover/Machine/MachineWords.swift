/// Where a run is.
public enum Phase: String, Sendable, CaseIterable, Hashable {
    /// Nothing was begun.
    case ready
    /// The epoch is being raised at every node that can be reached.
    case raising
    /// The journal is being told that the step begins.
    case noting
    /// The step acts.
    case acting
    /// The journal is being told how the step came out.
    case recording
    /// The epoch is being raised once more, because everything will be undone.
    case turning
    /// The journal is being told that a step will be undone.
    case notingUndo = "noting undo"
    /// A step is being undone.
    case undoing
    /// The journal is being told that the step was undone.
    case recordingUndo = "recording undo"
    /// The journal is being told that the run stops here.
    case stopping
    /// The run stopped at a named step, for a person or the next engine to go on.
    case stopped
    /// The journal is being told that the plan is done.
    case finishing
    /// The journal is being told that the plan was undone.
    case withdrawing
    case done
    case undone
    /// Another orchestrator has the lease; this one does nothing more.
    case left

    /// Whether the run is at its end, or waits for somebody.
    public var isRest: Bool {
        switch self {
        case .stopped, .done, .undone, .left: true
        case .ready, .raising, .noting, .acting, .recording, .turning, .notingUndo, .undoing, .recordingUndo,
            .stopping, .finishing, .withdrawing:
            false
        }
    }
}

/// What can happen to a run, by name.
public enum EventName: String, Sendable, CaseIterable, Hashable {
    /// The plan is to be run.
    case start
    /// The epoch is raised.
    case raised
    /// It could not be raised where it has to be.
    case notRaised = "not raised"
    /// The journal was told, at one node at least.
    case written
    /// The journal could not be told anywhere.
    case unwritten
    case succeeded
    case failed
    /// The time limit has passed; whether the step had an effect is not known.
    case late
    /// The budget without writes is used up, or the run is to end while nobody can write.
    case spent
    /// Go on with a run that stopped or was cut off.
    case resume
    /// Undo a run that stopped.
    case abort
    /// End a run that stopped, and leave everything as it is.
    case abandon
    /// The lease is gone.
    case lost
}

/// What a run does next, by name.
public enum ActionName: String, Sendable, CaseIterable, Hashable {
    case raise = "raise the epoch"
    case note = "tell the journal that the step begins"
    case act = "carry the step out"
    case record = "tell the journal how it came out"
    case noteUndo = "tell the journal that the step will be undone"
    case undo = "undo the step"
    case recordUndo = "tell the journal that it was undone"
    case noteStop = "tell the journal that the run stops here"
    case noteDone = "tell the journal that the plan is done"
    case noteUndone = "tell the journal that the plan was undone"
    case nothing = "nothing"
}

/// What decides between several transitions of one phase and event.
public enum Guard: String, Sendable, CaseIterable, Hashable {
    case always = ""
    case beginsNothing = "no step was begun"
    case goesForward = "it goes forward"
    case isFrozen = "it goes forward, and nobody can write"
    case allDone = "every step is done"
    case attemptsLeft = "there are attempts left"
    case isPassable = "the step can be passed over"
    case isUndoable = "its failure undoes the plan"
    case hasUndo = "something is to be undone"
    case undoMayFail = "it may stay as it is"
}
