import Model

/// A zone at a provider whose interface is answered from memory.
protocol ProviderZone: Sendable {
    mutating func answer(_ request: WebStub<Self>.Request) -> WebStub<Self>.Answer

    /// What name servers answer from.
    var recordSets: [DNSRecordSet] { get }

    /// Gives a name one address and nothing else, as somebody else does who is at the provider's web page.
    mutating func put(_ address: String, at name: DNSName)
}

extension ProviderZone {
    fileprivate static func sets(_ records: [(name: String, type: String, ttl: Int, value: String)]) -> [DNSRecordSet] {
        Dictionary(grouping: records) { "\($0.name) \($0.type)" }.values.compactMap { same in
            DNSName(same[0].name).map {
                DNSRecordSet($0, DNSType(same[0].type), ttlSeconds: same[0].ttl, values: same.map(\.value))
            }
        }
    }
}

extension CloudflareZone: ProviderZone {
    var recordSets: [DNSRecordSet] { Self.sets(records.map { ($0.name, $0.type, $0.ttl, $0.content) }) }

    mutating func put(_ address: String, at name: DNSName) {
        records.removeAll { DNSName($0.name) == name && ["A", "NS", "CNAME"].contains($0.type) }
        records.append(.init(id: "\(next)", name: name.description, type: "A", content: address, ttl: 60))
        next += 1
    }
}

extension NamecheapDomain: ProviderZone {
    private static func name(_ host: Host) -> String { host.name == "@" ? "example.org" : host.name + ".example.org" }

    var recordSets: [DNSRecordSet] {
        Self.sets(
            hosts.filter { $0.type != "MX" }.map { (Self.name($0), $0.type, Int($0.ttl) ?? 1799, $0.address) })
    }

    mutating func put(_ address: String, at name: DNSName) {
        let own = hosts.filter { DNSName(Self.name($0)) == name && ["A", "NS", "CNAME"].contains($0.type) }
        let short = own.first?.name ?? name.description.replacing(".example.org", with: "")
        hosts.removeAll { own.contains($0) }
        hosts.append(Host(name: short, type: "A", address: address, ttl: "60"))
    }
}

extension HostedZone: ProviderZone {
    var recordSets: [DNSRecordSet] {
        Self.sets(sets.flatMap { set in set.values.map { (set.name, set.type, set.ttl, $0) } })
    }

    mutating func put(_ address: String, at name: DNSName) {
        guard let at = sets.firstIndex(where: { DNSName($0.name) == name && ["A", "NS", "CNAME"].contains($0.type) })
        else { return }
        sets[at] = Set(name: sets[at].name, type: "A", ttl: 60, values: [address])
    }
}
