/// Carries plans out: takes actions from the machine, has the plug-ins do them, and tells it how they came out. It decides
/// nothing.
public actor Orchestrator {
    let parts: SiteParts
    let limits: PlanLimits
    /// The site where it belongs, and the other.
    let home: PlanSite
    let other: PlanSite
    /// Tells its lines in the journal from those of others.
    let name: String
    /// Between two attempts.
    let pause: Duration
    let onProgress: @Sendable (RunProgress) -> Void
    private var isRunning = false

    public init(
        parts: SiteParts, limits: PlanLimits, home: PlanSite, other: PlanSite, name: String,
        pause: Duration = .milliseconds(500), onProgress: @escaping @Sendable (RunProgress) -> Void = { _ in }
    ) {
        self.parts = parts
        self.limits = limits
        self.home = home
        self.other = other
        self.name = name
        self.pause = pause
        self.onProgress = onProgress
    }

    // MARK: - What can be asked for

    /// Where the site stands.
    ///
    /// - Throws: `StepFailure` when no node could be read.
    public func standing() async throws -> Standing {
        standing(try await readJournal())
    }

    private func readJournal() async throws -> Journal { try await readCopies().journal }

    /// The journal, and the nodes whose copies could not be read, with why.
    private func readCopies() async throws -> (journal: Journal, missing: [String: String]) {
        let kept = parts.journal
        return try await within(limits.node * 2, "the journal") { try await kept.read() }
    }

    func standing(_ journal: Journal) -> Standing { Standing(journal, home: home, other: other, limits: limits) }

    /// Makes the plan that would be run now.
    ///
    /// - Parameters:
    ///   - cause: who wants it, and why.
    /// - Throws: `StepFailure` when there is nothing to be planned: another plan is under way, or the site is there already.
    public func plan(_ kind: PlanKind, mode: ReturnMode, id: String, cause: String) async throws -> Plan {
        let standing = try await standing()
        try Self.refuse(kind, standing)
        var plan = Plan.make(
            id: id, kind: kind, mode: mode, from: standing.active, to: standing.passive, limits: limits,
            omitting: parts.idleSteps, cause: cause)
        plan.names = await names(kind, toward: standing.passive.name)
        return plan
    }

    /// Nil also when the provider does not tell: a failover must not wait long for it, and the step at which the names move
    /// says what is wrong.
    private func names(_ kind: PlanKind, toward site: String) async -> NamesPlan? {
        guard let dns = parts.dns else { return nil }
        let limit = kind == .failover ? limits.lost : limits.dns
        guard case .value(let plan) = await limited(to: limit, { try await dns.plan(toward: site) }) else { return nil }
        return plan
    }

    static func refuse(_ kind: PlanKind, _ standing: Standing) throws(StepFailure) {
        if let run = standing.run, standing.state == .moving || standing.state == .stopped {
            throw StepFailure(
                "the \(run.plan.kind.rawValue) \(run.plan.id) has not come to its end: it is at \(run.step.name.rawValue)",
                hint:
                    "\"\(run.plan.command) resume --yes\" goes on with it, \"\(run.plan.command) abort --yes\" undoes it"
            )
        }
        if kind == .failback, standing.state == .home {
            throw StepFailure(
                "\(standing.home.name) is the active site already", hint: "\"switchback switchover\" moves it away")
        }
    }

    /// Carries a plan out from its beginning.
    ///
    /// - Parameter isOrdered: whether a person asked for it.
    /// - Throws: `StepFailure` before anything was touched: somebody else has the lease, or the world is no more what the
    ///   plan was made for; `CancellationError` when it was cancelled, and can be resumed.
    public func run(_ plan: Plan, isOrdered: Bool) async throws -> RunReport {
        try await withLease { hold in
            let journal = try await readJournal()
            guard journal.entries(of: plan.id).isEmpty else {
                throw StepFailure("the plan \(plan.id) was run already", hint: "make a new plan")
            }
            let standing = standing(journal)
            try Self.refuse(plan.kind, standing)
            guard standing.active == plan.from else {
                throw StepFailure(
                    "the plan was made to leave \(plan.from.name), and the active site is \(standing.active.name)",
                    hint: "make a new plan")
            }
            return try await drive(PlanMachine(plan), .start, [], standing.epoch, isOrdered: isOrdered, hold)
        }
    }

    /// Goes on with the plan that stopped or was cut off.
    ///
    /// - Parameter isOrdered: whether a person asked for it. A failover that nobody ordered, and that has done nothing yet, goes on
    ///   only where the site is still down, and is undone where it is up again.
    /// - Throws: `StepFailure` also when it is not known whether the site is down.
    public func resume(isOrdered: Bool = true) async throws -> RunReport {
        try await takeUp(.resume, isOrdered: isOrdered)
    }

    /// Undoes the plan that stopped.
    public func abort() async throws -> RunReport { try await takeUp(.abort) }

    /// Ends the plan that stopped and leaves everything as it is; but what it held back passes where it comes from the active site.
    public func abandon() async throws -> RunReport {
        let report = try await takeUp(.abandon)
        if report.outcome == .undone, let step = report.heldStep { await settleHeld(step, report.plan) }
        return report
    }

    /// Nothing else ever let pass what a plan held back that came to no end. From a site that is not the active one, and may take writes all the
    /// same, it passes when that is fenced.
    private func settleHeld(_ step: Step, _ plan: Plan) async {
        let (from, to) = (plan.from, plan.to)
        let what = "what \(from.node) took is held back at \(to.node)"
        do {
            guard try await standing().active == from else {
                let way = "it passes when \(from.node) is back and fenced, by \"switchback run\" or a failback"
                return onProgress(.done(step, seconds: 0, note: "\(what): \(way)"))
            }
            let guardian = Guardian(parts: parts, limits: limits, home: home, other: other, name: name)
            guard try await guardian.releaseLeft().contains(plan.id) else {
                throw StepFailure("\(to.node) does not answer, or takes writes, or has heard of another plan")
            }
            onProgress(.done(step, seconds: 0, note: "what \(from.node) took passes to \(to.node) again"))
        } catch {
            let why = (error as? StepFailure)?.message ?? "\(error)"
            let way = "lets it pass when \(to.node) answers and is fenced, and \"switchback resume\" does so now"
            onProgress(.kept(step, reason: "\(what): \(why); \"switchback run\" \(way)"))
        }
    }

    private func takeUp(_ wanted: RunEvent, isOrdered: Bool = true) async throws -> RunReport {
        try await withLease { hold in
            let (journal, missing) = try await readCopies()
            let standing = standing(journal)
            guard let machine = standing.run, machine.phase == .stopped else {
                throw StepFailure(
                    "no plan waits to be gone on with", hint: "\"switchback why\" tells where the site is")
            }
            let isOrdered = isOrdered || !machine.plan.isByItself
            let event = wanted == .resume && !isOrdered ? try await afterDeath(machine) : wanted
            if event == .abort || machine.isBack { try Self.requireWhole(machine.plan, missing) }
            let kept = parts.journal
            _ = await limited(to: limits.node) { await kept.heal() }
            return try await drive(
                machine, event, journal.entries(of: machine.plan.id), journal.epoch, isOrdered: isOrdered, hold)
        }
    }

    /// What becomes of a failover that began by itself and whose engine died before it did anything: meanwhile the site may have
    /// come back.
    private func afterDeath(_ machine: PlanMachine) async throws -> RunEvent {
        guard machine.plan.kind == .failover, machine.hasOnlyLooked, let health = parts.health else { return .resume }
        let from = machine.plan.from.name
        let verdict = await health.verdict(of: from)
        switch verdict.state {
        case .down: return .resume
        case .up: return .abort
        case .degraded, .unknown:
            throw StepFailure(
                "the failover \(machine.plan.id) was cut off before it did anything, and \(from) is \(verdict.state.rawValue), not down",
                hint:
                    "it goes on when \(from) is down, and is undone when it is up; \"\(machine.plan.command) resume --yes\" goes on now"
            )
        }
    }

    /// A failover goes on without the site that it leaves, and then only the other one's journal tells how far it came: whoever
    /// cannot read that must not let people write at the one that was left.
    private static func requireWhole(_ plan: Plan, _ missing: [String: String]) throws(StepFailure) {
        guard plan.kind == .failover, let reason = missing[plan.to.node] else { return }
        throw StepFailure(
            "the failover \(plan.id) may have gone on at \(plan.to.node), whose journal cannot be read: \(reason)",
            hint: "undo it when \(plan.to.node) answers, or from a machine that reaches it", isGone: true)
    }

    private func drive(
        _ machine: PlanMachine, _ event: RunEvent, _ entries: [JournalEntry], _ epoch: Int, isOrdered: Bool,
        _ hold: any LeaseHold
    ) async throws -> RunReport {
        let driver = RunDriver(
            machine, entries: entries, epoch: epoch, isOrdered: isOrdered, parts: parts, limits: limits, name: name,
            pause: pause, hold: hold, onProgress: onProgress)
        return try await driver.drive(event)
    }

    private func withLease(_ body: (any LeaseHold) async throws -> RunReport) async throws -> RunReport {
        guard !isRunning else { throw StepFailure("a plan is under way in this process", hint: "wait for its end") }
        isRunning = true
        defer { isRunning = false }
        let hold = try await parts.lease.take(within: limits.node * 2)
        do {
            let report = try await body(hold)
            await hold.release(within: limits.node)
            return report
        } catch {
            await hold.release(within: limits.node)
            throw error
        }
    }
}
