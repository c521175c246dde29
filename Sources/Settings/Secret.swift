/// A text that nobody is to see: it prints as `…`, however it is printed.
public struct Secret: Sendable, Hashable {
    /// The text itself.
    public let value: String

    public init(_ value: String) { self.value = value }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "…" }
    public var debugDescription: String { "…" }
    /// `dump` and failing test expectations show a mirror, and look into it.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
