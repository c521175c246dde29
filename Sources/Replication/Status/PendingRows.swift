public import Model
import Postgres
import Settings

/// What one node has taken and another has not, by table: what is on its way, or stranded.
public struct PendingRows: Sendable {
    let stream: StreamID
    let cluster: Cluster

    public init(stream: StreamID, cluster: Cluster) {
        self.stream = stream
        self.cluster = cluster
    }

    static let deadline = Duration.seconds(30)

    /// Counts the changes past the receiver's cursor; several of one row count each. Tables without any are left out.
    ///
    /// - Throws: `StreamStopped` when the stream was not begun; `NodeUnreachable`, `PostgresError`.
    public func count() async throws -> [(table: TableName, rows: Int)] {
        let (sync, position) = (stream.sync, try await position())
        return try await cluster.asking(stream.source, purpose: "count", deadline: Self.deadline) { session in
            try Pending.byTable(session, sync: sync, after: position)
        }
    }

    /// How far the receiver is.
    func position() async throws -> StreamPosition {
        let stream = stream
        let position = try await cluster.asking(stream.receiver, purpose: "count", deadline: Self.deadline) { session in
            try Cursor.read(session, stream).map { try StreamPosition.read(session, stream, $0) }
        }
        guard let position else {
            throw StreamStopped(message: "\(stream) was not begun", hint: "run \"switchback copy \(stream.sync)\"")
        }
        return position
    }
}
