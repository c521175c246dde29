/// What an observer says of a site.
public struct ObserverVote: Sendable, Hashable {
    public let observer: String
    public let state: HealthState
    public let reason: String
    /// How long ago it was said, by the clock of the node that keeps it.
    public let age: Duration

    public init(observer: String, state: HealthState, reason: String, age: Duration) {
        self.observer = observer
        self.state = state
        self.reason = reason
        self.age = age
    }
}

/// Who has a say about a site, and how much it takes.
///
/// Down is what a majority says, and where there are two observers, both. A vote that is missing or too old says nothing:
/// nobody is taken to agree because he is silent.
public struct Electorate: Sendable, Hashable {
    /// The one that asks.
    public let own: String
    /// The observers whose votes count, with the one that asks.
    public let observers: [String]
    /// Votes that are older count no more.
    public let ageLimit: Duration

    /// - Parameter observers: the names that the configuration lists; `own` belongs to them whether listed or not.
    public init(own: String, observers: [String], ageLimit: Duration) {
        self.own = own
        self.observers = observers.contains(own) ? observers : [own] + observers
        self.ageLimit = ageLimit
    }

    /// How many must find a site down.
    public var quorum: Int { observers.count == 1 ? 1 : max(2, observers.count / 2 + 1) }

    /// Of votes those that count: one of each observer who is asked, the freshest, and none that is too old.
    public func counting(_ votes: [ObserverVote]) -> [ObserverVote] {
        observers.compactMap { name in
            votes.filter { $0.observer == name && $0.age <= ageLimit }.min { $0.age < $1.age }
        }
    }

    /// What holds, by all who have a say.
    ///
    /// - Parameter votes: of each observer one at most; the freshest is taken where there are more.
    public func verdict(_ votes: [ObserverVote]) -> HealthVerdict {
        let counting = counting(votes)
        let heard = observers.map { name in (name, counting.first { $0.observer == name }) }
        if observers.count == 1 {
            return heard[0].1.map { HealthVerdict($0.state, $0.reason) } ?? HealthVerdict(.unknown, "nobody has looked")
        }
        let words = heard.map { name, vote in
            vote.map { "\(name) says \($0.state.rawValue): \($0.reason)" } ?? "nothing is heard of \(name)"
        }.joined(separator: " | ")
        let states = heard.compactMap { $0.1?.state }
        let down = states.count { $0 == .down }
        let head = "\(down) of \(observers.count) observers find it down, \(quorum) needed | "
        if down >= quorum { return HealthVerdict(.down, head + words) }
        if down > 0 || states.contains(.degraded) { return HealthVerdict(.degraded, head + words) }
        return HealthVerdict(states.contains(.up) ? .up : .unknown, words)
    }
}
