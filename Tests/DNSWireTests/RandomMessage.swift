import DNSWire
import Model
import TestSupport

/// Messages of every kind, from a seed.
struct RandomMessage {
    var random: SeededRandom

    init(_ seed: UInt64) { random = SeededRandom(seed) }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
    }

    mutating func name() -> DNSName {
        let labels = (0..<random.number(0...4)).map { _ in bytes(random.number(1...12)) }
        return DNSName(labels: labels) ?? .root
    }

    mutating func value() -> (type: String, text: String) {
        let name = name().absolute
        let other = self.name().absolute
        let number = random.number(0...65535)
        let texts: [(String, String)] = [
            ("A", bytes(4).map { "\($0)" }.joined(separator: ".")),
            ("AAAA", "2001:db8::\(String(random.number(1...65535), radix: 16))"),
            ("NS", name), ("CNAME", name), ("PTR", name), ("DNAME", name), ("MX", "\(number) \(name)"),
            ("SRV", "\(number) \(number / 2) \(number / 3) \(other)"), ("CAA", "0 issue \"letsencrypt.org\""),
            ("DS", "\(number) 8 2 0A1B2C3D"), ("TYPE4711", "\\# 3 00FF7F"),
            ("TXT", RecordData.text([3] + bytes(3) + [0], .txt)),
        ]
        return texts.randomElement(using: &random)!
    }

    mutating func resource() -> DNSMessage.Resource {
        let (type, text) = value()
        let data = (try? RecordData.bytes(text, DNSType(type))) ?? []
        return .init(
            name(), type: RecordType.number(of: DNSType(type)) ?? 0, recordClass: random.once(in: 4) ? 255 : 1,
            ttl: UInt32(random.number(0...100_000)), data: random.once(in: 6) ? [] : data)
    }

    mutating func message() -> DNSMessage {
        var message = DNSMessage(
            id: UInt16.random(in: 0 ... .max, using: &random),
            flags: .init(bits: UInt16.random(in: 0 ... .max, using: &random)))
        message.questions = (0..<random.number(0...2)).map { _ in
            .init(name(), type: UInt16(random.number(0...300)), recordClass: 1)
        }
        message.answers = (0..<random.number(0...3)).map { _ in resource() }
        message.authority = (0..<random.number(0...3)).map { _ in resource() }
        message.additional = (0..<random.number(0...2)).map { _ in resource() }
        return message
    }
}
