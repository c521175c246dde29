import Assets
import Model
import Postgres

/// What a receiver knows of a source whose stream begins anew.
///
/// A source that was restored from a backup gives numbers of transactions again. What was seen of the old ones, and what is told of them, would
/// be taken for the new: a change would be left out as one that was superseded long ago.
struct SourceMemory {
    let stream: StreamID

    /// Whether the source may give numbers again that it gave before.
    ///
    /// - Parameters:
    ///   - cursor: the stream's; nil where it was never begun, so that nothing is known of the source by it.
    ///   - facts: what the source says of itself.
    ///   - session: with the source, before the stream begins anew there.
    /// - Returns: of a stream that was begun false only where the source is for certain the one that it was begun with, at no earlier moment.
    func mayForget(_ cursor: Cursor?, _ facts: ServerFacts, _ session: Session) throws -> Bool {
        guard let cursor else { return false }
        guard cursor.source == facts.identity else { return true }
        let now = try Snapshot.current(session)
        guard now.xmax >= cursor.snapshot.xmax else { return true }
        let answer = try session.query(Assets.sql("stream/receiver"), [stream.sync, stream.receiver])
        guard answer.rowCount == 1 else {
            return try LostNode.read(session, sync: stream.sync, node: stream.receiver) == nil
        }
        return Int64(answer.int(0, 1)) < cursor.acknowledgedBatch
    }

    /// Has the receiver know nothing of the source past a snapshot, but by what the stream brings. In the transaction that begins it, or has it
    /// carry.
    ///
    /// - Parameter snapshot: the one that the stream begins with.
    func forget(past snapshot: String, _ session: Session) throws {
        // Batches lock their cursors before they wait for one another.
        _ = try session.query(Assets.sql("copy/forget_seen"), [stream.sync, stream.source])
        _ = try session.query(Assets.sql("multimaster/lock_sync"), [stream.sync])
        let tables = try session.query(Assets.sql("copy/version_tables"), [stream.sync, stream.source])
        for row in 0..<tables.rowCount {
            let values = ["versions": "version_\(tables.int(row, 0))"]
            for template in ["copy/cut_contexts", "copy/forget_past"] {
                _ = try session.query(SQLTemplate.render(template, values), [stream.source, snapshot])
            }
        }
    }
}
