import Model

/// Which site an observer takes for the active one. A value: what it is told and what it hears goes in.
struct ActiveKnowledge: Sendable {
    private(set) var active: ActiveSite
    /// Whether this process was told so, and need not go by what others say.
    private var isTold = false
    /// What each observer said last.
    private var words: [String: ActiveSite] = [:]

    init(_ active: ActiveSite) { self.active = active }

    /// Takes over what this process was told, by whoever reads the journal. What is of an earlier epoch changes nothing.
    ///
    /// - Returns: whether it was taken over.
    mutating func told(_ site: ActiveSite) -> Bool {
        guard site.epoch >= active.epoch else { return false }
        (active, isTold) = (site, true)
        return true
    }

    /// Takes over what observers say: what is of a later epoch; and where one of them has come to name another site under the same
    /// one, he has heard how a plan ended of which he had known the middle.
    ///
    /// - Parameters:
    ///   - testimonies: of all observers.
    ///   - sites: those that there are.
    /// - Returns: whether anything is new.
    mutating func heard(_ testimonies: [Testimony], among sites: [String]) -> Bool {
        let before = words
        for (observer, word) in Self.freshest(testimonies.filter { sites.contains($0.active.site) }) {
            words[observer] = word
        }
        if let latest = words.values.max(by: { $0.epoch < $1.epoch }), latest.epoch > active.epoch {
            (active, isTold) = (latest, false)
            return true
        }
        let news = words.first { observer, word in
            guard let old = before[observer], word.epoch == active.epoch else { return false }
            return old.epoch == word.epoch && old.site != word.site && word.site != active.site
        }
        guard !isTold, let news else { return false }
        active = news.value
        return true
    }

    /// What each says now: his latest word, whatever else of his lies at other nodes.
    private static func freshest(_ testimonies: [Testimony]) -> [String: ActiveSite] {
        Dictionary(grouping: testimonies, by: \.vote.observer).compactMapValues { words in
            words.min { $0.vote.age < $1.vote.age }?.active
        }
    }
}
