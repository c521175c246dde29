import DNSProviders
import DNSWire
import Model
import Settings
import Testing

@testable import TestSupport

@Suite("PowerDNS's interface, on a real server", .enabled(if: Tool.pdns != nil && Tool.pdnsSchema != nil))
struct PowerDNSTests {
    private static let zone = NameServer.zone
    private static let www = NameServer.www

    static func provider(
        port: Int, key: String = NameServer.apiKey, zone: String = "example.org", serverID: String = "localhost"
    ) throws -> PowerDNSProvider {
        let settings = try dnsSettings(
            "powerdns: { url: \"http://127.0.0.1:\(port)/\", zone: \(zone), key: \(key), server_id: \(serverID) }",
            zone: zone)
        guard case .powerDNS(let own) = settings.provider else { throw Unexpected() }
        return PowerDNSProvider(own, zone: DNSName(zone)!, limit: .seconds(5))
    }

    @Test func `the first user's change is one request, proved and taken back`() async throws {
        let server = try await NameServer.powerDNS()
        do {
            let dns = makeSwitch(try Self.provider(port: server.webPort), servers: [server.address])
            let before = try await dns.show()
            #expect(before.setsInZone == 8)
            #expect(before[.init(Self.www, .ns)]?.values == ["gss1.example.net.", "gss2.example.net."])
            let plan = try await dns.plan(to: "secondary")
            #expect(plan.changes.count == 3)
            #expect(try await dns.apply(plan) == .done)
            #expect(try await dns.verify(plan, within: .seconds(20), every: .milliseconds(200)).isRight)
            #expect(try await server.addresses() == ["198.51.100.20"])
            #expect(try await dns.apply(plan) == .wasDone)
            #expect(try await dns.apply(dns.inverse(of: plan)) == .done)
            #expect(try await dns.show() == before)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test func `what is wrong is told, and changes nothing`() async throws {
        let server = try await NameServer.powerDNS()
        do {
            let dns = makeSwitch(try Self.provider(port: server.webPort))
            let before = try await dns.show()
            let plan = try await dns.plan(to: "secondary")
            let guest = makeSwitch(try Self.provider(port: server.webPort, key: "geheim"))
            for error in [
                await failure { _ = try await guest.show() },
                await failure { try await guest.provider.apply(plan, seen: before) },
            ] {
                #expect(error?.kind == .credentials && error?.message.contains("401") == true)
                #expect(!"\(error as Any)".contains("geheim"))
            }
            let lost = try Self.provider(port: server.webPort, zone: "example.net")
            #expect(await failure { _ = try await lost.show([DNSName("www.example.net")!]) }?.kind == .unknownZone)
            let closed = try Self.provider(port: try closedPort())
            #expect(await failure { _ = try await closed.show([Self.www]) }?.kind == .unreachable)
            // The server itself finds that an alias and an address cannot stand together: all or nothing.
            let seen = DNSZoneView(zone: Self.zone, names: plan.names, sets: [])
            let bad = try DNSPlan.sample(
                [
                    .create(DNSRecordSet(Self.www, .cname, ttlSeconds: 60, values: ["a.example.net"])),
                    .create(DNSRecordSet(Self.www, .a, ttlSeconds: 60, values: ["192.0.2.1"])),
                ])
            let error = await failure { try await dns.provider.apply(bad, seen: seen) }
            #expect(error?.kind == .refused && error?.message.contains("nothing was done") == true, "\(error as Any)")
            #expect(try await dns.show() == before)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test func `disabled records are not wiped out`() async throws {
        let body = #"""
            {"rrsets":[{"name":"www.example.org.","type":"A","ttl":60,"records":[
            {"content":"192.0.2.10","disabled":false},{"content":"192.0.2.11","disabled":true}]}]}
            """#
        let stub = try WebStub(0) { _, _ in .init(body: body) }
        let port = try #require(Int(stub.url.split(separator: ":").last ?? ""))
        let dns = makeSwitch(try Self.provider(port: port))
        let refused = await #expect(throws: DNSPlanRefused.self) { _ = try await dns.plan(to: "secondary") }
        #expect(refused?.message == "www.example.org A has disabled records, which Switchback does not change")
    }
}
