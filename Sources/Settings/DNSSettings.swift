/// The records that lead people to the active site, and who serves them.
public struct DNSSettings: Sendable, Equatable {
    public let provider: DNSProvider
    public let records: [DNSRecord]
    /// The name servers that must answer before a change counts as made, each as `HOST` or `HOST:PORT`; empty for those that
    /// the zone's NS records name.
    public let servers: [String]
    /// The longest TTL that a record may have.
    public let ttlMax: Duration
    /// Of how many record sets of the zone one plan may take away or replace, in percent.
    public let changedPercentMax: Int
    /// How long one question to the provider or to a name server may take.
    public let timeout: Duration

    static func read(_ value: Value, _ sites: [SiteSettings?], hasSites: Bool) -> DNSSettings? {
        guard let section = value.section(.dns) else { return nil }
        if !hasSites {
            value.report(
                "needs sites: records take their values from the active one's address",
                remedy: "add \(Keys.root.example(of: "sites") ?? "sites")")
        }
        let provider = section.required("provider").flatMap { DNSProvider.read($0) }
        let zone = provider?.zone
        let servers = section["servers"].map { servers in servers.list()?.map { $0.serverName() } } ?? []
        let ttlMax = section["ttl_max"].map { $0.duration(least: "1s", isWhole: true) } ?? .seconds(300)
        let changedPercentMax = section["changed_percent_max"].map { $0.number(1...100) } ?? 30
        let timeout = section["timeout"].map { $0.duration(least: "100ms") } ?? .seconds(10)
        var first: [DNSRecord.Identity: Value] = [:]
        let records = section.required("records")?.list()?.map { entry -> DNSRecord? in
            guard let record = DNSRecord.read(entry, zone: zone, sites: sites.compactMap { $0 }, ttlMax: ttlMax)
            else { return nil }
            if let earlier = first[record.identity] {
                entry.report("repeats \(earlier.path)", remedy: "keep one of the two")
            }
            first[record.identity] = first[record.identity] ?? entry
            return record
        }
        guard let provider, let records, let servers, let ttlMax, let changedPercentMax, let timeout else { return nil }
        return DNSSettings(
            provider: provider, records: records.compactMap { $0 }, servers: servers.compactMap { $0 },
            ttlMax: ttlMax, changedPercentMax: changedPercentMax, timeout: timeout)
    }
}

/// A record whose value is the active site's address.
public struct DNSRecord: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        case a = "A"
        case aaaa = "AAAA"
    }

    /// In small letters, without a dot at its end.
    public let name: String
    public let kind: Kind
    public let ttl: Duration

    struct Identity: Hashable {
        let name: String
        let kind: Kind
    }

    var identity: Identity { Identity(name: name, kind: kind) }

    static func read(_ value: Value, zone: String?, sites: [SiteSettings], ttlMax: Duration?) -> DNSRecord? {
        guard let section = value.section(.record) else { return nil }
        let nameEntry = section.required("name")
        let name = nameEntry?.domainName()
        if let name, let zone, name != zone, !name.hasSuffix("." + zone) {
            nameEntry?.report("is not in the zone \(zone)", remedy: "write the whole name, such as www.\(zone)")
        }
        let kindEntry = section.required("type")
        let kind = kindEntry?.choice(among: Kind.allCases.map(\.rawValue)).flatMap { Kind(rawValue: $0) }
        let ttl = section["ttl"].map { $0.duration(least: "1s", isWhole: true) } ?? .seconds(60)
        if let ttl, let ttlMax, ttl > ttlMax {
            (section["ttl"] ?? value).report(
                "is longer than dns.ttl_max, which is \(ttlMax.components.seconds)s",
                remedy: "shorten it, or raise dns.ttl_max: for so long people may be led to a site that is down")
        }
        if let kind, let site = sites.first(where: { $0.address.isVersion6 != (kind == .aaaa) }) {
            kindEntry?.report(
                "is \(kind.rawValue), and the address of site \(site.name) is \(site.address)",
                remedy: "give every site an address of the record's kind, or write type: \(kind == .a ? "AAAA" : "A")")
        }
        guard let name, let kind, let ttl else { return nil }
        return DNSRecord(name: name, kind: kind, ttl: ttl)
    }
}

extension Value {
    /// A name in DNS, in small letters and without a dot at its end.
    func domainName() -> String? {
        guard let text = text("a domain name") else { return nil }
        let name = (text.hasSuffix(".") ? String(text.dropLast()) : text).lowercased()
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        let isName =
            name.utf8.count <= 253
            && labels.enumerated().allSatisfy { index, label in
                let isWildcard = index == 0 && label == "*" && labels.count > 1
                return isWildcard
                    || (1...63).contains(label.utf8.count)
                        && label.unicodeScalars.allSatisfy {
                            ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-" || $0 == "_"
                        }
            }
        if isName { return name }
        report(
            "must be a domain name, not \(shown)", remedy: "write it like www.example.org, with letters, digits and -")
        return nil
    }

    /// The address or name of a server, with a port where it is not the usual one.
    func serverName() -> String? {
        guard let text = text("the address of a server") else { return nil }
        let isPlain = text.unicodeScalars.allSatisfy {
            !$0.properties.isWhitespace && $0 != "/" && $0 != "@" && $0.properties.generalCategory != .control
        }
        if isPlain { return text }
        report("must be the address of a server, not \(shown)", remedy: "write it like 192.0.2.53 or ns1.example.org")
        return nil
    }
}
