import Failover

/// Plans of every kind, as tests want them.
enum Plans {
    static let home = PlanSite(name: "primary", node: "raleigh")
    static let other = PlanSite(name: "secondary", node: "durham")

    static let kinds: [(PlanKind, ReturnMode)] = [
        (.failover, .freeze), (.switchover, .freeze), (.failback, .freeze), (.failback, .overlap),
    ]

    static func plan(
        _ kind: PlanKind, _ mode: ReturnMode = .freeze, limits: PlanLimits = PlanLimits(),
        omitting: Set<StepName> = [], id: String = "p1"
    ) -> Plan {
        let isBack = kind == .failback
        return Plan.make(
            id: id, kind: kind, mode: mode, from: isBack ? other : home, to: isBack ? home : other, limits: limits,
            omitting: omitting, cause: "a test")
    }
}
