import DNSProviders
import Foundation
import Model
import Settings
import Synchronization
import Testing

@testable import TestSupport

@Suite("Cloudflare's interface") struct CloudflareTests {
    private func stub(_ zone: CloudflareZone = .start) throws -> WebStub<CloudflareZone> {
        try WebStub(zone) { request, zone in zone.answer(request) }
    }

    private func provider(
        _ stub: WebStub<CloudflareZone>, token: String = CloudflareZone.token, zone: String = "example.org"
    ) throws -> CloudflareProvider {
        let settings = try dnsSettings(
            "cloudflare: { zone: \(zone), token: \(token), url: \"\(stub.url)\" }", zone: zone)
        guard case .cloudflare(let own) = settings.provider else { throw Unexpected() }
        return CloudflareProvider(own, zone: DNSName(zone)!, limit: .seconds(5))
    }

    @Test func `the first user's change is one batch, and can be taken back`() async throws {
        let stub = try stub()
        let dns = makeSwitch(try provider(stub))
        let before = try await dns.show()
        #expect(before[.init(NameServer.zone, .a)]?.ttlSeconds == 300)
        let plan = try await dns.plan(to: "secondary")
        #expect(try await dns.apply(plan) == .done)
        #expect(stub.heard.count { $0.method == "POST" } == 1)
        let records = stub.with { $0.records.map { "\($0.name) \($0.type) \($0.content) \($0.ttl)" }.sorted() }
        #expect(
            records == [
                "example.org A 198.51.100.20 60", "mail.example.org A 192.0.2.25 3600",
                "www.example.org A 198.51.100.20 60",
            ])
        // The record that goes on with another value keeps its identity.
        #expect(stub.with { $0.records.contains { $0.id == "1" } })
        #expect(try await dns.apply(plan) == .wasDone)
        #expect(try await dns.apply(dns.inverse(of: plan)) == .done)
        #expect(try await dns.show() == before)
    }

    @Test func `what is wrong is told, and changes nothing`() async throws {
        let stub = try stub()
        let dns = makeSwitch(try provider(stub))
        let plan = try await dns.plan(to: "secondary")
        let start = stub.with { $0.records.map(\.content) }
        let guest = makeSwitch(try provider(stub, token: "geheim"))
        let refused = await failure { try await guest.apply(plan) }
        #expect(refused?.kind == .credentials && !"\(refused as Any)".contains("geheim"))
        let other = try provider(stub, zone: "example.net")
        #expect(await failure { _ = try await other.show([DNSName("example.net")!]) }?.kind == .unknownZone)
        stub.with { $0.isLimited = true }
        let limited = await failure { try await dns.apply(plan) }
        #expect(limited?.kind == .limited && limited?.message.contains("7 s") == true)
        stub.with { $0.isLimited = false }
        // Somebody else, between the plan and its execution, and between the look and the batch.
        stub.with { $0.records[0].content = "203.0.113.7" }
        #expect(await failure { try await dns.apply(plan) }?.kind == .stale)
        let seen = DNSZoneView(zone: NameServer.zone, names: plan.names, sets: plan.changes.compactMap(\.before))
        #expect(await failure { try await dns.provider.apply(plan, seen: seen) }?.kind == .stale)
        #expect(stub.with { $0.records.map(\.content) } == ["203.0.113.7"] + start.dropFirst())
    }

    @Test func `a lost answer is looked after, and a lie is found out`() async throws {
        let stub = try stub()
        let dns = makeSwitch(try provider(stub))
        let plan = try await dns.plan(to: "secondary")
        stub.with { $0.isLost = true }
        #expect(try await dns.apply(plan) == .done)
        stub.with {
            $0.isLost = false
            $0.isLying = true
        }
        let error = await failure { try await dns.apply(dns.inverse(of: plan)) }
        #expect(error?.kind == .unchanged && error?.message.contains("Cloudflare said") == true)
    }

    @Test func `proxied records are left alone`() async throws {
        var zone = CloudflareZone.start
        zone.records[0].proxied = true
        let stub = try stub(zone)
        let dns = makeSwitch(try provider(stub))
        let refused = await #expect(throws: DNSPlanRefused.self) { _ = try await dns.plan(to: "secondary") }
        #expect(refused?.message.contains("is proxied by Cloudflare") == true)
        #expect(!stub.heard.contains { $0.method == "POST" })
    }
}
