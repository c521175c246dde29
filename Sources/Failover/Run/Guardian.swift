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
            guard isStray || (waits && look.isClosed) else { continue }
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

    /// Whether its changes are held back since the last plan.
    private static func isHeldBack(_ site: PlanSite, _ run: PlanMachine, _ journal: Journal) -> Bool {
        guard run.plan.from == site, let index = run.plan.index(of: .hold), run.phase == .done else { return false }
        let isCounted = journal.entries(of: run.plan.id).contains { $0.event == .quarantined }
        return [.done, .begun].contains(run.marks[index]) && !isCounted
    }

    private func quarantine(
        _ site: PlanSite, _ epoch: Int, _ run: PlanMachine, _ journal: Journal
    ) async throws -> Quarantine {
        let active = site == home ? other : home
        try await parts.nodes.close(
            site.node, epoch: epoch, reason: "it came back, and \(active.name) is the active site")
        let counts = try await parts.nodes.pending(from: site.node, to: active.node)
        let result = Quarantine(site: site, stranded: counts)
        let list = counts.map { "\($0.table) \($0.rows)" }.joined(separator: ", ")
        let note = counts.isEmpty ? "nothing is stranded at \(site.node)" : "stranded at \(site.node): \(list)"
        let entries = journal.entries(of: run.plan.id)
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        try await parts.journal.write(
            JournalEntry(
                plan: run.plan.id, number: (entries.map(\.number).max() ?? 0) + 1, writer: name,
                at: Double(time.tv_sec), epoch: epoch, event: .quarantined, note: note,
                numbers: ["stranded_rows": result.rows, "stranded_tables": counts.count]))
        await parts.journal.heal()
        if run.phase.isRest { try await parts.nodes.release(from: site.node, at: active.node) }
        await parts.notifier?.tell(
            SiteNotice(.warning, "\(site.name) is back and was fenced", note + "; it is merged by rule now."))
        return result
    }
}
