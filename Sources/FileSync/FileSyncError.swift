/// Files could not be moved, or may not be.
public struct FileSyncError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: String, Sendable, Hashable {
        /// It was tried and failed; another try may succeed.
        case failed
        /// A guard said no: a person has to look first.
        case refused
        /// The site has moved on, and this end has not heard of it.
        case stale
        /// The site that the files come from is not the active one: there is nothing to do here now.
        case standby
        /// Another run has not finished.
        case busy
    }

    public let kind: Kind
    /// What happened, and in what state things are.
    public let message: String
    /// What to do.
    public let hint: String?

    public init(_ kind: Kind, _ message: String, hint: String? = nil) {
        self.kind = kind
        self.message = message
        self.hint = hint
    }

    public var description: String { message + (hint.map { "\n  hint: \($0)" } ?? "") }
}
