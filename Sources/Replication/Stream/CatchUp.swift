import Assets
public import Logging
import Model
import Postgres
import Settings
import Synchronization

/// Brings receivers up to what was committed before the call, by carrying the streams itself or by watching the engine
/// that does.
public struct CatchUp: Sendable {
    let cluster: Cluster
    let logger: Logger

    public init(_ cluster: Cluster, logger: Logger) {
        self.cluster = cluster
        self.logger = logger
    }

    /// How one stream came out.
    public struct Result: Sendable {
        public let stream: StreamID
        public let isCaughtUp: Bool
        /// Rows carried by this call.
        public let rows: Int
        /// Why it is not caught up.
        public let reason: String?
    }

    /// Waits until every stream has come as far as its source is now.
    ///
    /// - Parameters:
    ///   - streams: which.
    ///   - timeout: for all of it; nil waits as long as it takes, but not for what needs somebody's hand.
    /// - Throws: `NodeUnreachable` when a source cannot tell how far that is.
    public func run(_ streams: [StreamID], timeout: Duration?) async throws -> [Result] {
        var goals: [StreamID: Snapshot] = [:]
        for stream in streams { goals[stream] = try await goal(stream) }
        return try await withThrowingTaskGroup(of: Result.self) { group in
            for stream in streams {
                guard let goal = goals[stream] else { continue }
                group.addTask { try await carry(stream, goal, timeout) }
            }
            var results: [Result] = []
            for try await result in group { results.append(result) }
            return results.sorted { "\($0.stream)" < "\($1.stream)" }
        }
    }

    private func goal(_ stream: StreamID) async throws -> Snapshot {
        let source = try await cluster.open(stream.source, purpose: "sync \(stream.sync)")
        let text: String
        do {
            text = try await source.run(deadline: .seconds(30)) { session in
                let facts = try CatalogueReader.serverFacts(session)
                guard facts.isInstalled else {
                    throw SetupRefused([
                        Finding(
                            .problem, node: stream.source, sync: stream.sync, "Switchback is not installed here",
                            remedy: "switchback schema install")
                    ])
                }
                return try session.query("SELECT pg_current_snapshot()::text").text(0, 0)
            }
        } catch {
            await source.close()
            throw error
        }
        await source.close()
        guard let snapshot = Snapshot(text) else { throw PostgresError(.misuse, "not a snapshot: \(text)") }
        return snapshot
    }

    private func carry(_ stream: StreamID, _ goal: Snapshot, _ timeout: Duration?) async throws -> Result {
        let counted = Shared()
        let runner = StreamRunner(stream: stream, cluster: cluster, logger: logger) { event in
            switch event {
            case .applied(let count, _):
                counted.rows.withLock { $0 += count }
                counted.reason.withLock { $0 = nil }
            case .caughtUp: counted.reason.withLock { $0 = nil }
            case .waiting(let why, _): counted.reason.withLock { $0 = why }
            }
        }
        let isDone = try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await runner.run(goal: goal)
                return true
            }
            group.addTask { try await watch(stream, goal, counted, timeout) }
            let first = try await group.next() ?? false
            group.cancelAll()
            while (try? await group.next()) != nil {}
            return first
        }
        return Result(
            stream: stream, isCaughtUp: isDone, rows: counted.rows.withLock { $0 },
            reason: isDone ? nil : counted.reason.withLock { $0 })
    }

    /// What the two tasks of a stream tell each other.
    private final class Shared: Sendable {
        let rows = Mutex(0)
        let reason = Mutex<String?>(nil)
    }

    /// Looks whether another engine has brought the stream there; gives up when the time is up, or when only a person can
    /// help.
    private func watch(
        _ stream: StreamID, _ goal: Snapshot, _ shared: Shared, _ timeout: Duration?
    ) async throws -> Bool {
        let clock = ContinuousClock()
        let began = clock.now
        var pause = Duration.milliseconds(50)
        var looksAtError = 0
        while true {
            if let timeout, clock.now - began >= timeout { return false }
            let left = timeout.map { $0 - (clock.now - began) } ?? pause
            try await Task.sleep(for: min(pause, left))
            pause = min(pause * 2, .seconds(1))
            switch try await look(stream, goal) {
            case .reached: return true
            case .onItsWay: looksAtError = 0
            case .stopped(let why):
                // It may be mended meanwhile; but a call without a time limit must not wait for that for ever.
                shared.reason.withLock { $0 = why }
                looksAtError += 1
                if timeout == nil && looksAtError >= Self.looksAtErrorMost { return false }
            case .needsHand(let why):
                shared.reason.withLock { $0 = why }
                return false
            }
        }
    }

    /// So many looks, about a second apart, must find a stream stopped before that is the answer.
    private static let looksAtErrorMost = 6

    private enum Sight {
        case reached
        case onItsWay
        case stopped(String)
        case needsHand(String)
    }

    private func look(_ stream: StreamID, _ goal: Snapshot) async throws -> Sight {
        guard let cursor = try await cursor(stream) else {
            return .needsHand("the stream was not begun: run \"switchback copy \(stream.sync)\"")
        }
        if cursor.paused { return .needsHand("it is paused: \"switchback resume \(stream.sync)\" lets it go on") }
        if cursor.state == .copying { return .onItsWay }
        let sight = try await lookAtSource(stream, cursor, goal)
        if case .onItsWay = sight, let error = cursor.error { return .stopped(error) }
        return sight
    }

    private func cursor(_ stream: StreamID) async throws -> Cursor? {
        let receiver: Connection
        do { receiver = try await cluster.open(stream.receiver, purpose: "sync \(stream.sync)") } catch {
            return .unknown
        }
        let cursor: Cursor?
        do {
            cursor = try await receiver.run(deadline: .seconds(30)) { session in
                let facts = try CatalogueReader.serverFacts(session)
                return facts.isInstalled ? try Cursor.read(session, stream) : nil
            }
        } catch {
            await receiver.close()
            return .unknown
        }
        await receiver.close()
        return cursor
    }

    /// An idle stream's cursor does not move over what is not its business; what matters is that nothing is pending, in
    /// the database that the stream was begun with.
    private func lookAtSource(_ stream: StreamID, _ cursor: Cursor, _ goal: Snapshot) async throws -> Sight {
        guard let source = try? await cluster.open(stream.source, purpose: "sync \(stream.sync)") else {
            return .onItsWay
        }
        let sight: Sight
        do {
            try await SourceIdentity.check(stream, cursor: cursor, source: source) {
                guard let now = try await self.cursor(stream), now.state == .streaming else { throw CursorMoved() }
                return now
            }
            let pending = try await source.run(deadline: .seconds(60)) {
                try Pending.read($0, sync: stream.sync, after: cursor.snapshot, goal: goal)
            }
            var isThere = pending.rows == 0
            if isThere { isThere = try await haveSequencesFollowed(stream, source) }
            sight = isThere ? .reached : .onItsWay
        } catch let stopped as StreamStopped {
            sight = .needsHand("\(stopped)")
        } catch {
            sight = .onItsWay
        }
        await source.close()
        return sight
    }

    /// Whether the receiver's sequences are ahead of the source's: rows that are there are not all that was handed out.
    private func haveSequencesFollowed(_ stream: StreamID, _ source: Connection) async throws -> Bool {
        guard let sync = cluster.settings.syncs.first(where: { $0.name == stream.sync }) else { return true }
        let receiver = try await cluster.open(stream.receiver, purpose: "sync \(stream.sync)")
        do {
            let sourceView = try await source.run(deadline: .seconds(60)) {
                try SourceView.read($0, sync: stream.sync)
            }
            let receiverView = try await receiver.run(deadline: .seconds(60)) {
                try ReceiverView.read($0, stream: stream)
            }
            // Tables that differ are no matter of sequences, and nothing is pending that they would stop.
            let routes = try? RouteTable.make(sync: sync, stream: stream, source: sourceView, receiver: receiverView)
            let sequences = routes?.sequences ?? []
            let wanted = try await SequenceFollower.positions(of: sequences.map(\.sourceOID), source)
            let found = try await SequenceFollower.positions(of: sequences.map(\.receiverOID), receiver)
            await receiver.close()
            return sequences.allSatisfy { route in
                guard let wanted = wanted[route.sourceOID], let found = found[route.receiverOID] else { return true }
                return found.isCalled && wanted.isEnough(found.value)
            }
        } catch {
            await receiver.close()
            throw error
        }
    }
}

extension Cursor {
    /// Stands for a cursor that could not be read just now: it has reached nothing.
    fileprivate static let unknown = Cursor(
        snapshot: Snapshot(xmin: 0, xmax: 0), batch: 0, acknowledgedBatch: 0,
        source: DatabaseIdentity(systemIdentifier: "", databaseOID: 0, timeline: 0), state: .copying, asOf: "",
        appliedAt: nil, appliedRows: 0, paused: false, error: nil, errorHint: nil, errorAt: nil)
}
