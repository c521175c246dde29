public import Model

/// Numbers of record types (IANA's registry of DNS parameters).
public enum RecordType {
    /// The number of a type; nil where DNS has none of this name. `TYPE65` is 65 (RFC 3597).
    public static func number(of type: DNSType) -> UInt16? {
        if let number = numbers[type.name] { return number }
        guard type.name.hasPrefix("TYPE") else { return nil }
        return UInt16(type.name.dropFirst(4))
    }

    /// The type of a number.
    public static func name(of number: UInt16) -> String { names[number] ?? "TYPE\(number)" }

    static let a: UInt16 = 1
    static let soa: UInt16 = 6
    static let tsig: UInt16 = 250
    static let any: UInt16 = 255

    private static let numbers: [String: UInt16] = [
        "A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33, "DNAME": 39,
        "DS": 43, "SSHFP": 44, "RRSIG": 46, "NSEC": 47, "DNSKEY": 48, "TLSA": 52, "SVCB": 64, "HTTPS": 65, "CAA": 257,
    ]

    private static let names = Dictionary(uniqueKeysWithValues: numbers.map { ($0.value, $0.key) })
}
