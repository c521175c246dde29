import DNSWire
import Testing

@Suite("Addresses of name servers") struct ServerAddressTests {
    @Test(arguments: [
        ("192.0.2.53", "192.0.2.53", 53), ("192.0.2.53:5353", "192.0.2.53", 5353),
        ("ns1.example.org", "ns1.example.org", 53),
        ("ns1:54", "ns1", 54), ("2001:db8::53", "2001:db8::53", 53), ("[2001:db8::53]:54", "2001:db8::53", 54),
        ("[2001:db8::53]", "2001:db8::53", 53),
    ]) func `are read, with and without a port`(_ text: String, _ host: String, _ port: UInt16) {
        let address = ServerAddress(text)
        #expect(address?.host == host && address?.port == port)
        #expect(address.map { ServerAddress("\($0)") } == address)
    }

    @Test(arguments: ["", ":53", "a:0", "a:70000", "a:b", "[::1", "[]:53", "[::1]53"])
    func `that are none are refused`(_ text: String) { #expect(ServerAddress(text) == nil) }
}
