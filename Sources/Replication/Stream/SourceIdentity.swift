import Assets
import Model
import Postgres

/// Makes sure that a source and a receiver are still the ones that the cursor was made between, at the points in time
/// where they were: neither recreated nor restored from a backup.
enum SourceIdentity {
    /// What a source knows of a receiver.
    struct Known: Sendable, Equatable {
        /// The batch that the receiver had confirmed.
        let batch: Int64
        /// The snapshot that it was of. It is safe to read on from: whatever it includes has outlived any crash of the
        /// source, and so have the numbers of its transactions, which the source will give to no others.
        let acknowledged: Snapshot
    }

    /// What a source says of itself.
    struct Sight: Sendable {
        let identity: DatabaseIdentity
        let isStandby: Bool
        /// Who it was installed as; nil when nothing is recorded.
        let installedAs: (systemIdentifier: String, databaseOID: Int64)?
        let now: Snapshot
        let known: Known?
        /// Whether rows go the other way, too: the receiver is a source as well.
        var receivesFromThere = true
        /// Set where the source counts on the receiver no more.
        var lost: LostNode?
    }

    /// - Returns: what the source knows of the receiver.
    /// - Throws: `StreamStopped` with the command that begins the stream anew.
    static func check(_ stream: StreamID, cursor: Cursor, source: Connection) async throws -> Known {
        let sight = try await source.run(deadline: StreamRunner.stepDeadline) { try look($0, stream) }
        return try judge(stream, cursor: cursor, sight).get()
    }

    /// The same, while an engine may be carrying the stream: what the two ends say is not of one moment then, and counts
    /// only when the cursor has not moved in between.
    ///
    /// - Parameter reload: reads the cursor again.
    static func check(
        _ stream: StreamID, cursor: Cursor, source: Connection, reload: () async throws -> Cursor?
    ) async throws {
        var cursor = cursor
        while true {
            do {
                _ = try await check(stream, cursor: cursor, source: source)
                return
            } catch let stopped as StreamStopped {
                guard let now = try await reload(), now.isElsewhere(than: cursor) else { throw stopped }
                cursor = now
            }
        }
    }

    /// The same, with the receiver to read the cursor from.
    static func check(_ stream: StreamID, cursor: Cursor, source: Connection, receiver: Connection) async throws {
        try await check(stream, cursor: cursor, source: source) {
            try await receiver.run(deadline: StreamRunner.stepDeadline) { try Cursor.read($0, stream) }
        }
    }

    /// Asks a source; nil when all is well.
    static func problem(_ stream: StreamID, cursor: Cursor, _ session: Session) throws -> StreamStopped? {
        guard case .failure(let problem) = judge(stream, cursor: cursor, try look(session, stream)) else { return nil }
        return problem
    }

    /// Whether a problem still stands after another look at the receiver. Batches that an engine applied and confirmed
    /// between the look at one node and that at the other look like a restored backup; but a cursor that moves is carried by
    /// an engine that has made sure of its source.
    static func stands(_ stream: StreamID, since cursor: Cursor, receiver: Session) throws -> Bool {
        guard let now = try Cursor.read(receiver, stream) else { return true }
        return !now.isElsewhere(than: cursor)
    }

    private static func look(_ session: Session, _ stream: StreamID) throws -> Sight {
        let facts = try CatalogueReader.serverFacts(session)
        let now = try Snapshot.current(session)
        let recorded = try session.query(Assets.sql("install/node"))
        let answer = try session.query(Assets.sql("stream/receiver"), [stream.sync, stream.receiver])
        var known: Known?
        if answer.rowCount == 1, let acknowledged = Snapshot(answer.text(0, 0)) {
            known = Known(batch: Int64(answer.int(0, 1)), acknowledged: acknowledged)
        }
        return Sight(
            identity: facts.identity, isStandby: facts.inRecovery,
            installedAs: recorded.rowCount == 1 ? (recorded.text(0, 2), Int64(recorded.int(0, 3))) : nil, now: now,
            known: known,
            receivesFromThere: try session.query(Assets.sql("stream/cursor"), [stream.sync, stream.receiver]).rowCount
                > 0,
            lost: try LostNode.read(session, sync: stream.sync, node: stream.receiver))
    }

    /// Decides from what both ends say.
    static func judge(_ stream: StreamID, cursor: Cursor, _ source: Sight) -> Result<Known, StreamStopped> {
        let (here, there) = (stream.source, stream.receiver)
        let copy = "switchback copy \(stream.sync)"
        let hint =
            "run \"\(copy) --repair\": it compares the two nodes, makes \(there) equal to \(here), keeps what it overwrites in the history, and begins the stream anew"
        /// - Parameter behind: the node that lacks changes: where both write it is the other that is right.
        func stopped(_ message: String, behind: String) -> Result<Known, StreamStopped> {
            let (right, other) = behind == here ? (there, here) : (here, there)
            // Nobody takes rows from a node that is no source.
            let between =
                behind == here && !source.receivesFromThere
                ? "; between several sources make \(here) equal to another one first: \"\(copy) --to \(here) --repair\" asks which"
                : "; between several sources \"\(copy) --from \(right) --to \(other) --repair\" makes \(other) equal to \(right)"
            return .failure(StreamStopped(message: message, hint: hint + between))
        }

        if source.isStandby {
            return .failure(
                StreamStopped(
                    message: "the server at \(here) is a standby, which captures nothing",
                    hint: "name the primary in nodes.\(here).dsn, or promote the standby"))
        }
        if let problem = copied(stream, source) { return .failure(problem) }
        if source.identity.systemIdentifier != cursor.source.systemIdentifier {
            return stopped(
                "\(here) is another database cluster than the one that \(stream) was begun with", behind: here)
        }
        if source.identity.databaseOID != cursor.source.databaseOID {
            return stopped("the database at \(here) was dropped and made again since \(stream) was begun", behind: here)
        }
        if source.identity.timeline != cursor.source.timeline {
            return stopped(
                "\(here) is on timeline \(source.identity.timeline) and \(stream) was begun on timeline \(cursor.source.timeline): it was restored or promoted, and may lack changes that \(there) has",
                behind: here)
        }
        guard let known = source.known else {
            if let lost = source.lost { return .failure(lost.stopped(stream, by: here, node: there)) }
            return stopped("\(here) knows of no receiver \(there) in sync \(stream.sync)", behind: there)
        }
        if source.now.xmax < known.acknowledged.xmax {
            return stopped(
                "\(here) numbers its transactions anew: it was restored by other means than its log", behind: here)
        }
        if known.batch < cursor.acknowledgedBatch {
            return stopped(
                "\(here) was restored from an older backup: it knows of batch \(known.batch), and had been told of batch \(cursor.acknowledgedBatch)",
                behind: here)
        }
        if known.batch > cursor.batch && cursor.state == .copying {
            return stopped("a copy of \(stream) was interrupted while it began", behind: there)
        }
        if known.batch > cursor.batch {
            return stopped(
                "\(there) was restored from an older backup: it is at batch \(cursor.batch), and had confirmed batch \(known.batch)",
                behind: there)
        }
        return .success(known)
    }

    /// A database whose switchback schema came with it out of another one, as with a dump: what it says of tables and
    /// transactions is said of the other.
    static func copied(_ stream: StreamID, _ source: Sight) -> StreamStopped? {
        guard let installed = source.installedAs else { return nil }
        let identity = source.identity
        guard
            installed.systemIdentifier != identity.systemIdentifier || installed.databaseOID != identity.databaseOID
        else { return nil }
        return StreamStopped(
            message: "the database at \(stream.source) is a copy of the one that was installed there, as from a dump",
            hint:
                "run DROP SCHEMA switchback CASCADE in it, then \"switchback schema install\" and \"switchback copy \(stream.sync) --repair\", which asks which node is right where several write"
        )
    }

    /// Makes sure that a stream can be begun with a source.
    static func checkBeginning(_ stream: StreamID, source: Connection) async throws {
        let sight = try await source.run(deadline: StreamRunner.stepDeadline) { try look($0, stream) }
        if let problem = copied(stream, sight) { throw problem }
    }
}

extension Cursor {
    /// Whether it has moved, or learnt more, since it was read.
    fileprivate func isElsewhere(than before: Cursor) -> Bool {
        batch != before.batch || acknowledgedBatch != before.acknowledgedBatch
    }
}
