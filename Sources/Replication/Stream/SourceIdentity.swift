import Assets
import Model
import Postgres

/// Makes sure that a source and a receiver are still the ones that the cursor was made between, at the points in time
/// where they were: neither recreated nor restored from a backup.
enum SourceIdentity {
    /// - Throws: `StreamStopped` with the command that begins the stream anew.
    static func check(_ stream: StreamID, cursor: Cursor, source: Connection) async throws {
        let problem = try await source.run(deadline: StreamRunner.stepDeadline) { session in
            try Self.problem(stream, cursor: cursor, session)
        }
        if let problem { throw problem }
    }

    /// Whether a problem still stands after another look at the receiver. Batches that an engine applied and confirmed
    /// between the look at one node and that at the other look like a restored backup; but a cursor that moves is carried by
    /// an engine that has made sure of its source.
    static func stands(_ stream: StreamID, since cursor: Cursor, receiver: Session) throws -> Bool {
        try Cursor.read(receiver, stream)?.batch == cursor.batch
    }

    /// The check of somebody who does not carry the stream, while an engine may.
    static func check(
        _ stream: StreamID, cursor: Cursor, source: Connection, receiver: Connection
    ) async throws {
        do { try await check(stream, cursor: cursor, source: source) } catch let problem as StreamStopped {
            let isReal = try await receiver.run(deadline: StreamRunner.stepDeadline) {
                try stands(stream, since: cursor, receiver: $0)
            }
            if isReal { throw problem }
        }
    }

    /// Asks a source; nil when all is well.
    static func problem(_ stream: StreamID, cursor: Cursor, _ session: Session) throws -> StreamStopped? {
        let facts = try CatalogueReader.serverFacts(session)
        let now = try session.query("SELECT pg_current_snapshot()::text").text(0, 0)
        let answer = try session.query(Assets.sql("stream/receiver"), [stream.sync, stream.receiver])
        let known = answer.rowCount == 1 ? Int64(answer.int(0, 1)) : nil
        return judge(stream, cursor: cursor, identity: facts.identity, now: Snapshot(now), knownBatch: known)
    }

    /// Decides from what both ends say.
    ///
    /// - Parameters:
    ///   - identity: who the source says it is.
    ///   - now: its snapshot.
    ///   - knownBatch: the batch that it knows the receiver to have; nil when it knows of no such receiver.
    static func judge(
        _ stream: StreamID, cursor: Cursor, identity: DatabaseIdentity, now: Snapshot?, knownBatch: Int64?
    ) -> StreamStopped? {
        let hint =
            "run \"switchback copy \(stream.sync) --repair\": it compares the two nodes, makes \(stream.receiver) equal to \(stream.source), keeps what it overwrites in the history, and begins the stream anew"
        func stopped(_ message: String) -> StreamStopped { StreamStopped(message: message, hint: hint) }

        if identity.systemIdentifier != cursor.source.systemIdentifier {
            return stopped("\(stream.source) is another database cluster than the one that \(stream) was begun with")
        }
        if identity.databaseOID != cursor.source.databaseOID {
            return stopped("the database at \(stream.source) was dropped and made again since \(stream) was begun")
        }
        if identity.timeline != cursor.source.timeline {
            return stopped(
                "\(stream.source) is on timeline \(identity.timeline) and \(stream) was begun on timeline \(cursor.source.timeline): it was restored or promoted, and may lack changes that \(stream.receiver) has"
            )
        }
        guard let knownBatch else {
            return stopped("\(stream.source) knows of no receiver \(stream.receiver) in sync \(stream.sync)")
        }
        if let now, now.xmax < cursor.snapshot.xmax {
            return stopped(
                "\(stream.source) was restored from an older backup: it lacks changes that \(stream.receiver) has")
        }
        if knownBatch < cursor.acknowledgedBatch {
            return stopped(
                "\(stream.source) was restored from an older backup: it knows of batch \(knownBatch), and had been told of batch \(cursor.acknowledgedBatch)"
            )
        }
        if knownBatch > cursor.batch {
            return stopped(
                "\(stream.receiver) was restored from an older backup: it is at batch \(cursor.batch), and had confirmed batch \(knownBatch)"
            )
        }
        return nil
    }
}
