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
    /// The tables that have rows in quarantine here.
    private let quarantined: Set<TableName>

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
        quarantined = Set(try Quarantine(sync: stream.sync).tables(session))
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
            let asOf = try Snapshot.current(session)
            let unseen = try session.query(route.findUnseen(theirs)).affectedRows
            if unseen > 0 {
                let settler = RowSettler(
                    route, sync: applier.stream.sync, mine: mine, theirs: theirs, asOf: asOf, session)
                try settler.settle()
            }
            try counters?.show()
            let isSifted = try write(route, asOf)
            let hasQuarantine = isSifted || quarantined.contains(route.name)
            if let overtaken = route.findOvertaken(since: asOf), try session.query(overtaken).int(0, 0) > 0 {
                throw Overtaken()
            }
            try counters?.keep()
            try session.execute(route.forgetPlain)
            if route.masters?.rule == .hold { try session.execute(route.decideStaged(sync: applier.stream.sync)) }
            // Rows that others have to give way to, or that give way to others, must be known with their stamps.
            if route.masters?.tellsAll == true || hasQuarantine {
                _ = try session.query(route.tellVersions, [theirs.json, asOf.description])
            }
            if hasQuarantine { try session.execute(route.releaseShown(sync: applier.stream.sync)) }
        }
    }

    /// Writes what is staged. What the table refuses is a matter for when no application can come between: then it is kept out.
    ///
    /// - Returns: whether the table was looked through row by row.
    private func write(_ route: TableRoute, _ asOf: Snapshot) throws -> Bool {
        guard isAlone else {
            try applier.mergeVersions(route, isAlone: false, on: session)
            try requireNoClash(route)
            return false
        }
        try session.execute("SAVEPOINT switchback_write")
        do {
            try applier.mergeVersions(route, isAlone: true, on: session)
            try requireNoClash(route)
            try session.execute("RELEASE SAVEPOINT switchback_write")
            return false
        } catch let error as PostgresError where error.isRefusal {
            try session.execute("ROLLBACK TO SAVEPOINT switchback_write")
            try session.execute("RELEASE SAVEPOINT switchback_write")
            try RowSifter(route, sync: applier.stream.sync, context: theirs, asOf: asOf, session).sift()
            return true
        }
    }

    /// - Throws: `PostgresError` as the server would have it, where a constraint is violated that replica role does not check.
    private func requireNoClash(_ route: TableRoute) throws {
        for check in route.clashChecks where try session.query(check.sql).rowCount > 0 {
            throw PostgresError(
                .server, "duplicate key value violates unique constraint \"\(check.constraint)\"", sqlState: "23505")
        }
    }
}

/// An application wrote rows of a batch while it was being applied.
struct Overtaken: Error, Sendable {}
