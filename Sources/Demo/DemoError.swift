import LocalCluster
import Postgres

/// Why the demo could not go on, and what to do about it.
public struct DemoError: Error, Sendable, CustomStringConvertible {
    public let message: String
    public let hint: String?

    init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }

    public var description: String { message + (hint.map { "\n  hint: \($0)" } ?? "") }

    /// The error that tells what a person can do about another one.
    static func explained(_ error: any Error, place: DemoPlace) -> any Error {
        let isFull =
            switch error {
            case let postgres as PostgresError: postgres.sqlState == "53100"
            // A server that cannot start says why in its log only.
            case let cluster as LocalClusterError: cluster.log.contains("No space left on device")
            default: false
            }
        return isFull ? place.full(leftOver: nil) : error
    }
}
