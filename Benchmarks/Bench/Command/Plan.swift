import LocalCluster

/// What a run does, in which order.
struct Plan: Sendable {
    /// The systems that were asked for, in their order; whether the machine has them is seen later.
    let systems: [any ReplicationSystem]
    /// Whether they were named: one that was named must not be missing.
    let areNamed: Bool
    let scenarios: [ScenarioInfo]
    let rounds: Int
    let sizes: Sizes
    let major: Int?
    /// The file to be locked while something is measured.
    let lock: String?

    static let allSystems: [any ReplicationSystem] = [
        NoReplication(), NativeReplication(), Slony(), Bucardo(), Lsyncd(), SwitchbackSystem(),
    ]

    /// The names of all systems, in the order of columns.
    var order: [String] { Self.allSystems.map(\.name) }

    init(_ options: BenchOptions) throws {
        systems = try Self.chosen(options.systems, from: Self.allSystems, called: "system", name: \.name)
        areNamed = options.systems != nil
        scenarios = try Self.chosen(options.scenarios, from: Catalogue.scenarios, called: "scenario", name: \.name)
        rounds = try options.roundCount()
        sizes = try options.sizes()
        major = options.postgres
        lock = options.lock
    }

    /// One system in one setting in one round.
    struct Step: Sendable {
        let round: Int
        let setting: Setting
        let system: any ReplicationSystem
        let scenarios: [ScenarioInfo]
    }

    /// The steps: systems take turns within each setting of each round, so that the machine's mood is the same for all.
    func steps(_ systems: [any ReplicationSystem]) -> [Step] {
        (1...rounds).flatMap { round in
            Setting.allCases.flatMap { setting -> [Step] in
                let wanted = setting.scenarios.filter { one in scenarios.contains { $0.name == one.name } }
                guard !wanted.isEmpty else { return [] }
                return systems.filter { $0.takesPart(in: setting) }.map {
                    Step(round: round, setting: setting, system: $0, scenarios: wanted)
                }
            }
        }
    }

    /// The server programs: Debian's, because Slony and Bucardo are made for them, or the newest where there are none.
    func installation() throws -> PostgresInstallation {
        if let major { return try .newest(major: major) }
        let debian = PostgresInstallation.find().first { $0.binDirectory.hasPrefix("/usr/lib/postgresql/") }
        return try debian ?? .preferred()
    }

    /// Picks by names out of a list separated by commas; all when there is none.
    static func chosen<T>(_ list: String?, from all: [T], called what: String, name: (T) -> String) throws -> [T] {
        guard let list else { return all }
        let names = list.split(separator: ",").map { $0.filter { !$0.isWhitespace } }
        for unknown in names where !all.contains(where: { name($0) == unknown }) {
            throw WrongUsage(
                description: "there is no \(what) \(unknown): it is one of \(all.map(name).joined(separator: ", "))")
        }
        guard !names.isEmpty else { throw WrongUsage(description: "no \(what) is named") }
        return all.filter { names.contains(name($0)) }
    }
}
