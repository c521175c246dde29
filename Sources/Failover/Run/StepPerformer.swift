/// Carries single steps out through the plug-ins. Each looks at the world first: run again, it finds what it did before.
struct StepPerformer: Sendable {
    let plan: Plan
    let parts: SiteParts
    let limits: PlanLimits
    /// The epoch of this run.
    let epoch: Int
    /// Whether a person asked for the plan, so that nobody's verdict is needed.
    let isOrdered: Bool
    /// Whether the old site was fenced in this plan.
    let isFenced: Bool
    /// Whether an earlier run of the plan may have held its changes back.
    let mayBeHeld: Bool
    /// What is left of the time in which nobody can write; nil while people can.
    let left: Duration?
    /// Why the names could not be looked at before they are led elsewhere; nil when it is known how they were.
    let namesFailure: StepFailure?
    /// Hears what goes on within a step.
    let onProgress: @Sendable (RunProgress) -> Void

    private var nodes: any SiteNodes { parts.nodes }
    private var from: PlanSite { plan.from }
    private var to: PlanSite { plan.to }

    /// Why nodes are fenced, for whoever asks them.
    private func reason(_ site: PlanSite) -> String { "\(plan.kind.rawValue) \(plan.id): \(site.name) is not active" }

    // MARK: - Forward

    func act(_ step: Step) async throws -> StepResult {
        switch step.name {
        case .confirm: try await confirm()
        case .ready: try await ready()
        case .assess: try await assess()
        case .merge: try await merge(step)
        case .catchUp:
            try await carried(nodes.carry(from: from.node, to: to.node, limit: patience(step)), to.node)
        case .compare: try await compare()
        case .rehearse: try await rehearse()
        case .filesAhead: try await files(step, .ahead)
        case .lastLook: try await lastLook(step)
        case .fenceHook: try await hook(.stop, from, step)
        case .fence: try await fence()
        case .drain: try await drain(step)
        case .hold: try await hold()
        case .filesFreeze: try await freezeFiles()
        case .filesLast: try await files(step, plan.mode == .freeze ? .last : .lastWhileOpen)
        case .promote: try await promote()
        case .promoteHook: try await hook(.start, to, step)
        case .verify: try await verify()
        case .dns: try await leadNames()
        case .dnsVerify: try await askServers()
        case .linger: try await linger()
        case .rearm: try await rearm()
        }
    }

    private func confirm() async throws -> StepResult {
        let obstacles = try await nodes.obstacles(at: to.node)
        if let first = obstacles.first {
            throw StepFailure("\(to.node) cannot take over: \(first)", hint: "mend it, and begin again")
        }
        guard !isOrdered else { return StepResult("a person has decided") }
        guard let health = parts.health else {
            throw StepFailure("nothing tells whether \(from.name) is down", hint: "add health: to the configuration")
        }
        let verdict = await health.verdict(of: from.name)
        guard verdict.state == .down else {
            throw StepFailure(
                "\(from.name) is \(verdict.state.rawValue), not down\(verdict.reasons.first.map { ": \($0)" } ?? "")",
                hint: "nothing is to be done")
        }
        return StepResult("\(verdict.agreeing) of \(verdict.asked) observers say that \(from.name) is down")
    }

    private func ready() async throws -> StepResult {
        if try await nodes.look(from.node).isClosed {
            throw StepFailure(
                "\(from.node) is fenced already, and was to be the active site",
                hint: "\"switchback why\" tells where the site is; \"switchback unfence \(from.node)\" opens it")
        }
        for node in [from.node, to.node] {
            if let first = try await nodes.obstacles(at: node).first { throw StepFailure("\(node): \(first)") }
        }
        for (source, receiver) in [(from.node, to.node), (to.node, from.node)] {
            // What a failover held back is let go by a later step.
            if source == to.node, plan.kind == .failback { continue }
            if let first = try await nodes.standstill(from: source, to: receiver).first {
                throw StepFailure("\(source) → \(receiver) does not move: \(first)", hint: "see \"switchback status\"")
            }
        }
        return StepResult()
    }

    private func assess() async throws -> StepResult {
        // Raising the epoch has fenced it. Counted is what it took before that.
        guard try await nodes.look(to.node).isClosed else {
            throw StepFailure("\(to.node) is not fenced", hint: "\"switchback fence \(to.node)\" does so")
        }
        let counts = try await nodes.stranded(from: to.node, to: from.node)
        let rows = counts.reduce(0) { $0 + $1.rows }
        let known = try await nodes.conflicts(at: from.node)
        let numbers = ["stranded_rows": rows, "stranded_tables": counts.count, "conflicts_before": known]
        guard rows > 0 else { return StepResult("nothing is stranded at \(to.node)", numbers: numbers) }
        func story(_ tables: [String]) -> String { "stranded at \(to.node): \(tables.joined(separator: ", "))" }
        return StepResult(story(counts.map(\.text)), numbers: numbers, plainNote: story(counts.map(\.plainText)))
    }

    /// How long rows may take to arrive, for whoever carries them to say in time why they have not.
    private func patience(_ step: Step) -> Duration { Self.patience(within: min(step.limit, left ?? step.limit)) }

    private static func patience(within limit: Duration) -> Duration { limit - min(limit / 4, .seconds(1)) }

    private func merge(_ step: Step) async throws -> StepResult {
        let before = try await nodes.conflicts(at: from.node)
        let rows = try await nodes.pending(from: to.node, to: from.node).reduce(0) { $0 + $1.rows }
        try await nodes.release(from: to.node, at: from.node)
        _ = try await nodes.drain(from: to.node, to: from.node, limit: patience(step))
        let conflicts = max(0, try await nodes.conflicts(at: from.node) - before)
        return StepResult(
            "\(rows) rows came to \(from.node), \(conflicts) of them in conflict",
            numbers: ["merged_rows": rows, "conflicts": conflicts])
    }

    private func lastLook(_ step: Step) async throws -> StepResult {
        let room = LastLook.room(budget: plan.budget, drain: Self.patience(within: limits.drain))
        let look = LastLook(
            nodes: nodes, from: from.node, to: to.node, budget: plan.budget, room: room, limit: patience(step)
        ) { look, reason in onProgress(.again(step, attempt: look, reason: reason)) }
        return try await look.wait()
    }

    private func carried(_ rows: Int, _ node: String) -> StepResult {
        StepResult("\(rows) rows came to \(node)", numbers: ["rows": rows])
    }

    private func compare() async throws -> StepResult {
        let differences = try await nodes.differences(from: from.node, to: to.node)
        guard let first = differences.first else { return StepResult("\(from.node) and \(to.node) are equal") }
        let others = differences.count > 1 ? " and \(differences.count - 1) tables more" : ""
        throw StepFailure(
            "\(from.node) and \(to.node) differ: \(first)\(others)",
            hint: "see \"switchback diff\"; \"switchback repair\" mends")
    }

    private func rehearse() async throws -> StepResult {
        try await nodes.rehearse(to.node)
        var lines: [String] = []
        if let dns = parts.dns { lines += Self.unindented(try await dns.difference(toward: to.name)) }
        if let files = parts.files {
            let jobs = try await files.outlook(from: from.name, to: to.name, epoch: epoch)
            for job in jobs {
                guard let obstacle = job.obstacle else { continue }
                throw StepFailure(
                    "the files of \(job.job) cannot be moved as things are: \(obstacle)",
                    hint: "\"switchback files plan \(job.job)\" shows all that would be done")
            }
            lines += jobs.filter { !$0.entries.isEmpty }.map(\.summary)
        }
        return StepResult(lines.isEmpty ? nil : lines.joined(separator: "; "))
    }

    private func files(_ step: Step, _ pass: FilesPass) async throws -> StepResult {
        guard let files = parts.files else { return StepResult() }
        return try await files.carry(
            from: from.name, to: to.name, epoch: epoch, pass: pass, limit: step.limit)
    }

    private func freezeFiles() async throws -> StepResult {
        try await parts.files?.freeze(from: from.name, to: to.name, epoch: epoch) ?? StepResult()
    }

    private func hook(_ point: HookPoint, _ site: PlanSite, _ step: Step) async throws -> StepResult {
        StepResult(try await parts.hooks?.run(point, site: site, plan: plan, epoch: epoch, limit: step.limit))
    }

    /// A site that is lost must not keep people waiting for as long as one that is well may take.
    private func requireAnswer() async throws {
        guard plan.kind == .failover else { return }
        let (nodes, node) = (nodes, from.node)
        switch await limited(to: limits.lost, { try await nodes.look(node) }) {
        case .value: break
        case .failed(let error): throw error
        case .late: throw StepFailure("\(node) did not answer within \(limits.lost.text)", isGone: true)
        }
    }

    private func drain(_ step: Step) async throws -> StepResult {
        try await requireAnswer()
        return try await carried(nodes.drain(from: from.node, to: to.node, limit: patience(step)), to.node)
    }

    private func fence() async throws -> StepResult {
        try await requireAnswer()
        try await nodes.close(from.node, epoch: epoch, reason: reason(from))
        return StepResult()
    }

    private func hold() async throws -> StepResult {
        let (nodes, node) = (nodes, from.node)
        var isFenced = isFenced
        if !isFenced, case .value(let look) = await limited(to: limits.lost, { try await nodes.look(node) }) {
            isFenced = look.isClosed
        }
        guard !isFenced else {
            // Who looks after the nodes counts what waits, and lets it pass then.
            return mayBeHeld
                ? StepResult("what \(from.node) took waits until it is counted", numbers: [JournalEntry.held: 1])
                : StepResult("\(from.node) is fenced; nothing needs to wait", numbers: [JournalEntry.held: 0])
        }
        try await nodes.hold(from: from.node, at: to.node)
        return StepResult("what \(from.node) took waits until it is fenced", numbers: [JournalEntry.held: 1])
    }

    private func promote() async throws -> StepResult {
        if plan.kind != .failover, plan.mode == .freeze {
            // Whatever the journal says: both are never writable under one epoch.
            guard try await nodes.look(from.node).isClosed else {
                throw StepFailure("\(from.node) takes writes; \(to.node) must not", hint: "somebody opened its fence")
            }
        }
        try await nodes.open(to.node, epoch: epoch)
        return StepResult()
    }

    private func verify() async throws -> StepResult {
        try await nodes.prove(to.node)
        try await parts.health?.visit(to.name)
        return StepResult()
    }

    private func leadNames() async throws -> StepResult {
        guard let dns = parts.dns else { return StepResult() }
        let changes: [String]
        do {
            if let namesFailure { throw namesFailure }
            changes = try await dns.difference(toward: to.name)
        } catch {
            // A person may have done it by hand, at a provider that does not answer us.
            guard await dns.isLed(toward: to.name) else { throw error }
            return StepResult("every authoritative server leads to \(to.name) already; the provider could not be asked")
        }
        guard !changes.isEmpty else { return StepResult("the names lead to \(to.name) already") }
        // What is not known could not be led back.
        guard let names = plan.names else { throw StepFailure("how the names are now is not in the journal") }
        try await dns.apply(names, toward: to.name)
        return StepResult(
            Self.unindented(changes).joined(separator: "; "), numbers: ["records": changes.count])
    }

    /// Lines that stand below each other elsewhere, and in one here.
    private static func unindented(_ lines: [String]) -> [String] {
        lines.map { line in String(line.drop { $0 == " " }) }
    }

    private func askServers() async throws -> StepResult {
        try await parts.dns?.verify(toward: to.name)
        return StepResult("every authoritative server leads to \(to.name)")
    }

    private func linger() async throws -> StepResult {
        try await Task.sleep(for: limits.linger)
        return StepResult()
    }

    private func rearm() async throws -> StepResult {
        try await nodes.release(from: from.node, at: to.node)
        try await nodes.release(from: to.node, at: from.node)
        return try await parts.files?.rearm(from: to.name, to: from.name, epoch: epoch) ?? StepResult()
    }

    // MARK: - Backward

    /// Fences the new site again, and brings what was written there meanwhile home before people write at the old one again. What
    /// cannot be brought now comes later, as changes of two sites do.
    private func leave(_ step: Step) async throws -> StepResult {
        try await nodes.close(to.node, epoch: epoch, reason: reason(to))
        guard plan.kind != .failover else { return StepResult() }
        let (nodes, from, to) = (nodes, from.node, to.node)
        let limit = step.limit / 3
        guard
            case .value(let rows) = await limited(
                to: limit, { try await nodes.drain(from: to, to: from, limit: Self.patience(within: limit)) })
        else { return StepResult("what \(to) took meanwhile comes to \(from) later") }
        return rows == 0 ? StepResult() : carried(rows, from)
    }

    /// A provider that does not answer must not keep the site closed whose names lead to it all the same.
    private func takeNamesBack() async throws -> StepResult {
        guard let dns = parts.dns else { return StepResult() }
        do { return StepResult(try await dns.takeBack(plan.names, toward: from.name)) } catch {
            guard !Task.isCancelled, await dns.isLed(toward: from.name) else { throw error }
            return StepResult("every authoritative server leads to \(from.name); the provider could not be asked")
        }
    }

    func undo(_ step: Step) async throws -> StepResult {
        switch step.name {
        case .fenceHook: return try await hook(.start, from, step)
        case .fence: try await nodes.open(from.node, epoch: epoch)
        case .hold: try await nodes.release(from: from.node, at: to.node)
        case .filesFreeze:
            return try await parts.files?.rearm(from: from.name, to: to.name, epoch: epoch) ?? StepResult()
        case .promote: return try await leave(step)
        case .promoteHook: return try await hook(.stop, to, step)
        case .dns: return try await takeNamesBack()
        case .confirm, .ready, .assess, .merge, .catchUp, .compare, .rehearse, .filesAhead, .lastLook, .drain,
            .filesLast, .verify, .dnsVerify, .linger, .rearm:
            break
        }
        return StepResult()
    }
}
