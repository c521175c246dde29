import Assets
import Model
import Postgres

/// What a stream has still to carry.
struct Pending: Sendable, Equatable {
    /// Changes past the cursor; several of one row count each.
    var rows = 0
    /// How long the oldest of them has waited.
    var oldestSeconds: Double?

    /// Looks at a source.
    ///
    /// - Parameters:
    ///   - cursor: the receiver's.
    ///   - goal: only what it includes counts; nil for all.
    static func read(_ session: Session, sync: String, after cursor: Snapshot, goal: Snapshot? = nil) throws -> Pending
    {
        let window = Window(after: cursor)
        var visible = ""
        if let goal {
            visible = " AND txid < \(goal.xmax)"
            if !goal.inProgress.isEmpty {
                visible += " AND txid <> ALL ('\(goal.inProgress.postgresArray)'::bigint[])"
            }
        }
        let tables = try session.query(Assets.sql("status/candidates"), [sync, window.firstNew, window.running])
        var pending = Pending()
        for row in 0..<tables.rowCount {
            pending.rows += tables.int(row, 3)
            let parts = [tables[row, 1], tables[row, 2]].compactMap { $0 }.map { delta in
                SQLTemplate.render(
                    "status/pending_part", ["delta": delta, "window": window.condition, "visible": visible])
            }
            guard !parts.isEmpty else { continue }
            let answer = try session.query(
                SQLTemplate.render("status/pending", ["keyed": parts.joined(separator: " UNION ALL ")]))
            pending.rows += answer.int(0, 0)
            if let age = answer[0, 1].flatMap({ Double($0) }) {
                pending.oldestSeconds = max(pending.oldestSeconds ?? 0, age)
            }
        }
        return pending
    }
}
