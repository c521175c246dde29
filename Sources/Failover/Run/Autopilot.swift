/// Decides whether the site is to move by itself. A value without input or output: what is known goes in, what is to be
/// done and why comes out.
public struct Autopilot: Sendable, Equatable {
    /// How the site may move by itself.
    public struct Rules: Sendable, Equatable {
        /// Whether it may at all.
        public var isAutomatic: Bool
        /// How the site goes back; nil when only a person brings it back.
        public var calm: Duration?
        public var returnMode: ReturnMode
        /// How many observers must agree.
        public var observersLeast: Int
        /// For how long nothing is begun by itself after a plan that was undone.
        public var pauseAfterUndone: Duration
        /// For how long the site does not leave by itself where it came by itself: what is remembered of the names, and what checks
        /// found of the other place, must be over.
        public var pauseAfterMove: Duration
        /// Whether a plan starts the services of the site that takes over: that they are down before says nothing.
        public var startsServices: Bool

        public init(
            isAutomatic: Bool, calm: Duration? = nil, returnMode: ReturnMode = .freeze, observersLeast: Int = 1,
            pauseAfterUndone: Duration = .seconds(3600), pauseAfterMove: Duration = .seconds(600),
            startsServices: Bool = false
        ) {
            self.isAutomatic = isAutomatic
            self.calm = calm
            self.returnMode = returnMode
            self.observersLeast = observersLeast
            self.pauseAfterUndone = pauseAfterUndone
            self.pauseAfterMove = pauseAfterMove
            self.startsServices = startsServices
        }
    }

    /// The last plan that moved the site.
    public struct Move: Sendable, Equatable {
        /// How long ago it came to its end.
        public var since: Duration
        /// Whether nobody ordered it.
        public var isByItself: Bool

        public init(since: Duration, isByItself: Bool) {
            self.since = since
            self.isByItself = isByItself
        }
    }

    /// What is known.
    public struct View: Sendable {
        public var state: Standing.State
        public var active: PlanSite
        public var passive: PlanSite
        /// The plan that was last and came to its end undone, and how long ago.
        public var undoneSince: Duration?
        /// The plan by which the site is where it is; nil when none ever moved it.
        public var moved: Move?
        /// Of the active site; nil without health checks.
        public var activeVerdict: SiteVerdict?
        public var passiveVerdict: SiteVerdict?
        /// What keeps the passive site's node from taking over; nil when that was not asked.
        public var obstacle: String?

        public init(
            state: Standing.State, active: PlanSite, passive: PlanSite, undoneSince: Duration? = nil,
            moved: Move? = nil, activeVerdict: SiteVerdict? = nil, passiveVerdict: SiteVerdict? = nil,
            obstacle: String? = nil
        ) {
            self.state = state
            self.active = active
            self.passive = passive
            self.undoneSince = undoneSince
            self.moved = moved
            self.activeVerdict = activeVerdict
            self.passiveVerdict = passiveVerdict
            self.obstacle = obstacle
        }
    }

    public enum Decision: Sendable, Equatable {
        /// Nothing, and what would have to be otherwise: the gates that are shut.
        case stay([String])
        case failover(because: String)
        case failback(because: String)
        /// A run was cut off, and nobody goes on with it.
        case resume
    }

    public let rules: Rules

    public init(_ rules: Rules) { self.rules = rules }

    public func decide(_ view: View) -> Decision {
        switch view.state {
        case .moving: return .resume
        case .stopped: return .stay(["a plan stopped and waits for a person: go on with it, or undo it"])
        case .home, .away: break
        }
        let shut = failoverGates(view)
        if shut.isEmpty {
            return .failover(because: Self.cause(view))
        }
        guard view.state == .away else { return .stay(shut) }
        let latched = failbackGates(view)
        if latched.isEmpty { return .failback(because: "\(view.passive.name) has been well for long enough") }
        return .stay(shut + latched)
    }

    private static func cause(_ view: View) -> String {
        let verdict = view.activeVerdict
        let (agreeing, asked) = (verdict?.agreeing ?? 0, verdict?.asked ?? 0)
        let why = verdict?.reasons.first ?? "its checks say so"
        // A verdict begins with its own state, and one that a single observer came to has nobody else's word to tell of.
        let text = why.hasPrefix("down ") ? "is \(why)" : "is down: \(why)"
        return "\(view.active.name) \(text)" + (asked > 1 ? " (\(agreeing) of \(asked) observers)" : "")
    }

    /// What keeps the site from leaving the active place.
    private func failoverGates(_ view: View) -> [String] {
        var gates: [String] = []
        if !rules.isAutomatic {
            gates.append("failover.mode is manual: a person has to say \"switchback failover --yes\"")
        }
        guard let verdict = view.activeVerdict else {
            return gates + ["nothing tells whether \(view.active.name) is well"]
        }
        let reason = verdict.reasons.first.map { " (\($0))" } ?? ""
        switch verdict.state {
        case .up: gates.append("\(view.active.name) is up")
        case .degraded: gates.append("\(view.active.name) is degraded, which is not down\(reason)")
        case .unknown:
            gates.append("nobody can tell whether \(view.active.name) is down: unknown is not down\(reason)")
        case .down:
            if verdict.agreeing < rules.observersLeast || verdict.agreeing * 2 <= verdict.asked {
                gates.append(
                    "only \(verdict.agreeing) of \(verdict.asked) observers say that \(view.active.name) is down")
            }
        }
        if let obstacle = view.obstacle { gates.append("\(view.passive.node) cannot take over: \(obstacle)") }
        if let passive = view.passiveVerdict, passive.state == .down, !rules.startsServices {
            let reason = passive.reasons.first.map { ": \($0)" } ?? ""
            gates.append("\(view.passive.name) is down as well\(reason)")
        }
        if let moved = view.moved, moved.isByItself, moved.since < rules.pauseAfterMove {
            gates.append(
                "it moved to \(view.active.name) by itself \(moved.since.text) ago, and does not leave it by itself for \((rules.pauseAfterMove - moved.since).text) more"
            )
        }
        if let since = view.undoneSince, since < rules.pauseAfterUndone {
            gates.append(
                "the last plan was undone \(since.text) ago: nothing begins by itself for \((rules.pauseAfterUndone - since).text) more"
            )
        }
        return gates
    }

    /// What keeps it from going back. A check that turned green is not enough.
    private func failbackGates(_ view: View) -> [String] {
        guard rules.isAutomatic, let calm = rules.calm else {
            return ["it stays at \(view.active.name) until a person says \"switchback failback --yes\""]
        }
        guard view.moved?.isByItself == true else {
            return [
                "a person moved it: it stays at \(view.active.name) until a person says \"switchback failback --yes\""
            ]
        }
        var gates: [String] = []
        guard let verdict = view.passiveVerdict, verdict.state == .up else {
            let reason = view.passiveVerdict?.reasons.first.map { ": \($0)" } ?? ""
            return ["\(view.passive.name) is not known to be well\(reason)"]
        }
        // What was well all the time, though the site left it, has proven nothing since.
        let since = min(verdict.since ?? .zero, view.moved?.since ?? .zero)
        if since < calm {
            gates.append("\(view.passive.name) has been well for \(since.text), and \(calm.text) are wanted")
        }
        if let obstacle = view.obstacle { gates.append("\(view.passive.node) cannot take over: \(obstacle)") }
        if let undone = view.undoneSince, undone < rules.pauseAfterUndone {
            gates.append("the last plan was undone \(undone.text) ago")
        }
        return gates
    }
}
