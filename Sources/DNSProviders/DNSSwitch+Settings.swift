import DNSWire
import HTTP
import Model
public import Settings

extension DNSSwitch {
    /// What the configuration says.
    ///
    /// - Throws: `DNSError`, when a key is none. Nothing is asked.
    public init(_ settings: DNSSettings, sites: [SiteSettings]) throws(DNSError) {
        let zone = DNSName(settings.provider.zone) ?? .root
        let servers = try settings.servers.map { text throws(DNSError) in try Self.address(text, "dns.servers") }
        let authorities = Authorities(zone: zone, configured: servers, limit: settings.timeout)
        let records = settings.records.compactMap { record in
            DNSName(record.name).map {
                Record($0, DNSType(record.kind.rawValue), ttlSeconds: Int(record.ttl.components.seconds))
            }
        }
        self.init(
            provider: try Self.provider(settings, zone, authorities), records: records,
            sites: sites.map { Site($0.name, address: $0.address.description) },
            policy: DNSPolicy(
                ttlSecondsMax: Int(settings.ttlMax.components.seconds),
                changedPercentMax: settings.changedPercentMax), authorities: authorities)
    }

    private static func provider(
        _ settings: DNSSettings, _ zone: DNSName, _ authorities: Authorities
    ) throws(DNSError) -> any DNSProviding {
        let limit = settings.timeout
        switch settings.provider {
        case .rfc2136(let own):
            return RFC2136Provider(
                zone: zone, server: try address(own.server, "dns.provider.rfc2136.server"), key: try key(own.key),
                limit: limit)
        case .powerDNS(let own): return PowerDNSProvider(own, zone: zone, limit: limit)
        case .route53(let own): return Route53Provider(own, zone: zone, limit: limit)
        case .cloudflare(let own): return CloudflareProvider(own, zone: zone, limit: limit)
        case .namecheap(let own):
            return NamecheapProvider(own, zone: zone, limit: limit, authorities: authorities)
        case .exec(let own): return ExecProvider(zone: zone, command: own.command, limit: limit)
        }
    }

    private static func address(_ text: String, _ key: String) throws(DNSError) -> ServerAddress {
        if let address = ServerAddress(text) { return address }
        throw DNSError(
            .badSettings, "\(key) is no address of a server",
            hint: "write it like 192.0.2.53, ns1.example.org or 192.0.2.53:5353")
    }

    private static func key(_ secret: Secret?) throws(DNSError) -> TSIGKey? {
        guard let secret else { return nil }
        do throws(TSIGKey.Unreadable) { return try TSIGKey(text: secret.value) } catch {
            throw DNSError(
                .badSettings, "dns.provider.rfc2136.key \(error.message)",
                hint: "name a file as \"tsig-keygen\" writes it: key: \"file:/etc/switchback/tsig\"")
        }
    }
}
