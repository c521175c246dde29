/// How long the daemon waits before it tries again what did not work, and whether people have been told: a run that cannot begin leaves
/// no line in the journal, and would begin again at each look.
struct Patience {
    /// What is tried.
    enum Attempt: Hashable {
        case failover, failback, resume

        /// The longest wait. Who resumes has people waiting.
        var most: Duration { self == .resume ? .seconds(15) : .seconds(300) }
    }

    private struct Failure {
        var reason: String
        var times: Int
        var again: ContinuousClock.Instant
    }

    private var failures: [Attempt: Failure] = [:]

    /// Whether it may be tried by now.
    func isOver(_ attempt: Attempt, now: ContinuousClock.Instant = .now) -> Bool {
        failures[attempt].map { now >= $0.again } ?? true
    }

    /// Forgets what did not work: nothing is to be tried any more.
    mutating func forget() { failures = [:] }

    /// Remembers what became of it.
    ///
    /// - Parameter failure: why it did not work; nil when it did.
    /// - Returns: whether that is news.
    mutating func note(_ attempt: Attempt, failure: String?, now: ContinuousClock.Instant = .now) -> Bool {
        guard let failure else {
            failures = [:]
            return true
        }
        let before = failures[attempt]
        let times = (before?.times ?? 0) + 1
        let wait = min(attempt.most, .seconds(1 << min(times, 16)))
        failures[attempt] = Failure(reason: failure, times: times, again: now + wait)
        return before?.reason != failure
    }
}
