public import Model

/// What a server's answer says of one record set of a zone.
public enum DNSAnswer: Sendable, Hashable {
    /// The record set, from the zone itself or, for a delegation's NS, from what hands it on.
    case found(DNSRecordSet)
    /// An alias stands there.
    case alias(DNSRecordSet)
    /// Authoritatively nothing.
    case nothing
    /// The zone hands the name on to other servers; their NS record set.
    case delegated(DNSRecordSet)
    /// The server is not one of the zone's, or is out of order.
    case refused(ResponseCode)
    /// It answers, but not with authority: it is not, or no longer, a server of the zone.
    case isNotAuthoritative

    /// Reads an answer.
    public init(_ message: DNSMessage, of key: DNSRecordSet.Key, in zone: DNSName) {
        let code = message.flags.responseCode
        guard code == .noError || code == .noSuchName else {
            self = .refused(code)
            return
        }
        if let set = Self.set(key, in: message.answers) {
            // A server that serves the delegated zone as well answers for it.
            self = message.flags.isAuthoritative ? .found(set) : .isNotAuthoritative
            return
        }
        if message.flags.isAuthoritative {
            let alias = Self.set(.init(key.name, .cname), in: message.answers)
            self = alias.map { .alias($0) } ?? .nothing
            return
        }
        let cuts = message.authority.filter {
            RecordType.name(of: $0.type) == "NS" && $0.name != zone && $0.name.isWithin(zone)
                && key.name.isWithin($0.name)
        }
        guard let cut = cuts.first, let set = Self.set(.init(cut.name, .ns), in: message.authority) else {
            self = .isNotAuthoritative
            return
        }
        self = set.key == key ? .found(set) : .delegated(set)
    }

    private static func set(_ key: DNSRecordSet.Key, in resources: [DNSMessage.Resource]) -> DNSRecordSet? {
        let records = resources.filter {
            $0.name == key.name && $0.recordClass == RecordClass.internet
                && RecordType.name(of: $0.type) == key.type.name
        }
        guard let first = records.first else { return nil }
        return DNSRecordSet(
            key.name, key.type, ttlSeconds: Int(first.ttl), values: records.map { RecordData.text($0.data, key.type) })
    }
}
