extension DNSPlan {
    /// The plan that makes a zone answer with these addresses.
    ///
    /// At the names of the wanted record sets, aliases, redirections and delegations are removed, since they would
    /// displace an address. Nothing else is touched, and the apex's NS records never are.
    ///
    /// - Parameters:
    ///   - wanted: address records, each name and type once.
    ///   - site: the site they lead to.
    ///   - view: what is there, at the wanted names and those between them and the apex.
    ///   - ttlSecondsRange: what the provider can carry.
    public static func make(
        wanted: [DNSRecordSet], site: String?, seen view: DNSZoneView, policy: DNSPolicy,
        ttlSecondsRange: ClosedRange<Int> = 0...Int(Int32.max)
    ) throws(DNSPlanRefused) -> DNSPlan {
        for set in wanted { try check(set, view, policy, ttlSecondsRange) }
        let keys = Set(wanted.map(\.key))
        let names = Set(wanted.map(\.name))
        let displacing = view.sets.filter {
            names.contains($0.name) && !keys.contains($0.key)
                && $0.type.displacesAddresses(atApex: $0.name == view.zone)
        }
        let changes =
            displacing.map { DNSChange.remove($0) } + wanted.compactMap { DNSChange(from: view[$0.key], to: $0) }
        try checkShare(of: changes, view, policy)
        return DNSPlan(
            zone: view.zone, site: site, changes: changes, wanted: wanted,
            notes: notes(wanted, view, changes, policy))
    }

    private static func check(
        _ set: DNSRecordSet, _ view: DNSZoneView, _ policy: DNSPolicy, _ range: ClosedRange<Int>
    ) throws(DNSPlanRefused) {
        let shown = "\(set.name) \(set.type)"
        guard set.name.isWithin(view.zone) else {
            throw DNSPlanRefused(
                "\(shown) is not in the zone \(view.zone)", hint: "name the zone that holds it as the provider's zone")
        }
        if set.ttlSeconds > policy.ttlSecondsMax {
            throw DNSPlanRefused(
                "\(shown) is to have a TTL of \(set.ttlSeconds) s, and dns.ttl_max is \(policy.ttlSecondsMax) s",
                hint:
                    "give the record a shorter ttl, or raise dns.ttl_max: for so long people may be led to a dead site")
        }
        if !range.contains(set.ttlSeconds) {
            throw DNSPlanRefused(
                "\(shown) is to have a TTL of \(set.ttlSeconds) s, and the provider takes \(range.lowerBound) to \(range.upperBound) s",
                hint: "change the record's ttl")
        }
        for name in set.name.ancestors(below: view.zone) where name != set.name {
            guard view[.init(name, .ns)] != nil else { continue }
            throw DNSPlanRefused(
                "\(shown) lies below \(name), which the zone \(view.zone) delegates to other name servers",
                hint: "name \(name) as the provider's zone, or remove the delegation by hand")
        }
        let isApex = set.name == view.zone
        for foreign in view.foreign
        where foreign.key == set.key
            || foreign.key.name == set.name && foreign.key.type.displacesAddresses(atApex: isApex)
        {
            throw DNSPlanRefused(
                "\(foreign.key.name) \(foreign.key.type) \(foreign.reason), which Switchback does not change",
                hint: "make it a plain record at the provider, or take \(set.name) out of dns.records")
        }
    }

    private static func checkShare(
        of changes: [DNSChange], _ view: DNSZoneView, _ policy: DNSPolicy
    ) throws(DNSPlanRefused) {
        let touched = changes.count { $0.before != nil }
        guard let all = view.setsInZone, all >= policy.zoneSetsLeast, touched * 100 > all * policy.changedPercentMax
        else { return }
        throw DNSPlanRefused(
            "the plan would replace or remove \(touched) of the \(all) record sets of \(view.zone), and dns.changed_percent_max is \(policy.changedPercentMax)",
            hint: "look at the plan's records; if they are meant, raise dns.changed_percent_max")
    }

    private static func notes(
        _ wanted: [DNSRecordSet], _ view: DNSZoneView, _ changes: [DNSChange], _ policy: DNSPolicy
    ) -> [String] {
        let keys = Set(wanted.map(\.key))
        var notes: [String] = []
        for name in Set(wanted.map(\.name)).sorted() {
            for set in view.sets(at: name) where [.a, .aaaa].contains(set.type) && !keys.contains(set.key) {
                notes.append(
                    "\(name) \(set.type) is not in dns.records and goes on leading to \(set.values.joined(separator: " "))"
                )
            }
        }
        for change in changes {
            guard let before = change.before, before.ttlSeconds > policy.ttlSecondsMax else { continue }
            notes.append(
                "\(change.key.name) \(change.key.type) has a TTL of \(before.ttlSeconds) s now, more than dns.ttl_max: resolvers may keep the old answer for so long"
            )
        }
        return notes
    }
}
