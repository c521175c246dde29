/// Looks after the node of a site that is not the active one: it is fenced the moment it reappears, before what it took
/// meanwhile can spread; what that is, is counted and told; and only then it passes.
public struct Guardian: Sendable {
    let parts: SiteParts
    let limits: PlanLimits
    let home: PlanSite
    let other: PlanSite
    /// Tells its lines in the journal from those of others.
    let name: String

    public init(parts: SiteParts, limits: PlanLimits, home: PlanSite, other: PlanSite, name: String) {
        self.parts = parts
        self.limits = limits
        self.home = home
        self.other = other
        self.name = name
    }

    /// A node that was fenced, and what it had taken.
    public struct Quarantine: Sendable, Equatable {
        public let site: PlanSite
        public let stranded: [TableCount]

        public var rows: Int { stranded.reduce(0) { $0 + $1.rows } }
    }

    /// Looks once. Safe beside a run and beside other guardians: a node that has heard of a newer epoch refuses it.
    ///
    /// - Throws: `StepFailure` when the journal could not be read, or something could not be done; it is done at the next
    ///   look.
    public func look() async throws -> [Quarantine] {
        let (journal, missing) = try await read()
        let standing = Standing(journal, home: home, other: other, limits: limits)
        guard let run = standing.run else { return [] }
        var found: [Quarantine] = []
        for site in [home, other] where !standing.mayWrite(at: site) {
            let (nodes, node) = (parts.nodes, site.node)
            // Out of reach: it is looked at again.
            guard case .value(let look) = await limited(to: limits.lost, { try await nodes.look(node) }) else {
                continue
            }
            // Who opened it after it had heard of the last plan knew what they did.
            let isStray = !look.isClosed && look.epoch < standing.epoch
            let isAtRest = standing.state == .home || standing.state == .away
            let holding = isAtRest ? Self.holding(site, journal) : nil
            let waits = holding.map { holding in !journal.entries(of: holding).contains { $0.event == .quarantined } }
            guard isStray || (waits == true && look.isClosed) else {
                if look.isClosed, let holding { try await letPass(site, holding, journal) }
                continue
            }
            let plan = holding ?? run.plan.id
            let (guardian, epoch) = (self, max(standing.epoch, look.epoch))
            found.append(
                try await within(limits.node * 6, "\(site.node), which came back,") {
                    try await guardian.quarantine(site, epoch, plan, releases: isAtRest, journal)
                })
        }
        try await finishUndoing(standing, run)
        // Lines that were written just now are not in this journal.
        if found.isEmpty { _ = try await releaseLeft(standing, journal, missing) }
        return found
    }

    private func read() async throws -> (journal: Journal, missing: [String: String]) {
        let kept = parts.journal
        return try await within(limits.node * 2, "the journal") { try await kept.read() }
    }

    /// A site that was out of reach when its fence was to be opened again, because the plan was undone, gets it opened now.
    private func finishUndoing(_ standing: Standing, _ run: PlanMachine) async throws {
        guard run.phase == .undone, let index = run.plan.index(of: .fence), run.marks[index] == .kept else { return }
        let (nodes, node) = (parts.nodes, run.plan.from.node)
        guard case .value(let look) = await limited(to: limits.lost, { try await nodes.look(node) }),
            // Who fenced it for another reason knew what they did.
            look.isClosed, look.reason?.contains(run.plan.id) == true
        else { return }
        let epoch = max(standing.epoch, look.epoch)
        try await within(limits.node, node) { try await nodes.open(node, epoch: epoch) }
    }

    /// The plan that left a site and held its changes back: the one by which the site is where it is. What was begun since and undone
    /// let nothing pass.
    private static func holding(_ site: PlanSite, _ journal: Journal) -> String? {
        guard let plan = journal.lastMove?.plan, journal.record(of: plan)?.from == site else { return nil }
        let lines = Journal.inForce(journal.entries(of: plan)).filter { $0.step == .hold }
        switch lines.last?.event {
        case .begun: return plan
        // Where the site was fenced nothing had to wait.
        case .done: return lines.last?.numbers[JournalEntry.held] == 0 ? nil : plan
        default: return nil
        }
    }

    /// Whether some plan held a site's changes back, and no line says that they pass.
    private static func mayBeHeldBack(_ site: PlanSite, _ journal: Journal) -> Bool {
        Dictionary(grouping: journal.entries, by: \.plan).values.contains { lines in
            lines.contains { $0.record?.from == site }
                && lines.contains { $0.step == .hold && [.begun, .done].contains($0.event) }
                && !lines.contains(where: \.tellsOfRelease)
        }
    }

    /// Lets the changes of a site pass that were counted by somebody who died before he let them.
    private func letPass(_ site: PlanSite, _ plan: String, _ journal: Journal) async throws {
        let lines = journal.entries(of: plan).filter { $0.event == .quarantined }
        guard let counted = lines.last, !lines.contains(where: \.tellsOfRelease) else { return }
        let (guardian, active) = (self, counterpart(of: site))
        let number = Self.lastNumber(plan, journal) + 1
        try await within(limits.node * 3, "\(active.node), where changes of \(site.node) wait,") {
            try await guardian.release(site, plan, number, counted.epoch)
        }
    }

    /// Once it is done a line says so: whoever holds the stream up from then on is a person who wants it.
    private func release(_ site: PlanSite, _ plan: String, _ number: Int, _ epoch: Int) async throws {
        try await parts.nodes.release(from: site.node, at: counterpart(of: site).node)
        try await note(plan, number, epoch, "what \(site.node) took passes", numbers: [JournalEntry.released: 1])
    }

    // MARK: - What plans left behind

    /// Lets the changes of the active site pass that a plan holds back at the other one, which was undone without that, or left as it
    /// was, or moved the site away once: it is from the active site that changes go. Not as long as the other one takes writes, or
    /// somebody may be about to carry out a plan that the journal does not tell of yet.
    ///
    /// - Returns: the plans whose hold was ended.
    func releaseLeft() async throws -> [String] {
        let (journal, missing) = try await read()
        return try await releaseLeft(
            Standing(journal, home: home, other: other, limits: limits), journal, missing)
    }

    private func releaseLeft(
        _ standing: Standing, _ journal: Journal, _ missing: [String: String]
    ) async throws -> [String] {
        guard let epoch = await epochWhereHeld(standing, journal, missing) else { return [] }
        if epoch <= standing.epoch { return try await letHeldPass(standing, journal, epoch: standing.epoch) }
        // Somebody has raised the epoch there and written no line since: a run that is about to begin or to go on, or one that died
        // just then. Whoever has the lease knows that it died. Who cannot have it looks again.
        guard let hold = try? await parts.lease.take(within: limits.node * 2) else { return [] }
        do {
            let plans = try await releaseUnderLease()
            await hold.release(within: limits.node)
            return plans
        } catch {
            await hold.release(within: limits.node)
            throw error
        }
    }

    private func releaseUnderLease() async throws -> [String] {
        let (journal, missing) = try await read()
        let standing = Standing(journal, home: home, other: other, limits: limits)
        guard let epoch = await epochWhereHeld(standing, journal, missing) else { return [] }
        return try await letHeldPass(standing, journal, epoch: max(epoch, standing.epoch))
    }

    /// The epoch of the node where plans left changes of the active site held back; nil when there are none, or they must not pass now.
    private func epochWhereHeld(
        _ standing: Standing, _ journal: Journal, _ missing: [String: String]
    ) async -> Int? {
        let (nodes, node) = (parts.nodes, standing.passive.node)
        guard standing.state == .home || standing.state == .away, missing[node] == nil,
            !Self.leftHolding(standing.active, journal).isEmpty,
            case .value(let look) = await limited(to: limits.lost, { try await nodes.look(node) }), look.isClosed
        else { return nil }
        return look.epoch
    }

    private func letHeldPass(_ standing: Standing, _ journal: Journal, epoch: Int) async throws -> [String] {
        let plans = Self.leftHolding(standing.active, journal)
        let (guardian, active, node) = (self, standing.active, standing.passive.node)
        for plan in plans {
            let number = Self.lastNumber(plan, journal) + 1
            try await within(limits.node * 3, "\(node), where changes of \(active.node) wait,") {
                try await guardian.release(active, plan, number, epoch)
            }
        }
        return plans
    }

    /// Plans to leave a site that still hold its changes back, though it is the active one. Those before the last switchover or way
    /// back do not: these go on only where nothing is held back any more. A failover lets nothing pass.
    private static func leftHolding(_ site: PlanSite, _ journal: Journal) -> [String] {
        let clear = journal.lastClearing
        let since = clear == nil ? journal.entries[...] : journal.entries.drop { $0 != clear }
        return since.filter { $0.event == .withdrawn || $0.event == .finished }.map(\.plan).filter { plan in
            let lines = journal.entries(of: plan)
            guard journal.record(of: plan)?.from == site, !lines.contains(where: \.tellsOfRelease) else { return false }
            let last = Journal.inForce(lines).last { $0.step == .hold }
            guard let last, last.event != .undone else { return false }
            return last.event != .done || last.numbers[JournalEntry.held] != 0
        }
    }

    private func counterpart(of site: PlanSite) -> PlanSite { site == home ? other : home }

    private static func lastNumber(_ plan: String, _ journal: Journal) -> Int {
        journal.entries(of: plan).map(\.number).max() ?? 0
    }

    private func note(
        _ plan: String, _ number: Int, _ epoch: Int, _ text: String, numbers: [String: Int]
    ) async throws {
        try await parts.journal.write(
            JournalEntry(
                plan: plan, number: number, writer: name, at: WallClock.seconds(), epoch: epoch,
                event: .quarantined, note: text, numbers: numbers))
    }

    private static func story(_ site: PlanSite, _ tables: [String]) -> String {
        tables.isEmpty
            ? "nothing is stranded at \(site.node)" : "stranded at \(site.node): \(tables.joined(separator: ", "))"
    }

    private func quarantine(
        _ site: PlanSite, _ epoch: Int, _ plan: String, releases: Bool, _ journal: Journal
    ) async throws -> Quarantine {
        let active = counterpart(of: site)
        try await parts.nodes.close(
            site.node, epoch: epoch, reason: "it came back, and \(active.name) is the active site")
        // Of the site that is active now changes may still be held back at this one, since it was failed away from and nobody counted.
        if Self.mayBeHeldBack(active, journal) { try await parts.nodes.release(from: active.node, at: site.node) }
        let counts = try await parts.nodes.stranded(from: site.node, to: active.node)
        let result = Quarantine(site: site, stranded: counts)
        let number = Self.lastNumber(plan, journal) + 1
        try await note(
            plan, number, epoch, Self.story(site, counts.map(\.text)),
            numbers: ["stranded_rows": result.rows, "stranded_tables": counts.count])
        await parts.journal.heal()
        // Keys are kept at the nodes, and sent nowhere.
        let told = Self.story(site, counts.map(\.plainText))
        await parts.notifier?.tell(
            SiteNotice(.warning, "\(site.name) is back and was fenced", told + "; it is merged by rule now."))
        if releases { try await release(site, plan, number + 1, epoch) }
        return result
    }
}
