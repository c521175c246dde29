import Foundation

/// What tells whether a site is well, how often it is asked, and who has a say.
public struct HealthSettings: Sendable, Equatable {
    public let every: Duration
    /// The time between two looks while a check is in doubt.
    public let recheck: Duration
    /// So many failures in a row make a check down.
    public let fall: Int
    /// So many successes in a row make it up again.
    public let rise: Int
    /// The weights of checks that are down must come to this for the site to be down; more than half of all when nil.
    public let downWeight: Int?
    /// What this process is called among the observers; the machine's name when nil.
    public let observer: String?
    /// Everybody who has a say; empty when this process decides alone.
    public let observers: [String]
    /// A vote that is older counts no more.
    public let voteAge: Duration
    /// Who is asked whether our own network works, when nothing answers.
    public let witnesses: [NetworkPlace]
    public let checks: [HealthCheck]

    static func read(_ value: Value, _ names: Names) -> HealthSettings? {
        guard let section = value.section(.health) else { return nil }
        let every = section["every"].map { $0.duration(least: "100ms") } ?? .seconds(5)
        let recheck = section["recheck"].map { $0.duration(least: "100ms") } ?? min(every ?? .seconds(1), .seconds(1))
        let timeout = section["timeout"].map { $0.duration(least: "10ms") } ?? .seconds(5)
        let fall = section["fall"].map { $0.number(1...1000) } ?? 3
        let rise = section["rise"].map { $0.number(1...1000) } ?? 5
        let downWeight = section["down_weight"].map { $0.number(1...1_000_000) }
        let observer = section["observer"].map { $0.name() }
        let observers = section["observers"].map { $0.texts() } ?? []
        let voteAge = section["vote_age"].map { $0.duration(least: "1s") } ?? max(.seconds(15), (every ?? .zero) * 3)
        let witnesses = section["witnesses"].map { $0.list()?.map { $0.networkPlace() } } ?? []
        guard let entries = section.required("checks")?.list() else { return nil }
        let checks = entries.map { HealthCheck.read($0, names, timeout: timeout ?? .seconds(5)) }
        guard let every, let recheck, timeout != nil, let fall, let rise, let observers, let voteAge, let witnesses
        else { return nil }
        let named = HealthCheck.namedApart(checks.compactMap { $0 })
        reportWeights(section, downWeight ?? nil, named)
        reportNames(entries, checks)
        if voteAge < every {
            section["vote_age"]?.report("is shorter than health.every", remedy: "give it three times that")
        }
        return HealthSettings(
            every: every, recheck: min(recheck, every), fall: fall, rise: rise, downWeight: downWeight ?? nil,
            observer: observer ?? nil, observers: observers, voteAge: voteAge,
            witnesses: witnesses.compactMap { $0 }, checks: named)
    }

    private static func reportWeights(_ section: Section, _ downWeight: Int?, _ checks: [HealthCheck]) {
        let whole = checks.reduce(0) { $0 + $1.weight }
        if let downWeight, downWeight > whole {
            section["down_weight"]?.report(
                "is \(downWeight), and all checks together weigh \(whole): nothing could ever be down",
                remedy: "write \(whole) or less")
        }
        if !checks.isEmpty, whole == 0 {
            section["checks"]?.report("weigh nothing: nothing could ever be down", remedy: "give one a weight")
        }
    }

    private static func reportNames(_ entries: [Value], _ checks: [HealthCheck?]) {
        var first: [String: String] = [:]
        for (entry, check) in zip(entries, checks) {
            guard let check, check.isNamed else { continue }
            if let other = first[check.name] {
                entry.report("has the name of \(other)", remedy: "give each check a name of its own")
            }
            first[check.name] = first[check.name] ?? entry.path
        }
    }
}

/// One thing to look at, and what it counts for.
public struct HealthCheck: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        /// A web page.
        case http(HTTPCheck)
        /// Something that takes connections.
        case tcp(NetworkPlace)
        /// A database.
        case sql(SQLCheck)
        /// A program with the exit status of a Nagios plug-in.
        case exec(ExecCheck)
        /// A file that somebody is to write again and again.
        case fileAge(FileAgeCheck)
    }

    /// As it is shown; no other check has it. Holds no secret.
    public internal(set) var name: String
    /// Whether the configuration gives it.
    let isNamed: Bool
    public private(set) var kind: Kind
    /// The site that it looks at; whichever is the active one when nil.
    public internal(set) var site: String?
    /// What it counts for; 0 when it is shown only.
    public let weight: Int
    /// How long a look may take.
    public let timeout: Duration
    /// The time between two looks; that of all checks when nil.
    public let every: Duration?

    static func read(_ value: Value, _ names: Names, timeout: Duration) -> HealthCheck? {
        guard let section = value.section(.check) else { return nil }
        let found = Self.kinds.compactMap { section[$0] }
        if found.isEmpty {
            let isEmpty = value.isEmptyMapping || section.isKnownOnly
            if isEmpty {
                value.report("is no check", remedy: "write it like \(Keys.check.example(of: "http") ?? "http")")
            }
        }
        for other in found.dropFirst() {
            other.report("is a second check in one place", remedy: "begin each check with a dash of its own")
        }
        let kinds = [
            section["http"].map { HTTPCheck.read($0).map { Kind.http($0) } },
            section["tcp"].map { NetworkPlace.read($0).map { .tcp($0) } },
            section["sql"].map { SQLCheck.read($0, names).map { .sql($0) } },
            section["exec"].map { ExecCheck.read($0).map { .exec($0) } },
            section["file_age"].map { FileAgeCheck.read($0).map { .fileAge($0) } },
        ]
        let name = section["name"].map { $0.text() }
        let site = section["site"].map { $0.reference(to: "site", among: names.sites) }
        let weight = section["weight"].map { $0.number(0...1000) } ?? 1
        let own = section["timeout"].map { $0.duration(least: "10ms") } ?? timeout
        let every = section["every"].map { $0.duration(least: "100ms") }
        guard let kind = kinds.compactMap({ $0 }).first ?? nil, let weight, let own else { return nil }
        return HealthCheck(
            name: (name ?? nil) ?? kind.name, isNamed: name != nil, kind: kind, site: site ?? nil, weight: weight,
            timeout: own, every: every ?? nil)
    }

    /// The same check, of something else.
    public func with(_ kind: Kind) -> HealthCheck {
        var check = self
        check.kind = kind
        return check
    }

    /// The same check, said to look at a site.
    public func at(site: String?) -> HealthCheck {
        var check = self
        check.site = site
        return check
    }

    private static let kinds = ["http", "tcp", "sql", "exec", "file_age"]

    /// Gives those that would be called the same a number.
    static func namedApart(_ checks: [HealthCheck]) -> [HealthCheck] {
        var taken = Set(checks.filter(\.isNamed).map(\.name))
        return checks.map { check in
            guard !check.isNamed else { return check }
            var check = check
            let plain = check.name
            var number = 1
            while taken.contains(check.name) {
                number += 1
                check.name = "\(plain) (\(number))"
            }
            taken.insert(check.name)
            return check
        }
    }
}

extension HealthCheck.Kind {
    /// What a check is called that the configuration gives no name.
    fileprivate var name: String {
        switch self {
        case .http(let check): check.description
        case .tcp(let place): "tcp \(place)"
        case .sql(let check): "sql \(check.node)"
        // Not its arguments: they may hold what is not for everybody.
        case .exec(let check): "exec \(check.command[0].split(separator: "/").last ?? "program")"
        case .fileAge(let check): "file \(check.path)"
        }
    }
}
