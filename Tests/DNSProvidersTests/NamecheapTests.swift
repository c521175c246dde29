import DNSProviders
import Foundation
import Model
import Settings
import Testing

@testable import TestSupport

@Suite("Namecheap's interface") struct NamecheapTests {
    private func stub(_ change: (inout NamecheapDomain) -> Void = { _ in }) throws -> WebStub<NamecheapDomain> {
        var domain = NamecheapDomain.start
        change(&domain)
        return try WebStub(domain) { request, domain in domain.answer(request) }
    }

    private func provider(
        _ stub: WebStub<NamecheapDomain>, key: String = NamecheapDomain.key, clientIP: String = "192.0.2.10",
        zone: String = "example.org", servers: StubNameServer? = nil
    ) throws -> NamecheapProvider {
        let settings = try dnsSettings(
            "namecheap: { zone: \(zone), user: library, key: \(key), client_ip: \(clientIP), url: \"\(stub.url)\" }",
            zone: zone)
        guard case .namecheap(let own) = settings.provider else { throw Unexpected() }
        return NamecheapProvider(
            own, zone: DNSName(zone)!, limit: .seconds(5),
            authorities: Authorities(
                zone: DNSName(zone)!, configured: servers.map { [$0.address] } ?? [], resolvers: [],
                limit: .milliseconds(300)), pause: .milliseconds(5))
    }

    private func writes(_ stub: WebStub<NamecheapDomain>) -> Int {
        stub.heard.count { $0.form["Command"] == "namecheap.domains.dns.setHosts" }
    }

    @Test(arguments: ["host", "Host"]) func `the first user's change is one write, and everything else is given back`(
        _ spelling: String
    ) async throws {
        let stub = try stub { $0.spelling = spelling }
        let dns = makeSwitch(try provider(stub))
        let before = try await dns.show()
        let others = stub.with { $0.hosts.filter { $0.type != "NS" && $0.type != "A" }.map(\.line).sorted() }
        let plan = try await dns.plan(to: "secondary")
        #expect(plan.changes.count == 3)
        #expect(try await dns.apply(plan) == .done)
        #expect(writes(stub) == 1)
        stub.with { domain in
            #expect(domain.emailType == "MX")
            #expect(
                domain.hosts.filter { $0.type == "A" || $0.type == "NS" }.map(\.line).sorted()
                    == ["@ A 198.51.100.20 60", "www A 198.51.100.20 60"])
            #expect(
                domain.hosts.filter { $0.type != "NS" && $0.type != "A" }.map(\.line).sorted()
                    == others.map { $0.replacing(" 1800", with: " 1799") })
        }
        #expect(try await dns.apply(dns.inverse(of: plan)) == .done)
        #expect(try await dns.show() == before)
        // No secret went into the request's line.
        #expect(stub.heard.allSatisfy { $0.query.isEmpty })
    }

    @Test func `errors come with status 200, and each has its message`() async throws {
        func error(
            _ change: (inout NamecheapDomain) -> Void = { _ in }, key: String = NamecheapDomain.key,
            clientIP: String = "192.0.2.10", zone: String = "example.org"
        ) async throws -> DNSError? {
            let stub = try stub(change)
            let provider = try provider(stub, key: key, clientIP: clientIP, zone: zone)
            let error = await failure { _ = try await provider.show([DNSName(zone)!]) }
            #expect(stub.heard.count == 1)
            return error
        }
        let key = try await error(key: "geheim")
        #expect(key?.kind == .credentials && key?.message.contains("1011102") == true)
        #expect(!"\(key as Any)".contains("geheim"))
        let address = try await error(clientIP: "192.0.2.99")
        #expect(address?.kind == .credentials && address?.hint.contains("client_ip") == true)
        #expect(try await error(zone: "example.net")?.kind == .unknownZone)
        #expect(try await error({ $0.isUsingOurDNS = "false" })?.kind == .unknownZone)
        #expect(try await error({ $0.trouble = .error("5050900", "Unhandled exception") })?.kind == .unreachable)
        #expect(try await error({ $0.trouble = .page })?.kind == .badAnswer)
        #expect(try await error({ $0.trouble = .torn })?.kind == .badAnswer)
    }

    @Test func `too many calls are waited for, and then told`() async throws {
        let stub = try stub { $0.tooMany = 2 }
        let dns = makeSwitch(try provider(stub))
        let plan = try await dns.plan(to: "secondary")
        #expect(stub.heard.count == 3)
        stub.with { $0.tooMany = 100 }
        let error = await failure { try await dns.apply(plan) }
        #expect(error?.kind == .limited && error?.message.contains("20 a minute") == true)
    }

    /// A write that lacks a record deletes it: nothing is written unless everything was read.
    @Test func `nothing is written on a list that is not whole`() async throws {
        let stub = try stub()
        let provider = try provider(stub)
        let dns = makeSwitch(provider)
        let view = try await dns.show()
        let plan = try await dns.plan(to: "secondary")
        for trouble in [NamecheapDomain.Trouble.torn, .empty, .page] {
            stub.with { $0.trouble = trouble }
            let error = await failure { try await provider.apply(plan, seen: view) }
            #expect(error?.kind == .badAnswer, "\(trouble): \(error as Any)")
        }
        stub.with {
            $0.trouble = .none
            $0.hosts[0].address = "203.0.113.7"
        }
        #expect(await failure { try await provider.apply(plan, seen: view) }?.kind == .stale)
        #expect(writes(stub) == 0)
    }

    @Test func `somebody who writes at the same time is noticed`() async throws {
        let stub = try stub { $0.intruder = .init(name: "new", type: "A", address: "203.0.113.7") }
        let dns = makeSwitch(try provider(stub))
        let plan = try await dns.plan(to: "secondary")
        let error = await failure { try await dns.apply(plan) }
        #expect(error?.kind == .partly && error?.message.contains("somebody else wrote them at the same time") == true)
    }

    @Test func `a lost answer is looked after, and a lie is found out`() async throws {
        let stub = try stub { $0.isLost = true }
        let dns = makeSwitch(try provider(stub))
        let plan = try await dns.plan(to: "secondary")
        #expect(try await dns.apply(plan) == .done)
        stub.with {
            $0.isLost = false
            $0.isLying = true
        }
        let error = await failure { try await dns.apply(dns.inverse(of: plan)) }
        #expect(error?.kind == .unchanged)
    }

    /// Its interface neither shows nor keeps them.
    @Test func `a domain with SRV records is not written`() async throws {
        let stub = try stub()
        let service = DNSRecordSet(
            DNSName("_sip._tcp.example.org")!, .srv, ttlSeconds: 60, values: ["1 1 5060 sip.example.org"])
        let servers = try StubNameServer { message, _ in [message.answer(from: [service])] }
        let dns = makeSwitch(try provider(stub, servers: servers))
        let plan = try await dns.plan(to: "secondary")
        let error = await failure { try await dns.apply(plan) }
        #expect(error?.kind == .refused && error?.message.contains("_sip._tcp.example.org") == true)
        #expect(writes(stub) == 0)
    }
}
