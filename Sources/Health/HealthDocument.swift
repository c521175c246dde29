import Foundation
import Logging
public import Model
public import Replication
public import Settings

/// What `health` shows.
public struct HealthDocument: Encodable, Sendable {
    public struct Site: Encodable, Sendable {
        public let site: String
        /// Whether checks that name no site look at this one.
        public let active: Bool
        public let state: HealthState
        public let reason: String
        /// How long it has been of this state.
        public let lastingSeconds: Double
        public let votes: [Vote]
        /// Whether any check looks at it.
        public let isLookedAt: Bool
    }

    public struct Vote: Encodable, Sendable {
        public let observer: String
        public let state: HealthState
        public let reason: String
        public let ageSeconds: Double
        /// Whether it has a say: it is not too old, and its observer is among those that are asked.
        public let counts: Bool
    }

    public struct Check: Encodable, Sendable {
        public let observer: String
        public let check: CheckReport

        private enum Key: String, CodingKey { case observer }

        /// The check's own keys, and who says it beside them.
        public func encode(to encoder: any Encoder) throws {
            try check.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(observer, forKey: .observer)
        }
    }

    public let cluster: String
    /// `observers` when a daemon's votes were read, `own look` when nobody watches and everything was looked at now.
    public let source: String
    public let sites: [Site]
    public let checks: [Check]

    /// Whether every site that is looked at is up.
    public var isWell: Bool { sites.filter(\.isLookedAt).allSatisfy { $0.state == .up } }

    /// What a monitor of this process found.
    public init(_ report: HealthReport, cluster: String, electorate: Electorate) {
        self.cluster = cluster
        source = "own look"
        sites = report.sites.map { site in
            Site(
                site: site.site, active: site.isActive, state: site.verdict.state, reason: site.verdict.reason,
                lastingSeconds: site.lasting.seconds, votes: site.votes.map { Vote($0, electorate) },
                isLookedAt: site.isLookedAt)
        }
        checks = report.checks.map { Check(observer: report.observer, check: $0) }
    }

    /// What observers said.
    init(_ testimonies: [Testimony], cluster: String, electorate: Electorate) {
        self.cluster = cluster
        source = "observers"
        var names: [String] = []
        for testimony in testimonies where !names.contains(testimony.site) { names.append(testimony.site) }
        let active = testimonies.map(\.active).max { $0.epoch < $1.epoch }
        sites = names.map { name in
            let own = testimonies.filter { $0.site == name }
            let verdict = electorate.verdict(own.map(\.vote))
            // The youngest of those that agree: before, there were fewer.
            let agreeing = own.filter { $0.vote.state == verdict.state }.map(\.lasting).min()
            return Site(
                site: name, active: name == active?.site, state: verdict.state, reason: verdict.reason,
                lastingSeconds: (agreeing ?? .zero).seconds,
                votes: own.map { Vote($0.vote, electorate) }, isLookedAt: own.contains { !$0.checks.isEmpty })
        }
        var known: Set<String> = []
        checks = testimonies.flatMap { testimony in
            testimony.checks.compactMap { check in
                known.insert("\(testimony.vote.observer)\0\(check.name)").inserted
                    ? Check(observer: testimony.vote.observer, check: check) : nil
            }
        }
    }
}

extension HealthDocument.Vote {
    fileprivate init(_ vote: ObserverVote, _ electorate: Electorate) {
        observer = vote.observer
        state = vote.state
        reason = vote.reason
        ageSeconds = (vote.age.seconds * 10).rounded() / 10
        counts = vote.age <= electorate.ageLimit && electorate.observers.contains(vote.observer)
    }
}

/// Reads what observers said, at the nodes. Says nothing itself.
public struct HealthReader: Sendable {
    private let cluster: Cluster
    private let health: HealthSettings
    private let exchange: VoteExchange
    private let own: String

    public init(_ cluster: Cluster, health: HealthSettings) {
        self.cluster = cluster
        self.health = health
        own = health.observer ?? ProcessInfo.processInfo.hostName
        exchange = VoteExchange(cluster, observer: own, every: health.every, logger: .init(label: "switchback"))
    }

    /// What is said at the nodes that answer; nil when no vote is fresh, for then nobody watches.
    public func read() async -> HealthDocument? {
        await exchange.hear()
        let testimonies = exchange.testimonies
        let fresh = testimonies.filter { $0.vote.age <= health.voteAge }
        // Where each decides alone, it is one of them who is shown: this machine's, or who spoke last.
        guard let last = fresh.min(by: { $0.vote.age < $1.vote.age })?.vote.observer else { return nil }
        let isOwn = fresh.contains { $0.vote.observer == own }
        let electorate = Electorate(
            own: isOwn ? own : health.observers.first ?? last, observers: health.observers, ageLimit: health.voteAge)
        return HealthDocument(testimonies, cluster: cluster.settings.cluster, electorate: electorate)
    }
}
