/// How a site is, by all that looks at it.
public enum HealthState: String, Sendable, Hashable, CaseIterable, Codable {
    /// Every check that counts is up.
    case up
    /// Something is not as it should be, and not enough of it to call the site down.
    case degraded
    /// It is down: enough checks are, and enough observers say so.
    case down
    /// Too little is known to say anything.
    case unknown
}

/// What is held of a site, and why.
public struct HealthVerdict: Sendable, Hashable {
    public let state: HealthState
    /// In a sentence, for people.
    public let reason: String

    public init(_ state: HealthState, _ reason: String) {
        self.state = state
        self.reason = reason
    }
}

/// One check of a site, as it counts for the whole.
public struct WeighedCheck: Sendable, Hashable {
    public let name: String
    /// 0: it is shown, and counts for nothing.
    public let weight: Int
    public let history: CheckHistory

    public init(name: String, weight: Int, history: CheckHistory) {
        self.name = name
        self.weight = weight
        self.history = history
    }
}

extension HealthVerdict {
    /// What one observer's checks together say of a site.
    ///
    /// - Parameters:
    ///   - checks: all that look at it.
    ///   - downWeight: the weights of checks that are down must come to this for the site to be down; more than half of all
    ///     weights when nil. What is unknown is not down, and does not make the rest weigh more.
    public static func judge(_ checks: [WeighedCheck], downWeight: Int?) -> HealthVerdict {
        let counting = checks.filter { $0.weight > 0 }
        guard !counting.isEmpty else { return HealthVerdict(.unknown, "no check looks at it") }
        func weight(_ states: CheckState...) -> Int {
            counting.filter { states.contains($0.history.state) }.reduce(0) { $0 + $1.weight }
        }
        let whole = counting.reduce(0) { $0 + $1.weight }
        let needed = downWeight ?? whole / 2 + 1
        let down = weight(.down)
        let scale = "of \(whole), \(needed) needed"
        if down >= needed { return HealthVerdict(.down, "down by \(down) \(scale): \(stories(counting, .down))") }
        if weight(.up) == whole { return HealthVerdict(.up, "every check is up") }
        let seen = weight(.up, .doubtful, .down, .unsteady)
        let blind = stories(counting, .unknown, .untried)
        if seen == 0 { return HealthVerdict(.unknown, "nothing is known: \(blind)") }
        let bad = stories(counting, .down, .unsteady, .doubtful)
        if bad.isEmpty {
            // What is seen is well. Half of the weight in the dark is too much to call that well.
            return 2 * weight(.up) > whole
                ? HealthVerdict(.degraded, "what is seen is up, but not everything is seen: \(blind)")
                : HealthVerdict(.unknown, "too little is seen: \(blind)")
        }
        return HealthVerdict(.degraded, "down by \(down) \(scale): \(bad)\(blind.isEmpty ? "" : "; " + blind)")
    }

    private static func stories(_ checks: [WeighedCheck], _ states: CheckState...) -> String {
        checks.filter { states.contains($0.history.state) }.map { check in
            let reason = check.history.last.map { " (\($0.reason))" } ?? ""
            return "\(check.name) \(check.history.story)\(reason)"
        }.joined(separator: "; ")
    }
}
