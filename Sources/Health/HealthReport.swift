public import Model

/// How everything that is looked at is, by one process. What `health` shows, and what an orchestrator decides by.
public struct HealthReport: Sendable {
    /// What this process is called among the observers.
    public let observer: String
    /// Every site; the cluster itself where no sites are named.
    public let sites: [WatchedSite]
    public let checks: [CheckReport]

    /// A site by its name.
    public func site(_ name: String) -> WatchedSite? { sites.first { $0.site == name } }
}

/// How a site is.
public struct WatchedSite: Sendable {
    public let site: String
    /// Whether checks that name no site look at this one.
    public let isActive: Bool
    /// Whether any check looks at it.
    public let isLookedAt: Bool
    /// What holds, by all who have a say.
    public let verdict: HealthVerdict
    /// What this process's own checks say.
    public let own: HealthVerdict
    /// How long the verdict has been of its state.
    public let lasting: Duration
    /// What is known of the observers' votes, with this process's own.
    public let votes: [ObserverVote]
    /// How many observers say what holds, of votes that count.
    public let agreeing: Int
    /// How many are asked.
    public let asked: Int
}

/// How a check is. Encoded, it is a part of a vote and of `health --json`.
public struct CheckReport: Sendable, Hashable, Codable {
    public let name: String
    /// The site that it looks at; nil for whichever is active.
    public let site: String?
    public let weight: Int
    public let state: CheckState
    /// The state in words.
    public let story: String
    /// What the last look found; nil before the first.
    public let outcome: CheckOutcome?
    public let reason: String?
    /// When the last look ended, in ISO 8601.
    public let at: String?
    public let failuresInRow: Int
    public let successesInRow: Int
    public let failuresCounted: Int
    public let looks: Int
    public let performance: [PerformanceDatum]
}

/// A site came to be of another state.
public struct SiteChange: Sendable, Hashable {
    public let site: String
    public let from: HealthState
    public let to: HealthState
    /// Why, in a sentence.
    public let reason: String
}
