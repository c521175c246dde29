#if canImport(Glibc)
    import Glibc
#endif

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
        let kept = parts.journal
        let journal = try await within(limits.node * 2, "the journal") { try await kept.read().journal }
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
            let waits = Self.isHeldBack(site, run, journal)
            guard isStray || (waits && look.isClosed) else {
                if look.isClosed { try await letPass(site, run, journal) }
                continue
            }
            let (guardian, epoch) = (self, max(standing.epoch, look.epoch))
            found.append(
                try await within(limits.node * 6, "\(site.node), which came back,") {
                    try await guardian.quarantine(site, epoch, run, journal)
                })
        }
        try await finishUndoing(standing, run)
        return found
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

    /// Whether its changes are held back since the last plan, and nobody has counted them.
    private static func isHeldBack(_ site: PlanSite, _ run: PlanMachine, _ journal: Journal) -> Bool {
        guard wasHeldBack(site, run) else { return false }
        return !journal.entries(of: run.plan.id).contains { $0.event == .quarantined }
    }

    private static func wasHeldBack(_ site: PlanSite, _ run: PlanMachine) -> Bool {
        guard run.plan.from == site, let index = run.plan.index(of: .hold), run.phase == .done else { return false }
        return [.done, .begun].contains(run.marks[index])
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
    private func letPass(_ site: PlanSite, _ run: PlanMachine, _ journal: Journal) async throws {
        let lines = journal.entries(of: run.plan.id).filter { $0.event == .quarantined }
        guard Self.wasHeldBack(site, run), let counted = lines.last, !lines.contains(where: \.tellsOfRelease) else {
            return
        }
        let (guardian, active) = (self, counterpart(of: site))
        let number = Self.lastNumber(run, journal) + 1
        try await within(limits.node * 3, "\(active.node), where changes of \(site.node) wait,") {
            try await guardian.release(site, run, number, counted.epoch)
        }
    }

    /// Once it is done a line says so: whoever holds the stream up from then on is a person who wants it.
    private func release(_ site: PlanSite, _ run: PlanMachine, _ number: Int, _ epoch: Int) async throws {
        try await parts.nodes.release(from: site.node, at: counterpart(of: site).node)
        try await note(run, number, epoch, "what \(site.node) took passes", numbers: [JournalEntry.released: 1])
    }

    private func counterpart(of site: PlanSite) -> PlanSite { site == home ? other : home }

    private static func lastNumber(_ run: PlanMachine, _ journal: Journal) -> Int {
        journal.entries(of: run.plan.id).map(\.number).max() ?? 0
    }

    private func note(
        _ run: PlanMachine, _ number: Int, _ epoch: Int, _ text: String, numbers: [String: Int]
    ) async throws {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        try await parts.journal.write(
            JournalEntry(
                plan: run.plan.id, number: number, writer: name, at: Double(time.tv_sec), epoch: epoch,
                event: .quarantined, note: text, numbers: numbers))
    }

    private func quarantine(
        _ site: PlanSite, _ epoch: Int, _ run: PlanMachine, _ journal: Journal
    ) async throws -> Quarantine {
        let active = counterpart(of: site)
        try await parts.nodes.close(
            site.node, epoch: epoch, reason: "it came back, and \(active.name) is the active site")
        // Of the site that is active now changes may still be held back at this one, since it was failed away from and nobody counted.
        if Self.mayBeHeldBack(active, journal) { try await parts.nodes.release(from: active.node, at: site.node) }
        let counts = try await parts.nodes.pending(from: site.node, to: active.node)
        let result = Quarantine(site: site, stranded: counts)
        let list = counts.map { "\($0.table) \($0.rows)" }.joined(separator: ", ")
        let note = counts.isEmpty ? "nothing is stranded at \(site.node)" : "stranded at \(site.node): \(list)"
        let number = Self.lastNumber(run, journal) + 1
        try await self.note(
            run, number, epoch, note,
            numbers: ["stranded_rows": result.rows, "stranded_tables": counts.count])
        await parts.journal.heal()
        await parts.notifier?.tell(
            SiteNotice(.warning, "\(site.name) is back and was fenced", note + "; it is merged by rule now."))
        if run.phase.isRest { try await release(site, run, number + 1, epoch) }
        return result
    }
}
