public import Model

extension DNSMessage {
    /// An update (RFC 2136) that carries out changes if, and only if, every record set is what it was before them, and no
    /// alias has come to where an address is to be.
    ///
    /// - Throws: `WireError`, when a value cannot be written.
    public static func update(zone: DNSName, changes: [DNSChange], id: UInt16) throws(WireError) -> DNSMessage {
        var message = DNSMessage(
            id: id, flags: Flags(opcode: .update), questions: [Question(zone, type: RecordType.soa)])
        for change in changes {
            guard let type = RecordType.number(of: change.key.type) else {
                throw WireError("\(change.key.type) is no type of DNS")
            }
            let name = change.key.name
            if let before = change.before {
                for value in before.values {
                    message.answers.append(
                        Resource(name, type: type, ttl: 0, data: try RecordData.bytes(value, before.type)))
                }
                message.authority.append(
                    Resource(name, type: type, recordClass: RecordClass.any, ttl: 0, data: []))
            } else {
                message.answers.append(
                    Resource(name, type: type, recordClass: RecordClass.none, ttl: 0, data: []))
            }
            for value in change.after?.values ?? [] {
                message.authority.append(
                    Resource(
                        name, type: type, ttl: UInt32(change.after?.ttlSeconds ?? 0),
                        data: try RecordData.bytes(value, change.key.type)))
            }
        }
        message.answers += Self.absences(of: changes, zone: zone)
        return message
    }

    /// An update that changes nothing and asks whether a name has records of its own, rather than a wildcard's (RFC 2136
    /// §2.4.4): the answer is no error, or that there is no such name.
    public static func isInUse(_ name: DNSName, zone: DNSName, id: UInt16) -> DNSMessage {
        DNSMessage(
            id: id, flags: Flags(opcode: .update), questions: [Question(zone, type: RecordType.soa)],
            answers: [Resource(name, type: RecordType.any, recordClass: RecordClass.any, ttl: 0, data: [])])
    }

    /// Prerequisites that nothing displaces the addresses that are made. (An alias that is removed by the same update has
    /// its own.)
    private static func absences(of changes: [DNSChange], zone: DNSName) -> [Resource] {
        let changed = Set(changes.map(\.key))
        let names = Set(changes.filter { $0.after != nil && [.a, .aaaa].contains($0.key.type) }.map(\.key.name))
        return names.sorted().flatMap { name in
            [DNSType.cname, .ns].compactMap { type in
                guard !changed.contains(.init(name, type)), type.displacesAddresses(atApex: name == zone),
                    let number = RecordType.number(of: type)
                else { return nil }
                return Resource(name, type: number, recordClass: RecordClass.none, ttl: 0, data: [])
            }
        }
    }
}
