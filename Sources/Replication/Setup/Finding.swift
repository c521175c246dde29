/// Something that was looked at and found good or wanting, with its remedy.
public struct Finding: Sendable, Equatable {
    public enum Severity: String, Sendable {
        /// Looked at and good.
        case good
        /// Works, but somebody should know.
        case notice
        /// Replication cannot work, or not safely.
        case problem
    }

    public let severity: Severity
    /// The node it is about, if one.
    public let node: String?
    /// The sync it is about, if one.
    public let sync: String?
    /// What was found: `table public.log has no usable key`.
    public let message: String
    /// What to do about it.
    public let remedy: String?

    public init(
        _ severity: Severity, node: String? = nil, sync: String? = nil, _ message: String, remedy: String? = nil
    ) {
        self.severity = severity
        self.node = node
        self.sync = sync
        self.message = message
        self.remedy = remedy
    }
}
