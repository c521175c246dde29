import Assets
import Model
import Postgres

/// How far a stream has come, as its receiver knows it.
struct Cursor: Sendable, Equatable {
    enum State: String, Sendable {
        /// The first copy is under way.
        case copying
        case streaming
    }

    let snapshot: Snapshot
    let batch: Int64
    let acknowledgedBatch: Int64
    let source: DatabaseIdentity
    let state: State
    let asOf: String
    let appliedAt: String?
    let appliedRows: Int64
    let paused: Bool
    let error: String?
    let errorHint: String?
    let errorAt: String?
    /// The batch that the stream was begun at.
    let begunBatch: Int64

    /// Whether the receiver's rows are known to be of one moment of the source: a first copy's are of many, until a batch
    /// has been carried.
    var isOfOneMoment: Bool { batch > begunBatch }

    /// Reads a stream's cursor; nil when the stream was never begun.
    static func read(_ session: Session, _ stream: StreamID) throws -> Cursor? {
        let answer = try session.query(Assets.sql("stream/cursor"), [stream.sync, stream.source])
        guard answer.rowCount == 1 else { return nil }
        guard let snapshot = Snapshot(answer.text(0, 0)), let state = State(rawValue: answer.text(0, 6)) else {
            throw StreamStopped(
                message: "the cursor of \(stream) at \(stream.receiver) cannot be read: \"\(answer.text(0, 0))\"",
                hint: "run \"switchback copy \(stream.sync) --repair\" to begin the stream anew")
        }
        return Cursor(
            snapshot: snapshot, batch: Int64(answer.int(0, 1)), acknowledgedBatch: Int64(answer.int(0, 2)),
            source: DatabaseIdentity(
                systemIdentifier: answer.text(0, 3), databaseOID: Int64(answer.int(0, 4)),
                timeline: Int64(answer.int(0, 5))),
            state: state, asOf: answer.text(0, 7), appliedAt: answer[0, 8], appliedRows: Int64(answer.int(0, 9)),
            paused: answer.bool(0, 10), error: answer[0, 11], errorHint: answer[0, 12], errorAt: answer[0, 13],
            begunBatch: Int64(answer.int(0, 14)))
    }
}

/// A stream cannot go on until somebody, or something, changes the world. It looks again by itself.
public struct StreamStopped: Error, Sendable, Equatable, CustomStringConvertible {
    public let message: String
    public let hint: String

    public var description: String { "\(message)\n  hint: \(hint)" }
}

extension StreamStopped {
    /// Rows that cannot be carried, for a reason that lies in them or in the two tables.
    init(rowsOf table: TableName, stream: StreamID, _ error: PostgresError) {
        // Where it is a value, the server's context tells its column: "COPY …, line 1, column mood".
        let place = error.context.map { "; \($0)" } ?? ""
        self.init(
            message:
                "rows of \(table) cannot be carried from \(stream.source) to \(stream.receiver): \(error.description)\(place)",
            hint:
                "mend what the message says at \(stream.receiver), or change the row at \(stream.source); the stream tries again by itself"
        )
    }
}

extension PostgresError {
    /// Whether the statement was refused for what it was to write: a value, a constraint, something that is not there.
    var isAboutData: Bool {
        guard kind == .server, let sqlState else { return false }
        return ["21", "22", "23", "42", "54"].contains(sqlState.prefix(2))
    }
}
