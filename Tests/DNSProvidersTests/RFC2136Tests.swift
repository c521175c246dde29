import Model
import TestSupport
import Testing

@testable import DNSProviders
@testable import DNSWire

/// Real name servers, each of which takes dynamic updates.
enum Kind: String, CaseIterable, Sendable {
    case bind, knot, powerDNS

    static let here = allCases.filter { kind in
        switch kind {
        case .bind: Tool.named != nil
        case .knot: Tool.knot != nil
        case .powerDNS: Tool.pdns != nil && Tool.pdnsSchema != nil
        }
    }

    func start() async throws -> NameServer {
        switch self {
        case .bind: try await .bind()
        case .knot: try await .knot()
        case .powerDNS: try await .powerDNS()
        }
    }
}

@Suite("Dynamic updates at BIND, Knot and PowerDNS", .enabled(if: !Kind.here.isEmpty)) struct RFC2136Tests {
    private let zone = NameServer.zone
    private let www = NameServer.www

    @Test(arguments: Kind.here) func `the first user's change is made, proved and taken back`(_ kind: Kind) async throws
    {
        let server = try await kind.start()
        do {
            let dns = makeSwitch(server.rfc2136(), servers: [server.address])
            let before = try await dns.show()
            #expect(before[.init(www, .ns)]?.values == ["gss1.example.net.", "gss2.example.net."])
            #expect(dns.site(in: before) == nil)
            let plan = try await dns.plan(to: "secondary")
            #expect(plan.changes.map(\.key) == [.init(www, .ns), .init(zone, .a), .init(www, .a)])
            #expect(try await !dns.verify(plan).isRight)
            #expect(try await dns.apply(plan) == .done)
            #expect(try await server.addresses() == ["198.51.100.20"])
            let proof = try await dns.verify(plan, within: .seconds(20), every: .milliseconds(200))
            #expect(proof.isRight, "\(proof.lines)")
            #expect(dns.site(in: try await dns.show()) == "secondary")
            // Once more: nothing is left to do.
            #expect(try await dns.apply(plan) == .wasDone)
            #expect(try await dns.plan(to: "secondary").isEmpty)
            #expect(try await dns.apply(dns.inverse(of: plan)) == .done)
            let after = try await dns.show()
            #expect(after.sets == before.sets)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test(arguments: Kind.here) func `what somebody else changed meanwhile is not overwritten`(_ kind: Kind)
        async throws
    {
        let server = try await kind.start()
        do {
            let provider = server.rfc2136()
            let dns = makeSwitch(provider)
            let old = try await dns.plan(to: "secondary")
            let other = try DNSPlan.make(
                wanted: [DNSRecordSet(zone, .a, ttlSeconds: 60, values: ["203.0.113.7"])], site: nil,
                seen: try await dns.show(), policy: DNSPolicy())
            #expect(try await dns.apply(other) == .done)
            #expect(await failure { try await dns.apply(old) }?.kind == .stale)
            // The server refuses it too, for one who looked too early.
            let refusal = await failure { try await provider.apply(old, seen: try await dns.show()) }
            #expect(refusal?.kind == .stale && refusal?.message.contains("NXRRSET") == true)
            let now = try await dns.show()
            #expect(now[.init(zone, .a)]?.values == ["203.0.113.7"] && now[.init(www, .a)] == nil)
            #expect(now[.init(www, .ns)] != nil)
            // An alias that came to where an address is to be made.
            let fresh = DNSName("fresh.example.org")!
            let view = try await provider.show([fresh])
            let create = try DNSPlan.make(
                wanted: [DNSRecordSet(fresh, .a, ttlSeconds: 60, values: ["192.0.2.1"])], site: nil, seen: view,
                policy: DNSPolicy())
            let alias = DNSRecordSet(fresh, .cname, ttlSeconds: 60, values: ["www.example.net"])
            let update = try DNSMessage.update(zone: zone, changes: [.create(alias)], id: 9)
            #expect(
                try await DNSClient(limit: .seconds(5)).send(update, to: server.address, key: NameServer.key).flags
                    .responseCode == .noError)
            #expect(await failure { try await provider.apply(create, seen: view) }?.kind == .stale)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test(arguments: Kind.here) func `wrong keys and unknown zones are told, and change nothing`(_ kind: Kind)
        async throws
    {
        let server = try await kind.start()
        do {
            let dns = makeSwitch(server.rfc2136())
            let before = try await dns.show()
            let plan = try await dns.plan(to: "secondary")
            let wrong = [
                "hmac-sha256:switchback.:d3Jvbmcgc2VjcmV0IG9mIHRlc3Rz", "hmac-sha256:nobody.:\(NameServer.secret)",
            ]
            for text in wrong {
                let other = makeSwitch(server.rfc2136(key: try TSIGKey(text: text)))
                let error = await failure { try await other.apply(plan) }
                #expect(error?.kind == .credentials, "\(error as Any)")
                // Without the look before it, too.
                let direct = await failure { try await other.provider.apply(plan, seen: before) }
                #expect(direct?.kind == .credentials || direct?.kind == .refused, "\(direct as Any)")
                #expect(!"\(error as Any)\(direct as Any)".contains("d3Jvbmc"))
            }
            let unsigned = await failure { try await server.rfc2136(key: nil).apply(plan, seen: before) }
            #expect(unsigned?.kind == .refused || unsigned?.kind == .unknownZone, "\(unsigned as Any)")
            let elsewhere = server.rfc2136(zone: DNSName("example.net")!)
            #expect(await failure { _ = try await elsewhere.show([DNSName("www.example.net")!]) }?.kind == .unknownZone)
            #expect(try await dns.show().sets == before.sets)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    /// The clock of whoever signs is ten minutes off: every server refuses that, and says what its own is.
    @Test(arguments: Kind.here) func `a clock that is off is told as such, and nothing is changed`(_ kind: Kind)
        async throws
    {
        let server = try await kind.start()
        do {
            let right = server.rfc2136()
            let dns = makeSwitch(right)
            let before = try await dns.show()
            let plan = try await dns.plan(to: "secondary")
            for minutes in [10, -10] {
                let off = RFC2136Provider(
                    right, client: DNSClient(limit: .seconds(5), clockAhead: .seconds(minutes * 60)))
                let error = await failure { try await off.apply(plan, seen: before) }
                // PowerDNS answers a signature that is out of time as any other that is wrong, and does not say more.
                guard kind != .powerDNS else {
                    #expect(error?.kind == .credentials || error?.kind == .refused, "\(error as Any)")
                    continue
                }
                #expect(error?.kind == .credentials, "\(error as Any)")
                let says = "this machine's differs by more than 300 s"
                #expect(error?.message.contains(says) == true, "\(error as Any)")
                #expect(error?.hint == "set the clocks of both machines by NTP")
            }
            #expect(try await dns.show().sets == before.sets)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test(.enabled(if: Tool.named != nil)) func `what a key may not change is named, with the grant that it lacks`()
        async throws
    {
        let server = try await NameServer.bind(grants: "name www.example.org. A AAAA")
        do {
            let dns = makeSwitch(server.rfc2136())
            let plan = try await dns.plan(to: "secondary")
            let error = await failure { try await dns.apply(plan) }
            #expect(error?.kind == .refused)
            #expect(error?.hint.contains("grant switchback name www.example.org. A NS;") == true, "\(error as Any)")
            #expect(try await server.addresses(of: zone) == ["192.0.2.10"])
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test(.enabled(if: Tool.named != nil)) func `a key of SHA-512 signs as well`() async throws {
        let server = try await NameServer.bind()
        do {
            let key = try TSIGKey(
                text: "key \"long.\" { algorithm hmac-sha512; secret \"\(NameServer.secret)\"; };")
            let dns = makeSwitch(server.rfc2136(key: key))
            #expect(try await dns.apply(try await dns.plan(to: "secondary")) == .done)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test(arguments: Kind.here) func `a name that only a wildcard answers gets a record of its own`(_ kind: Kind)
        async throws
    {
        let server = try await kind.start()
        do {
            let client = DNSClient(limit: .seconds(5))
            let wild = DNSRecordSet(
                DNSName("*.wild.example.org")!, .a, ttlSeconds: 60, values: ["192.0.2.77"])
            let own = DNSRecordSet(DNSName("own.wild.example.org")!, .a, ttlSeconds: 60, values: ["192.0.2.77"])
            let update = try DNSMessage.update(zone: zone, changes: [.create(wild), .create(own)], id: 9)
            #expect(
                try await client.send(update, to: server.address, key: NameServer.key).flags.responseCode == .noError)
            let provider = server.rfc2136()
            let name = DNSName("new.wild.example.org")!
            #expect(try await server.addresses(of: name) == ["192.0.2.77"])
            let view = try await provider.show([name, own.name])
            #expect(view.sets == [own])
            let plan = try DNSPlan.make(
                wanted: [DNSRecordSet(name, .a, ttlSeconds: 60, values: ["192.0.2.1"])], site: nil, seen: view,
                policy: DNSPolicy())
            try await provider.apply(plan, seen: view)
            #expect(try await server.addresses(of: name) == ["192.0.2.1"])
            #expect(try await server.addresses(of: DNSName("third.wild.example.org")!) == ["192.0.2.77"])
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test func `a server that is not there is told within the time`() async throws {
        let port = UInt16(try closedPort())
        let provider = RFC2136Provider(
            zone: zone, server: ServerAddress(host: "127.0.0.1", port: port), key: nil, limit: .seconds(2))
        let error = await failure { _ = try await provider.show([www]) }
        #expect(error?.kind == .unreachable && error?.message.contains("127.0.0.1:\(port)") == true)
    }
}
