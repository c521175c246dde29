import Model

/// A zone's records could not be shown, changed or proved.
public struct DNSError: Error, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable, CaseIterable {
        /// The configuration cannot be used; nothing was asked.
        case badSettings
        /// The provider cannot be reached; nothing was changed.
        case unreachable
        /// What was sent may or may not have been carried out.
        case noAnswer
        /// The provider does not accept who we are, or from where.
        case credentials
        /// The provider has no such zone, or not for us.
        case unknownZone
        /// The zone is not as it was seen when the plan was made; nothing was changed.
        case stale
        /// The provider understood and will not; nothing was changed.
        case refused
        /// The provider asks for patience; nothing was changed.
        case limited
        /// The provider said that it was done, and it is not.
        case unchanged
        /// A part was done.
        case partly
        /// What the provider said cannot be understood.
        case badAnswer
    }

    public let kind: Kind
    /// What happened, and in what state the zone is.
    public let message: String
    /// What to do.
    public let hint: String

    public init(_ kind: Kind, _ message: String, hint: String) {
        (self.kind, self.message, self.hint) = (kind, message, hint)
    }

    public var description: String { "\(message)\n  hint: \(hint)" }

    /// Whether the zone may have been changed.
    var mayHaveChanged: Bool {
        switch kind {
        case .noAnswer, .unchanged, .partly, .badAnswer: true
        case .badSettings, .unreachable, .credentials, .unknownZone, .stale, .refused, .limited: false
        }
    }

    func adding(_ text: String) -> DNSError { DNSError(kind, message + text, hint: hint) }
}

extension DNSError {
    /// Somebody else changed record sets since the plan was made.
    static func stale(_ keys: [DNSRecordSet.Key], zone: DNSName) -> DNSError {
        let names = keys.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
        return DNSError(
            .stale, "\(names) in zone \(zone) changed since the plan was made; nothing was done",
            hint: "make a new plan: \"switchback dns plan\" shows what it would do now")
    }
}
