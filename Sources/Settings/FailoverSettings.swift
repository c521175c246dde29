/// How the site moves.
public struct FailoverSettings: Sendable, Equatable {
    public enum Mode: String, Sendable, CaseIterable {
        /// It moves by itself when health says so.
        case automatic
        /// It moves when a person says so.
        case manual
    }

    public let mode: Mode
    /// The longest time without writes in a failback; past it, everything is undone.
    public let freezeBudget: Duration
    public let failback: FailbackSettings
    /// Whether a site may take over while the old one could not be fenced.
    public let allowsUnfenced: Bool
    /// Whether sessions that had begun to write are ended when a node is fenced.
    public let terminatesSessions: Bool
    public let hooks: HookSettings
    public let lease: LeaseSettings
    public let limits: LimitSettings

    static func read(_ value: Value, _ names: Names, hasHealth: Bool) -> FailoverSettings? {
        guard let section = value.section(.failover) else { return nil }
        let word = section["mode"].map { $0.choice(among: Mode.allCases.map(\.rawValue)) } ?? Mode.manual.rawValue
        let budget = section["freeze_budget"].map { $0.duration() } ?? .seconds(30)
        if let sites = names.sites, sites.count < 2 {
            value.report(
                "needs two sites to move between",
                remedy: "add \(Keys.root.example(of: "sites") ?? "sites")")
        }
        if word == Mode.automatic.rawValue && !hasHealth {
            section["mode"]?.report(
                "is automatic, and nothing tells when the site is down",
                remedy: "add \(Keys.root.example(of: "health") ?? "health"), or write mode: manual")
        }
        let failback = section["failback"].map { FailbackSettings.read($0) } ?? FailbackSettings()
        let unfenced = section["unfenced"].map { $0.choice(among: ["allow", "refuse"]) } ?? "allow"
        let terminates = section["terminate_sessions"].map { $0.flag() } ?? false
        let hooks = section["hooks"].map { HookSettings.read($0) } ?? HookSettings()
        let lease = section["lease"].map { LeaseSettings.read($0) } ?? LeaseSettings()
        let limits = section["limits"].map { LimitSettings.read($0) } ?? LimitSettings()
        guard let mode = word.flatMap({ Mode(rawValue: $0) }), let budget, let failback, let unfenced, let terminates,
            let hooks, let lease, let limits
        else { return nil }
        return FailoverSettings(
            mode: mode, freezeBudget: budget, failback: failback, allowsUnfenced: unfenced == "allow",
            terminatesSessions: terminates, hooks: hooks, lease: lease, limits: limits)
    }
}

/// How the site goes back.
public struct FailbackSettings: Sendable, Equatable {
    public enum Mode: String, Sendable, CaseIterable {
        /// Writes stop for a moment, within the budget.
        case freeze
        /// Both sites take writes for a while, and the conflict rules settle what they disagree in.
        case overlap
    }

    public var mode = Mode.freeze
    /// How long the old site must have been well before it goes back by itself; nil when only a person brings it back.
    public var after: Duration?

    static func read(_ value: Value) -> FailbackSettings? {
        guard let section = value.section(.failback) else { return nil }
        let word = section["mode"].map { $0.choice(among: Mode.allCases.map(\.rawValue)) } ?? Mode.freeze.rawValue
        let after = section["after"].map { $0.duration(least: "1s") }
        guard let mode = word.flatMap({ Mode(rawValue: $0) }) else { return nil }
        return FailbackSettings(mode: mode, after: after ?? nil)
    }
}

/// The user's programs around a move: each by its whole path, with its arguments. No shell takes them apart.
public struct HookSettings: Sendable, Equatable {
    /// Stops the services of the site in `$SWITCHBACK_SITE`.
    public var stop: [String]?
    /// Starts them.
    public var start: [String]?

    public init(stop: [String]? = nil, start: [String]? = nil) {
        self.stop = stop
        self.start = start
    }

    static func read(_ value: Value) -> HookSettings? {
        guard let section = value.section(.hooks) else { return nil }
        let stop = section["stop"].map { $0.command() }
        let start = section["start"].map { $0.command() }
        if case .some(nil) = stop { return nil }
        if case .some(nil) = start { return nil }
        return HookSettings(stop: stop ?? nil, start: start ?? nil)
    }
}

/// What keeps two orchestrators apart.
public struct LeaseSettings: Sendable, Equatable {
    /// Nil where it is a lock at the nodes.
    public var etcd: EtcdSettings?

    static func read(_ value: Value) -> LeaseSettings? {
        guard let section = value.section(.lease) else { return nil }
        let ttl = section["ttl"].map { $0.duration(least: "3s", isWhole: true) } ?? .seconds(15)
        let caFile = section["ca_file"].map { $0.absolutePath() }
        let login = EtcdLogin.read(section)
        guard let endpoints = section.required("etcd")?.texts() else { return nil }
        for (index, endpoint) in endpoints.enumerated()
        where !endpoint.hasPrefix("http://") && !endpoint.hasPrefix("https://") {
            section["etcd"]?.list()?[index].report(
                "must be the URL of an etcd server", remedy: "write it like http://192.0.2.30:2379")
            return nil
        }
        guard let ttl, let login else { return nil }
        if case .some(nil) = caFile { return nil }
        let plain = endpoints.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        return LeaseSettings(etcd: EtcdSettings(endpoints: plain, ttl: ttl, login: login, caFile: caFile ?? nil))
    }
}

/// An etcd, by its HTTP gateway.
public struct EtcdSettings: Sendable, Equatable {
    /// `http://host:2379`, asked in order.
    public var endpoints: [String]
    /// How long the lease holds when nobody renews it.
    public var ttl: Duration
    public var login: EtcdLogin
    /// Certificates to trust instead of the system's, at `https://`.
    public var caFile: String?

    public init(
        endpoints: [String], ttl: Duration = .seconds(15), login: EtcdLogin = .none, caFile: String? = nil
    ) {
        self.endpoints = endpoints
        self.ttl = ttl
        self.login = login
        self.caFile = caFile
    }
}

/// How an etcd learns who asks.
public enum EtcdLogin: Sendable, Equatable {
    case none
    /// A token is asked for with these, and again when it is no longer taken.
    case password(user: String, Secret)
    /// A token that somebody else made.
    case token(Secret)

    static func read(_ section: Section) -> EtcdLogin? {
        let token = section["token"].map { $0.secret() }
        let user = section["user"].map { $0.text() }
        let password = section["password"].map { $0.secret() }
        if let token {
            for value in [section["user"], section["password"]].compactMap(\.self) {
                value.report("cannot stand beside token", remedy: "give a token, or user and password")
                return nil
            }
            return token.map(EtcdLogin.token)
        }
        guard user != nil || password != nil else { return EtcdLogin.none }
        // Whichever is missing is told.
        guard section.required("user") != nil, section.required("password") != nil else { return nil }
        guard let user, let password, let user, let password else { return nil }
        return .password(user: user, password)
    }
}

/// How long steps may take.
public struct LimitSettings: Sendable, Equatable {
    public var node = Duration.seconds(10)
    public var lost = Duration.seconds(3)
    public var catchUp = Duration.seconds(600)
    public var drain = Duration.seconds(30)
    public var compare = Duration.seconds(1800)
    public var hook = Duration.seconds(20)
    public var files = Duration.seconds(600)
    public var dns = Duration.seconds(30)
    public var dnsVerify = Duration.seconds(120)
    public var linger = Duration.seconds(180)
    public var verify = Duration.seconds(15)

    static func read(_ value: Value) -> LimitSettings? {
        guard let section = value.section(.limits) else { return nil }
        var limits = LimitSettings()
        let places: [(String, WritableKeyPath<LimitSettings, Duration>)] = [
            ("node", \.node), ("lost", \.lost), ("catch_up", \.catchUp), ("drain", \.drain), ("compare", \.compare),
            ("hook", \.hook), ("files", \.files), ("dns", \.dns), ("dns_verify", \.dnsVerify), ("linger", \.linger),
            ("verify", \.verify),
        ]
        for (name, place) in places {
            guard let entry = section[name] else { continue }
            guard let duration = entry.duration(least: "100ms") else { return nil }
            limits[keyPath: place] = duration
        }
        return limits
    }
}
