import Glibc

/// All records of one name and type: what DNS answers and what a change replaces.
public struct DNSRecordSet: Sendable, Hashable, Codable {
    /// Which record set of a zone it is.
    public struct Key: Sendable, Hashable, Comparable, Codable {
        public let name: DNSName
        public let type: DNSType

        public init(_ name: DNSName, _ type: DNSType) { (self.name, self.type) = (name, type) }

        public static func < (left: Key, right: Key) -> Bool { (left.name, left.type) < (right.name, right.type) }
    }

    public let name: DNSName
    public let type: DNSType
    public let ttlSeconds: Int
    /// As zone files have them, each once, in order: addresses in their shortest form, names in small letters and with a
    /// dot at the end.
    public let values: [String]

    /// - Parameter values: in any of their forms and in any order.
    public init(_ name: DNSName, _ type: DNSType, ttlSeconds: Int, values: [String]) {
        (self.name, self.type, self.ttlSeconds) = (name, type, ttlSeconds)
        self.values = Set(values.map { DNSValue.canonical($0, type) }).sorted()
    }

    public var key: Key { Key(name, type) }

    /// Whether DNS answers the same with both, but for how long the answer may be kept.
    public func answersLike(_ other: DNSRecordSet) -> Bool { key == other.key && values == other.values }
}

/// Values of records in the one form in which they can be compared.
public enum DNSValue {
    /// The form that equal values share. What is no value of the type is left as it is, but for spaces around it.
    public static func canonical(_ text: String, _ type: DNSType) -> String {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        switch type {
        case .a, .aaaa: return address(words.first ?? "") ?? text
        case .ns, .cname, .ptr, .dname, DNSType("ALIAS"), DNSType("ANAME"):
            return words.count == 1 ? absolute(words[0]) : text
        case .mx where words.count == 2: return number(words[0]) + " " + absolute(words[1])
        case .srv where words.count == 4:
            return words[..<3].map(number).joined(separator: " ") + " " + absolute(words[3])
        default: return trimmed(text)
        }
    }

    /// An address in its shortest form; nil when it is none.
    public static func address(_ text: String) -> String? {
        var storage = in6_addr()
        for family in [AF_INET, AF_INET6] where inet_pton(family, text, &storage) == 1 {
            var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            guard inet_ntop(family, &storage, &buffer, socklen_t(buffer.count)) != nil else { return nil }
            return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
        return nil
    }

    private static func absolute(_ text: String) -> String { DNSName(text)?.absolute ?? text }

    private static func number(_ text: String) -> String { UInt16(text).map { "\($0)" } ?? text }

    private static func trimmed(_ text: String) -> String {
        let end = text.lastIndex { !$0.isWhitespace }.map { text.index(after: $0) } ?? text.startIndex
        return String(text[..<end].drop(while: \.isWhitespace))
    }
}
