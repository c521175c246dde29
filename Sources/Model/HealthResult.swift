/// What one look of a check found.
public enum CheckOutcome: String, Sendable, Hashable, CaseIterable, Codable {
    case up
    case down
    /// Nothing can be said of what was looked at: the look itself failed.
    case unknown
}

/// One look of a check: what it found, and why that.
public struct CheckResult: Sendable, Hashable {
    public let outcome: CheckOutcome
    /// In a few words, without secrets: `status 503 instead of 200`.
    public let reason: String
    /// What was measured, as plug-ins tell it.
    public let performance: [PerformanceDatum]

    public init(_ outcome: CheckOutcome, _ reason: String, performance: [PerformanceDatum] = []) {
        self.outcome = outcome
        self.reason = reason
        self.performance = performance
    }
}

/// How a look ended, before it is known whether a silence is the other side's or our own.
public enum CheckFinding: Sendable, Hashable {
    /// Something answered, well or not; or the check knows for itself.
    case told(CheckResult)
    /// Nothing came back at all: the other side is gone, or we are cut off.
    case silence(String)

    /// What a silence means, given whether anything else answers us at this time.
    ///
    /// - Parameter others: what was asked besides, after the silence; nil when there was nobody to ask.
    public func judged(others: Surroundings?) -> CheckResult {
        switch (self, others) {
        case (.told(let result), _): result
        case (.silence(let reason), .answer(let who)): CheckResult(.down, "\(reason); \(who) answers")
        case (.silence(let reason), .silent):
            CheckResult(.unknown, "\(reason), and nothing else answers either: it may be our own network")
        case (.silence(let reason), nil):
            CheckResult(.unknown, "\(reason), and there is nobody else to ask: name witnesses")
        }
    }
}

/// Whether anything but what was silent answers us.
public enum Surroundings: Sendable, Hashable {
    /// This answers.
    case answer(String)
    case silent
}
