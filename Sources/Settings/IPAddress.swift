import Glibc

/// An address of the fourth or sixth version of the Internet protocol, as it was written.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    public let description: String
    public let isVersion6: Bool

    /// Nil when the text is no address: a name is none.
    public init?(_ text: String) {
        var address = in6_addr()
        let isVersion4 = inet_pton(AF_INET, text, &address) == 1
        guard isVersion4 || inet_pton(AF_INET6, text, &address) == 1 else { return nil }
        description = text
        isVersion6 = !isVersion4
    }
}
