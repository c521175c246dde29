import Assets
import Model
import Postgres

/// Empties a table at a receiver that is to be copied again.
///
/// Between sources the receiver's own streams go on meanwhile. They send a row that was changed and is not there as deleted, so that a table may
/// not be emptied of rows whose changes the others have not confirmed.
struct TableEmptying {
    let stream: StreamID
    let route: TableRoute

    private var deltas: (id: Int, a: String, b: String)? {
        guard let masters = route.masters, let deltas = masters.receiverDeltas else { return nil }
        return (id: masters.receiverID, a: deltas.a, b: deltas.b)
    }

    /// - Throws: `StreamStopped` where some node has not confirmed changes that were made at the receiver.
    func requireConfirmed(_ session: Session) throws {
        guard let deltas else { return }
        let lacking = try session.query(
            SQLTemplate.render(
                "copy/unconfirmed", ["id": "\(deltas.id)", "delta_a": deltas.a, "delta_b": deltas.b]))
        guard lacking.rowCount > 0 else { return }
        let who = (0..<lacking.rowCount).map { row in
            let sync = lacking.text(row, 0)
            return "\(lacking.text(row, 2)) for \(lacking.text(row, 1))\(sync == stream.sync ? "" : " in \(sync)")"
        }
        throw StreamStopped(
            message:
                "\(route.name) at \(stream.receiver) cannot be emptied: changes were made there that others have not confirmed (\(who.joined(separator: ", "))), and they would be sent these rows as deleted",
            hint:
                "run \"switchback copy \(stream.sync) --from \(stream.source) --to \(stream.receiver) --repair\", which keeps them; or, where \(stream.receiver) sends what it writes, \"switchback sync \(stream.sync)\" first"
        )
    }

    /// Empties the table, in a transaction of the caller's. Applications wait from here on, so that no change comes in between.
    ///
    /// - Throws: `StreamStopped` as `requireConfirmed` does, `PostgresError`.
    func empty(_ session: Session) throws {
        try lockOut(session)
        try requireConfirmed(session)
        try session.execute(route.deleteAll)
    }

    /// Empties the table but for rows whose changes the others have not confirmed, while the receiver is in use.
    func emptyOfOthers(_ session: Session) throws {
        guard let deltas, let key = route.receiverKey else { return try session.execute(route.deleteAll) }
        try lockOut(session)
        try session.execute(
            SQLTemplate.render(
                "copy/empty_table",
                [
                    "target": route.target.sqlOnly, "changed": route.ownChanges("true"),
                    "joins": route.join(.columns("t"), .numbered("d"), key), "id": "\(deltas.id)",
                ]))
    }

    private func lockOut(_ session: Session) throws {
        guard deltas != nil else { return }
        try session.execute("LOCK TABLE \(route.target.sqlOnly) IN SHARE ROW EXCLUSIVE MODE")
    }
}
