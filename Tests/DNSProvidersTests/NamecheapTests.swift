import DNSProviders
import Foundation
import Model
import Settings
import TestSupport
import Testing

/// A domain at Namecheap, as its interface has it: all records are written at once, errors come with HTTP 200, and too many
/// calls are answered with 405.
struct NamecheapDomain: Sendable {
    struct Host: Sendable, Equatable {
        var name: String
        var type: String
        var address: String
        var mxPreference = "10"
        var ttl = "1799"

        var line: String { "\(name) \(type) \(address) \(ttl)" }
    }

    enum Trouble: Sendable, Equatable {
        case none
        case error(String, String)
        case torn, page, empty
    }

    var hosts: [Host]
    var emailType = "MX"
    /// Elements of this name; both are answered in the wild.
    var spelling = "host"
    /// So many calls are answered with 405.
    var tooMany = 0
    var trouble = Trouble.none
    var isLost = false
    var isLying = false
    /// What somebody else writes between our write and our look.
    var intruder: Host?
    var isUsingOurDNS = "true"

    static let key = "opensesame-4711"

    static let start = NamecheapDomain(hosts: [
        Host(name: "@", type: "A", address: "192.0.2.10"),
        Host(name: "www", type: "NS", address: "gss1.example.net."),
        Host(name: "www", type: "NS", address: "gss2.example.net."),
        Host(name: "@", type: "MX", address: "mail.example.org.", mxPreference: "20", ttl: "1800"),
        Host(name: "@", type: "TXT", address: "v=spf1 a \"quoted\" <&> -all", ttl: "300"),
        Host(name: "Mixed", type: "CNAME", address: "Target.example.net", ttl: "60"),
    ])

    private static func document(_ inside: String, status: String = "OK", errors: String = "") -> String {
        """
        <?xml version="1.0" encoding="utf-8"?>
        <ApiResponse Status="\(status)" xmlns="http://api.namecheap.com/xml.response"><Errors>\(errors)</Errors><Warnings />
        \(inside)<Server>X</Server><GMTTimeDifference>--5:00</GMTTimeDifference></ApiResponse>
        """
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing(
            "\"", with: "&quot;")
    }

    mutating func answer(_ request: WebStub<NamecheapDomain>.Request) -> WebStub<NamecheapDomain>.Answer {
        if tooMany > 0 {
            tooMany -= 1
            return .init(status: "405 Method Not Allowed", body: "<html>Too many requests</html>")
        }
        let form = request.form
        guard request.method == "POST", form["ApiKey"] == Self.key, form["ApiUser"] == "library",
            form["UserName"] == "library"
        else {
            return Self.error("1011102", "API Key is invalid or API access has not been enabled")
        }
        guard form["ClientIp"] == "192.0.2.10" else { return Self.error("1011150", "Invalid request IP: 192.0.2.99") }
        guard form["SLD"] == "example", form["TLD"] == "org" else { return Self.error("2019166", "Domain not found") }
        if case .error(let number, let text) = trouble { return Self.error(number, text) }
        if trouble == .page { return .init(status: "502 Bad Gateway", body: "<html><body>oops") }
        switch form["Command"] {
        case "namecheap.domains.dns.getHosts": return .init(body: list())
        case "namecheap.domains.dns.setHosts": return write(form)
        default: return Self.error("1010900", "Command is invalid")
        }
    }

    private static func error(_ number: String, _ text: String) -> WebStub<NamecheapDomain>.Answer {
        .init(body: document("", status: "ERROR", errors: "<Error Number=\"\(number)\">\(text)</Error>"))
    }

    private func list() -> String {
        let shown = trouble == .empty ? [] : hosts
        let elements = shown.enumerated().map { index, host in
            let ttl = trouble == .torn && index == 2 ? "" : " TTL=\"\(host.ttl)\""
            return "<\(spelling) HostId=\"\(index)\" Name=\"\(host.name)\" Type=\"\(host.type)\" "
                + "Address=\"\(Self.escaped(host.address))\" MXPref=\"\(host.mxPreference)\"\(ttl) AssociatedAppTitle=\"\" "
                + "FriendlyName=\"\" IsActive=\"true\" IsDDNSEnabled=\"false\" />"
        }
        return Self.document(
            """
            <RequestedCommand>namecheap.domains.dns.gethosts</RequestedCommand>
            <CommandResponse Type="namecheap.domains.dns.getHosts"><DomainDNSGetHostsResult Domain="example.org" \
            EmailType="\(emailType)" IsUsingOurDNS="\(isUsingOurDNS)">\(elements.joined())</DomainDNSGetHostsResult></CommandResponse>
            """)
    }

    /// What is not in it is deleted, mail goes as it says.
    private mutating func write(_ form: [String: String]) -> WebStub<NamecheapDomain>.Answer {
        var written: [Host] = []
        for number in 1... {
            guard let name = form["HostName\(number)"], let type = form["RecordType\(number)"],
                let address = form["Address\(number)"]
            else { break }
            written.append(
                Host(
                    name: name, type: type, address: address, mxPreference: form["MXPref\(number)"] ?? "10",
                    ttl: form["TTL\(number)"] == "1800" ? "1799" : form["TTL\(number)"] ?? "1799"))
        }
        if !isLying {
            hosts = written.reversed()
            emailType = form["EmailType"] ?? "NONE"
            if let intruder { hosts.append(intruder) }
        }
        let done = Self.document(
            """
            <CommandResponse Type="namecheap.domains.dns.setHosts"><DomainDNSSetHostsResult Domain="example.org" IsSuccess="true" />\
            </CommandResponse>
            """)
        return .init(body: done, isLost: isLost)
    }
}

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
