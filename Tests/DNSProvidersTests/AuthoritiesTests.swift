import DNSProviders
import DNSWire
import Model
import Testing

@testable import TestSupport

/// Proof at every authoritative server: those that are named, and those that the zone names.
@Suite("Authoritative name servers") struct AuthoritiesTests {
    private static let zone = NameServer.zone
    private static let www = NameServer.www

    private static func address(_ value: String) -> DNSRecordSet {
        DNSRecordSet(www, .a, ttlSeconds: 60, values: [value])
    }

    private static let cut = DNSRecordSet(www, .ns, ttlSeconds: 60, values: ["gss.example.net"])
    private let wanted = [address("198.51.100.20")]

    private func server(_ sets: [DNSRecordSet]) throws -> StubNameServer {
        try StubNameServer { message, _ in [message.answer(from: sets)] }
    }

    private func verify(_ servers: [ServerAddress]) async throws -> DNSVerification {
        try await Authorities(
            zone: Self.zone, configured: servers, resolvers: [], limit: .milliseconds(600)
        ).verify(wanted: wanted, unwanted: [.init(Self.www, .ns)])
    }

    @Test func `all of them must answer rightly`() async throws {
        let right = try server([Self.address("198.51.100.20")])
        let other = try server([Self.address("198.51.100.20")])
        #expect(try await verify([right.address, other.address]).isRight)
    }

    @Test func `one that is stale, silent, handing on or not responsible is named`() async throws {
        let right = try server([Self.address("198.51.100.20")])
        let stale = try server([Self.address("192.0.2.10")])
        let empty = try server([])
        let silent = try StubNameServer { _, _ in [] }
        let handing = try StubNameServer { message, _ in
            [message.answer(authority: [Self.cut], isAuthoritative: false).bytes]
        }
        let stranger = try StubNameServer { message, _ in [message.answer(code: 5, isAuthoritative: false).bytes] }
        let recursive = try StubNameServer { message, _ in
            [message.answer(from: [Self.address("198.51.100.20")], isAuthoritative: false)]
        }
        let servers = [right, stale, empty, silent, handing, stranger, recursive]
        let proof = try await verify(servers.map(\.address))
        #expect(!proof.isRight)
        let lines = proof.servers.map { $0.problem ?? $0.differences.map { "\($0.type) \($0.found)" }.joined() }
        #expect(
            lines == [
                "", "A [\"192.0.2.10\"]", "A []", "does not answer within 0.6 seconds",
                "A [\"NS gss.example.net.\"]NS [\"gss.example.net.\"]", "answers REFUSED for example.org",
                "is not authoritative for example.org",
            ])
        #expect(proof.servers.map(\.server) == servers.map { "\($0.address)" })
        #expect(
            proof.servers[1].differences == [
                .init(.init(Self.www, .a), wanted: ["198.51.100.20"], found: ["192.0.2.10"])
            ])
    }

    // MARK: Found by the zone's NS records

    private func resolver(_ sets: [DNSRecordSet]) throws -> StubNameServer {
        try StubNameServer { message, _ in
            var answer = message.answer(sets.filter { $0.key == message.wanted }, isAuthoritative: false)
            answer.flags.bits |= 0x0180
            return [answer.bytes]
        }
    }

    @Test func `are found by the zone's NS records`() async throws {
        let right = try server([Self.address("198.51.100.20")])
        let names = DNSRecordSet(Self.zone, .ns, ttlSeconds: 1, values: ["ns1.example.net", "ns2.example.net"])
        let host = DNSRecordSet(DNSName("ns1.example.net")!, .a, ttlSeconds: 1, values: ["127.0.0.1"])
        let broken = try StubNameServer { message, _ in [message.answer(code: 2).bytes] }
        let resolver = try resolver([names, host])
        let authorities = Authorities(
            zone: Self.zone, configured: [], resolvers: [broken.address, resolver.address], port: right.port,
            limit: .seconds(2))
        let proof = try await authorities.verify(wanted: wanted, unwanted: [])
        #expect(
            proof.servers == [
                .init(server: "ns1.example.net (127.0.0.1)", differences: []),
                .init(server: "ns2.example.net", differences: [], problem: "has no address"),
            ])
        #expect(resolver.heard.allSatisfy { $0.0.flags.bits & 0x0100 != 0 })
        #expect(right.heard.allSatisfy { $0.0.flags.bits & 0x0100 == 0 })
    }

    @Test func `that cannot be found are no proof`() async throws {
        let knowsNothing = try resolver([])
        let broken = try StubNameServer { message, _ in [message.answer(code: 2).bytes] }
        func kind(_ resolvers: [ServerAddress]) async -> DNSError.Kind? {
            await failure {
                _ = try await Authorities(
                    zone: Self.zone, configured: [], resolvers: resolvers, limit: .seconds(1)
                ).verify(wanted: wanted, unwanted: [])
            }?.kind
        }
        #expect(await kind([knowsNothing.address]) == .unknownZone)
        #expect(await kind([broken.address]) == .unreachable)
        #expect(await kind([]) == .unreachable)
    }

    @Test func `are asked until they have a change, or the time is up`() async throws {
        let provider = MemoryProvider([DNSRecordSet(Self.www, .a, ttlSeconds: 60, values: ["192.0.2.10"])])
        let slow = try StubNameServer { message, _ in
            [message.answer(from: provider.heardByServers(after: 3))]
        }
        let dns = makeSwitch(provider, servers: [slow.address])
        let plan = try await dns.plan(to: "secondary")
        try await dns.apply(plan)
        #expect(try await !dns.verify(plan).isRight)
        #expect(try await dns.verify(plan, within: .seconds(20), every: .milliseconds(10)).isRight)
        let stale = try server([Self.address("192.0.2.10")])
        let never = makeSwitch(provider, servers: [stale.address])
        #expect(try await !never.verify(plan, within: .milliseconds(100), every: .milliseconds(10)).isRight)
    }
}
