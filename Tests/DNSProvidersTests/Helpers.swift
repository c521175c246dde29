import DNSProviders
import Foundation
import Model
import Settings

struct Unexpected: Error {}

/// The DNS part of a configuration with this provider.
func dnsSettings(_ provider: String, zone: String = "example.org", more: String = "") throws -> DNSSettings {
    let settings = try Settings.parse(
        """
        cluster: c
        nodes: { a: { dsn: "host=a" }, b: { dsn: "host=b" } }
        syncs: { s: { nodes: { a: source, b: target }, tables: ["public.*"] } }
        sites: { primary: { node: a, address: 192.0.2.10 }, secondary: { node: b, address: 198.51.100.20 } }
        dns:
          provider: { \(provider) }
          records: [ { name: \(zone), type: A }, { name: www.\(zone), type: A } ]
        \(more)
        """)
    guard let dns = settings.dns else { throw Unexpected() }
    return dns
}

extension DNSPlan {
    private struct Written: Encodable {
        let zone = NameServer.zone
        let changes: [DNSChange]
        let wanted: [DNSRecordSet] = []
        let notes: [String] = []
    }

    /// A plan of just these changes, as one could stand in a journal.
    static func sample(_ changes: [DNSChange]) throws -> DNSPlan {
        try JSONDecoder().decode(DNSPlan.self, from: JSONEncoder().encode(Written(changes: changes)))
    }
}
