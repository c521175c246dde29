import Model

/// All records of a domain at Namecheap, as its interface reads and writes them: there is no way to change one.
struct NamecheapHosts: Sendable, Equatable {
    struct Host: Sendable, Hashable {
        /// `@` for the domain itself.
        let name: String
        let type: String
        let address: String
        let mxPreference: String
        let ttlSeconds: Int
    }

    let hosts: [Host]
    /// How the domain's mail is handled; it must be given back as it was, or mail goes elsewhere.
    let emailType: String

    init(hosts: [Host], emailType: String) { (self.hosts, self.emailType) = (hosts, emailType) }

    /// Reads the answer to `namecheap.domains.dns.getHosts`. Elements are spelt `host` and `Host`.
    ///
    /// - Throws: `DNSError`, when it is not whole: what is not read would be deleted by the next write.
    init(_ answer: XMLElement, zone: DNSName) throws(DNSError) {
        guard let result = answer.first("domaindnsgethostsresult") else { throw Self.unreadable("it has no result") }
        guard result.attributes["isusingourdns"]?.lowercased() == "true" else {
            throw DNSError(
                .unknownZone, "\(zone) is registered at Namecheap, and other name servers serve it",
                hint: "name the provider that serves it as dns.provider")
        }
        guard result.attributes["domain"]?.lowercased() == "\(zone)" else {
            throw Self.unreadable("it is about another domain")
        }
        guard let emailType = result.attributes["emailtype"] else { throw Self.unreadable("it has no EmailType") }
        var hosts: [Host] = []
        for element in result.all("host") {
            let given = element.attributes
            guard let name = given["name"], let type = given["type"], let address = given["address"],
                let ttl = given["ttl"].flatMap({ Int($0) })
            else { throw Self.unreadable("a record has no Name, Type, Address or TTL") }
            hosts.append(
                Host(name: name, type: type, address: address, mxPreference: given["mxpref"] ?? "10", ttlSeconds: ttl))
        }
        self.init(hosts: hosts, emailType: emailType)
    }

    private static func unreadable(_ reason: String) -> DNSError {
        DNSError(
            .badAnswer, "Namecheap's list of records cannot be used: \(reason); nothing was done",
            hint: "try again; do not change the zone by other programs meanwhile")
    }

    /// The record sets at some names.
    func sets(at names: [DNSName], in zone: DNSName) -> [DNSRecordSet] {
        let asked = Set(names)
        let named = hosts.compactMap { host in
            Self.name(host.name, in: zone).flatMap { asked.contains($0) ? ($0, host) : nil }
        }
        return Dictionary(grouping: named) { DNSRecordSet.Key($0.0, DNSType($0.1.type)) }.map { key, hosts in
            DNSRecordSet(
                key.name, key.type, ttlSeconds: hosts.map { Self.seconds($0.1.ttlSeconds) }.max() ?? 0,
                values: hosts.map { $0.1.value })
        }
    }

    /// How many record sets there are.
    var setCount: Int { Set(hosts.map { [$0.name.lowercased(), $0.type.uppercased()] }).count }

    /// What "automatic" is read back as is written as what it means.
    private static func seconds(_ ttl: Int) -> Int { ttl == 1799 ? 1800 : ttl }

    private static func name(_ text: String, in zone: DNSName) -> DNSName? {
        text == "@" ? zone : DNSName("\(text).\(zone)")
    }

    /// All records after a plan's changes: those of others stay exactly as they are.
    func after(_ plan: DNSPlan) -> NamecheapHosts {
        let changed = Set(plan.changes.map(\.key))
        let kept = hosts.filter { host in
            Self.name(host.name, in: plan.zone).map { !changed.contains(.init($0, DNSType(host.type))) } ?? true
        }
        let new = plan.changes.compactMap(\.after).flatMap { set in
            set.values.map { value -> Host in
                var words = value.split(separator: " ").map(String.init)
                let preference = set.type == .mx && words.count == 2 ? words.removeFirst() : "10"
                return Host(
                    name: set.name.shown(in: plan.zone), type: set.type.name,
                    address: set.type == .mx ? words.joined() : value, mxPreference: preference,
                    ttlSeconds: set.ttlSeconds)
            }
        }
        return NamecheapHosts(hosts: kept + new, emailType: emailType)
    }

    /// Whether both hold the same records, in whatever order and with or without dots at the ends of names.
    func isSame(as other: NamecheapHosts) -> Bool {
        emailType == other.emailType
            && hosts.map(\.comparable).sorted(by: { $0.lexicographicallyPrecedes($1) })
                == other.hosts.map(\.comparable).sorted(by: { $0.lexicographicallyPrecedes($1) })
    }

    /// The form that writes them all.
    var form: [String: String] {
        var form = ["EmailType": emailType]
        for (index, host) in hosts.enumerated() {
            let number = index + 1
            form["HostName\(number)"] = host.name
            form["RecordType\(number)"] = host.type
            form["Address\(number)"] = host.address
            form["MXPref\(number)"] = host.mxPreference
            form["TTL\(number)"] = "\(host.ttlSeconds)"
        }
        return form
    }
}

extension NamecheapHosts.Host {
    var value: String { type.uppercased() == "MX" ? "\(mxPreference) \(address)" : address }

    fileprivate var comparable: [String] {
        [
            name.lowercased(), type.uppercased(), DNSValue.canonical(value, DNSType(type)),
            "\(ttlSeconds == 1799 ? 1800 : ttlSeconds)",
        ]
    }
}
