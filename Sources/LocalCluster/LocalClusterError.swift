/// Why a throw-away cluster could not do what was asked.
public struct LocalClusterError: Error, Sendable, CustomStringConvertible {
    /// What failed, with the names and numbers of it.
    public let message: String
    /// What to do about it, where that is known.
    public let hint: String?
    /// The last lines of the cluster's log, where there is one.
    public let log: String

    init(_ message: String, hint: String? = nil, log: String = "") {
        self.message = message
        self.hint = hint
        self.log = log
    }

    public var description: String {
        var text = message
        if let hint { text += "\nHINT: \(hint)" }
        if !log.isEmpty { text += "\nLOG:\n\(log)" }
        return text
    }
}
