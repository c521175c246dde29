import Assets
import Postgres

/// That a node counts on another no more, as it keeps it.
struct LostNode: Sendable, Equatable {
    let declaredAt: String
    let awaySince: String?
    let reason: String

    /// Asks the node that would have declared it; nil when the other one counts.
    static func read(_ session: Session, sync: String, node: String) throws -> LostNode? {
        let answer = try session.query(Assets.sql("membership/lost"), [sync, node])
        guard answer.rowCount == 1 else { return nil }
        return LostNode(declaredAt: answer.text(0, 0), awaySince: answer[0, 1], reason: answer.text(0, 2))
    }

    /// Why a stream between the two does not move, and the way back.
    ///
    /// - Parameters:
    ///   - judge: who declared it.
    ///   - node: who is lost.
    func stopped(_ stream: StreamID, by judge: String, node: String) -> StreamStopped {
        let since = awaySince.map { ", away since \($0)" } ?? ""
        return StreamStopped(
            message: "\(judge) counts on \(node) no more since \(declaredAt)\(since): \(reason)",
            hint:
                "run \"switchback copy \(stream.sync) --from \(judge) --to \(node) --repair\": it makes \(node) equal to \(judge), keeps what it overwrites in the history, and takes \(node) in again"
        )
    }
}
