/// A mail to a server that takes mails.
public struct MailRequest: Sendable {
    /// `smtp://HOST:PORT`, or `smtps://…` where TLS begins with the connection.
    public var server: String
    /// The address that failures of delivery are told to.
    public var sender: String
    public var recipients: [String]
    /// The whole message, header and text, as RFC 5322 has it; lines end with CR LF.
    public var message: [UInt8]
    public var credentials: (user: String, password: String)?
    public var security: Security = .whereOffered
    public var verifiesTLS = true
    /// Certificates to trust instead of the system's: a PEM file.
    public var caFile: String?
    public var limit: Duration = .seconds(30)

    /// Whether the conversation is encrypted (STARTTLS).
    public enum Security: Sendable, Hashable, CaseIterable {
        /// Never; for a server on this machine.
        case never
        /// Where the server offers it, and otherwise not.
        case whereOffered
        /// Always; a server that does not offer it is an error.
        case always
    }

    public init(server: String, sender: String, recipients: [String], message: [UInt8]) {
        self.server = server
        self.sender = sender
        self.recipients = recipients
        self.message = message
    }
}

extension MailRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "mail by \(server)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
