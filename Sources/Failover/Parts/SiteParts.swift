/// What is to become of the names, with how they were when that was planned. The journal keeps it, so that nobody's change
/// is overwritten that was made meanwhile, and so that the way back leads to what was there.
public struct NamesPlan: Sendable, Hashable, Codable {
    /// As whoever made it reads it again.
    public let kept: String

    public init(kept: String) { self.kept = kept }
}

/// What the authoritative servers answer for the names.
public enum NamesAnswer: Sendable {
    /// Every one leads to the site.
    case led
    /// One at least leads elsewhere.
    case otherwise
    /// None that answered leads elsewhere, and not every one answered.
    case silent
}

/// The names that lead people to the site. Throws ``StepFailure``.
public protocol SiteDNS: Sendable {
    /// What would change, a line a record; empty when the names lead there already.
    func difference(toward site: String) async throws -> [String]
    /// What leads the names to a site from how they are now.
    func plan(toward site: String) async throws -> NamesPlan
    /// Leads the names to a site, if they are as they were when it was planned. Done already, it does nothing.
    func apply(_ plan: NamesPlan, toward site: String) async throws
    /// Takes back what was done of a plan, record by record. What somebody else changed since stays.
    ///
    /// - Parameters:
    ///   - plan: nil when there is none, because nobody could look at them: the names are led to the site.
    ///   - site: the one that they led to before.
    /// - Returns: what is to be known of it.
    func takeBack(_ plan: NamesPlan?, toward site: String) async throws -> String?
    /// Whether every authoritative server leads to the site already, whatever the provider says or does not say.
    func isLed(toward site: String) async -> Bool
    /// The same, and whether they lead elsewhere where they do not, or nobody can tell.
    func answer(toward site: String) async -> NamesAnswer
    /// Asks every authoritative server until all lead to the site.
    func verify(toward site: String) async throws
    /// What a person would do at the provider, a line a step.
    func manualSteps(_ plan: NamesPlan?, toward site: String) async -> [String]
    /// How long resolvers may keep an old answer.
    var ttl: Duration { get }
}

extension SiteDNS {
    public func answer(toward site: String) async -> NamesAnswer { await isLed(toward: site) ? .led : .otherwise }
}

/// Whether a site is well, as its checks and their observers see it.
public struct SiteVerdict: Sendable, Equatable {
    public enum State: String, Sendable {
        case up
        case down
        /// Partly well, or down by fewer observers' word than it takes: nobody moves away from it.
        case degraded
        /// Nobody could tell: not the same as down.
        case unknown
    }

    public let state: State
    /// For how long, as far as is known.
    public let since: Duration?
    /// What the checks say, a line each.
    public let reasons: [String]
    /// Observers that say so, of so many that were asked.
    public let agreeing: Int
    public let asked: Int

    public init(state: State, since: Duration? = nil, reasons: [String] = [], agreeing: Int = 1, asked: Int = 1) {
        self.state = state
        self.since = since
        self.reasons = reasons
        self.agreeing = agreeing
        self.asked = asked
    }
}

/// What tells whether a site is well.
public protocol SiteHealth: Sendable {
    /// Hears which site is the active one, when no plan is under way: what is checked wherever the names lead is that site's from now
    /// on.
    func follow(_ site: String, epoch: Int) async
    /// What is known of a site just now.
    func verdict(of site: String) async -> SiteVerdict
    /// Looks at a site by its direct name, as people would see it were they led there. Throws ``StepFailure``.
    func visit(_ site: String) async throws
}

/// Where in a plan a user's program is run.
public enum HookPoint: String, Sendable, CaseIterable {
    /// Stops a site's services.
    case stop
    /// Starts them.
    case start
}

/// The user's programs. Throws ``StepFailure``.
public protocol SiteHooks: Sendable {
    /// Whether there is a program for that point.
    func has(_ point: HookPoint) -> Bool
    /// Runs it.
    ///
    /// - Parameters:
    ///   - site: the site that it is about.
    ///   - plan: for its environment.
    /// - Returns: the last line that it printed.
    func run(_ point: HookPoint, site: PlanSite, plan: Plan, epoch: Int, limit: Duration) async throws -> String?
}

/// Something that people should hear of.
public struct SiteNotice: Sendable, Equatable {
    public enum Weight: String, Sendable {
        case information
        case warning
        case alarm
    }

    public let weight: Weight
    public let subject: String
    public let text: String

    public init(_ weight: Weight, _ subject: String, _ text: String) {
        self.weight = weight
        self.subject = subject
        self.text = text
    }
}

/// What tells people. It never throws: nothing waits for it and nothing fails by it.
public protocol SiteNotifier: Sendable {
    func tell(_ notice: SiteNotice) async
}

/// Where the journal is kept. Throws ``StepFailure``.
public protocol SiteJournal: Sendable {
    /// All that can be read, put together; and the nodes that could not be read, with the reason.
    func read() async throws -> (journal: Journal, missing: [String: String])
    /// Writes a line at every node that can be reached, durably, and at one at least.
    func write(_ entry: JournalEntry) async throws
    /// Copies to each node that can be reached the lines that it lacks.
    func heal() async
}

/// The right to run plans, for one orchestrator at a time.
public protocol SiteLease: Sendable {
    /// Takes it. Throws ``StepFailure`` that says who has it.
    func take() async throws -> any LeaseHold
    /// What it rests on and what that means, for `check` and for people.
    var meaning: String { get }
    /// What would keep anybody from taking it, were it free; nil when nothing would.
    func obstacle() async -> StepFailure?
}

extension SiteLease {
    public func obstacle() async -> StepFailure? { nil }
}

/// What is known of a lease that was taken.
public enum LeaseAnswer: Sendable {
    /// It is ours, for a while at least.
    case held
    /// It is ours no more, and somebody else may have it.
    case lost
    /// Whoever keeps it does not say. It may be ours still.
    case silent
}

/// A lease that was taken.
public protocol LeaseHold: Sendable {
    /// Whether it is still ours, for a while at least.
    func isHeld() async -> Bool
    /// The same, and whether it was lost where it is not, or nobody can tell.
    func answer() async -> LeaseAnswer
    /// Gives it back.
    func release() async
}

extension LeaseHold {
    public func answer() async -> LeaseAnswer { await isHeld() ? .held : .lost }
}

/// Everything that a plan is carried out with. What is nil is not configured, and its steps are not in the plan.
public struct SiteParts: Sendable {
    public var nodes: any SiteNodes
    public var journal: any SiteJournal
    public var lease: any SiteLease
    public var dns: (any SiteDNS)?
    public var files: (any SiteFiles)?
    public var health: (any SiteHealth)?
    public var hooks: (any SiteHooks)?
    public var notifier: (any SiteNotifier)?

    public init(
        nodes: any SiteNodes, journal: any SiteJournal, lease: any SiteLease, dns: (any SiteDNS)? = nil,
        files: (any SiteFiles)? = nil, health: (any SiteHealth)? = nil, hooks: (any SiteHooks)? = nil,
        notifier: (any SiteNotifier)? = nil
    ) {
        self.nodes = nodes
        self.journal = journal
        self.lease = lease
        self.dns = dns
        self.files = files
        self.health = health
        self.hooks = hooks
        self.notifier = notifier
    }

    /// Steps that there is nothing to do for.
    public var idleSteps: Set<StepName> {
        var idle: Set<StepName> = []
        if dns == nil { idle.formUnion([.dns, .dnsVerify]) }
        if files == nil { idle.formUnion([.filesAhead, .filesFreeze, .filesLast]) }
        if !(hooks?.has(.stop) ?? false) { idle.insert(.fenceHook) }
        if !(hooks?.has(.start) ?? false) { idle.insert(.promoteHook) }
        return idle
    }
}
