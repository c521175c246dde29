import DNSProviders
import Foundation
import Model
import Settings
import TestSupport

struct Unexpected: Error {}

/// A configuration with this provider.
private func settings(_ provider: String, zone: String = "example.org", servers: Bool = false) throws -> Settings {
    let more = servers ? "servers: [192.0.2.53]\n  ttl_max: 2m\n  changed_percent_max: 40" : ""
    return try Settings.parse(
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
}

/// Its DNS part.
func dnsSettings(_ provider: String, zone: String = "example.org", servers: Bool = false) throws -> DNSSettings {
    guard let dns = try settings(provider, zone: zone, servers: servers).dns else { throw Unexpected() }
    return dns
}

/// Its sites.
func siteSettings() throws -> [SiteSettings] {
    try settings("exec: { command: [/bin/true], zone: example.org }").sites
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
