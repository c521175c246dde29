/// How a stream is.
public enum StreamState: String, Sendable, CaseIterable {
    // From the worst to the best.
    case unreachable
    case stopped
    case notCopied = "not copied"
    /// Nothing is wrong with it, and no engine carries it.
    case idle
    case paused
    /// The first copy is under way, or done and not yet settled: the receiver's rows are of different moments.
    case copying
    case streaming

    static func worst(_ states: [String]) -> StreamState {
        allCases.first { states.contains($0.rawValue) } ?? .streaming
    }
}

/// What is said of a stream: its state, the reason when it does not move, and what to do. A value, decided from what both
/// ends say.
struct StreamVerdict: Sendable, Equatable {
    let state: StreamState
    var error: String?
    var hint: String?

    init(_ state: StreamState, _ error: String? = nil, hint: String? = nil) {
        self.state = state
        self.error = error
        self.hint = hint
    }

    /// A batch that takes longer than this is worth a word.
    private static let busySecondsMost = 5.0

    static func judge(
        _ stream: StreamID, source: StatusReport.Node?, receiver: StatusReport.Node?, receiverSide side: ReceiverSide?,
        sourceSide: SourceSide
    ) -> StreamVerdict {
        for node in [receiver, source] {
            guard let node, !node.reachable else { continue }
            return StreamVerdict(.unreachable, "node \(node.name) does not answer: \(node.error ?? "no reason given")")
        }
        for node in [receiver, source] {
            guard let node, let error = node.error else { continue }
            return StreamVerdict(.stopped, "node \(node.name): \(error)")
        }
        if let problem = side?.problem ?? sourceSide.problem {
            return StreamVerdict(.stopped, problem.message, hint: problem.hint)
        }
        let copy = "switchback copy \(stream.sync)"
        guard let side, let cursor = side.cursor else {
            return StreamVerdict(.notCopied, "the stream was not begun", hint: "run \"\(copy)\"")
        }
        if cursor.paused {
            return StreamVerdict(
                .paused, "it was paused by command", hint: "run \"switchback resume \(stream.sync)\"")
        }
        if cursor.state == .copying {
            return side.copier == nil
                ? StreamVerdict(
                    .copying, "the first copy was begun and has not finished",
                    hint: "run \"\(copy)\"; it goes on where it was")
                : StreamVerdict(.copying, side.copier.flatMap(waiting))
        }
        guard let engine = side.engine else { return idle(cursor) }
        if let error = cursor.error { return StreamVerdict(.stopped, error, hint: cursor.errorHint) }
        if !cursor.isOfOneMoment, let pending = sourceSide.pending, pending.rows > 0 {
            return StreamVerdict(.copying, hint: "all is copied; what changed meanwhile is being carried")
        }
        return StreamVerdict(.streaming, waiting(engine), hint: busy(engine))
    }

    private static func idle(_ cursor: Cursor) -> StreamVerdict {
        let last = cursor.error.map { "; the last one had stopped: \($0)" } ?? ""
        return StreamVerdict(.idle, "no engine carries it\(last)", hint: "start \"switchback run\"")
    }

    private static func waiting(_ holder: LeaseHolder) -> String? {
        holder.waitsFor.map { "it waits for a lock that \($0) holds at the receiver" }
    }

    private static func busy(_ engine: LeaseHolder) -> String? {
        guard let seconds = engine.busySeconds, seconds > busySecondsMost else { return nil }
        return "a batch has been under way for \(Int(seconds)) s"
    }
}
