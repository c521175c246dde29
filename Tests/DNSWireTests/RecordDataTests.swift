import DNSWire
import Model
import TestSupport
import Testing

@Suite("Values of records") struct RecordDataTests {
    /// The type, the value as somebody writes it, the value as it is shown.
    static let values: [(String, String, String)] = [
        ("A", "192.0.2.10", "192.0.2.10"), ("AAAA", "2001:DB8:0::10", "2001:db8::10"),
        ("NS", "NS1.example.ORG", "ns1.example.org."), ("CNAME", "a\\.b.example.org.", "a\\.b.example.org."),
        ("MX", "10  mail.example.org", "10 mail.example.org."),
        ("SRV", "1 2 443 web.example.org.", "1 2 443 web.example.org."),
        ("TXT", "\"v=spf1 -all\" plain", "\"v=spf1 -all\" \"plain\""),
        ("TXT", "\"a \\\"b\\\" \\195\\164\"", "\"a \\\"b\\\" \\195\\164\""),
        ("CAA", "0 issue \"letsencrypt.org\"", "0 issue \"letsencrypt.org\""), ("DS", "4711 8 2 0a1b", "4711 8 2 0A1B"),
        ("TYPE65280", "\\# 2 00ff", "\\# 2 00FF"), ("A", "\\# 4 C0000201", "192.0.2.1"),
    ]

    @Test(arguments: values) func `are written and shown`(_ type: String, _ written: String, _ shown: String) throws {
        let bytes = try RecordData.bytes(written, DNSType(type))
        #expect(RecordData.text(bytes, DNSType(type)) == shown)
        #expect(try RecordData.bytes(shown, DNSType(type)) == bytes)
    }

    @Test(arguments: [
        ("A", "192.0.2.256"), ("A", "example.org"), ("AAAA", "192.0.2.1"), ("NS", "a b"), ("NS", "a..b"),
        ("MX", "mail.example.org"), ("MX", "70000 mail.example.org"), ("TXT", ""), ("TXT", "\"open"), ("TXT", "a\\"),
        ("TXT", "a\\256"), ("SRV", "1 2 web.example.org"), ("CAA", "issue x"), ("A", "\\# 5 C0000201"),
        ("A", "\\# 4 C000020"), ("DS", "1 2 3"), ("NAPTR", "1 2"),
    ]) func `that are none are refused`(_ type: String, _ text: String) {
        #expect(throws: WireError.self) { try RecordData.bytes(text, DNSType(type)) }
    }

    @Test func `any bytes can be shown and written again`() throws {
        let seed = testSeed()
        var random = RandomMessage(seed)
        for _ in 0..<5000 {
            let type = ["A", "AAAA", "NS", "MX", "SRV", "TXT", "CAA", "DS", "TYPE99"].randomElement(
                using: &random.random)!
            let bytes = random.bytes(random.random.number(1...24))
            let text = RecordData.text(bytes, DNSType(type))
            let again = try? RecordData.bytes(text, DNSType(type))
            // Names are kept in small letters; everything else comes back to the bit.
            let same = again == bytes || again.map { RecordData.text($0, DNSType(type)) } == text
            if !same { Issue.record("seed \(seed): \(type) \(bytes) is shown as \(text)") }
        }
    }
}
