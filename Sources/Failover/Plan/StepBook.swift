/// What every step of a plan is: the table that plans, runs and the manual go by.
struct StepBook {
    let kind: PlanKind
    let mode: ReturnMode
    /// The site that is left, and the one that takes over.
    let from: PlanSite
    let to: PlanSite
    let limits: PlanLimits

    /// While something can be undone by itself, a failure undoes it. In a failover the last steps stop instead: the old
    /// site is lost, and the new one is serving already.
    private var late: Step.Failing { kind == .failover ? .stop : .undo }
    private var isFrozen: Bool { kind != .failover && mode == .freeze }

    func step(_ name: StepName) -> Step {
        switch name {
        case .confirm, .ready, .assess, .merge, .catchUp, .compare, .rehearse, .filesAhead, .lastLook: before(name)
        case .fenceHook, .fence, .drain, .hold, .filesFreeze, .filesLast: leaving(name)
        case .promote, .promoteHook, .verify, .dns, .dnsVerify, .linger, .rearm: arriving(name)
        }
    }

    // MARK: - Before anything changes

    private func before(_ name: StepName) -> Step {
        switch name {
        case .confirm:
            Step(
                name: name, check: "\(to.node) answers and is no standby of another server",
                action: "make sure that \(from.name) is down, unless a person has said so", limit: limits.node,
                attemptsMost: 2, failing: .undo)
        case .ready:
            Step(
                name: name, check: "\(from.node) and \(to.node) answer, and \(from.node) takes writes",
                action: "make sure that the streams between them move", limit: limits.node, attemptsMost: 2,
                failing: .undo)
        case .assess:
            Step(
                name: name, check: "\(to.node) is fenced",
                action: "count the rows that \(to.node) took and \(from.node) has not", limit: limits.node,
                attemptsMost: 2, failing: .undo)
        case .merge:
            Step(
                name: name, check: "the streams to \(from.node) are not held back",
                action: "bring those rows to \(from.node); conflicts are settled by rule", limit: limits.catchUp,
                attemptsMost: 2, failing: .undo)
        case .catchUp:
            Step(
                name: name, check: "the streams to \(to.node) move",
                action: "bring \(to.node) up to \(from.node) while people write", limit: limits.catchUp,
                attemptsMost: 2, failing: .undo)
        case .compare:
            Step(
                name: name, check: "both nodes can be read", action: "compare every row of \(from.node) and \(to.node)",
                limit: limits.compare, failing: .undo)
        case .rehearse:
            Step(
                name: name, check: "nothing is changed",
                action: "write at \(to.node) and roll back; look at the names and the files",
                // Both trees are looked at whole.
                limit: max(limits.verify, limits.files),
                attemptsMost: 2, failing: .undo)
        case .lastLook:
            Step(
                name: name, check: "nothing is closed yet",
                action:
                    "make sure that what is on its way to \(to.node) fits into the freeze budget; where it does not, bring it over first",
                limit: limits.catchUp, attemptsMost: 2, failing: .undo)
        default:
            Step(
                name: name, check: "the trees are the right ones, and no limit of deletions is reached",
                action:
                    "bring files from \(from.name) to \(to.name) while people write\(kind == .failback ? ", until little is left; rescue what only \(to.name) has" : "")",
                limit: limits.files,
                attemptsMost: 2, failing: .undo)
        }
    }

    // MARK: - Leaving the old site

    private func leaving(_ name: StepName) -> Step {
        switch name {
        case .fenceHook:
            Step(
                name: name, check: "the program is there and can be run",
                action: "run the user's program that stops \(from.name)", limit: limits.hook,
                failing: kind == .failover ? .goOn : mode == .overlap ? .stop : .undo,
                undo: "run the user's program that starts \(from.name) again", undoMayFail: true,
                isInFreeze: isFrozen)
        case .fence:
            Step(
                name: name, check: "\(from.node)'s epoch is not newer than the plan's",
                action: "fence \(from.node): applications cannot write there, replication goes on",
                limit: kind == .failover ? limits.lost + limits.node : limits.node,
                attemptsMost: kind == .failover ? 1 : 2,
                failing: fenceFailing, undo: "let applications write at \(from.node) again",
                isInFreeze: isFrozen)
        case .drain:
            Step(
                name: name, check: "\(from.node) is fenced, and transactions that were under way have ended",
                action: "bring its last changes to \(to.node), and its sequences ahead", limit: limits.drain,
                failing: kind == .failover ? .goOn : mode == .overlap ? .stop : .undo, isInFreeze: isFrozen)
        case .hold:
            Step(
                name: name, check: "\(from.node) could not be fenced",
                action: "hold its changes back at \(to.node) until it is", limit: limits.node, failing: .goOn,
                undo: "let its changes pass", undoMayFail: true)
        case .filesFreeze:
            Step(
                name: name, check: "\(to.name)'s trees are the right ones, and under no later epoch",
                action: "take no more files from \(from.name); keep what \(to.name) has as the base of the way back",
                limit: limits.drain, failing: .goOn,
                undo: "carry files from \(from.name) again", undoMayFail: true)
        default:
            Step(
                name: name, check: mode == .freeze ? "\(from.name) takes no writes" : "the trees are the right ones",
                action:
                    "bring the last files from \(from.name) to \(to.name)\(mode == .freeze ? "; then both are equal" : "")",
                limit: limits.files,
                failing: mode == .overlap ? .stop : .undo, isInFreeze: isFrozen)
        }
    }

    private var fenceFailing: Step.Failing {
        switch (kind, mode) {
        case (.failover, _): limits.allowsUnfenced ? .goOn : .undo
        case (_, .overlap): .stop
        case (_, .freeze): .undo
        }
    }

    // MARK: - Arriving at the new site

    private func arriving(_ name: StepName) -> Step {
        switch name {
        case .promote:
            Step(
                name: name,
                check: isFrozen ? "\(from.node) is fenced" : "\(to.node)'s epoch is not newer than the plan's",
                action: "let applications write at \(to.node)", limit: limits.node, attemptsMost: 2, failing: .undo,
                undo: "fence \(to.node) again", undoMayFail: limits.allowsUnfenced, isInFreeze: isFrozen)
        case .promoteHook:
            Step(
                name: name, check: "the program is there and can be run",
                action: "run the user's program that starts \(to.name)", limit: limits.hook, failing: .undo,
                undo: "run the user's program that stops \(to.name) again", undoMayFail: true)
        case .verify:
            Step(
                name: name, check: "\(to.node) takes writes",
                action: "write at \(to.node) and read it again; look at \(to.name) as people see it",
                limit: limits.verify, attemptsMost: 3, failing: .undo)
        case .dns:
            Step(
                name: name, check: "the records are as they were when the plan was made",
                action: "lead the names to \(to.name)", limit: limits.dns, attemptsMost: 3, failing: late,
                undo: "lead the names to \(from.name)")
        case .dnsVerify:
            Step(
                name: name, check: "the provider took the change",
                action: "ask every authoritative server until all lead to \(to.name)", limit: limits.dnsVerify,
                failing: late)
        case .linger:
            Step(
                name: name, check: "both sites take writes",
                action: "wait until nobody comes by the old address any more", limit: limits.linger + limits.node,
                failing: .stop)
        default:
            Step(
                name: name, check: "\(to.name) is the active site",
                action: "hold nothing back; files go from \(to.name) to \(from.name)", limit: limits.node,
                attemptsMost: 2, failing: .goOn)
        }
    }
}

extension Plan {
    /// Makes a plan.
    ///
    /// - Parameters:
    ///   - omitting: steps that the configuration has no use for.
    public static func make(
        id: String, kind: PlanKind, mode: ReturnMode, from: PlanSite, to: PlanSite, limits: PlanLimits,
        omitting: Set<StepName>, cause: String
    ) -> Plan {
        let mode = kind == .failback ? mode : .freeze
        let names = StepName.sequence(of: kind, mode: mode).filter { !omitting.contains($0) }
        return make(id: id, kind: kind, mode: mode, from: from, to: to, limits: limits, steps: names, cause: cause)
    }

    /// Makes a plan of given steps: that of a run which is gone on with.
    static func make(
        id: String, kind: PlanKind, mode: ReturnMode, from: PlanSite, to: PlanSite, limits: PlanLimits,
        steps: [StepName], cause: String
    ) -> Plan {
        let book = StepBook(kind: kind, mode: mode, from: from, to: to, limits: limits)
        return Plan(
            id: id, kind: kind, mode: mode, from: from, to: to, steps: steps.map(book.step), budget: limits.budget,
            cause: cause)
    }
}
