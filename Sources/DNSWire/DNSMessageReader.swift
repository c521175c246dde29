import Model

extension DNSMessage {
    /// Reads a message. Whatever the bytes are, the outcome is a message or an error.
    ///
    /// - Throws: `WireError`, when they are no message or more follows it.
    public init(bytes: [UInt8]) throws(WireError) {
        var reader = WireReader(bytes)
        self = try reader.message()
    }
}

/// Reads a message's bytes from front to back; only names look back.
struct WireReader {
    private let bytes: [UInt8]
    private(set) var at = 0
    /// Where the last record of the message began.
    private(set) var lastResourceAt = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private var left: Int { bytes.count - at }

    mutating func message() throws(WireError) -> DNSMessage {
        let (id, flags) = (try number16(), try number16())
        let counts = (try number16(), try number16(), try number16(), try number16())
        // The smallest record has eleven bytes, the smallest question five: no count makes us wait for what cannot come.
        let least = Int(counts.0) * 5 + (Int(counts.1) + Int(counts.2) + Int(counts.3)) * 11
        guard least <= left else { throw WireError("announces more records than it has bytes for") }
        var message = DNSMessage(id: id, flags: .init(bits: flags))
        for _ in 0..<counts.0 { message.questions.append(try question()) }
        for _ in 0..<counts.1 { message.answers.append(try resource()) }
        for _ in 0..<counts.2 { message.authority.append(try resource()) }
        for _ in 0..<counts.3 { message.additional.append(try resource()) }
        guard left == 0 else { throw WireError("goes on after its last record") }
        return message
    }

    private mutating func question() throws(WireError) -> DNSMessage.Question {
        let name = try name()
        let type = try number16()
        return .init(name, type: type, recordClass: try number16())
    }

    private mutating func resource() throws(WireError) -> DNSMessage.Resource {
        lastResourceAt = at
        let name = try name()
        let (type, recordClass, ttl, length) = (try number16(), try number16(), try number32(), Int(try number16()))
        guard length <= left else { throw WireError("ends in the middle of a record") }
        let end = at + length
        let data = try data(of: type, until: end)
        guard at == end else { throw WireError("has a record whose length is not that of its data") }
        return .init(name, type: type, recordClass: recordClass, ttl: ttl, data: data)
    }

    /// A record's data, with its names written out: those types of RFC 1035 may have them compressed. In updates a record
    /// can be named without data.
    private mutating func data(of type: UInt16, until end: Int) throws(WireError) -> [UInt8] {
        guard at < end else { return [] }
        var data: [UInt8] = []
        switch RecordType.name(of: type) {
        case "NS", "CNAME", "PTR", "DNAME": data = try name(before: end).wire
        case "MX":
            data += try raw(2, before: end)
            data += try name(before: end).wire
        case "SRV":
            data += try raw(6, before: end)
            data += try name(before: end).wire
        case "SOA":
            data += try name(before: end).wire
            data += try name(before: end).wire
            data += try raw(20, before: end)
        default: data = try raw(end - at, before: end)
        }
        return data
    }

    mutating func raw(_ count: Int, before end: Int) throws(WireError) -> [UInt8] {
        guard count >= 0, at + count <= end, end <= bytes.count else {
            throw WireError("ends in the middle of a record's data")
        }
        defer { at += count }
        return Array(bytes[at..<at + count])
    }

    private mutating func name(before end: Int) throws(WireError) -> DNSName {
        let name = try name()
        guard at <= end else { throw WireError("has a name that is longer than its record") }
        return name
    }

    mutating func name() throws(WireError) -> DNSName {
        var labels: [[UInt8]] = []
        var place = at
        // Once a pointer was followed, reading goes on behind it.
        var next: Int?
        var length = 1
        while true {
            guard place < bytes.count else { throw WireError("ends in the middle of a name") }
            let count = Int(bytes[place])
            switch count {
            case 0:
                at = next ?? place + 1
                guard let name = DNSName(labels: labels) else { throw WireError("has a name that is too long") }
                return name
            case 1...63:
                guard place + count < bytes.count else { throw WireError("ends in the middle of a name") }
                length += count + 1
                guard length <= 255 else { throw WireError("has a name that is too long") }
                labels.append(Array(bytes[place + 1...place + count]))
                place += count + 1
            case 0xC0...0xFF:
                guard place + 1 < bytes.count else { throw WireError("ends in the middle of a name") }
                let target = (count & 0x3F) << 8 | Int(bytes[place + 1])
                // Each pointer leads further to the front: none can lead round.
                guard target < place else { throw WireError("has a name that points forward") }
                next = next ?? place + 2
                place = target
            default: throw WireError("has a label of an unknown kind")
            }
        }
    }

    mutating func number16() throws(WireError) -> UInt16 {
        let bytes = try raw(2, before: bytes.count)
        return UInt16(bytes[0]) << 8 | UInt16(bytes[1])
    }

    mutating func number32() throws(WireError) -> UInt32 { UInt32(try number16()) << 16 | UInt32(try number16()) }
}
