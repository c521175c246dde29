/// Source to receiver, one direction, one sync.
public struct StreamID: Hashable, Sendable, CustomStringConvertible {
    public let sync: String
    public let source: String
    public let receiver: String

    public init(sync: String, source: String, receiver: String) {
        self.sync = sync
        self.source = source
        self.receiver = receiver
    }

    public var description: String { "\(sync): \(source) → \(receiver)" }
}
