import Model
import Postgres

extension Snapshot {
    /// What a session's transaction, or its next statement, sees.
    ///
    /// - Throws: `PostgresError`.
    static func current(_ session: Session) throws -> Snapshot {
        let text = try session.query("SELECT pg_current_snapshot()::text").text(0, 0)
        guard let snapshot = Snapshot(text) else { throw PostgresError(.misuse, "not a snapshot: \(text)") }
        return snapshot
    }
}
