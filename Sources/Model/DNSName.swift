/// A domain name: its labels in small letters, without the root's empty one.
///
/// Names compare as DNS compares them: case does not count (RFC 4343), and they are ordered by their labels from the
/// right (RFC 4034 §6.1), so that what lies below a name follows it.
public struct DNSName: Sendable, Hashable {
    /// The labels as bytes, from the left, letters small.
    public let labels: [[UInt8]]

    /// The root.
    public static let root = DNSName(unchecked: [])

    /// Reads a name as zone files have it: `www.example.org`, with or without the dot at its end; `\.` and `\065` are
    /// one character of a label.
    ///
    /// - Returns: nil when it is none: a label is empty or longer than 63 bytes, or the whole longer than 255.
    public init?(_ text: String) {
        if text == "." {
            self = .root
            return
        }
        var labels: [[UInt8]] = [[]]
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "."):
                if rest.isEmpty { continue }
                labels.append([])
            case UInt8(ascii: "\\"):
                guard let escaped = Self.escaped(&rest) else { return nil }
                labels[labels.count - 1].append(escaped)
            default: labels[labels.count - 1].append(byte)
            }
        }
        self.init(labels: labels)
    }

    /// A name of these labels; nil when they make none.
    public init?(labels: [[UInt8]]) {
        guard labels.allSatisfy({ (1...63).contains($0.count) }),
            labels.reduce(1, { $0 + $1.count + 1 }) <= 255
        else { return nil }
        self.init(unchecked: labels.map { $0.map(Self.small) })
    }

    private init(unchecked labels: [[UInt8]]) { self.labels = labels }

    private static func small(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte
    }

    private static func escaped(_ rest: inout ArraySlice<UInt8>) -> UInt8? {
        guard let first = rest.popFirst() else { return nil }
        guard let digit = Self.digit(first) else { return first }
        guard let second = rest.popFirst().flatMap(Self.digit), let third = rest.popFirst().flatMap(Self.digit) else {
            return nil
        }
        return UInt8(exactly: digit * 100 + second * 10 + third)
    }

    private static func digit(_ byte: UInt8) -> Int? {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int(byte) - 48 : nil
    }

    // MARK: Relations

    /// Whether it is `zone` or lies below it.
    public func isWithin(_ zone: DNSName) -> Bool {
        labels.count >= zone.labels.count && labels.suffix(zone.labels.count).elementsEqual(zone.labels)
    }

    /// The name without its first label; nil for the root.
    public var parent: DNSName? { labels.isEmpty ? nil : DNSName(unchecked: Array(labels.dropFirst())) }

    /// The names between it and a zone's apex, without both: where a delegation would hide it.
    public func ancestors(below zone: DNSName) -> [DNSName] {
        guard isWithin(zone) else { return [] }
        return (zone.labels.count + 1..<max(labels.count, zone.labels.count + 1)).map {
            DNSName(unchecked: Array(labels.suffix($0)))
        }
    }

    /// As zones write it below their origin: `@` for the apex, `www` for what lies below, and the whole name elsewhere.
    public func shown(in zone: DNSName) -> String {
        if self == zone { return "@" }
        guard isWithin(zone) else { return absolute }
        return DNSName(unchecked: Array(labels.dropLast(zone.labels.count))).description
    }

    /// With a dot at its end: `www.example.org.`
    public var absolute: String { labels.isEmpty ? "." : description + "." }
}

extension DNSName: CustomStringConvertible {
    /// `www.example.org`, without a dot at its end; the root is `.`
    public var description: String {
        labels.isEmpty ? "." : labels.map { $0.map(Self.character).joined() }.joined(separator: ".")
    }

    private static func character(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "_"), UInt8(ascii: "*"), UInt8(ascii: "/"):
            return String(Unicode.Scalar(byte))
        case 0x21...0x7E: return "\\" + String(Unicode.Scalar(byte))
        default:
            let digits = String(byte)
            return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
        }
    }
}

extension DNSName: Comparable {
    public static func < (left: DNSName, right: DNSName) -> Bool {
        for (one, other) in zip(left.labels.reversed(), right.labels.reversed()) where one != other {
            return one.lexicographicallyPrecedes(other)
        }
        return left.labels.count < right.labels.count
    }
}

extension DNSName: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let name = DNSName(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(text) is no domain name")
        }
        self = name
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
