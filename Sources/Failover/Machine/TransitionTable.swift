/// One line of the table that every run goes by.
public struct Transition: Sendable, Hashable {
    public let phase: Phase
    public let event: EventName
    public let condition: Guard
    public let action: ActionName
    public let next: Phase

    init(_ phase: Phase, _ event: EventName, _ action: ActionName, _ next: Phase) {
        self.init(phase, event, .always, action, next)
    }

    init(_ phase: Phase, _ event: EventName, _ condition: Guard, _ action: ActionName, _ next: Phase) {
        self.phase = phase
        self.event = event
        self.condition = condition
        self.action = action
        self.next = next
    }

    /// Every state and every transition of a run. Of several lines for one phase and event the first holds whose condition
    /// does. What stands in no line changes nothing: an answer that comes too late is not listened to.
    public static let table: [Transition] = beginning + forward + turning + backward + ends

    private static let beginning: [Transition] = [
        .init(.ready, .start, .raise, .raising),
        .init(.ready, .lost, .nothing, .left),
        .init(.raising, .raised, .allDone, .noteDone, .finishing),
        .init(.raising, .raised, .note, .noting),
        // Nothing was done, and a higher epoch alone keeps nobody from anything.
        .init(.raising, .notRaised, .beginsNothing, .nothing, .undone),
        .init(.raising, .notRaised, .nothing, .stopped),
        .init(.raising, .lost, .nothing, .left),
    ]

    private static let forward: [Transition] = [
        .init(.noting, .written, .act, .acting),
        .init(.noting, .unwritten, .nothing, .stopped),
        .init(.noting, .spent, .raise, .turning),
        .init(.noting, .lost, .nothing, .left),

        .init(.acting, .succeeded, .record, .recording),
        .init(.acting, .failed, .attemptsLeft, .act, .acting),
        .init(.acting, .failed, .isPassable, .record, .recording),
        .init(.acting, .failed, .isUndoable, .raise, .turning),
        .init(.acting, .failed, .noteStop, .stopping),
        .init(.acting, .late, .attemptsLeft, .act, .acting),
        .init(.acting, .late, .isPassable, .record, .recording),
        .init(.acting, .late, .isUndoable, .raise, .turning),
        .init(.acting, .late, .noteStop, .stopping),
        .init(.acting, .spent, .raise, .turning),
        .init(.acting, .lost, .nothing, .left),

        .init(.recording, .written, .allDone, .noteDone, .finishing),
        .init(.recording, .written, .note, .noting),
        .init(.recording, .unwritten, .nothing, .stopped),
        .init(.recording, .spent, .raise, .turning),
        .init(.recording, .lost, .nothing, .left),
    ]

    private static let turning: [Transition] = [
        .init(.turning, .raised, .hasUndo, .noteUndo, .notingUndo),
        .init(.turning, .raised, .noteUndone, .withdrawing),
        .init(.turning, .notRaised, .noteStop, .stopping),
        .init(.turning, .lost, .nothing, .left),
    ]

    private static let backward: [Transition] = [
        .init(.notingUndo, .written, .undo, .undoing),
        .init(.notingUndo, .unwritten, .nothing, .stopped),
        .init(.notingUndo, .lost, .nothing, .left),

        .init(.undoing, .succeeded, .recordUndo, .recordingUndo),
        .init(.undoing, .failed, .attemptsLeft, .undo, .undoing),
        .init(.undoing, .failed, .undoMayFail, .recordUndo, .recordingUndo),
        .init(.undoing, .failed, .noteStop, .stopping),
        .init(.undoing, .late, .attemptsLeft, .undo, .undoing),
        .init(.undoing, .late, .undoMayFail, .recordUndo, .recordingUndo),
        .init(.undoing, .late, .noteStop, .stopping),
        .init(.undoing, .lost, .nothing, .left),

        .init(.recordingUndo, .written, .hasUndo, .noteUndo, .notingUndo),
        .init(.recordingUndo, .written, .noteUndone, .withdrawing),
        .init(.recordingUndo, .unwritten, .nothing, .stopped),
        .init(.recordingUndo, .lost, .nothing, .left),
    ]

    private static let ends: [Transition] = [
        .init(.stopping, .written, .nothing, .stopped),
        .init(.stopping, .unwritten, .nothing, .stopped),
        .init(.stopping, .lost, .nothing, .left),

        // Whoever was cut off while nobody could write has used up more than the budget was meant for.
        .init(.stopped, .resume, .isFrozen, .raise, .turning),
        .init(.stopped, .resume, .goesForward, .raise, .raising),
        .init(.stopped, .resume, .raise, .turning),
        .init(.stopped, .abort, .raise, .turning),
        .init(.stopped, .abandon, .noteUndone, .withdrawing),

        .init(.finishing, .written, .nothing, .done),
        .init(.finishing, .unwritten, .nothing, .stopped),
        .init(.finishing, .lost, .nothing, .left),
        .init(.withdrawing, .written, .nothing, .undone),
        .init(.withdrawing, .unwritten, .nothing, .stopped),
        .init(.withdrawing, .lost, .nothing, .left),
    ]
}
