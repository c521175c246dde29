import Foundation
import HTTP
public import Logging
public import Model
public import Replication
public import Settings

/// Looks after the health of all sites: makes the checks, hears the other observers, and says what holds.
///
/// Checks run side by side and none waits for another. What is decided from them is decided by values (`Model`); this
/// only carries looks and votes to them.
public actor HealthMonitor {
    /// One check: its loop, and what is remembered of it.
    private struct Entry {
        let loop: CheckLoop
        var history: CheckHistory
        var at: Date?
        /// Counts the sites that it has looked at: a look that began at another one is no finding of this.
        var looksOf = 0
    }

    let cluster: Cluster
    private let health: HealthSettings
    /// The checks as the configuration has them.
    nonisolated var checks: [HealthCheck] { health.checks }
    private let sites: [String]
    /// Who has a say.
    public nonisolated let electorate: Electorate
    private let exchange: VoteExchange
    private let logger: Logger
    private var entries: [Entry]
    private var knowledge: ActiveKnowledge
    private var active: ActiveSite { knowledge.active }
    /// When each site's verdict came to be of its state.
    private var changes: [String: (state: HealthState, at: ContinuousClock.Instant)] = [:]
    private var listeners: [UUID: AsyncStream<HealthReport>.Continuation] = [:]
    private var followers: [UUID: AsyncStream<SiteChange>.Continuation] = [:]

    /// What this process is called among the observers.
    public nonisolated var observer: String { exchange.observer }

    /// - Parameters:
    ///   - cluster: with `health` in its settings.
    ///   - activeSite: the site that checks without one of their own look at; the first when nil.
    ///   - logger: told when a check's or a site's state changes.
    public init(_ cluster: Cluster, health: HealthSettings, activeSite: String? = nil, logger: Logger) {
        self.init(cluster, health: health, activeSite: activeSite, logger: logger) { _ in nil }
    }

    /// - Parameter probe: what takes a check's looks instead of what its kind says.
    init(
        _ cluster: Cluster, health: HealthSettings, activeSite: String? = nil, logger: Logger,
        witnesses: Witnesses? = nil,
        probe: (HealthCheck) -> (any HealthProbe)?
    ) {
        self.cluster = cluster
        self.health = health
        self.logger = logger
        let names = cluster.settings.sites.map(\.name)
        let sites = names.isEmpty ? [cluster.settings.cluster] : names
        self.sites = sites
        knowledge = ActiveKnowledge(ActiveSite(activeSite ?? sites[0], epoch: 0))
        let own = health.observer ?? ProcessInfo.processInfo.hostName
        electorate = Electorate(own: own, observers: health.observers, ageLimit: health.voteAge)
        exchange = VoteExchange(
            cluster, observer: own, every: Self.voteInterval(health), logger: logger)
        let client = HTTPClient()
        let witnesses = witnesses ?? Witnesses(health, cluster, client)
        entries = health.checks.map { check in
            let probe = probe(check) ?? Self.probe(check, cluster, client, observer: own)
            let loop = CheckLoop(
                check.withSite(of: cluster), probe, isLocal: check.isOnThisMachine(cluster), witnesses: witnesses)
            return Entry(loop: loop, history: CheckHistory(fall: health.fall, rise: health.rise))
        }
    }

    /// As often as there is something new, within what the nodes and the votes' age can bear.
    private static func voteInterval(_ health: HealthSettings) -> Duration {
        min(max(health.every, .seconds(1)), health.voteAge / 3)
    }

    private static func probe(
        _ check: HealthCheck, _ cluster: Cluster, _ client: HTTPClient, observer: String
    ) -> any HealthProbe {
        switch check.kind {
        case .http(let http): HTTPProbe(check: http, timeout: check.timeout, client: client)
        case .tcp(let place): TCPProbe(place: place, timeout: check.timeout, client: client)
        case .sql(let sql): SQLProbe(check: sql, cluster: cluster, observer: observer, timeout: check.timeout)
        case .exec(let exec): ExecProbe(check: exec, timeout: check.timeout)
        case .fileAge(let file): FileAgeProbe(check: file)
        }
    }

    // MARK: What others ask

    /// How things are now.
    public var report: HealthReport {
        let now = ContinuousClock.now
        return HealthReport(
            observer: electorate.own, sites: sites.map { health(of: $0, now: now) }, checks: entries.map(Self.report))
    }

    /// Reports: the present one, and from then on one after each look; who is slow gets the newest.
    public func reports() -> AsyncStream<HealthReport> {
        let id = UUID()
        let (stream, continuation) = AsyncStream.makeStream(of: HealthReport.self, bufferingPolicy: .bufferingNewest(1))
        listeners[id] = continuation
        continuation.onTermination = { [weak self] _ in Task { await self?.forget(id) } }
        continuation.yield(report)
        return stream
    }

    /// From now on, every change of a site's state, none left out.
    public func changesOfSites() -> AsyncStream<SiteChange> {
        let id = UUID()
        let (stream, continuation) = AsyncStream.makeStream(of: SiteChange.self)
        followers[id] = continuation
        continuation.onTermination = { [weak self] _ in Task { await self?.forget(id) } }
        return stream
    }

    private func forget(_ id: UUID) {
        listeners[id] = nil
        followers[id] = nil
    }

    /// Says which site is the active one: checks that name no site look at it from now on. The votes tell it to observers
    /// whom nobody tells; what is of an earlier epoch than is known already changes nothing.
    ///
    /// - Parameter epoch: that of the plan which made it the active one, and which has come to its end.
    public func setActive(_ site: String, epoch: Int64) {
        precondition(sites.contains(site), "no site is called \(site)")
        let before = active
        guard knowledge.told(ActiveSite(site, epoch: epoch)) else { return }
        follow(from: before)
        tell()
    }

    /// What checks that name no site have found is of the site that they looked at: they know nothing yet of another one.
    private func follow(from before: ActiveSite) {
        guard before.site != active.site else { return }
        for index in entries.indices where entries[index].loop.check.site == nil {
            entries[index].history = CheckHistory(fall: health.fall, rise: health.rise)
            entries[index].looksOf += 1
        }
    }

    /// Takes over which site is the active one, where another observer knows more of it.
    private func learnActive() {
        let before = active
        guard knowledge.heard(exchange.testimonies, among: sites) else { return }
        logger.notice("site \(active.site) is the active one, by epoch \(active.epoch)")
        follow(from: before)
    }

    // MARK: Its work

    /// Makes the checks, and votes, until the task is cancelled.
    ///
    /// - Parameter votes: whether what is found is told to the other observers, and theirs is heard.
    public func run(votes: Bool = true) async {
        await withDiscardingTaskGroup { group in
            for index in entries.indices { group.addTask { await self.repeatLooks(index) } }
            if votes {
                group.addTask {
                    await self.exchange.run {
                        await self.ballot()
                    } heard: {
                        await self.learn()
                    }
                }
            }
        }
        for listener in listeners.values { listener.finish() }
        for follower in followers.values { follower.finish() }
    }

    /// Looks at everything until it is known how it is: once where it is well, `fall` times where it is not.
    public func lookUntilSure() async {
        await withDiscardingTaskGroup { group in
            for index in entries.indices {
                group.addTask {
                    for _ in 0..<self.health.fall {
                        await self.look(index)
                        guard await self.entries[index].history.isInDoubt else { return }
                        do { try await Task.sleep(for: self.health.recheck) } catch { return }
                    }
                }
            }
        }
    }

    /// What any observer says, as far as it was heard: with the checks that it goes by.
    public var testimonies: [Testimony] { exchange.testimonies }

    private func repeatLooks(_ index: Int) async {
        while !Task.isCancelled {
            let began = ContinuousClock.now
            let pause = await look(index)
            do { try await Task.sleep(until: began + pause, clock: .continuous) } catch { return }
        }
    }

    /// - Returns: the time from this look's beginning to the next one's.
    @discardableResult private func look(_ index: Int) async -> Duration {
        let check = entries[index].loop.check
        let looksOf = entries[index].looksOf
        let result = await entries[index].loop.look()
        let usual = check.every ?? health.every
        // What was broken off by our own end is no finding.
        guard !Task.isCancelled, looksOf == entries[index].looksOf else { return usual }
        let before = entries[index].history.state
        entries[index].history.note(result)
        entries[index].at = Date()
        let after = entries[index].history
        if before != after.state {
            logger.info("check \(check.name): \(after.state.rawValue), \(after.story); \(result.reason)")
        }
        tell()
        return after.isInDoubt ? min(health.recheck, usual) : usual
    }

    private func learn() {
        learnActive()
        tell()
    }

    private func tell() {
        let now = ContinuousClock.now
        for site in sites { note(site, verdict(of: site), now) }
        guard !listeners.isEmpty else { return }
        let report = report
        for listener in listeners.values { listener.yield(report) }
    }

    private func note(_ site: String, _ verdict: HealthVerdict, _ now: ContinuousClock.Instant) {
        let before = changes[site]?.state
        guard before != verdict.state else { return }
        changes[site] = (verdict.state, now)
        let change = SiteChange(site: site, from: before ?? .unknown, to: verdict.state, reason: verdict.reason)
        guard change.from != change.to else { return }
        logger.notice("site \(site) is \(verdict.state.rawValue): \(verdict.reason)")
        for follower in followers.values { follower.yield(change) }
    }

    // MARK: What is held

    private func checks(of site: String) -> [Entry] {
        entries.filter { ($0.loop.check.site ?? active.site) == site }
    }

    private func own(_ site: String) -> HealthVerdict {
        let checks = checks(of: site).map {
            WeighedCheck(name: $0.loop.check.name, weight: $0.loop.check.weight, history: $0.history)
        }
        return .judge(checks, downWeight: health.downWeight)
    }

    private func votes(on site: String) -> [ObserverVote] {
        let own = own(site)
        let others = exchange.testimonies.filter { $0.site == site && $0.vote.observer != electorate.own }
        return [ObserverVote(observer: electorate.own, state: own.state, reason: own.reason, age: .zero)]
            + others.map(\.vote)
    }

    private func verdict(of site: String) -> HealthVerdict { electorate.verdict(votes(on: site)) }

    private func health(of site: String, now: ContinuousClock.Instant) -> WatchedSite {
        let verdict = verdict(of: site)
        let change = changes[site]
        return WatchedSite(
            site: site, isActive: site == active.site, isLookedAt: !checks(of: site).isEmpty, verdict: verdict,
            own: own(site), lasting: change?.state == verdict.state ? now - (change?.at ?? now) : .zero,
            votes: votes(on: site),
            agreeing: electorate.counting(votes(on: site)).count { $0.state == verdict.state },
            asked: electorate.observers.count)
    }

    private static func report(_ entry: Entry) -> CheckReport {
        let history = entry.history
        return CheckReport(
            name: entry.loop.check.name, site: entry.loop.check.site, weight: entry.loop.check.weight,
            state: history.state, story: history.story, outcome: history.last?.outcome, reason: history.last?.reason,
            at: entry.at.map { $0.formatted(.iso8601) }, failuresInRow: history.failuresInRow,
            successesInRow: history.successesInRow, failuresCounted: history.failuresCounted, looks: history.looks,
            performance: history.last?.performance ?? [])
    }

    /// What this process tells the others.
    private func ballot() -> [Ballot] {
        let now = ContinuousClock.now
        return sites.map { site in
            let own = own(site)
            let lasting = changes[site].map { $0.state == own.state ? now - $0.at : .zero } ?? .zero
            return Ballot(
                site: site, verdict: own, lasting: lasting, checks: checks(of: site).map(Self.report), active: active)
        }
    }
}

extension HealthCheck {
    /// A check of a database looks at the site whose node it is, unless it names one.
    fileprivate func withSite(of cluster: Cluster) -> HealthCheck {
        guard site == nil, case .sql(let check) = kind else { return self }
        return at(site: cluster.settings.sites.first { $0.node == check.node }?.name)
    }
}
