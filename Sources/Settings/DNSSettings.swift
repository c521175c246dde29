/// The records that lead people to the active site, and who serves them.
public struct DNSSettings: Sendable, Equatable {
    public let provider: DNSProvider
    public let records: [DNSRecord]

    static func read(_ value: Value, _ sites: [SiteSettings?], hasSites: Bool) -> DNSSettings? {
        guard let section = value.section(.dns) else { return nil }
        if !hasSites {
            value.report(
                "needs sites: records take their values from the active one's address",
                remedy: "add \(Keys.root.example(of: "sites") ?? "sites")")
        }
        let provider = section.required("provider").flatMap { DNSProvider.read($0) }
        let zone = provider?.zone
        var first: [DNSRecord.Identity: Value] = [:]
        let records = section.required("records")?.list()?.map { entry -> DNSRecord? in
            guard let record = DNSRecord.read(entry, zone: zone, sites: sites.compactMap { $0 }) else { return nil }
            if let earlier = first[record.identity] {
                entry.report("repeats \(earlier.path)", remedy: "keep one of the two")
            }
            first[record.identity] = first[record.identity] ?? entry
            return record
        }
        guard let provider, let records else { return nil }
        return DNSSettings(provider: provider, records: records.compactMap { $0 })
    }
}

/// Who serves the records.
public enum DNSProvider: Sendable, Equatable {
    /// A name server that takes dynamic updates.
    case rfc2136(RFC2136Settings)

    var zone: String {
        switch self {
        case .rfc2136(let settings): settings.zone
        }
    }

    static func read(_ value: Value) -> DNSProvider? {
        guard let section = value.section(.provider) else { return nil }
        guard let entry = section["rfc2136"] else {
            if value.isEmptyMapping {
                value.report("names no provider", remedy: "write \(Keys.provider.example(of: "rfc2136") ?? "rfc2136")")
            }
            return nil
        }
        return RFC2136Settings.read(entry).map { .rfc2136($0) }
    }
}

/// A name server that takes dynamic updates (RFC 2136).
public struct RFC2136Settings: Sendable, Equatable {
    public let server: String
    public let zone: String
    /// The TSIG key that signs updates; none when nil.
    public let key: Secret?

    static func read(_ value: Value) -> RFC2136Settings? {
        guard let section = value.section(.rfc2136) else { return nil }
        let server = section.required("server")?.serverName()
        let zone = section.required("zone")?.domainName()
        let key = section["key"].map { $0.secret() }
        guard let server, let zone else { return nil }
        return RFC2136Settings(server: server, zone: zone, key: key ?? nil)
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

    static func read(_ value: Value, zone: String?, sites: [SiteSettings]) -> DNSRecord? {
        guard let section = value.section(.record) else { return nil }
        let nameEntry = section.required("name")
        let name = nameEntry?.domainName()
        if let name, let zone, name != zone, !name.hasSuffix("." + zone) {
            nameEntry?.report("is not in the zone \(zone)", remedy: "write the whole name, such as www.\(zone)")
        }
        let kindEntry = section.required("type")
        let kind = kindEntry?.choice(among: Kind.allCases.map(\.rawValue)).flatMap { Kind(rawValue: $0) }
        let ttl = section["ttl"].map { $0.duration(least: "1s", isWhole: true) } ?? .seconds(60)
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
    fileprivate func domainName() -> String? {
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
    fileprivate func serverName() -> String? {
        guard let text = text("the address of a server") else { return nil }
        let isPlain = text.unicodeScalars.allSatisfy {
            !$0.properties.isWhitespace && $0 != "/" && $0 != "@" && $0.properties.generalCategory != .control
        }
        if isPlain { return text }
        report("must be the address of a server, not \(shown)", remedy: "write it like 192.0.2.53 or ns1.example.org")
        return nil
    }
}
