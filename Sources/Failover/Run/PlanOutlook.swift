/// What a plan would come to, looked at before it runs. What could not be looked at is nil, with the reason among the notes.
public struct PlanOutlook: Sendable, Equatable {
    /// What would change in the names, a line a record; nil where no names are configured.
    public var names: [String]?
    /// What would be done with the files, job by job and path by path; nil where no files are configured.
    public var files: [FilesOutlook]?
    /// In a failover what has not arrived and would be stranded; in a failback what is stranded and would be merged, with some keys.
    public var stranded: [TableCount]?
    /// How long nobody could write, by the last plan of the kind or by what is on its way; nil where writing never stops.
    public var secondsWithoutWrites: Double?
    /// The longest that it may be, before everything is undone; nil where the old site is lost anyway.
    public var secondsAtMost: Double?
    /// What could not be looked at, and what stands in the way.
    public var notes: [String] = []
}

extension Orchestrator {
    /// What a fence, a last look and an unfencing take.
    private static let changeSeconds = 0.5

    /// Looks at what a plan would come to. Changes nothing.
    public func outlook(of plan: Plan) async -> PlanOutlook {
        var outlook = PlanOutlook()
        if let dns = parts.dns {
            outlook.names = await noting("the names", &outlook) { try await dns.difference(toward: plan.to.name) }
        }
        if let files = parts.files {
            // Both trees are looked at whole; but nobody waits for a lost site.
            let limit = plan.kind == .failover ? limits.node : limits.files
            outlook.files = await noting("the files", &outlook, limit) {
                try await files.outlook(from: plan.from.name, to: plan.to.name, epoch: nil)
            }
            for job in outlook.files ?? [] {
                if let obstacle = job.obstacle { outlook.notes.append("\(job.job) cannot be moved: \(obstacle)") }
                if let note = job.note { outlook.notes.append("\(job.job): \(note)") }
            }
        }
        let nodes = parts.nodes
        let onItsWay = await noting("what is on its way", &outlook) {
            try await nodes.pending(from: plan.from.node, to: plan.to.node)
        }
        switch plan.kind {
        case .failover:
            outlook.stranded = onItsWay
            if let rows = onItsWay?.reduce(0, { $0 + $1.rows }), rows > 0 {
                outlook.notes.append("what has not arrived is brought over first if \(plan.from.node) answers then")
            }
            if onItsWay == nil {
                outlook.notes.append(
                    "what \(plan.from.node) committed after its last batch arrived would be stranded until it is back")
            }
        case .failback:
            outlook.stranded = await noting("what is stranded", &outlook) {
                try await nodes.stranded(from: plan.to.node, to: plan.from.node)
            }
            for table in outlook.stranded ?? [] where !table.keys.isEmpty {
                outlook.notes.append("stranded in \(table.table): \(table.keysText)")
            }
        case .switchover: outlook.stranded = []
        }
        let obstacles = await noting("\(plan.to.node)", &outlook) { try await nodes.obstacles(at: plan.to.node) }
        outlook.notes += (obstacles ?? []).map { "\(plan.to.node) cannot take over: \($0)" }
        await expect(plan, onItsWay, &outlook)
        return outlook
    }

    private func expect(_ plan: Plan, _ onItsWay: [TableCount]?, _ outlook: inout PlanOutlook) async {
        guard plan.mode == .freeze || plan.kind == .failover else {
            outlook.secondsWithoutWrites = 0
            return
        }
        let rows = Double(onItsWay?.reduce(0) { $0 + $1.rows } ?? 0)
        var seconds = Self.changeSeconds + rows / LastLook.rowsPerSecond
        if plan.kind == .failover {
            // It counts from now: the site is down already.
            if onItsWay == nil { seconds += plan.steps.contains { $0.name == .fence } ? limits.lost.inSeconds * 2 : 0 }
        } else {
            outlook.secondsAtMost = plan.budget.inSeconds
            let kept = parts.journal
            let journal = try? await within(limits.node, "the journal") { try await kept.read().journal }
            let last = journal?.entries.last { $0.event == .planned && $0.record?.kind == plan.kind }
            if let last, let measured = journal.flatMap({ Self.measured(last.plan, $0) }) {
                seconds = max(measured, rows / LastLook.rowsPerSecond)
            }
        }
        outlook.secondsWithoutWrites = seconds + (plan.kind == .failover ? parts.dns?.ttl.inSeconds ?? 0 : 0)
    }

    private static func measured(_ plan: String, _ journal: Journal) -> Double? {
        guard let closing = RunReport.closing(journal.entries(of: plan)), let end = closing.end else { return nil }
        return max(0, end - closing.begin)
    }

    private func noting<Value: Sendable>(
        _ what: String, _ outlook: inout PlanOutlook, _ limit: Duration? = nil,
        _ body: @escaping @Sendable () async throws -> Value
    ) async -> Value? {
        do { return try await within(limit ?? limits.node, what, body) } catch {
            outlook.notes.append("\(what) could not be looked at: \((error as? StepFailure)?.message ?? "\(error)")")
            return nil
        }
    }
}
