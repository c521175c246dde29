import Assets
public import Logging
public import Model
import Postgres
import Settings

/// What a stream tells while it runs.
public enum StreamEvent: Sendable {
    /// This engine carries the stream, until it waits.
    case carrying
    /// A batch was applied.
    case applied(rows: Int, batch: Int64)
    /// Everything that was committed at the source by the time of the snapshot is at the receiver.
    case caughtUp(Snapshot)
    /// It does not move, and why. Repeated only when the reason changes.
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

    /// How long one statement may take before it is given up and tried again. Long: a batch may hold millions of rows, and
    /// a server that is stuck rather than at work is noticed long before.
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
        var patience = Patience()
        let voice = StreamVoice(logger: logger, onEvent: onEvent)
        while true {
            try Task.checkCancellation()
            let links = StreamLinks()
            let outcome: SessionOutcome
            do {
                outcome = try await session(links, voice, goal: goal)
            } catch {
                outcome = .failed(StreamFailure(error, stream: stream))
            }
            if links.madeProgress {
                patience = Patience()
                voice.forget()
            }
            var pause: Duration?
            if case .failed(let failure) = outcome {
                pause = patience.pause(after: failure)
                // Nothing is wrong with it once. Again and again without a step ahead, it is what keeps the stream.
                if failure.isWorthNoting || patience.isStuck { try? await note(failure, links.receiver) }
            }
            await links.close()
            if Task.isCancelled { throw CancellationError() }
            switch outcome {
            case .goalReached: return
            case .retry: break
            case .failed(let failure): voice.tell(failure.reason, hint: failure.hint)
            }
            if let pause { try await Task.sleep(for: pause) }
        }
    }

    /// One life of the two connections: connect, look who is there, carry batches until something ends it.
    private func session(_ links: StreamLinks, _ voice: StreamVoice, goal: Snapshot?) async throws -> SessionOutcome {
        let receiver = try await cluster.open(
            stream.receiver, purpose: stream.sync, parameters: Cluster.applyParameters)
        links.receiver = receiver
        try await requireInstalled(receiver, stream.receiver)
        try await takeLease(receiver, voice)
        var cursor = try await awaitTurn(receiver, voice)

        let source = try await cluster.open(
            stream.source, purpose: stream.sync, parameters: Cluster.sourceParameters)
        links.source = source
        try await requireInstalled(source, stream.source)
        let known = try await SourceIdentity.check(stream, cursor: cursor, source: source)
        let routes = try await makeRoutes(source: source, receiver: receiver)
        if routes.isMultiMaster {
            try await receiver.run(deadline: Self.batchDeadline) { [stream] session in
                try LateWrites.owed(stream, routes, session)?.sendAgain(session)
            }
        }
        try await source.run(deadline: Self.stepDeadline) { try $0.execute("LISTEN switchback") }

        var loop = BatchLoop(
            runner: self, links: links, routes: routes, source: source, receiver: receiver, cursor: cursor,
            known: known)
        onEvent(.carrying)
        return try await loop.run(&cursor, goal: goal)
    }

    private func requireInstalled(_ connection: Connection, _ node: String) async throws {
        let facts = try await connection.run(deadline: Self.stepDeadline) { try CatalogueReader.serverFacts($0) }
        guard facts.isInstalled else {
            throw StreamStopped(
                message: "Switchback is not installed at \(node)", hint: "run \"switchback schema install\"")
        }
    }

    /// Waits until no other engine carries the stream.
    private func takeLease(_ receiver: Connection, _ voice: StreamVoice) async throws {
        let name = "\(stream.sync)/\(stream.source)"
        while true {
            let leased = try await receiver.run(deadline: Self.stepDeadline) { session in
                try session.query(Assets.sql("stream/lease"), [name]).bool(0, 0)
            }
            if leased { return }
            voice.tell("another engine carries \(stream); standing by")
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    /// Waits until the stream was begun, is copied and is not paused.
    private func awaitTurn(_ receiver: Connection, _ voice: StreamVoice) async throws -> Cursor {
        while true {
            let (cursor, lost) = try await receiver.run(deadline: Self.stepDeadline) { session in
                (
                    try Cursor.read(session, stream),
                    try LostNode.read(session, sync: stream.sync, node: stream.source)
                )
            }
            if let lost { throw lost.stopped(stream, by: stream.receiver, node: stream.source) }
            switch cursor {
            case nil: voice.tell("\(stream) was not begun: run \"switchback copy \(stream.sync)\"")
            case let cursor? where cursor.paused:
                voice.tell("\(stream) is paused: \"switchback resume \(stream.sync)\" lets it go on")
            case let cursor? where cursor.state == .copying:
                voice.tell("\(stream) waits for the first copy to finish")
            case let cursor?: return cursor
            }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    private func makeRoutes(source: Connection, receiver: Connection) async throws -> RouteTable {
        let sourceView = try await source.run(deadline: Self.stepDeadline) {
            try SourceView.read($0, sync: stream.sync)
        }
        let receiverView = try await receiver.run(deadline: Self.stepDeadline) {
            try ReceiverView.read($0, stream: stream)
        }
        return try RouteTable.make(sync: sync, stream: stream, source: sourceView, receiver: receiverView)
    }

    /// Leaves word at the receiver why the stream does not move, for `status`, or that it does again.
    func note(_ failure: StreamFailure?, _ receiver: Connection?) async throws {
        try await receiver?.run(deadline: .seconds(5)) { session in
            session.rollBack()
            _ = try session.query(
                Assets.sql("stream/note_error"), [stream.sync, stream.source, failure?.reason, failure?.hint])
        }
    }
}

/// How a session of a stream ended.
enum SessionOutcome: Sendable {
    case goalReached
    /// Begin again at once.
    case retry
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

/// Says why a stream waits, once for each reason. Used by the stream's task only.
final class StreamVoice {
    private let logger: Logger
    private let onEvent: @Sendable (StreamEvent) -> Void
    private var last: String?

    init(logger: Logger, onEvent: @escaping @Sendable (StreamEvent) -> Void) {
        self.logger = logger
        self.onEvent = onEvent
    }

    func tell(_ reason: String, hint: String? = nil) {
        guard reason != last else { return }
        last = reason
        logger.warning("\(reason)", metadata: hint.map { ["hint": "\($0)"] })
        onEvent(.waiting(reason, hint: hint))
    }

    /// What is said again after this is news.
    func forget() { last = nil }
}
