/// What the daemon does about the site: fences whoever comes back, goes on with runs that were cut off, and, where that is
/// wanted, moves the site by itself.
public actor Watch {
    private let orchestrator: Orchestrator
    private let guardian: Guardian
    private let autopilot: Autopilot
    private let parts: SiteParts
    private let every: Duration
    private let onEvent: @Sendable (Event) -> Void
    /// Whether a plan that was cut off could not be gone on with at the last look.
    private var isWaiting = false
    private var patience = Patience()
    /// What was seen of the names after the last plan that was undone.
    private var names: NamesSight?

    /// What it tells.
    public enum Event: Sendable, Equatable {
        case quarantined(Guardian.Quarantine)
        case began(PlanKind, because: String)
        case resumed
        case ended(RunReport)
        /// It was tried and did not work; it is tried again.
        case failed(String)
        /// Something is not as it should be, and nobody but a person mends it.
        case alarm(String)
    }

    public init(
        orchestrator: Orchestrator, guardian: Guardian, autopilot: Autopilot, parts: SiteParts,
        every: Duration = .seconds(1), onEvent: @escaping @Sendable (Event) -> Void
    ) {
        self.orchestrator = orchestrator
        self.guardian = guardian
        self.autopilot = autopilot
        self.parts = parts
        self.every = every
        self.onEvent = onEvent
    }

    /// Looks again and again until the task is cancelled.
    public func run() async throws {
        var last: String?
        while !Task.isCancelled {
            do {
                try await look()
                last = nil
            } catch is CancellationError {
                break
            } catch {
                // The same trouble is told once.
                if "\(error)" != last { onEvent(.failed("\(error)")) }
                last = "\(error)"
            }
            try? await Task.sleep(for: every)
        }
        throw CancellationError()
    }

    /// Looks once, and does what is to be done.
    public func look() async throws {
        var trouble: (any Error)?
        do {
            for found in try await guardian.look() { onEvent(.quarantined(found)) }
        } catch is CancellationError { throw CancellationError() } catch {
            // What cannot be done about the one site keeps nobody from moving to it: its rows may wait for a node that is dead.
            trouble = error
        }
        let (view, movedNames) = try await seen()
        switch autopilot.decide(view) {
        case .stay:
            patience.forget()
            if let movedNames { await lookAtNames(movedNames) }
            if let trouble { throw trouble }
        case .resume:
            let limit = orchestrator.limits.node
            guard patience.isOver(.resume), let hold = try? await parts.lease.take(within: limit * 2) else { return }
            await hold.release(within: limit)
            // It may have to wait until it is known whether the site is down: that is told once.
            if !isWaiting { onEvent(.resumed) }
            isWaiting = true
            let report = try await orchestrator.resume(isOrdered: false)
            isWaiting = false
            tell(report, of: .resume)
        case .failover(let why): try await move(.failover, why)
        case .failback(let why): try await move(.failback, why)
        }
    }

    private func move(_ kind: PlanKind, _ why: String) async throws {
        let attempt: Patience.Attempt = kind == .failover ? .failover : .failback
        guard patience.isOver(attempt) else { return }
        let plan = try await orchestrator.plan(
            kind, mode: autopilot.rules.returnMode, id: PlanID.make(kind), cause: Plan.byItself + why)
        onEvent(.began(kind, because: why))
        do { tell(try await orchestrator.run(plan, isOrdered: false), of: attempt) } catch {
            if !(error is CancellationError) { _ = patience.note(attempt, failure: "\(error)") }
            throw error
        }
    }

    private func tell(_ report: RunReport, of attempt: Patience.Attempt) {
        let isNews = patience.note(attempt, failure: report.outcome == .done ? nil : report.reason?.description ?? "")
        if isNews { onEvent(.ended(report)) }
    }

    // MARK: - The names after a plan that was undone

    /// A plan that had begun to move the names and was undone.
    private struct MovedNames {
        let plan: Plan
        /// The site that they are to lead to.
        let active: PlanSite
        /// How long ago it came to its end.
        let since: Duration

        init?(_ standing: Standing, _ journal: Journal) {
            guard let run = standing.run, run.phase == .undone, let index = run.plan.index(of: .dns),
                [.undone, .kept].contains(run.marks[index]),
                let end = journal.entries(of: run.plan.id).last(where: { $0.event == .withdrawn })
            else { return nil }
            (plan, active, since) = (run.plan, standing.active, Watch.since(end))
        }
    }

    /// What was seen of the names after a plan.
    private struct NamesSight {
        let plan: String
        /// Whether they led elsewhere at the last look: once is no alarm yet, for servers may be about to follow.
        var isDoubtful = false
        /// Whether they need not be looked at any more.
        var isOver = false
        /// No look before.
        var next: ContinuousClock.Instant = .now
    }

    /// After so long nobody looks any more: whoever changed the names since then had reasons of their own.
    private static let namesLongest = Duration.seconds(3600)

    /// Looks at the names once more, when the time of what was asked of the provider is over: what was given up may be carried out after the
    /// names were led back, and nobody would see it. Servers that do not answer are asked again.
    private func lookAtNames(_ moved: MovedNames) async {
        let limits = orchestrator.limits
        guard let dns = parts.dns, moved.since >= max(limits.dns, limits.dnsVerify), moved.since < Self.namesLongest
        else { return }
        var sight = names ?? NamesSight(plan: moved.plan.id)
        if sight.plan != moved.plan.id { sight = NamesSight(plan: moved.plan.id) }
        guard !sight.isOver, sight.next <= .now else { return }
        let site = moved.active.name
        var isAlarm = false
        switch await limited(to: limits.node, { await dns.answer(toward: site) }) {
        // Told to end, it has seen nothing.
        case .failed: return
        case .value(.led): sight.isOver = true
        case .value(.otherwise):
            isAlarm = sight.isDoubtful
            sight.isOver = isAlarm
            sight.isDoubtful = true
        case .value(.silent), .late: break
        }
        sight.next = .now + every * 5
        names = sight
        guard isAlarm else { return }
        let subject = "not every authoritative name server leads to \(site), the active site"
        let cause =
            "the \(moved.plan.kind.rawValue) \(moved.plan.id) was undone, and what it had asked of the DNS provider may have been done since"
        let way =
            "\"switchback dns plan --site \(site)\" shows what differs, \"switchback dns apply --site \(site)\" leads them there"
        onEvent(.alarm("\(subject): \(cause); \(way)"))
        let notifier = parts.notifier
        let notice = SiteNotice(.alarm, subject, "\(cause).\n\(way)")
        _ = await limited(to: limits.hook) { await notifier?.tell(notice) }
    }

    // MARK: - What is known

    /// What is known just now; also what `why` goes by.
    public func view() async throws -> Autopilot.View { try await seen().view }

    private func seen() async throws -> (view: Autopilot.View, movedNames: MovedNames?) {
        let (journal, _) = try await parts.journal.read()
        let standing = await orchestrator.standing(journal)
        var view = Autopilot.View(state: standing.state, active: standing.active, passive: standing.passive)
        if standing.run?.phase == .undone, let run = standing.run,
            let end = journal.entries(of: run.plan.id).last(where: { $0.event == .withdrawn })
        {
            view.undoneSince = Self.since(end)
        }
        view.moved = Self.lastMove(journal)
        // While a plan is under way the site may come to be at the other place, under this same epoch: its end tells.
        if standing.state != .moving { await parts.health?.follow(standing.active.name, epoch: standing.epoch) }
        view.activeVerdict = await parts.health?.verdict(of: standing.active.name)
        view.passiveVerdict = await parts.health?.verdict(of: standing.passive.name)
        if view.activeVerdict?.state == .down || standing.state == .away {
            let (nodes, node) = (parts.nodes, standing.passive.node)
            switch await limited(to: .seconds(5), { try await nodes.obstacles(at: node) }) {
            case .value(let found): view.obstacle = found.first
            case .failed(let error): view.obstacle = "\(error)"
            case .late: view.obstacle = "it did not answer"
            }
        }
        return (view, MovedNames(standing, journal))
    }

    private static func since(_ entry: JournalEntry) -> Duration {
        .seconds(max(0, WallClock.seconds() - entry.at))
    }

    private static func lastMove(_ journal: Journal) -> Autopilot.Move? {
        guard let end = journal.lastMove, let record = journal.record(of: end.plan) else { return nil }
        return Autopilot.Move(since: since(end), isByItself: record.isByItself && end.event == .finished)
    }
}

/// Names of plans.
public enum PlanID {
    /// A name that no other plan has: `failover-3f9a21`.
    public static func make(_ kind: PlanKind) -> String {
        let digits = String(UInt32.random(in: 0 ... .max), radix: 16)
        return "\(kind.rawValue)-" + String(repeating: "0", count: 8 - digits.count) + digits
    }
}
