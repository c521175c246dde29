/// One run of a plan, from an event until it rests.
actor RunDriver {
    private var machine: PlanMachine
    /// What the journal has of the plan.
    private var entries: [JournalEntry]
    private var epoch: Int
    /// Of the last line that was tried. One whose answer was lost may be there: its number is not given again.
    private var number: Int
    private let isOrdered: Bool
    private let parts: SiteParts
    private let limits: PlanLimits
    private let name: String
    private let pause: Duration
    private let hold: any LeaseHold
    private let onProgress: @Sendable (RunProgress) -> Void
    /// Since when nobody can write.
    private var frozenSince: ContinuousClock.Instant?
    /// Whether the lease did not answer, or was lost, while nobody could write: the way back goes by the epochs, and does not ask it first.
    private var goesByEpochs = false
    private var stepBegan: ContinuousClock.Instant = .now

    init(
        _ machine: PlanMachine, entries: [JournalEntry], epoch: Int, isOrdered: Bool, parts: SiteParts,
        limits: PlanLimits, name: String, pause: Duration, hold: any LeaseHold,
        onProgress: @escaping @Sendable (RunProgress) -> Void
    ) {
        self.machine = machine
        self.entries = entries
        self.epoch = epoch
        number = entries.map(\.number).max() ?? 0
        self.isOrdered = isOrdered
        self.parts = parts
        self.limits = limits
        // Lines of one run are told from those of another by the same process: of these a node that is away may have some under the
        // same numbers.
        self.name = "\(name).\(String(UInt16.random(in: 0 ... .max), radix: 16))"
        self.pause = pause
        self.hold = hold
        self.onProgress = onProgress
    }

    private var plan: Plan { machine.plan }

    /// - Throws: `CancellationError`, with the journal as it is: the run can be resumed.
    func drive(_ event: RunEvent) async throws -> RunReport {
        var next = take(event)
        while let action = next {
            if Task.isCancelled { return try await end(afterCancelling: action) }
            let event: RunEvent
            do { event = try await underLease(action) } catch is CancellationError {
                return try await end(afterCancelling: action)
            }
            // What a cancellation has cut short says nothing about the world.
            if Task.isCancelled, ![.raised, .written, .succeeded].contains(event.name) {
                return try await end(afterCancelling: action)
            }
            next = take(event)
        }
        return await report()
    }

    /// Whoever is told to end while nobody can write first undoes that; otherwise the journal is enough.
    private func end(afterCancelling action: RunAction) async throws -> RunReport {
        guard machine.isFrozen || machine.hasStoppedServices || machine.isBack else { throw CancellationError() }
        let driver = self
        return try await Task.detached { try await driver.undoBeforeEnding(action) }.value
    }

    private func undoBeforeEnding(_ action: RunAction) async throws -> RunReport {
        if machine.isBack { return try await drive(underLease(action)) }
        // The line may be there, though nobody waited for the answer.
        if action == .write(.begun) { machine.mayHaveBegun() }
        return try await drive(.spent(StepFailure("the run was told to end while nobody could write")))
    }

    /// Gives the machine an event, and tells what that means.
    private func take(_ event: RunEvent) -> RunAction? {
        let before = machine
        let action = machine.handle(event)
        tell(before, event)
        return action
    }

    // MARK: - The lease

    /// Carries an action out while nobody else has the lease.
    ///
    /// People who cannot write do not wait for a lease that does not answer, or for who may have it by now: it ends the freeze as the budget
    /// does, and the way back goes by the epochs until its end, which refuse this run once another one has begun anything. Once people can
    /// write at the new site, it is left as it is.
    private func underLease(_ action: RunAction) async throws -> RunEvent {
        let answer = try await askLease()
        if answer == .held { return try await carryOut(action) }
        if let left = freezeLeft, [.noting, .acting, .recording].contains(machine.phase) {
            goesByEpochs = true
            if answer == .lost { return .spent(.leaseLost(machine.step)) }
            guard left <= .zero else { return .spent(.silent(machine.step)) }
            return .spent(.spent(machine.step, budget: plan.budget, waitingFor: "the lease"))
        }
        guard machine.isBack, goesByEpochs || machine.isClosed else { return .lost }
        if answer == .silent, isRefusedByItself(action) { return try await carryOut(action) }
        return try await mayGoBack() ? carryOut(action) : .lost
    }

    private func askLease() async throws -> LeaseAnswer {
        if goesByEpochs, machine.isBack { return .silent }
        let isHurried = machine.isBack && machine.isClosed
        return try await askLease(within: isHurried ? min(limits.node, limits.lost) : answerWithin)
    }

    /// - Throws: `CancellationError` when the run was told to end meanwhile.
    private func askLease(within limit: Duration) async throws -> LeaseAnswer {
        let hold = hold
        switch await limited(to: limit, { await hold.answer() }) {
        case .value(let answer): return answer
        case .late: return .silent
        case .failed: throw CancellationError()
        }
    }

    /// Whether the node itself refuses what somebody else has made obsolete, so that nobody needs to look first: a fence takes no older
    /// epoch. The old site's is not enough where somebody may have gone on at the new one alone.
    private func isRefusedByItself(_ action: RunAction) -> Bool {
        guard case .undo(let step, _) = action, step.name == .fence else { return false }
        return machine.isUntouched(.promote)
    }

    private static let looksMost = 3

    /// Whether nobody has begun anything since this run did: whoever goes on with its plan, or begins another, first raises the epoch.
    ///
    /// A node that does not answer says nothing of that: it is asked again, with more time, and where that does not help the lease is.
    private func mayGoBack() async throws -> Bool {
        for turn in 1...Self.looksMost {
            if turn > 1 { try? await Task.sleep(for: pause) }
            switch await lookForOthers(within: turn == 1 ? min(limits.node, limits.lost) : limits.node) {
            case .somebody: return false
            case .nobody:
                goesByEpochs = true
                return true
            case .unknown: break
            }
            if try await askLease(within: limits.node) == .held {
                goesByEpochs = false
                return true
            }
        }
        return false
    }

    /// Who has raised the epoch since this run did.
    private enum Others {
        case nobody
        case somebody
        case unknown
    }

    private func lookForOthers(within limit: Duration) async -> Others {
        async let atFrom = look(plan.from, within: limit)
        async let atTo = look(plan.to, within: limit)
        let looks = (from: try? await atFrom.get(), to: try? await atTo.get())
        let epochs = [looks.from, looks.to].compactMap { $0?.epoch }
        if epochs.contains(where: { $0 > epoch }) { return .somebody }
        // A plan may go on at the new site alone where the journal says that it was being opened.
        let isEnough = looks.from != nil && (looks.to != nil || machine.isUntouched(.promote))
        return isEnough ? .nobody : .unknown
    }

    // MARK: - Actions

    private func carryOut(_ action: RunAction) async throws -> RunEvent {
        switch action {
        case .raise: return await raise()
        case .write(let event): return await write(event)
        case .act(let step, let attempt):
            stepBegan = attempt == 1 ? .now : stepBegan
            if attempt > 1 { try? await Task.sleep(for: pause) }
            return try await act(step)
        case .undo(let step, let attempt):
            stepBegan = attempt == 1 ? .now : stepBegan
            if attempt > 1 { try? await Task.sleep(for: pause) }
            let performer = self.performer()
            return try Self.event(await limited(to: step.limit) { try await performer.undo(step) })
        }
    }

    private func act(_ step: Step) async throws -> RunEvent {
        if step.isInFreeze, frozenSince == nil { frozenSince = .now }
        let left = freezeLeft
        if let left, left <= .zero { return .spent(.spent(step, budget: plan.budget)) }
        let isBudgetNext = left.map { $0 < step.limit } ?? false
        let namesFailure = try await lookAtNames(step)
        let performer = self.performer(namesFailure)
        let outcome = await limited(to: isBudgetNext ? left ?? step.limit : step.limit) {
            try await performer.act(step)
        }
        if case .late = outcome, isBudgetNext { return .spent(.spent(step, budget: plan.budget)) }
        let event = try Self.event(outcome)
        if step.name == .promote, event.name == .succeeded { frozenSince = nil }
        return event
    }

    /// What is asked for shortly before the budget is used up gets as long as this.
    private static let answerLeast = Duration.milliseconds(50)

    /// How long the lease and the journal may take to answer: while nobody can write no longer than the budget.
    private var answerWithin: Duration {
        guard let left = freezeLeft else { return limits.node }
        return min(limits.node, max(left, Self.answerLeast))
    }

    /// What is left of the budget; nil while people can write.
    private var freezeLeft: Duration? {
        guard !machine.isBack, let frozenSince else { return nil }
        return plan.budget - (ContinuousClock.now - frozenSince)
    }

    private static func event(_ outcome: Limited<StepResult>) throws -> RunEvent {
        switch outcome {
        case .value(let result): return .succeeded(result)
        case .late: return .late
        case .failed(let failure as StepFailure): return .failed(failure)
        case .failed(let error):
            // Whether the error is the cancellation's does not show in its type.
            if Task.isCancelled || error is CancellationError { throw CancellationError() }
            return .failed(StepFailure("\(error)"))
        }
    }

    private func performer(_ namesFailure: StepFailure? = nil) -> StepPerformer {
        let fence = plan.index(of: .fence).map { machine.marks[$0] }
        // The last of them is this run's own. Where the plan has fenced the old site none held anything back.
        let holds = fence == .done ? 0 : entries.count { $0.step == .hold && $0.event == .begun }
        return StepPerformer(
            plan: plan, parts: parts, limits: limits, epoch: epoch, isOrdered: isOrdered, isFenced: fence == .done,
            mayBeHeld: holds > 1, left: freezeLeft, namesFailure: namesFailure, onProgress: onProgress)
    }

    /// Looks at the names right before they are led elsewhere, where nobody could when the plan was made, and keeps what was seen in
    /// the journal: without it they could not be led back.
    ///
    /// - Returns: why that could not be done; nil when it is known how they were.
    private func lookAtNames(_ step: Step) async throws -> StepFailure? {
        guard step.name == .dns, plan.names == nil, let dns = parts.dns else { return nil }
        let site = plan.to.name
        switch await limited(
            to: step.limit,
            { () -> NamesPlan? in
                // What leads there already somebody led there: then there is nothing to undo but to lead it back as a whole.
                try await dns.difference(toward: site).isEmpty ? nil : try await dns.plan(toward: site)
            })
        {
        case .value(nil): return nil
        case .value(let names?):
            var seen = plan
            seen.names = names
            if let failure = await keep(entry(.begun, record: PlanRecord(seen))) { return failure }
            machine.keep(names)
            return nil
        case .late:
            return StepFailure("the provider did not tell within \(step.limit.text) how the names are now")
        case .failed(let failure as StepFailure): return failure
        case .failed(let error):
            if Task.isCancelled || error is CancellationError { throw CancellationError() }
            return StepFailure("\(error)")
        }
    }

    // MARK: - The epoch

    /// Looks at both nodes, takes an epoch that nobody else has and is higher than either's, and takes them on to it as they
    /// are; but one that must not take writes, and does, is fenced.
    ///
    /// Where a site is missing that cannot be done without, nothing is touched. One that takes writes comes last: as long as
    /// the other has not heard of the epoch, whoever sees only that one may lead people there, and is then the newer.
    private func raise() async -> RunEvent {
        async let atFrom = look(plan.from, within: plan.kind == .failover ? limits.lost : limits.node)
        async let atTo = look(plan.to, within: limits.node)
        let looks = [
            Sight(site: plan.to, mayWrite: machine.mayWriteAtTo, look: await atTo),
            Sight(site: plan.from, mayWrite: machine.mayWriteAtFrom, look: await atFrom),
        ]
        var failures: [String: StepFailure] = [:]
        for sight in looks { failures[sight.site.name] = sight.failure }
        if let failure = needed(of: failures) { return .notRaised(failure) }
        do { epoch = try await takeEpoch(looks) } catch {
            return .notRaised(error as? StepFailure ?? StepFailure("\(error)"))
        }
        for sight in looks.filter({ !$0.takesWrites }) + looks.filter(\.takesWrites) {
            do { try await affirm(sight) } catch {
                failures[sight.site.name] = error as? StepFailure ?? StepFailure("\(error)")
            }
            if let failure = needed(of: failures) { return .notRaised(failure) }
        }
        onProgress(.epoch(epoch))
        return .raised
    }

    /// What was seen of a site before the epoch is raised.
    private struct Sight {
        let site: PlanSite
        /// Whether the journal lets applications write there.
        let mayWrite: Bool
        let look: Result<FenceLook, any Error>

        var found: FenceLook? { try? look.get() }
        var takesWrites: Bool { found?.isClosed == false }
        var failure: StepFailure? {
            guard case .failure(let error) = look else { return nil }
            return error as? StepFailure ?? StepFailure("\(error)")
        }
    }

    /// Takes an epoch at one of the nodes that answered.
    private func takeEpoch(_ looks: [Sight]) async throws -> Int {
        let numbers = EpochNumbers(nodes: [plan.from.node, plan.to.node])
        let above = max(epoch, looks.compactMap { $0.found?.epoch }.max() ?? 0)
        var failure = StepFailure("no node gave an epoch")
        for sight in looks where sight.found != nil {
            let (nodes, node) = (parts.nodes, sight.site.node)
            let remainder = numbers.remainder(of: node)
            switch await limited(
                to: limits.node,
                { try await nodes.takeEpoch(at: node, above: above, remainder: remainder, of: numbers.count) })
            {
            case .value(let epoch): return epoch
            case .failed(let error): failure = error as? StepFailure ?? StepFailure("\(error)")
            case .late: failure = StepFailure("\(node) did not give an epoch in time")
            }
        }
        throw failure
    }

    private func look(_ site: PlanSite, within limit: Duration) async -> Result<FenceLook, any Error> {
        let nodes = parts.nodes
        switch await limited(to: limit, { try await nodes.look(site.node) }) {
        case .value(let look): return .success(look)
        case .failed(let error): return .failure(error)
        case .late: return .failure(StepFailure("\(site.node) did not answer in time", isGone: true))
        }
    }

    private func affirm(_ sight: Sight) async throws {
        let (site, mayWrite, look) = (sight.site, sight.mayWrite, try sight.look.get())
        // A site that will be fenced gets the new epoch with its fence, or not at all, where the plan can do without: it must
        // not take writes under the epoch of the other.
        let isLeft = machine.phase == .turning ? site == plan.to : site == plan.from && plan.kind == .failover
        if isLeft, mayWrite, !look.isClosed { return }
        let (nodes, epoch) = (parts.nodes, epoch)
        let reason = "\(plan.kind.rawValue) \(plan.id): \(site.name) is not active"
        let outcome = await limited(to: limits.node) {
            try await nodes.raise(site.node, epoch: epoch, closes: !mayWrite, reason: reason)
        }
        switch outcome {
        case .value: return
        case .failed(let error): throw error
        case .late: throw StepFailure("\(site.node) did not take the epoch in time")
        }
    }

    /// Why a site failed that cannot be done without; nil when there is none.
    private func needed(of failures: [String: StepFailure]) -> StepFailure? {
        let (from, to) = (plan.from.name, plan.to.name)
        let isArrived = machine.mayWriteAtTo
        let needed: [String]
        switch (machine.phase, plan.kind) {
        case (.turning, .failover): return failures.count == 2 ? failures[to] : nil
        case (.turning, _): needed = [from]
        case (_, .failover): needed = [to]
        default: needed = isArrived && plan.mode == .freeze ? [to] : [from, to]
        }
        return needed.lazy.compactMap { failures[$0] }.first
    }

    // MARK: - The journal

    private static let writesMost = 3

    private func write(_ event: JournalEvent) async -> RunEvent {
        if let left = freezeLeft, left <= .zero, event == .begun, machine.step.isInFreeze {
            return .spent(.spent(machine.step, budget: plan.budget))
        }
        if entries.isEmpty {
            let failure = await keep(entry(.planned))
            if let failure { return .unwritten(failure) }
        }
        guard let failure = await keep(entry(event)) else { return .written }
        guard let left = freezeLeft, left <= .zero else { return .unwritten(failure) }
        // The line may be there, or come to be: who reads it takes the step for begun.
        if event == .begun { machine.mayHaveBegun() }
        return .spent(.spent(machine.step, budget: plan.budget, waitingFor: "the journal"))
    }

    /// - Parameter record: of a line that is not the plan's first, where the plan has come to hold more.
    private func entry(_ event: JournalEvent, record: PlanRecord? = nil) -> JournalEntry {
        number += 1
        let ofStep: Bool
        var seconds: Double?
        var note = machine.reason.map(\.description)
        var numbers: [String: Int] = [:]
        switch event {
        case .planned, .finished, .quarantined:
            (ofStep, note) = (false, nil)
        case .withdrawn: ofStep = false
        case .begun: (ofStep, note) = (true, nil)
        case .undoing: ofStep = true
        case .stopped:
            ofStep = true
            numbers = machine.isBack ? [PlanMachine.undoing: 1] : [:]
        case .done, .undone:
            ofStep = true
            seconds = (ContinuousClock.now - stepBegan).inSeconds
            note = machine.result?.note
            numbers = machine.result?.numbers ?? [:]
        case .passed, .kept:
            ofStep = true
            seconds = (ContinuousClock.now - stepBegan).inSeconds
        }
        return JournalEntry(
            plan: plan.id, number: number, writer: name, at: WallClock.seconds(), epoch: epoch,
            event: event, step: ofStep ? machine.step.name : nil, note: note, numbers: numbers, seconds: seconds,
            record: event == .planned ? PlanRecord(plan) : record)
    }

    /// - Returns: why it could not be written anywhere.
    private func keep(_ entry: JournalEntry) async -> StepFailure? {
        let journal = parts.journal
        var failure = StepFailure("the journal could not be written")
        for attempt in 1...Self.writesMost {
            if attempt > 1 {
                if let left = freezeLeft, left <= .zero { break }
                try? await Task.sleep(for: pause)
            }
            switch await limited(to: answerWithin, { try await journal.write(entry) }) {
            case .value:
                entries.append(entry)
                return nil
            case .failed(let error): failure = error as? StepFailure ?? StepFailure("\(error)")
            case .late: failure = StepFailure("the journal could not be written in time")
            }
        }
        return failure
    }

    // MARK: - Telling

    private func tell(_ before: PlanMachine, _ event: RunEvent) {
        let step = machine.step
        let seconds = (ContinuousClock.now - stepBegan).inSeconds
        let why = machine.reason?.message ?? ""
        switch (before.phase, machine.phase) {
        case (.noting, .acting): onProgress(.begins(step, number: machine.index + 1, of: plan.steps.count))
        case (.acting, .acting): onProgress(.again(step, attempt: machine.attempt, reason: why))
        case (.acting, .recording):
            onProgress(
                machine.marks[machine.index] == .done
                    ? .done(step, seconds: seconds, note: machine.result?.plainNote ?? machine.result?.note)
                    : .passed(step, reason: why))
        case (_, .turning) where before.phase != .turning: onProgress(.turns(reason: why))
        case (.notingUndo, .undoing): onProgress(.undoing(step))
        case (.undoing, .undoing): onProgress(.again(step, attempt: machine.attempt, reason: why))
        case (.undoing, .recordingUndo):
            onProgress(
                machine.marks[machine.index] == .undone ? .undone(step, seconds: seconds) : .kept(step, reason: why))
        case (_, .stopped) where before.phase != .stopped: onProgress(.stopped(step, reason: why))
        case (.finishing, .done): onProgress(.finished)
        case (.withdrawing, .undone): onProgress(.withdrawn)
        default: break
        }
    }

    private func report() async -> RunReport {
        // A node that was out of reach for a while gets the lines that it lacks.
        let journal = parts.journal
        _ = await limited(to: limits.node) { await journal.heal() }
        let read = try? await within(limits.node, "the journal") { try await journal.read().journal }
        let known = read?.entries(of: plan.id) ?? []
        // Once the provider has changed the names there is nothing to be edited: their servers have to follow.
        let atNames = machine.step.name == .dns && machine.phase == .stopped
        let target = machine.isBack ? plan.from.name : plan.to.name
        let (dns, names) = (parts.dns, machine.isBack ? nil : plan.names)
        let manual =
            atNames
            ? try? await within(limits.dns, "the provider") { await dns?.manualSteps(names, toward: target) } : nil
        let report = RunReport(
            machine, entries: known.isEmpty ? entries : known, epoch: epoch,
            manualSteps: atNames ? (manual ?? nil) ?? [] : [])
        let (notifier, notice) = (parts.notifier, report.notice)
        _ = await limited(to: limits.hook) { await notifier?.tell(notice) }
        return report
    }
}

extension RunReport {
    /// What people are told of it.
    var notice: SiteNotice {
        let head = "\(plan.kind.rawValue) from \(plan.from.name) to \(plan.to.name)"
        switch outcome {
        case .done: return SiteNotice(.information, "\(head) is done", "The active site is \(plan.to.name).")
        case .undone:
            let kept = keptSteps.map(\.rawValue).joined(separator: ", ")
            let lines = [reason ?? "Nothing was touched.", kept.isEmpty ? nil : "Not as it was before: \(kept)"]
            return SiteNotice(.warning, "\(head) was undone", lines.compactMap { $0 }.joined(separator: "\n"))
        case .stopped:
            let at = stoppedAt.map { " at \($0.rawValue)" } ?? ""
            let lines = [reason, hint, command.map { "To go on: \($0)" }, undoCommand.map { "To undo it: \($0)" }]
            return SiteNotice(
                .alarm, "\(head) stopped\(at)", (lines.compactMap { $0 } + manualSteps).joined(separator: "\n"))
        case .left:
            guard let undoCommand else {
                return SiteNotice(.warning, "\(head) was left", "Another orchestrator has the lease.")
            }
            let lines = [reason, hint, "To undo it: \(undoCommand)"]
            return SiteNotice(.alarm, "\(head) was left", lines.compactMap { $0 }.joined(separator: "\n"))
        }
    }
}
