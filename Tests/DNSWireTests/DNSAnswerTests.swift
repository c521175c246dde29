import DNSWire
import Model
import Testing

/// What an answer says of a record set, kind by kind.
@Suite("Answers of name servers") struct DNSAnswerTests {
    private static let zone = DNSName("example.org")!
    private static let www = DNSName("www.example.org")!

    private func record(_ name: String, _ type: String, _ value: String) throws -> DNSMessage.Resource {
        .init(
            DNSName(name)!, type: RecordType.number(of: DNSType(type))!, ttl: 60,
            data: try RecordData.bytes(value, DNSType(type)))
    }

    private func read(
        _ type: DNSType = .a, code: UInt16 = 0, isAuthoritative: Bool = true, answers: [DNSMessage.Resource] = [],
        authority: [DNSMessage.Resource] = []
    ) -> DNSAnswer {
        let flags = DNSMessage.Flags(bits: 0x8000 | (isAuthoritative ? 0x0400 : 0) | code)
        let message = DNSMessage(id: 1, flags: flags, answers: answers, authority: authority)
        return DNSAnswer(message, of: .init(Self.www, type), in: Self.zone)
    }

    private func set(_ type: DNSType, _ values: [String]) -> DNSRecordSet {
        DNSRecordSet(Self.www, type, ttlSeconds: 60, values: values)
    }

    @Test func `records, none, an alias`() throws {
        let addresses = try [record("www.example.org", "A", "192.0.2.2"), record("WWW.example.org", "A", "192.0.2.1")]
        #expect(read(answers: addresses) == .found(set(.a, ["192.0.2.1", "192.0.2.2"])))
        #expect(read() == .nothing && read(code: 3) == .nothing)
        let chain = try [
            record("www.example.org", "CNAME", "web.example.org"), record("web.example.org", "A", "192.0.2.1"),
        ]
        #expect(read(answers: chain) == .alias(set(.cname, ["web.example.org"])))
        #expect(read(.cname, answers: chain) == .found(set(.cname, ["web.example.org"])))
    }

    @Test func `a delegation is the zone's own record, and hides others`() throws {
        let cut = try [record("www.example.org", "NS", "gss.example.net")]
        #expect(read(.ns, isAuthoritative: false, authority: cut) == .found(set(.ns, ["gss.example.net"])))
        #expect(read(isAuthoritative: false, authority: cut) == .delegated(set(.ns, ["gss.example.net"])))
    }

    @Test func `who is not responsible is no proof of anything`() throws {
        let address = try [record("www.example.org", "A", "192.0.2.2")]
        #expect(read(isAuthoritative: false, answers: address) == .isNotAuthoritative)
        #expect(read(isAuthoritative: false) == .isNotAuthoritative)
        let upward = try [record("org", "NS", "a0.example.net"), record("example.org", "NS", "ns.example.org")]
        #expect(read(isAuthoritative: false, authority: upward) == .isNotAuthoritative)
        #expect(read(code: 5) == .refused(.refused) && read(code: 2) == .refused(.serverFailure))
    }
}
