/// The type of a record: `A`, `NS`, or one that only a provider knows, such as `URL301`.
public struct DNSType: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// In capital letters.
    public let name: String

    public init(_ name: String) { self.name = name.uppercased() }

    public var description: String { name }

    public static func < (left: DNSType, right: DNSType) -> Bool { left.name < right.name }

    public static let a = DNSType("A")
    public static let aaaa = DNSType("AAAA")
    public static let caa = DNSType("CAA")
    public static let cname = DNSType("CNAME")
    public static let dname = DNSType("DNAME")
    public static let ds = DNSType("DS")
    public static let mx = DNSType("MX")
    public static let ns = DNSType("NS")
    public static let ptr = DNSType("PTR")
    public static let soa = DNSType("SOA")
    public static let srv = DNSType("SRV")
    public static let txt = DNSType("TXT")

    /// Whether a record of this type makes an address record at the same name impossible or without effect: an alias of
    /// any kind, a provider's redirection, or, below the apex, a delegation.
    ///
    /// - Parameter isApex: whether the name is the zone's own, where NS records are the zone's and stay.
    public func displacesAddresses(atApex isApex: Bool) -> Bool {
        switch name {
        case "CNAME", "ALIAS", "ANAME", "LUA", "URL", "URL301", "FRAME": true
        case "NS", "DS": !isApex
        default: false
        }
    }
}

extension DNSType: Codable {
    public init(from decoder: any Decoder) throws { self.init(try decoder.singleValueContainer().decode(String.self)) }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }
}
