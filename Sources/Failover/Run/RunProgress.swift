/// What a run tells while it goes on.
public enum RunProgress: Sendable, Equatable {
    case epoch(Int)
    case begins(Step, number: Int, of: Int)
    case again(Step, attempt: Int, reason: String)
    case done(Step, seconds: Double, note: String?)
    case passed(Step, reason: String)
    /// Everything will be undone.
    case turns(reason: String)
    case undoing(Step)
    case undone(Step, seconds: Double)
    case kept(Step, reason: String)
    case stopped(Step, reason: String)
    case finished
    case withdrawn
}
