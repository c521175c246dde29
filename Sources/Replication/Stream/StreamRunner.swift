import Assets
public import Logging
public import Model
import Postgres
import Settings

/// What a stream tells while it runs.
public enum StreamEvent: Sendable {
    /// A batch was applied.
    case applied(rows: Int, batch: Int64)
    /// Everything that was committed at the source by the time of the snapshot is at the receiver.
    case caughtUp(Snapshot)
    /// It does not move, why, and what would mend that where somebody's hand is needed. Repeated only when the reason
    /// changes.
    case waiting(String, hint: String?)
}

/// Carries one stream: reads at the source, applies at the receiver, acknowledges, trims, waits.
///
/// All its state is at the two nodes, so it can be killed anywhere and begun again anywhere else.
public struct StreamRunner: Sendable {
    public let stream: StreamID
    let cluster: Cluster
    let sync: SyncSettings
    let logger: Logger
    let onEvent: @Sendable (StreamEvent) -> Void

    /// How long one statement may take before it is given up and tried again. Long: a batch may hold millions of rows.
    static let batchDeadline = Duration.seconds(4 * 3600)
    static let stepDeadline = Duration.seconds(60)

    public init(
        stream: StreamID, cluster: Cluster, logger: Logger,
        onEvent: @escaping @Sendable (StreamEvent) -> Void = { _ in }
    ) {
        guard let sync = cluster.settings.syncs.first(where: { $0.name == stream.sync }) else {
            preconditionFailure("no sync named \(stream.sync)")
        }
        self.stream = stream
        self.cluster = cluster
        self.sync = sync
        var logger = logger
        logger[metadataKey: "stream"] = "\(stream)"
        self.logger = logger
        self.onEvent = onEvent
    }

    /// Runs until the task is cancelled, or until the goal is reached: whatever fails is tried again.
    ///
    /// - Parameter goal: a snapshot of the source; the stream ends when everything that it includes is at the receiver.
    public func run(goal: Snapshot? = nil) async throws {
        var backoff = Backoff(first: .milliseconds(100), most: .seconds(15))
        var random = SystemRandomNumberGenerator()
        var lastReason: String?
        while true {
            try Task.checkCancellation()
            let links = StreamLinks()
            let outcome: SessionOutcome
            do {
                outcome = try await session(links, goal: goal)
            } catch {
                outcome = .failed(StreamFailure(error, stream: stream))
            }
            try? await noteEnd(outcome, links)
            let madeProgress = links.madeProgress
            await links.close()
            if Task.isCancelled { throw CancellationError() }
            switch outcome {
            case .goalReached: return
            case .retry(let reason):
                if let reason { tell(reason, hint: nil, &lastReason) }
            case .failed(let failure):
                tell(failure.reason, hint: failure.hint, &lastReason)
                if madeProgress { backoff.reset() }
                try await Task.sleep(for: failure.isQuick ? .milliseconds(50) : backoff.next(using: &random))
            }
            if madeProgress {
                backoff.reset()
                lastReason = nil
            }
        }
    }

    private func tell(_ reason: String, hint: String?, _ last: inout String?) {
        guard reason != last else { return }
        last = reason
        logger.warning("\(reason)", metadata: hint.map { ["hint": "\($0)"] })
        onEvent(.waiting(reason, hint: hint))
    }

    /// One life of the two connections: connect, look who is there, carry batches until something ends it.
    private func session(_ links: StreamLinks, goal: Snapshot?) async throws -> SessionOutcome {
        let receiver = try await cluster.open(
            stream.receiver, purpose: stream.sync, parameters: Cluster.applyParameters)
        links.receiver = receiver
        let source = try await cluster.open(stream.source, purpose: stream.sync)
        links.source = source

        try await requireInstalled(receiver, stream.receiver)
        try await requireInstalled(source, stream.source)
        let leased = try await receiver.run(deadline: Self.stepDeadline) { session in
            try session.query(Assets.sql("stream/lease"), ["\(stream.sync)/\(stream.source)"]).bool(0, 0)
        }
        guard leased else {
            try await Task.sleep(for: .seconds(1))
            return .retry("another engine carries \(stream); standing by")
        }
        return try await carry(links, source: source, receiver: receiver, goal: goal)
    }

    private func requireInstalled(_ connection: Connection, _ node: String) async throws {
        let facts = try await connection.run(deadline: Self.stepDeadline) { try CatalogueReader.serverFacts($0) }
        guard facts.isInstalled else {
            throw StreamStopped(
                message: "Switchback is not installed at \(node)", hint: "run \"switchback schema install\"")
        }
    }

    /// Carries batches as long as the cursor, the tables and the connections stay what they are.
    private func carry(
        _ links: StreamLinks, source: Connection, receiver: Connection, goal: Snapshot?
    ) async throws -> SessionOutcome {
        let cursor = try await receiver.run(deadline: Self.stepDeadline) { try Cursor.read($0, stream) }
        guard var cursor else {
            try await Task.sleep(for: .seconds(1))
            return .retry("\(stream) was not begun: run \"switchback copy \(stream.sync)\"")
        }
        if cursor.paused || cursor.state == .copying {
            try await Task.sleep(for: .milliseconds(500))
            return .retry(
                cursor.paused
                    ? "\(stream) is paused: \"switchback resume \(stream.sync)\" lets it go on"
                    : "\(stream) waits for the first copy to finish")
        }
        try await SourceIdentity.check(stream, cursor: cursor, source: source)

        let sourceView = try await source.run(deadline: Self.stepDeadline) {
            try SourceView.read($0, sync: stream.sync)
        }
        let receiverView = try await receiver.run(deadline: Self.stepDeadline) {
            try ReceiverView.read($0, stream: stream)
        }
        let routes = try RouteTable.make(sync: sync, stream: stream, source: sourceView, receiver: receiverView)
        try await source.run(deadline: Self.stepDeadline) { try $0.execute("LISTEN switchback") }
        if cursor.error != nil { try await note(nil, receiver) }

        var loop = BatchLoop(runner: self, links: links, routes: routes, source: source, receiver: receiver)
        return try await loop.run(&cursor, goal: goal)
    }

    /// Leaves word at the receiver why the stream ended, for `status`.
    private func noteEnd(_ outcome: SessionOutcome, _ links: StreamLinks) async throws {
        guard case .failed(let failure) = outcome, failure.isWorthNoting, let receiver = links.receiver else { return }
        try await note(failure, receiver)
    }

    private func note(_ failure: StreamFailure?, _ receiver: Connection) async throws {
        try await receiver.run(deadline: .seconds(5)) { session in
            session.rollBack()
            _ = try session.query(
                Assets.sql("stream/note_error"), [stream.sync, stream.source, failure?.reason, failure?.hint])
        }
    }
}

/// How a session of a stream ended.
enum SessionOutcome: Sendable {
    case goalReached
    /// Begin again at once; the reason is for people, if there is one to tell.
    case retry(String?)
    case failed(StreamFailure)
}

/// The connections of a stream's session. Used by the stream's task only.
final class StreamLinks {
    var source: Connection?
    var receiver: Connection?
    var madeProgress = false

    func close() async {
        await source?.close()
        await receiver?.close()
    }
}
