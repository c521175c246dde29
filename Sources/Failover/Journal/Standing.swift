/// Where the site stands, as the journal tells it.
public struct Standing: Sendable, Equatable {
    public enum State: String, Sendable, CaseIterable {
        /// It is where it belongs.
        case home
        /// It is at the other site, and stays there until somebody, or the configured calm, brings it back.
        case away
        /// A plan was begun and has not come to its end.
        case moving
        /// A plan stopped, and waits for somebody.
        case stopped
    }

    /// The site where it belongs.
    public let home: PlanSite
    public let other: PlanSite
    public let state: State
    /// The site that people are to be at.
    public let active: PlanSite
    /// The sites where applications may write.
    public let writable: Set<String>
    /// The highest epoch in the journal.
    public let epoch: Int
    /// The last plan and its run.
    public let run: PlanMachine?

    /// - Parameters:
    ///   - home: where the site belongs, and is when there is no journal.
    public init(_ journal: Journal, home: PlanSite, other: PlanSite, limits: PlanLimits) {
        self.home = home
        self.other = other
        epoch = journal.epoch
        let last = journal.last(limits: limits)
        run = last
        guard let last else {
            (state, active, writable) = (.home, home, [home.name])
            return
        }
        let from = last.plan.from
        let to = last.plan.to
        var sites: Set<String> = []
        if last.mayWriteAtFrom { sites.insert(from.name) }
        if last.mayWriteAtTo { sites.insert(to.name) }
        let site = last.mayWriteAtTo ? to : from
        active = site
        switch last.phase {
        case .done, .undone:
            state = site == home ? .home : .away
            // Of a plan that a person ended as it was the old site's fence may be in effect still; nobody else is to close that site.
            sites.insert(site.name)
            writable = sites
        default:
            writable = sites
            let told = journal.entries(of: last.plan.id).last { $0.event != .quarantined }?.event
            state = told == .stopped ? .stopped : .moving
        }
    }

    /// The site that is not active.
    public var passive: PlanSite { active == home ? other : home }

    /// Whether a node may take application writes.
    public func mayWrite(at site: PlanSite) -> Bool { writable.contains(site.name) }
}
