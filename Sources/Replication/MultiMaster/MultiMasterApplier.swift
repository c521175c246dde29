import Assets
import Model
import Postgres

/// Writes a staged batch between masters: what nobody else changed as it is, all else as the rule settles it.
///
/// Rows are locked before anything is looked up, so that no application changes them in between. A row that is not there cannot
/// be locked: where an application wrote one meanwhile, the batch is begun again.
struct MultiMasterApplier {
    let applier: BatchApplier
    let session: Session
    /// No application may write the tables meanwhile: unique values change places.
    let isAlone: Bool
    /// What the sender had seen, and what this node has.
    private let theirs: Knowledge
    private let mine: Knowledge

    /// Has this stream be the only one that writes at the receiver, until the transaction ends.
    ///
    /// - Parameters:
    ///   - cursor: the stream's, before the batch.
    ///   - isAlone: locks out applications, for what could not be written beside them.
    init(
        _ applier: BatchApplier, _ head: BatchHead, cursor: Cursor, isAlone: Bool, _ session: Session
    ) throws {
        self.applier = applier
        self.session = session
        self.isAlone = isAlone
        let stream = applier.stream
        theirs = applier.knowledge(head) ?? Knowledge()
        _ = try session.query(Assets.sql("multimaster/lock_sync"), [stream.sync])
        var seen = Knowledge(rows: try session.query(Assets.sql("multimaster/seen"), [stream.sync])).snapshots
        // It has moved already, in this transaction.
        seen[stream.source] = cursor.snapshot
        mine = Knowledge(seen).union(.all(of: stream.receiver))
    }

    /// Writes what was staged of these tables.
    ///
    /// - Throws: `Overtaken` when an application wrote rows of the batch meanwhile; `PostgresError`. Nothing is to be kept then.
    func apply(_ routes: [TableRoute]) throws {
        guard !routes.isEmpty else { return }
        if isAlone {
            let names = routes.map(\.target.sqlOnly).joined(separator: ", ")
            try session.execute("LOCK TABLE \(names) IN SHARE ROW EXCLUSIVE MODE")
        }
        for route in routes {
            try session.execute(route.raiseFloor)
            _ = try session.query(route.lockRows)
            let counters = CounterKeeper(route, receiver: applier.stream.receiver, session)
            try counters?.gather()
            let asOf = try snapshot()
            let unseen = try session.query(route.findUnseen(theirs)).affectedRows
            if unseen > 0 {
                let settler = RowSettler(
                    route, sync: applier.stream.sync, mine: mine, theirs: theirs, asOf: asOf, session)
                try settler.settle()
            }
            try counters?.show()
            try applier.mergeVersions(route, isAlone: isAlone, on: session)
            if let overtaken = route.findOvertaken(since: asOf), try session.query(overtaken).int(0, 0) > 0 {
                throw Overtaken()
            }
            try counters?.keep()
            try session.execute(route.forgetPlain)
            if route.masters?.rule == .hold { try session.execute(route.decideStaged(sync: applier.stream.sync)) }
            if route.masters?.tellsAll == true {
                _ = try session.query(route.tellVersions, [theirs.json, asOf.description])
            }
        }
    }

    /// What this node has committed by now.
    private func snapshot() throws -> Snapshot {
        let text = try session.query("SELECT pg_current_snapshot()::text").text(0, 0)
        guard let snapshot = Snapshot(text) else { throw PostgresError(.misuse, "not a snapshot: \(text)") }
        return snapshot
    }
}

/// An application wrote rows of a batch while it was being applied.
struct Overtaken: Error, Sendable {}
