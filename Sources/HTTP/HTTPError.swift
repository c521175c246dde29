/// No answer came.
public struct HTTPError: Error, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// The host's name has no address, or nobody could be asked for it.
        case resolve
        /// The host refused the connection, or there is no way to it.
        case connect
        /// No encrypted connection could be agreed on, or the certificate is not to be trusted.
        case tls
        /// The time was up.
        case timeout
        /// The answer is longer than was asked for.
        case tooLarge
        /// Whatever else, by the number that libcurl gives it.
        case other(Int)
    }

    /// How far a request had come.
    public enum Stage: String, Sendable, Hashable {
        case resolving = "looking up the name"
        case connecting = "connecting"
        case securing = "agreeing on TLS"
        case answering = "waiting for the answer"
    }

    public let kind: Kind
    public let stage: Stage
    /// The system's number of the error with which connecting failed, such as `ECONNREFUSED`; 0 when there is none.
    public let systemError: Int32
    /// What was asked, of whom, and what came of it. Holds no secret.
    public let description: String

    init(_ kind: Kind, _ stage: Stage, systemError: Int32 = 0, _ description: String) {
        self.kind = kind
        self.stage = stage
        self.systemError = systemError
        self.description = description
    }
}
