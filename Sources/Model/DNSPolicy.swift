/// What a plan for DNS may do.
public struct DNSPolicy: Sendable, Equatable {
    /// How long resolvers may keep an answer, at most: longer, and people stay at a dead site for longer.
    public var ttlSecondsMax: Int
    /// Of how many record sets of a zone one plan may take away or replace, in percent. Counts in zones with
    /// ``zoneSetsLeast`` record sets and more, and where the provider tells how many there are.
    public var changedPercentMax: Int
    /// Below this a share says nothing: of three records one is a third.
    public var zoneSetsLeast: Int

    public init(ttlSecondsMax: Int = 300, changedPercentMax: Int = 30, zoneSetsLeast: Int = 10) {
        self.ttlSecondsMax = ttlSecondsMax
        self.changedPercentMax = changedPercentMax
        self.zoneSetsLeast = zoneSetsLeast
    }
}

/// A plan cannot be made. Nothing was changed.
public struct DNSPlanRefused: Error, Hashable, CustomStringConvertible {
    public let message: String
    public let hint: String

    public init(_ message: String, hint: String) { (self.message, self.hint) = (message, hint) }

    public var description: String { "\(message)\n  hint: \(hint)" }
}
