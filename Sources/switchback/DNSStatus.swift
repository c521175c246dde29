import DNSProviders
import Failover
import Model
import Settings

/// What the authoritative name servers answer, against the site that is active.
struct DNSStatus: Encodable, Sendable {
    struct Server: Encodable, Sendable {
        let server: String
        /// The site that it leads people to; nil for none or several.
        let site: String?
        /// Why it does not tell.
        let problem: String?
    }

    let zone: String
    /// The site that they are to lead to; nil when it is not known which one is active.
    let active: String?
    /// The site that all of them lead to; nil when they do not.
    let site: String?
    /// Whether that is the active one; nil when that is not known.
    let right: Bool?
    let servers: [Server]
    let error: String?

    /// A look at the names must not keep everything else from being shown.
    private static let limit = Duration.seconds(5)

    var isWell: Bool { error == nil && right != false }

    /// Nil where the configuration has no names.
    static func read(_ settings: Settings, active: String?) async -> DNSStatus? {
        guard let dns = settings.dns else { return nil }
        let zone = dns.provider.zone
        let sites = settings.sites
        switch await limited(to: limit, { try await servers(DNSSwitch(dns, sites: sites)) }) {
        case .value(let servers): return DNSStatus(zone, servers, active: active)
        case .failed(let error):
            return DNSStatus(zone, [], active: active, error: (error as? DNSError)?.message ?? "\(error)")
        case .late: return DNSStatus(zone, [], active: active, error: "the name servers did not answer in time")
        }
    }

    private init(_ zone: String, _ servers: [Server], active: String?, error: String? = nil) {
        (self.zone, self.servers, self.active, self.error) = (zone, servers, active, error)
        let first = servers.first?.site
        let common = servers.allSatisfy { $0.site == first } ? first : nil
        site = common
        right = error == nil ? active.map { $0 == common } : nil
    }

    private static func servers(_ names: DNSSwitch) async throws -> [Server] {
        var found: [Server] = []
        for site in names.sites {
            let proof = try await names.authorities.verify(wanted: names.wanted(for: site.name), unwanted: [])
            for (index, server) in proof.servers.enumerated() {
                if index == found.count {
                    found.append(Server(server: server.server, site: nil, problem: server.problem))
                }
                guard server.isRight else { continue }
                found[index] = Server(server: server.server, site: site.name, problem: nil)
            }
            // Who is silent once is not asked again.
            if found.allSatisfy({ $0.site != nil || $0.problem != nil }) { break }
        }
        return found
    }

    /// For people.
    var text: String {
        var lines: [String] = []
        switch (site, right) {
        case (let site?, true?):
            lines.append("  the names lead to \(site), the active site, at every authoritative server")
        case (let site?, _):
            lines.append("  the names lead to \(site)\(active.map { ", and the active site is \($0)" } ?? "")")
        case (nil, _):
            lines.append(
                "  the names of zone \(zone) do not lead to \(active ?? "one site") at every authoritative server")
        }
        if let error { lines.append("    \(error)") }
        for server in servers where server.site == nil || server.site != active {
            lines.append(
                "    \(server.server): \(server.problem ?? server.site.map { "leads to \($0)" } ?? "leads to no site")")
        }
        if right == false, let active {
            lines.append(
                "    → \"switchback dns plan --site \(active)\" shows what differs; \"switchback why\" tells of plans")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
