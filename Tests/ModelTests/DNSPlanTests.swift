import Foundation
import Model
import Testing

/// Plans for DNS, exhaustively for a small zone: whatever is there, the plan leads to what is wanted, nothing else is
/// touched, and it can be taken back.
@Suite("Plans for DNS") struct DNSPlanTests {
    static let zone = DNSName("example.org")!
    static let www = DNSName("www.example.org")!

    static func set(_ name: DNSName, _ type: DNSType, _ values: String..., ttl: Int = 60) -> DNSRecordSet {
        DNSRecordSet(name, type, ttlSeconds: ttl, values: values)
    }

    /// All that can be at the two names, in every combination.
    static let views: [DNSZoneView] = {
        let choices: [[DNSRecordSet?]] = [
            [
                nil, set(www, .a, "192.0.2.10"), set(www, .a, "198.51.100.20"), set(www, .a, "198.51.100.20", ttl: 30),
                set(www, .a, "192.0.2.10", "192.0.2.11", ttl: 3600),
            ],
            [nil, set(www, .ns, "gss1.example.net", "gss2.example.net", ttl: 3600)],
            [nil, set(www, .cname, "other.example.net")],
            [nil, set(www, .aaaa, "2001:db8::10")],
            [nil, set(www, .mx, "10 mail.example.org")],
            [nil, set(zone, .a, "192.0.2.10", ttl: 3600), set(zone, .a, "198.51.100.20")],
            [set(zone, .ns, "ns1.example.org")],
        ]
        let combinations = choices.reduce([[DNSRecordSet]]([[]])) { combinations, choice in
            combinations.flatMap { combination in choice.map { combination + ($0.map { [$0] } ?? []) } }
        }
        return combinations.map { DNSZoneView(zone: zone, names: [zone, www], sets: $0) }
    }()

    static let wishes = [
        [set(www, .a, "198.51.100.20")], [set(zone, .a, "198.51.100.20"), set(www, .a, "198.51.100.20")],
        [set(www, .a, "198.51.100.20"), set(www, .aaaa, "2001:db8::20")],
    ]

    private static func each(_ body: (DNSZoneView, [DNSRecordSet], DNSPlan) throws -> Void) throws {
        for view in views {
            for wanted in wishes {
                try body(
                    view, wanted, try DNSPlan.make(wanted: wanted, site: "secondary", seen: view, policy: DNSPolicy()))
            }
        }
    }

    @Test func `lead from anything to what is wanted, and touch nothing else`() throws {
        #expect(Self.views.count == 240)
        try Self.each { view, wanted, plan in
            let after = view.after(plan.changes)
            for set in wanted { #expect(after[set.key] == set) }
            let names = Set(wanted.map(\.name))
            for set in view.sets where !wanted.contains(where: { $0.key == set.key }) {
                let mustGo = names.contains(set.name) && set.name != Self.zone && [.ns, .cname].contains(set.type)
                #expect(after[set.key] == (mustGo ? nil : set))
            }
            #expect(after[.init(Self.zone, .ns)] != nil)
            #expect(plan.isEmpty == (after == view))
            let again = try DNSPlan.make(wanted: wanted, site: "secondary", seen: after, policy: DNSPolicy())
            #expect(again.isEmpty)
        }
    }

    @Test func `can be taken back, and the taking back too`() throws {
        try Self.each { view, _, plan in
            let after = view.after(plan.changes)
            #expect(after.after(plan.inverse.changes) == view)
            #expect(plan.inverse.inverse.changes == plan.changes)
            #expect(plan.inverse.standing(in: after) == (plan.isEmpty ? .done : .notBegun))
            #expect(plan.inverse.standing(in: view) == .done)
        }
    }

    @Test func `know where they stand after any part of them`() throws {
        try Self.each { view, _, plan in
            for part in 0..<(1 << plan.changes.count) {
                let done = plan.changes.enumerated().filter { part >> $0.offset & 1 == 1 }.map(\.element)
                let left = plan.changes.filter { !done.contains($0) }
                let now = view.after(done)
                let wanted: DNSPlan.Standing =
                    left.isEmpty
                    ? .done : done.isEmpty ? .notBegun : .partly(done: done.map(\.key), left: left.map(\.key))
                #expect(plan.standing(in: now) == wanted)
                // Taking back what was done of it leads to where it was.
                #expect(now.after(plan.takingBack(in: now).changes) == view)
                #expect(plan.changedByOthers(in: now).isEmpty)
                // What is left leads to the same end.
                #expect(now.after(plan.only(left.map(\.key)).changes) == view.after(plan.changes))
            }
        }
    }

    @Test func `see whatever somebody else changes`() throws {
        try Self.each { view, wanted, plan in
            guard !plan.isEmpty else { return }
            for change in plan.changes {
                let other = DNSRecordSet(
                    change.key.name, change.key.type, ttlSeconds: 60,
                    values: change.key.type == .a ? ["203.0.113.7"] : ["other.example.com"])
                let changes = [DNSChange(from: view[change.key], to: other)].compactMap { $0 }
                #expect(plan.standing(in: view.after(changes)) == .stale([change.key]))
            }
            // An alias that came meanwhile would displace what the plan makes.
            let alias = Self.set(Self.www, .cname, "late.example.net")
            guard view[alias.key] == nil else { return }
            #expect(plan.standing(in: view.after([.create(alias)])) == .stale([alias.key]))
        }
    }

    @Test func `come back from a journal`() throws {
        try Self.each { _, _, plan in
            let text = try JSONEncoder().encode(plan)
            let read = try JSONDecoder().decode(DNSPlan.self, from: text)
            #expect(read == plan && read.checksum == plan.checksum)
        }
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(DNSChange.self, from: Data("{}".utf8)) }
    }

    @Test func `have a checksum of their own`() throws {
        var plans: [String: [DNSChange]] = [:]
        try Self.each { _, _, plan in
            #expect(plans[plan.checksum] == nil || plans[plan.checksum] == plan.changes)
            plans[plan.checksum] = plan.changes
        }
        #expect(plans.count >= 100)
    }

    // MARK: The first user's change

    static let firstUser = DNSZoneView(
        zone: zone, names: [zone, www],
        sets: [
            set(zone, .a, "198.51.100.20", ttl: 1800), set(zone, .mx, "10 mail.example.org"),
            set(zone, .ns, "dns1.example.com", "dns2.example.com"),
            set(www, .ns, "gss1.example.net", "gss2.example.net", ttl: 1800),
        ], setsInZone: 9)

    static func firstUsersPlan() throws -> DNSPlan {
        try DNSPlan.make(
            wanted: [set(zone, .a, "192.0.2.10"), set(www, .a, "192.0.2.10")], site: "primary", seen: firstUser,
            policy: DNSPolicy())
    }

    @Test func `the first user's change is one plan`() throws {
        #expect(
            try Self.firstUsersPlan().lines.dropLast() == [
                "zone example.org: 3 changes, for site primary",
                "  remove  www NS gss1.example.net. gss2.example.net., TTL 1800",
                "  replace @   A 198.51.100.20 by 192.0.2.10, TTL 1800 by 60",
                "  create  www A 192.0.2.10, TTL 60",
                "note: www.example.org NS has a TTL of 1800 s now, more than dns.ttl_max: resolvers may keep the old answer for so long",
                "note: example.org A has a TTL of 1800 s now, more than dns.ttl_max: resolvers may keep the old answer for so long",
                "resolvers may go on with the old answers for 1800 s",
            ])
    }

    @Test func `a person can do it by hand`() throws {
        let place = DNSManualPlace(steps: ["log in"], closing: "save")
        #expect(
            try Self.firstUsersPlan().manualSteps(at: place) == [
                "log in", "delete the NS record www with the value gss1.example.net.",
                "delete the NS record www with the value gss2.example.net.",
                "change the A record @ from 198.51.100.20 to 192.0.2.10, with TTL 60",
                "add the A record www with the value 192.0.2.10 and TTL 60", "save",
                "dig +norecurse @SERVER example.org A must answer 192.0.2.10 at every name server of example.org",
                "dig +norecurse @SERVER www.example.org A must answer 192.0.2.10 at every name server of example.org",
            ])
    }

    // MARK: Refusals

    private func refusal(
        _ wanted: DNSRecordSet, _ sets: [DNSRecordSet] = [], names: [DNSName] = [zone, www],
        foreign: [DNSZoneView.Foreign] = [], setsInZone: Int? = nil, policy: DNSPolicy = DNSPolicy(),
        range: ClosedRange<Int> = 0...100_000
    ) -> String? {
        let view = DNSZoneView(
            zone: Self.zone, names: names, sets: sets, foreign: foreign, setsInZone: setsInZone)
        do throws(DNSPlanRefused) {
            _ = try DNSPlan.make(
                wanted: [wanted], site: nil, seen: view, policy: policy, ttlSecondsRange: range)
            return nil
        } catch { return error.message }
    }

    @Test func `that would do harm are refused`() {
        let address = Self.set(Self.www, .a, "192.0.2.10")
        #expect(refusal(address) == nil)
        #expect(
            refusal(Self.set(Self.www, .a, "192.0.2.10", ttl: 600))
                == "www.example.org A is to have a TTL of 600 s, and dns.ttl_max is 300 s")
        #expect(
            refusal(address, range: 300...600)
                == "www.example.org A is to have a TTL of 60 s, and the provider takes 300 to 600 s")
        #expect(
            refusal(Self.set(DNSName("www.example.com")!, .a, "192.0.2.10"))
                == "www.example.com A is not in the zone example.org")
        let deep = DNSName("a.www.example.org")!
        #expect(
            refusal(Self.set(deep, .a, "192.0.2.10"), [Self.set(Self.www, .ns, "x.org")], names: [deep, Self.www])
                == "a.www.example.org A lies below www.example.org, which the zone example.org delegates to other name servers"
        )
        for key in [DNSRecordSet.Key(Self.www, .a), .init(Self.www, .cname)] {
            #expect(
                refusal(address, foreign: [.init(key, reason: "is proxied")])
                    == "www.example.org \(key.type) is proxied, which Switchback does not change")
        }
        #expect(refusal(address, foreign: [.init(.init(Self.www, .mx), reason: "is proxied")]) == nil)
    }

    @Test func `that would change too large a share of a zone are refused`() {
        let address = Self.set(Self.www, .a, "192.0.2.10")
        let cluttered = [
            Self.set(Self.www, .a, "192.0.2.9"), Self.set(Self.www, .cname, "x.org"), Self.set(Self.www, .ns, "y.org"),
            Self.set(Self.www, DNSType("URL"), "http://x"),
        ]
        #expect(
            refusal(address, cluttered, setsInZone: 13)
                == "the plan would replace or remove 4 of the 13 record sets of example.org, and dns.changed_percent_max is 30"
        )
        #expect(refusal(address, cluttered, setsInZone: 14) == nil)
        #expect(refusal(address, cluttered, setsInZone: 9) == nil)
        #expect(refusal(address, cluttered, setsInZone: nil) == nil)
        #expect(refusal(address, cluttered, setsInZone: 13, policy: DNSPolicy(changedPercentMax: 31)) == nil)
    }

    @Test func `a record that goes on leading elsewhere is told`() throws {
        let view = DNSZoneView(
            zone: Self.zone, names: [Self.www], sets: [Self.set(Self.www, .aaaa, "2001:db8::10")])
        let plan = try DNSPlan.make(
            wanted: [Self.set(Self.www, .a, "192.0.2.10")], site: nil, seen: view, policy: DNSPolicy())
        #expect(
            plan.notes == ["www.example.org AAAA is not in dns.records and goes on leading to 2001:db8::10"])
    }

    // MARK: Verification

    @Test func `no server is no proof`() {
        #expect(!DNSVerification(servers: []).isRight)
        let right = DNSVerification.Server(server: "ns1", differences: [])
        let silent = DNSVerification.Server(server: "ns2", differences: [], problem: "does not answer within 3 s")
        let wrong = DNSVerification.Server(
            server: "ns3",
            differences: [.init(.init(Self.www, .a), wanted: ["192.0.2.20"], found: ["192.0.2.10"])])
        #expect(DNSVerification(servers: [right]).isRight)
        for bad in [silent, wrong] { #expect(!DNSVerification(servers: [right, bad]).isRight) }
        #expect(
            DNSVerification(servers: [right, silent, wrong]).lines == [
                "ns1: right", "ns2: does not answer within 3 s",
                "ns3: www.example.org A answers 192.0.2.10, should be 192.0.2.20",
            ])
    }
}
