import Model
import Postgres

extension Snapshot {
    /// What a session's transaction, or its next statement, sees.
    ///
    /// - Throws: `PostgresError`.
    static func current(_ session: Session) throws -> Snapshot {
        try Snapshot(answer: session.query(question))
    }

    /// What asks for it.
    static let question = "SELECT pg_current_snapshot()::text"

    /// - Parameter answer: what the server said to `question`.
    /// - Throws: `PostgresError`.
    init(answer: QueryResult) throws {
        let text = answer.text(0, 0)
        guard let snapshot = Snapshot(text) else { throw PostgresError(.misuse, "not a snapshot: \(text)") }
        self = snapshot
    }
}
