/// Something that takes connections.
public struct TCPTarget: Sendable, Hashable, CustomStringConvertible {
    /// A name or an address.
    public let host: String
    public let port: Int
    /// How long it may take, the look-up of the name included.
    public let limit: Duration

    public init(host: String, port: Int, limit: Duration) {
        self.host = host
        self.port = port
        self.limit = limit
    }

    /// `HOST:PORT`; an IPv6 address in brackets.
    public var description: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }
}
