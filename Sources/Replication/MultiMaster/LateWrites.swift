import Assets
import Model
import Postgres

/// Writes of applications under keys of which a batch had found no row and left none.
///
/// A row that is not there cannot be locked, so that one can be written, and be committed, between the batch's last look at it and its
/// commit. Where another stream reads the write in that moment, it is sent as one that had not seen the batch, and is weighed against it elsewhere; here it
/// has taken the other's place. So it is sent once more, with its time, as what has seen both.
///
/// That is owed from the batch's commit on, and noted with it, for an engine that dies in between. It is looked for nowhere else: sent at any later moment, the
/// write could meet one that others made upon it.
struct LateWrites: Sendable {
    private let stream: StreamID
    private let routes: [TableRoute]
    /// The receiver's snapshot when the batch looked for rows.
    private let since: Snapshot

    /// - Parameters:
    ///   - routes: the tables in which a batch found keys without a row.
    ///   - since: the receiver's snapshot when it looked, or an earlier one.
    init?(_ stream: StreamID, _ routes: some Sequence<TableRoute>, since: Snapshot?) {
        self.stream = stream
        self.routes = routes.filter { $0.masters?.receiverDeltas != nil && $0.receiverKey != nil }
        guard let since, !self.routes.isEmpty else { return nil }
        self.since = since
    }

    /// What a batch owes whose engine died after its commit; nil when nothing is owed.
    static func owed(_ stream: StreamID, _ routes: RouteTable, _ session: Session) throws -> LateWrites? {
        let answer = try session.query(Assets.sql("multimaster/owed_late"), [stream.sync, stream.source])
        guard answer.rowCount > 0 else { return nil }
        return LateWrites(stream, routes.routes.values, since: try Snapshot(answer: answer))
    }

    /// Notes, with the batch, that the look is owed.
    func owe(_ session: Session) throws { try owe(since.description, session) }

    private func owe(_ since: String?, _ session: Session) throws {
        _ = try session.query(Assets.sql("multimaster/owe_late"), [stream.sync, stream.source, since])
    }

    /// Sends what was written meanwhile, once the batch is committed.
    ///
    /// - Throws: `PostgresError`; then nothing was sent, and it is owed still.
    func sendAgain(_ session: Session) throws {
        let counts = try session.pipeline { pipeline in
            for route in routes { pipeline.query(route.countLate(since: since)) }
        }
        let late = zip(routes, counts).filter { $1.int(0, 0) > 0 }.map(\.0)
        guard !late.isEmpty else { return try owe(nil, session) }
        try session.transaction {
            // Batches lock their cursors before they wait for one another.
            try owe(nil, session)
            _ = try session.query(Assets.sql("multimaster/lock_sync"), [stream.sync])
            for route in late {
                for statement in route.sendLate(since: since) { try session.execute(statement) }
            }
            _ = try session.query("SELECT switchback.ring()")
        }
    }
}

extension TableRoute {
    /// Marks the staged rows of which there is nothing to lock, and may be nothing afterwards; nil where nobody writes.
    var markAbsent: String? {
        guard masters?.receiverDeltas != nil else { return nil }
        return receiverRender(
            "multimaster/mark_absent", ["absent": stageName("absent"), "is_unsettled": standing(.unsettled)])
    }

    fileprivate func countLate(since: Snapshot) -> String {
        SQLTemplate.render("multimaster/count_late", ["late": lateWrites(since)])
    }

    fileprivate func sendLate(since: Snapshot) -> [String] {
        guard let deltas = masters?.receiverDeltas, let key = receiverKey else { return [] }
        let arrays = DeltaColumns(key, of: target).columns.map { "ARRAY[\($0.element("e.\($0.arrayName)"))]" }
        return [(deltas.a, "0"), (deltas.b, "1")].map { name, turn in
            SQLTemplate.render(
                "multimaster/send_late",
                [
                    "delta": name, "turn": turn, "late": lateWrites(since),
                    "keys": numberedKeys.joined(separator: ", "),
                    "arrays": arrays.joined(separator: ", "),
                    "more": masters?.tracksColumns == true ? ", columns" : "",
                ])
        }
    }

    private func lateWrites(_ since: Snapshot) -> String {
        guard let masters, let key = receiverKey else { return "" }
        return SQLTemplate.render(
            "multimaster/late_writes",
            [
                "changed": ownChanges(Window(after: since).condition),
                "keys": numberedKeys.map { "d.\($0)" }.joined(separator: ", "),
                "versions": versions(masters.receiverID), "version_joins": join(.numbered("v"), .numbered("d"), key),
                "shown_joins": join(.numbered("x"), .numbered("d"), key),
                "more": masters.tracksColumns ? ", d.columns" : "",
            ])
    }
}
