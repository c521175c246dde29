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
        guard let mode = word.flatMap({ Mode(rawValue: $0) }), let budget else { return nil }
        return FailoverSettings(mode: mode, freezeBudget: budget)
    }
}
