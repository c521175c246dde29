/// What will be done, step by step. A value: it is shown, kept in the journal, and carried out.
public struct Plan: Sendable, Hashable {
    /// Tells it from every other plan.
    public let id: String
    public let kind: PlanKind
    public let mode: ReturnMode
    /// The site that is active when it begins.
    public let from: PlanSite
    /// The site that is active when it is done.
    public let to: PlanSite
    public let steps: [Step]
    /// The longest that nobody may be able to write; past it everything is undone. It counts in plans that freeze.
    public let budget: Duration
    /// Who wanted it, and why.
    public let cause: String
    /// What is to become of the names; nil when there are none, or they could not be looked at yet.
    public var names: NamesPlan?

    public init(
        id: String, kind: PlanKind, mode: ReturnMode, from: PlanSite, to: PlanSite, steps: [Step], budget: Duration,
        cause: String
    ) {
        precondition(!steps.isEmpty, "a plan has steps")
        self.id = id
        self.kind = kind
        self.mode = mode
        self.from = from
        self.to = to
        self.steps = steps
        self.budget = budget
        self.cause = cause
    }

    /// How the cause begins where nobody ordered it.
    static let byItself = "by itself: "
    /// Whether nobody ordered it.
    var isByItself: Bool { cause.hasPrefix(Self.byItself) }

    /// The place of a step among the plan's.
    public func index(of name: StepName) -> Int? { steps.firstIndex { $0.name == name } }

    /// How it is called on the command line, and in what people read.
    public var command: String { "switchback \(kind.rawValue)" }
}

/// How long steps may take, and what follows where the user has a say.
public struct PlanLimits: Sendable, Equatable {
    /// For what one node is asked: a fence, a look.
    public var node: Duration
    /// For a node that is thought to be lost: a failover must not wait long for it.
    public var lost: Duration
    /// For bringing over what a site lacks, while people write.
    public var catchUp: Duration
    /// For the last changes.
    public var drain: Duration
    public var compare: Duration
    /// For a user's program.
    public var hook: Duration
    /// For a pass over the files.
    public var files: Duration
    /// For a change at the DNS provider.
    public var dns: Duration
    /// Until every authoritative server agrees.
    public var dnsVerify: Duration
    /// How long people may still come by the old address, in `overlap` mode.
    public var linger: Duration
    /// For the canary, and the look at the site.
    public var verify: Duration
    /// The longest that nobody may be able to write.
    public var budget: Duration
    /// Whether a site may take over while the old one could not be fenced.
    public var allowsUnfenced: Bool

    public init(
        node: Duration = .seconds(10), lost: Duration = .seconds(3), catchUp: Duration = .seconds(600),
        drain: Duration = .seconds(30),
        compare: Duration = .seconds(1800), hook: Duration = .seconds(20), files: Duration = .seconds(600),
        dns: Duration = .seconds(30), dnsVerify: Duration = .seconds(120), linger: Duration = .seconds(180),
        verify: Duration = .seconds(15), budget: Duration = .seconds(30), allowsUnfenced: Bool = true
    ) {
        self.node = node
        self.lost = lost
        self.catchUp = catchUp
        self.drain = drain
        self.compare = compare
        self.hook = hook
        self.files = files
        self.dns = dns
        self.dnsVerify = dnsVerify
        self.linger = linger
        self.verify = verify
        self.budget = budget
        self.allowsUnfenced = allowsUnfenced
    }
}
