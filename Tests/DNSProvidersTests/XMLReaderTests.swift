import TestSupport
import Testing

@testable import DNSProviders

@Suite("XML that providers answer") struct XMLReaderTests {
    @Test func `elements, attributes, texts`() throws {
        let root = try XMLReader.read(
            """
            \u{FEFF}<?xml version="1.0"?> <!-- hello -->
            <A:Root Status='OK' x:Y="a &lt;&#38;&#x41;&quot;"><Item/>one <Item Name = "2">two<![CDATA[<&>]]></Item><!-- - --></A:Root>

            """)
        #expect(root.name == "root" && root.attributes == ["status": "OK", "y": "a <&A\""])
        #expect(root.all("item").map(\.value) == ["", "two<&>"] && root.all("item")[1].attributes == ["name": "2"])
        #expect(root.value == "one" && root.first("none") == nil)
        let text = "a<b>&\"c'"
        #expect(
            try XMLReader.read("<a b=\"\(XMLElement.escaped(text))\">\(XMLElement.escaped(text))</a>").value == text)
    }

    @Test(arguments: [
        "", "text", "<a>", "<a></b>", "<a/><b/>", "<a b></a>", "<a b=c/>", "<a b=\"c/>", "<a>&none;</a>",
        "<a>&#xD800;</a>",
        "<a>&amp", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "<a><!-- ", "< a/>",
        String(repeating: "<a>", count: 100),
    ]) func `what is none is told`(_ text: String) {
        #expect(throws: XMLError.self) { try XMLReader.read(text) }
    }

    @Test func `no text makes the reader crash or hang`() {
        let seed = testSeed()
        var random = SeededRandom(seed)
        let parts = [
            "<", ">", "/", "a", "=", "\"", "'", "&", ";", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", " ", "#x", "é",
            "</a>", "<a>",
        ]
        var readable = 0
        for _ in 0..<20000 {
            let text = (0..<random.number(1...14)).map { _ in parts.randomElement(using: &random)! }.joined()
            if (try? XMLReader.read(text)) != nil { readable += 1 }
        }
        #expect(readable > 0, "seed \(seed)")
    }
}
