import DNSProviders
import Model
import Replication
import Settings

/// What `check` finds of the names: whether the provider knows us and the zone, whether the records are there, what may keep
/// people at a dead site, and whether every authoritative server answers. Changes nothing.
enum DNSFindings {
    static func look(_ settings: Settings) async -> [Finding] {
        guard let dns = settings.dns else { return [] }
        do {
            let names = try DNSSwitch(dns, sites: settings.sites)
            let view = try await names.show()
            return lead(names, view) + missing(names, view) + policy(names, view) + (await servers(names))
        } catch {
            return [Finding(.problem, "dns: \(error.message)", remedy: error.hint)]
        }
    }

    private static func lead(_ names: DNSSwitch, _ view: DNSZoneView) -> [Finding] {
        let place = "dns: \(names.provider.title) answers for zone \(names.zone)"
        if let site = names.site(in: view) { return [Finding(.good, "\(place); the records lead to \(site)")] }
        let site = names.sites.first?.name ?? "primary"
        return [
            Finding(
                .notice, "\(place); the records do not lead to one site yet",
                remedy:
                    "\"switchback dns plan --site \(site)\" shows what would change, \"switchback dns apply --site \(site)\" does it"
            )
        ]
    }

    private static func missing(_ names: DNSSwitch, _ view: DNSZoneView) -> [Finding] {
        names.records.filter { view[.init($0.name, $0.type)] == nil }.map { record in
            Finding(
                .notice, "dns: zone \(names.zone) has no record \(record.name) \(record.type)",
                remedy: "the first plan creates it; if that is not meant, mend its name in dns.records")
        }
    }

    /// What the policy has against a plan to either site.
    private static func policy(_ names: DNSSwitch, _ view: DNSZoneView) -> [Finding] {
        var known: Set<String> = []
        return names.sites.flatMap { site -> [Finding] in
            do {
                return try names.plan(to: site.name, seen: view).notes.map {
                    Finding(.notice, "dns: \($0)", remedy: "change it before the site has to move")
                }
            } catch let refused as DNSPlanRefused {
                return [Finding(.problem, "dns: \(refused.message)", remedy: refused.hint)]
            } catch {
                return [Finding(.problem, "dns: \(error)", remedy: "see \"switchback dns plan --site \(site.name)\"")]
            }
        }.filter { known.insert($0.message).inserted }
    }

    private static func servers(_ names: DNSSwitch) async -> [Finding] {
        do {
            return try await names.authorities.verify(
                wanted: [], unwanted: names.records.map { .init($0.name, $0.type) }
            )
            .servers.compactMap { server in
                server.problem.map {
                    Finding(
                        .problem, "dns: authoritative server \(server.server) \($0)",
                        remedy: "mend it, or take it out of the zone or of dns.servers: a plan waits for every one")
                }
            }
        } catch {
            return [Finding(.problem, "dns: \(error.message)", remedy: error.hint)]
        }
    }
}
