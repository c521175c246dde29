/// Where a name server is reached: an address or a name, and a port.
public struct ServerAddress: Sendable, Hashable, CustomStringConvertible {
    public let host: String
    public let port: UInt16

    public init(host: String, port: UInt16 = 53) { (self.host, self.port) = (host, port) }

    /// Reads `192.0.2.53`, `ns1.example.org`, either with `:5353` behind it, `2001:db8::53` or `[2001:db8::53]:5353`.
    ///
    /// - Returns: nil when it is none of these.
    public init?(_ text: String) {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let host = String(text[text.index(after: text.startIndex)..<end])
            let rest = text[text.index(after: end)...]
            guard !host.isEmpty, rest.isEmpty || rest.hasPrefix(":"), let port = Self.port(rest.dropFirst()) else {
                return nil
            }
            self.init(host: host, port: port)
            return
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            // No colon is a name or an address; several are an address of the sixth version.
            guard !text.isEmpty else { return nil }
            self.init(host: text)
            return
        }
        guard !parts[0].isEmpty, let port = Self.port(parts[1]) else { return nil }
        self.init(host: String(parts[0]), port: port)
    }

    private static func port(_ text: Substring) -> UInt16? {
        if text.isEmpty { return 53 }
        return UInt16(text).flatMap { $0 > 0 ? $0 : nil }
    }

    public var description: String {
        if port == 53 { return host }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
