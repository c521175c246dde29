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

    /// Waits until every stream has come as far as its source is now. What is handed on takes as many rounds as there are nodes that
    /// do so on its way.
    ///
    /// - Parameters:
    ///   - streams: which.
    ///   - timeout: for all of it; nil waits as long as it takes, but not for what needs somebody's hand.
    ///   - allTables: whether tables that were not copied yet count: their changes cannot arrive.
    /// - Throws: `NodeUnreachable` when a source cannot tell how far that is.
    public func run(_ streams: [StreamID], timeout: Duration?, allTables: Bool = true) async throws -> [Result] {
        let rounds = cluster.settings.syncs.map { $0.stepsMost(over: streams) }.max() ?? 1
        let clock = ContinuousClock()
        let began = clock.now
        var results: [Result] = []
        var rows: [StreamID: Int] = [:]
        for _ in 1...rounds {
            let left = timeout.map { max(.zero, $0 - (clock.now - began)) }
            results = try await carryAll(streams, timeout: left, allTables: allTables)
            for result in results { rows[result.stream, default: 0] += result.rows }
            // What the next round would carry is not there yet.
            guard results.allSatisfy(\.isCaughtUp) else { break }
        }
        return results.map {
            Result(stream: $0.stream, isCaughtUp: $0.isCaughtUp, rows: rows[$0.stream] ?? 0, reason: $0.reason)
        }
    }

    private func carryAll(_ streams: [StreamID], timeout: Duration?, allTables: Bool) async throws -> [Result] {
        var goals: [String: Snapshot] = [:]
        for stream in streams where goals[stream.source] == nil { goals[stream.source] = try await goal(stream) }
        return try await withThrowingTaskGroup(of: Result.self) { group in
            for stream in streams {
                guard let goal = goals[stream.source] else { continue }
                group.addTask {
                    let (result, isOurs) = try await carry(stream, goal, timeout)
                    if !isOurs { try await retryQuarantine(result, goal) }
                    return allTables ? try await withAllTables(result) : result
                }
            }
            var results: [Result] = []
            for try await result in group { results.append(result) }
            return results.sorted { "\($0.stream)" < "\($1.stream)" }
        }
    }

    private func goal(_ stream: StreamID) async throws -> Snapshot {
        try await asking(stream.source, stream) { session in
            guard try CatalogueReader.serverFacts(session).isInstalled else {
                throw SetupRefused([
                    Finding(
                        .problem, node: stream.source, sync: stream.sync, "Switchback is not installed here",
                        remedy: "switchback schema install")
                ])
            }
            return try Snapshot.current(session)
        }
    }

    private func asking<R: Sendable>(
        _ node: String, _ stream: StreamID, _ body: @Sendable (Session) throws -> R
    ) async throws -> R {
        try await cluster.asking(node, purpose: "sync \(stream.sync)", deadline: .seconds(60), body)
    }

    /// - Returns: how it came out, and whether this call carried the stream itself to its end: then all is done that is to be done there.
    private func carry(
        _ stream: StreamID, _ goal: Snapshot, _ timeout: Duration?
    ) async throws -> (Result, isOurs: Bool) {
        let shared = Shared()
        let runner = StreamRunner(stream: stream, cluster: cluster, logger: logger) { event in
            switch event {
            case .carrying: shared.state.withLock { $0 = .carrying }
            case .applied(let count, _): shared.rows.withLock { $0 += count }
            case .waiting: shared.state.withLock { $0 = .waiting }
            case .caughtUp: break
            }
        }
        let end = try await withThrowingTaskGroup(of: End.self) { group in
            group.addTask {
                try await runner.run(goal: goal)
                return .carried
            }
            group.addTask { try await watch(stream, goal, shared, timeout) ? .seen : .missed }
            let first = try await group.next() ?? .missed
            group.cancelAll()
            while (try? await group.next()) != nil {}
            return first
        }
        let reason = shared.reason.withLock { $0 } ?? "the time was up before it was looked at"
        let result = Result(
            stream: stream, isCaughtUp: end != .missed, rows: shared.rows.withLock { $0 },
            reason: end == .missed ? reason : nil)
        return (result, end == .carried)
    }

    private enum End: Sendable {
        /// By this call.
        case carried
        /// By another engine.
        case seen
        case missed
    }

    /// Rows that are kept out at the receiver are tried again by whoever carries the stream. Where another engine did, and has ended
    /// since, that is us.
    private func retryQuarantine(_ result: Result, _ goal: Snapshot) async throws {
        let stream = result.stream
        guard result.isCaughtUp, cluster.settings.syncs.contains(where: { $0.name == stream.sync && $0.isMultiMaster })
        else { return }
        let clock = ContinuousClock()
        let began = clock.now
        while true {
            let (isNeeded, hasEngine) = try await asking(stream.receiver, stream) { session in
                (
                    try !Quarantine(sync: stream.sync).tables(session).isEmpty,
                    try ReceiverSide.read(session, stream).engine != nil
                )
            }
            guard isNeeded else { return }
            if !hasEngine { break }
            // It may be our own, of a moment ago.
            guard clock.now - began < Self.engineMost else { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        let runner = StreamRunner(stream: stream, cluster: cluster, logger: logger) { _ in }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await runner.run(goal: goal) }
            group.addTask { try await Task.sleep(for: Self.retryMost) }
            _ = try await group.next()
            group.cancelAll()
        }
    }

    private static let engineMost = Duration.seconds(2)
    private static let retryMost = Duration.seconds(20)

    /// Changes of tables that were not copied yet have not arrived, whatever the cursor says.
    private func withAllTables(_ result: Result) async throws -> Result {
        guard result.isCaughtUp else { return result }
        let stream = result.stream
        let captured = try await asking(stream.source, stream) { session in
            let rows = try session.query(Assets.sql("stream/table_list"), [stream.sync])
            return (0..<rows.rowCount).map { TableName(schema: rows.text($0, 0), table: rows.text($0, 1)) }
        }
        let joined = try await asking(stream.receiver, stream) { try ReceiverSide.read($0, stream).joined }
        guard let sync = cluster.settings.syncs.first(where: { $0.name == stream.sync }) else { return result }
        let left = captured.filter { sync.names($0) && !joined.contains($0) }
        guard !left.isEmpty else { return result }
        let names = left.prefix(3).map(\.description).joined(separator: ", ") + (left.count > 3 ? ", …" : "")
        return Result(
            stream: stream, isCaughtUp: false, rows: result.rows,
            reason: "not copied yet: \(names); run \"switchback copy \(stream.sync)\"")
    }

    // MARK: - Watching

    /// What the two tasks of a stream tell each other.
    private final class Shared: Sendable {
        let rows = Mutex(0)
        let state = Mutex(State.beginning)
        /// Why it was not there when it was last looked at.
        let reason = Mutex<String?>(nil)

        enum State {
            /// It is not known yet who carries the stream.
            case beginning
            /// This call does, and ends when it has left the source told and tidy.
            case carrying
            /// Another engine does, or nobody can.
            case waiting
        }
    }

    /// Looks whether another engine has brought the stream there; gives up when the time is up, or when only a person can
    /// help. While this call carries the stream it knows by itself when that is there, and looks would only keep it from
    /// emptying the delta tables that they read; while it begins to, they would cost more than the beginning does.
    private func watch(
        _ stream: StreamID, _ goal: Snapshot, _ shared: Shared, _ timeout: Duration?
    ) async throws -> Bool {
        let clock = ContinuousClock()
        let began = clock.now
        var pause = Self.pauseLeast
        var stoppedSince: ContinuousClock.Instant?
        while true {
            let left = timeout.map { $0 - (clock.now - began) } ?? pause
            try await Task.sleep(for: max(.zero, min(pause, left)))
            pause = Self.pause(after: clock.now - began)
            let isLast = timeout.map { clock.now - began >= $0 } ?? false
            if !isLast {
                switch shared.state.withLock({ $0 }) {
                case .carrying: continue
                case .beginning where clock.now - began < Self.beginningMost: continue
                case .beginning, .waiting: break
                }
            }
            let sight = try await look(stream, goal)
            shared.reason.withLock { $0 = sight.reason }
            switch sight {
            case .reached: return true
            case .onItsWay: stoppedSince = nil
            case .stopped:
                // It may be mended meanwhile; but a call without a time limit must not wait for that for ever.
                let since = stoppedSince ?? clock.now
                stoppedSince = since
                if timeout == nil && clock.now - since >= Self.stoppedMost { return false }
            case .needsHand: return false
            }
            if isLast { return false }
        }
    }

    /// How long to wait for the next look: a part of what was waited already. While a site is frozen people wait for this, and
    /// are to wait little longer than the rows take; who waits for hours is not looked for all the time.
    static func pause(after waited: Duration) -> Duration { min(max(pauseLeast, waited / 8), .seconds(1)) }

    private static let pauseLeast = Duration.milliseconds(50)
    private static let beginningMost = Duration.seconds(1)

    /// For so long a stream must be found stopped before that is the answer.
    private static let stoppedMost = Duration.seconds(3)

    private enum Sight {
        case reached
        case onItsWay(String)
        case stopped(String)
        case needsHand(String)

        var reason: String? {
            switch self {
            case .reached: nil
            case .onItsWay(let why), .stopped(let why), .needsHand(let why): why
            }
        }
    }

    private func look(_ stream: StreamID, _ goal: Snapshot) async throws -> Sight {
        let copy = "run \"switchback copy \(stream.sync)\""
        let side: ReceiverSide?
        do {
            side = try await asking(stream.receiver, stream) { session in
                try CatalogueReader.serverFacts(session).isInstalled ? try ReceiverSide.read(session, stream) : nil
            }
        } catch {
            return try failed(error)
        }
        if let problem = side?.problem { return .needsHand("\(problem)") }
        guard let side, let cursor = side.cursor, let position = side.position else {
            return .needsHand("the stream was not begun: \(copy)")
        }
        if cursor.paused { return .needsHand("it is paused: \"switchback resume \(stream.sync)\" lets it go on") }
        if cursor.state == .copying {
            return side.copier == nil
                ? .needsHand("the first copy was begun and has not finished: \(copy)")
                : .onItsWay("the first copy is under way")
        }
        return try await lookAtSource(stream, cursor, position, goal)
    }

    /// An idle stream's cursor does not move over what is not its business; what matters is that nothing is pending, in
    /// the database that the stream was begun with.
    private func lookAtSource(
        _ stream: StreamID, _ cursor: Cursor, _ position: StreamPosition, _ goal: Snapshot
    ) async throws -> Sight {
        do {
            let (problem, pending) = try await asking(stream.source, stream) { session in
                (
                    try SourceIdentity.problem(stream, cursor: cursor, session),
                    try Pending.read(session, sync: stream.sync, after: position, goal: goal)
                )
            }
            if let problem {
                let isReal = try await asking(stream.receiver, stream) {
                    try SourceIdentity.stands(stream, since: cursor, receiver: $0)
                }
                return isReal ? .needsHand("\(problem)") : .onItsWay("it moves")
            }
            if pending.rows == 0 {
                // Before its first batch the receiver's rows are not known to be of one moment.
                guard cursor.isOfOneMoment else { return .onItsWay("the first batch is on its way") }
                let isThere = try await haveSequencesFollowed(stream)
                return isThere ? .reached : .onItsWay("its sequences are on their way")
            }
            if let error = cursor.error { return .stopped(error) }
            return .onItsWay("\(pending.rows) \(pending.rows == 1 ? "row is" : "rows are") still on the way")
        } catch {
            return try failed(error)
        }
    }

    /// Whether the receiver's sequences are ahead of the source's: rows that are there are not all that was handed out.
    private func haveSequencesFollowed(_ stream: StreamID) async throws -> Bool {
        guard let sync = cluster.settings.syncs.first(where: { $0.name == stream.sync }) else { return true }
        let sourceView = try await asking(stream.source, stream) { try SourceView.read($0, sync: stream.sync) }
        let receiverView = try await asking(stream.receiver, stream) { try ReceiverView.read($0, stream: stream) }
        // Tables that differ are no matter of sequences, and nothing is pending that they would stop.
        let routes = try? RouteTable.make(sync: sync, stream: stream, source: sourceView, receiver: receiverView)
        guard let sequences = routes?.sequences, !sequences.isEmpty else { return true }
        let wanted = try await asking(stream.source, stream) {
            try SequenceFollower.positions(of: sequences.map(\.sourceOID), $0)
        }
        let found = try await asking(stream.receiver, stream) {
            try SequenceFollower.positions(of: sequences.map(\.receiverOID), $0)
        }
        return sequences.allSatisfy { route in
            guard let wanted = wanted[route.sourceOID], let found = found[route.receiverOID] else { return true }
            // Between a site and its standby the open node hands out values and follows nobody: there is nothing to wait for.
            if sync.hasStandbys && !found.isFenced { return true }
            return found.isCalled && wanted.isEnough(found.value)
        }
    }

    private func failed(_ error: any Error) throws -> Sight {
        try Task.checkCancellation()
        switch error {
        case let unreachable as NodeUnreachable: return .stopped("\(unreachable)")
        case let postgres as PostgresError: return .stopped(postgres.description)
        default: throw error
        }
    }
}
