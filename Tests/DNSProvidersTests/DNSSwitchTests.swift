import DNSProviders
import Model
import TestSupport
import Testing

/// What is told of a change is what is there, whatever went wrong: held against a provider with every fault.
@Suite("Moving records, whatever goes wrong") struct DNSSwitchTests {
    private static let zone = NameServer.zone
    private static let www = NameServer.www

    private static let start = [
        DNSRecordSet(zone, .a, ttlSeconds: 60, values: ["192.0.2.10"]),
        DNSRecordSet(zone, .ns, ttlSeconds: 60, values: ["ns1.example.org"]),
        DNSRecordSet(www, .ns, ttlSeconds: 60, values: ["gss1.example.net"]),
    ]

    @Test(arguments: MemoryProvider.Fault.allCases)
    func `each fault has its message, and the zone is in the state that it says`(
        _ fault: MemoryProvider.Fault
    ) async throws {
        let provider = MemoryProvider(Self.start)
        let dns = makeSwitch(provider, patience: .milliseconds(100))
        let plan = try await dns.plan(to: "secondary")
        #expect(plan.changes.count == 3)
        provider.meet(fault)
        let error = await failure { try await dns.apply(plan) }
        let standing = plan.standing(in: try await dns.show())
        switch fault {
        case .none, .unheard: #expect(error == nil && standing == .done)
        case .lies:
            #expect(error?.kind == .unchanged && standing == .notBegun)
            #expect(error?.message.contains("everything is as it was") == true)
        case .half, .halfFailing:
            #expect(error?.kind == .partly)
            #expect(error?.message.contains("www.example.org NS done, example.org A, www.example.org A not") == true)
        case .lost:
            #expect(error?.kind == .noAnswer && standing == .notBegun)
            #expect(error?.message.hasSuffix("; nothing was changed") == true)
        case .refuses: #expect(error?.kind == .refused && standing == .notBegun)
        case .overwritten: #expect(error?.kind == .stale)
        }
        #expect(error == nil || error?.hint.isEmpty == false)
        // Once more, without the fault: it is done, or somebody else's change is respected.
        let again = await failure { try await dns.apply(plan) }
        #expect(again?.kind == (fault == .overwritten ? .stale : nil))
        #expect((plan.standing(in: try await dns.show()) == .done) == (fault != .overwritten))
    }

    @Test func `when it cannot be looked at, that is told`() async throws {
        let provider = MemoryProvider(Self.start)
        let dns = makeSwitch(provider)
        let plan = try await dns.plan(to: "secondary")
        provider.fallsSilent()
        let error = await failure { try await dns.apply(plan) }
        #expect(error?.kind == .noAnswer && error?.message.contains("whether it is done is not known") == true)
        #expect(await failure { try await dns.apply(plan) }?.kind == .unreachable)
        #expect(provider.applied == 1)
        provider.answers(true)
        #expect(try await dns.apply(plan) == .wasDone)
    }

    @Test func `a stale plan changes nothing`() async throws {
        let provider = MemoryProvider(Self.start)
        let dns = makeSwitch(provider)
        let plan = try await dns.plan(to: "secondary")
        let other = DNSRecordSet(Self.zone, .a, ttlSeconds: 60, values: ["203.0.113.7"])
        provider.change([.replace(Self.start[0], with: other)])
        let before = provider.sets
        let error = await failure { try await dns.apply(plan) }
        #expect(error?.kind == .stale)
        #expect(error?.message == "example.org A in zone example.org changed since the plan was made; nothing was done")
        #expect(provider.sets == before && provider.applied == 0)
    }

    @Test func `that nothing is to be done is looked at again`() async throws {
        let provider = MemoryProvider(Self.start)
        let dns = makeSwitch(provider)
        try await dns.apply(try await dns.plan(to: "secondary"))
        let plan = try await dns.plan(to: "secondary")
        #expect(plan.isEmpty)
        #expect(try await dns.apply(plan) == .wasDone)
        let other = DNSRecordSet(Self.www, .a, ttlSeconds: 60, values: ["203.0.113.7"])
        provider.change([.replace(plan.wanted[1], with: other)])
        #expect(await failure { try await dns.apply(plan) }?.kind == .stale)
    }

    /// The configuration's providers, each as what it is.
    @Test(arguments: [
        (
            "rfc2136: { server: \"ns1.example.org:54\", zone: example.org, key: \"hmac-sha256:k:AQID\" }",
            "name server ns1.example.org:54"
        ),
        (
            "powerdns: { url: \"https://dns.example.net/\", zone: example.org, key: k }",
            "PowerDNS at https://dns.example.net"
        ),
        ("route53: { zone: example.org, access_key: k, secret_key: k }", "Route 53"),
        ("cloudflare: { zone: example.org, token: k }", "Cloudflare"),
        ("namecheap: { zone: example.org, user: u, key: k, client_ip: 192.0.2.10 }", "Namecheap"),
        ("exec: { command: [/bin/true], zone: example.org }", "program /bin/true"),
    ]) func `comes from the configuration`(_ provider: String, _ title: String) throws {
        let settings = try dnsSettings(provider, servers: true)
        let dns = try DNSSwitch(settings, sites: try siteSettings())
        #expect(dns.provider.title == title && dns.zone == Self.zone)
        #expect(dns.records == [.init(Self.zone, .a, ttlSeconds: 60), .init(Self.www, .a, ttlSeconds: 60)])
        #expect(dns.sites == [.init("primary", address: "192.0.2.10"), .init("secondary", address: "198.51.100.20")])
        #expect(dns.policy == DNSPolicy(ttlSecondsMax: 120, changedPercentMax: 40))
    }

    @Test func `which site the records lead to is known, and which they might`() async throws {
        let provider = MemoryProvider(Self.start)
        let dns = makeSwitch(provider)
        #expect(dns.site(in: try await dns.show()) == nil)
        try await dns.apply(try await dns.plan(to: "secondary"))
        #expect(dns.site(in: try await dns.show()) == "secondary")
        let error = await failure { _ = try await dns.plan(to: "tertiary") }
        #expect(error?.message == "there is no site \"tertiary\"" && error?.kind == .badSettings)
    }

    /// Random faults in a row, with other people's changes between: at every moment the last word was true, and at the end
    /// the plan is done or taken back.
    @Test func `a run of faults ends where the last word says`() async throws {
        let seed = testSeed()
        var random = SeededRandom(seed)
        for round in 0..<60 {
            let provider = MemoryProvider(Self.start)
            let dns = makeSwitch(provider, patience: .milliseconds(1))
            let plan = try await dns.plan(to: "secondary")
            var backward = false
            for _ in 0..<6 {
                provider.meet(MemoryProvider.Fault.allCases.dropLast().randomElement(using: &random)!)
                let now = backward ? dns.inverse(of: plan) : plan
                let error = await failure { try await dns.apply(now) }
                let standing = now.standing(in: try await dns.show())
                let isTrue =
                    switch error?.kind {
                    case nil: standing == .done
                    case .unchanged, .refused, .noAnswer: standing != .done
                    case .partly:
                        if case .partly = standing { true } else { false }
                    default: false
                    }
                if !isTrue {
                    Issue.record("seed \(seed), round \(round): \(error as Any), and it is \(standing)")
                    return
                }
                if random.once(in: 3) { backward.toggle() }
            }
            provider.meet(.none)
            let last = backward ? dns.inverse(of: plan) : plan
            try await dns.apply(last)
            #expect(last.standing(in: try await dns.show()) == .done, "seed \(seed), round \(round)")
            if backward {
                #expect(provider.sets == DNSZoneView(zone: Self.zone, names: plan.names, sets: Self.start).sets)
            }
        }
    }
}
