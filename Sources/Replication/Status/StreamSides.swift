import Assets
import Model
import Postgres
import Settings

/// Who holds a stream's lease, or its copy's, and what that session is doing.
struct LeaseHolder: Sendable, Equatable {
    /// For how long its transaction has been open; nil when none is.
    var busySeconds: Double?
    /// What it waits for: a lock that somebody else holds.
    var waitsFor: String?

    /// Nil when nobody holds it.
    static func read(_ session: Session, _ name: String) throws -> LeaseHolder? {
        let answer = try session.query(Assets.sql("status/engine"), [name])
        guard answer.rowCount > 0 else { return nil }
        return LeaseHolder(
            busySeconds: answer[0, 0].flatMap { Double($0) },
            waitsFor: answer[0, 1].map { "process \($0) (\(answer.text(0, 2)))" })
    }
}

/// What a stream's receiver says of it.
struct ReceiverSide: Sendable {
    var cursor: Cursor?
    /// Why the cursor cannot be read.
    var problem: StreamStopped?
    /// The engine that carries it, if one does.
    var engine: LeaseHolder?
    /// The copy that fills it, if one does.
    var copier: LeaseHolder?
    var joined: Set<TableName> = []
    var position: StreamPosition?
    var copy: StatusReport.CopyState?

    static func read(_ session: Session, _ stream: StreamID) throws -> ReceiverSide {
        var side = ReceiverSide()
        do { side.cursor = try Cursor.read(session, stream) } catch let stopped as StreamStopped {
            side.problem = stopped
        }
        if let lost = try LostNode.read(session, sync: stream.sync, node: stream.source) {
            side.problem = lost.stopped(stream, by: stream.receiver, node: stream.source)
        }
        side.engine = try LeaseHolder.read(session, "\(stream.sync)/\(stream.source)")
        side.copier = try LeaseHolder.read(session, FirstCopy.leaseName(stream))
        let states = try session.query(Assets.sql("stream/table_states"), [stream.sync, stream.source])
        for row in 0..<states.rowCount where states.text(row, 2) == "joined" {
            side.joined.insert(TableName(schema: states.text(row, 0), table: states.text(row, 1)))
        }
        side.position = try side.cursor.map { try StreamPosition.read(session, stream, $0) }
        let chunks = try session.query(Assets.sql("status/chunks"), [stream.sync, stream.source])
        if chunks.int(0, 1) > 0 {
            side.copy = StatusReport.CopyState(
                chunksDone: chunks.int(0, 0), chunksTotal: chunks.int(0, 1), rows: chunks.int(0, 2))
        }
        return side
    }
}

/// What a stream's source says of it.
struct SourceSide: Sendable {
    /// Nil when it is not known what the receiver has.
    var pending: Pending?
    /// Why nothing can be said, or why the stream cannot go on from where it is.
    var problem: StreamStopped?
    var captured: [TableName] = []
    /// Tables that the configuration names and no trigger captures.
    var notCaptured: [TableName] = []

    static func read(
        _ session: Session, _ stream: StreamID, _ sync: SyncSettings, _ position: StreamPosition?, _ cursor: Cursor?
    ) throws -> SourceSide {
        var side = SourceSide()
        let captured = try session.query(Assets.sql("stream/table_list"), [stream.sync])
        side.captured = (0..<captured.rowCount).map {
            TableName(schema: captured.text($0, 0), table: captured.text($0, 1))
        }
        side.notCaptured = try notCaptured(
            session, sync, Set(side.captured), isStandby: sync.standbys.contains(stream.source))
        // Numbers that are counted past another database's snapshot would say nothing.
        if let cursor, !cursor.source.systemIdentifier.isEmpty {
            side.problem = try SourceIdentity.problem(stream, cursor: cursor, session)
        }
        guard side.problem == nil, let position else { return side }
        side.pending = try Pending.read(session, sync: stream.sync, after: position)
        return side
    }

    private static func notCaptured(
        _ session: Session, _ sync: SyncSettings, _ captured: Set<TableName>, isStandby: Bool
    ) throws -> [TableName] {
        let names = try session.query(Assets.sql("status/table_names"))
        return (0..<names.rowCount).compactMap { row in
            let name = TableName(schema: names.text(row, 0), table: names.text(row, 1))
            guard sync.names(name), !captured.contains(name) else { return nil }
            // What goes one way is a standby's to receive and nobody's to capture.
            if isStandby, names.bool(row, 4) { return nil }
            // A partition travels with its root, where the root is named too.
            if let schema = names[row, 2], let table = names[row, 3],
                sync.names(TableName(schema: schema, table: table))
            {
                return nil
            }
            return name
        }.sorted()
    }
}
