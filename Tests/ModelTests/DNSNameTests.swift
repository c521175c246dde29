import Model
import TestSupport
import Testing

@Suite("Domain names") struct DNSNameTests {
    @Test(arguments: [
        ("www.example.org", "www.example.org"), ("WWW.Example.ORG.", "www.example.org"), (".", "."),
        ("*.example.org", "*.example.org"), ("a\\.b.org", "a\\.b.org"), ("a\\032b.org", "a\\032b.org"),
        ("_sip._tcp.org", "_sip._tcp.org"),
    ]) func `are read and shown`(_ text: String, _ shown: String) {
        #expect(DNSName(text)?.description == shown)
        #expect(DNSName(shown) == DNSName(text))
    }

    @Test(arguments: [
        "", "..", "a..b", ".a", "a\\", "a\\25", "a\\256", String(repeating: "a", count: 64),
        [String](repeating: String(repeating: "a", count: 62), count: 5).joined(separator: "."),
    ]) func `that are none are refused`(_ text: String) { #expect(DNSName(text) == nil) }

    @Test func `any labels can be shown and read again`() {
        let seed = testSeed()
        var random = SeededRandom(seed)
        for _ in 0..<2000 {
            let labels = (0..<random.number(1...4)).map { _ in
                (0..<random.number(1...20)).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
            }
            guard let name = DNSName(labels: labels) else { continue }
            if DNSName("\(name)") != name { Issue.record("seed \(seed): \(labels)") }
        }
    }

    @Test func `lie in zones`() throws {
        let zone = try #require(DNSName("example.org"))
        let deep = try #require(DNSName("a.b.www.example.org"))
        #expect(zone.isWithin(zone) && deep.isWithin(zone) && !zone.isWithin(deep))
        #expect(try !#require(DNSName("badexample.org")).isWithin(zone))
        #expect(zone.shown(in: zone) == "@" && deep.shown(in: zone) == "a.b.www")
        #expect(zone.shown(in: deep) == "example.org.")
        #expect(deep.ancestors(below: zone).map(\.description) == ["www.example.org", "b.www.example.org"])
        #expect(zone.ancestors(below: zone) == [] && DNSName("www.example.org")!.ancestors(below: zone) == [])
    }

    @Test func `are in the order of zones`() {
        let names = ["example.org", "a.example.org", "z.a.example.org", "b.example.org"].compactMap { DNSName($0) }
        #expect(names.shuffled().sorted() == names)
    }
}
