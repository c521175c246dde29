import Assets
import Model
import Postgres
public import Settings

/// Looks at all nodes and tells how things are. Asks the nodes themselves: no daemon needs to run.
public struct StatusReader: Sendable {
    let cluster: Cluster

    public init(_ cluster: Cluster) { self.cluster = cluster }

    /// What one node said of itself and of the streams that begin or end there.
    private struct View: Sendable {
        var node: StatusReport.Node
        /// By stream, where it is the receiver.
        var cursors: [StreamID: ReceiverSide] = [:]
        /// By stream, where it is the source: computed once the cursors are known.
        var acknowledged: [StreamID: Snapshot] = [:]
    }

    private struct ReceiverSide: Sendable {
        let cursor: Cursor?
        let problem: StreamStopped?
        let engine: Bool
        let joined: Set<TableName>
        let copy: StatusReport.CopyState?
    }

    private static let deadline = Duration.seconds(30)

    /// Takes a look, at all nodes side by side.
    public func read() async throws -> StatusReport {
        let streams = cluster.settings.streams
        var views: [String: View] = [:]
        try await withThrowingTaskGroup(of: View.self) { group in
            for node in cluster.settings.nodes {
                group.addTask { try await look(node.name, streams) }
            }
            for try await view in group { views[view.node.name] = view }
        }
        let cursors = views.values.reduce(into: [StreamID: ReceiverSide]()) { $0.merge($1.cursors) { a, _ in a } }
        var statuses: [StreamID: StatusReport.Stream] = [:]
        for stream in streams {
            statuses[stream] = try await status(of: stream, views, cursors[stream])
        }
        let syncs = cluster.settings.syncs.map { sync in
            let own = streams.filter { $0.sync == sync.name }.compactMap { statuses[$0] }
            return StatusReport.Sync(name: sync.name, state: Self.worst(own.map(\.state)), streams: own)
        }
        return StatusReport(
            cluster: cluster.settings.cluster, nodes: cluster.settings.nodes.compactMap { views[$0.name]?.node },
            syncs: syncs, conflicts: .init(total: 0, held: 0), quarantined: 0,
            site: .init(active: nil, state: "none", epoch: 0))
    }

    /// States from the worst to the best.
    private static let order = ["unreachable", "stopped", "not copied", "idle", "paused", "copying", "streaming"]

    private static func worst(_ states: [String]) -> String {
        order.first { states.contains($0) } ?? "streaming"
    }

    private func look(_ node: String, _ streams: [StreamID]) async throws -> View {
        do {
            let connection = try await cluster.open(node, purpose: "status")
            let view: Result<View, any Error>
            do {
                view = .success(
                    try await connection.run(deadline: Self.deadline) { try Self.look($0, node, streams) })
            } catch { view = .failure(error) }
            await connection.close()
            return try view.get()
        } catch let error as NodeUnreachable {
            return unreachable(node, error.cause.message)
        } catch let error as PostgresError where error.kind != .cancelled {
            let isGone = error.isConnectionFailure || error.kind == .deadline
            return unreachable(node, error.description, reachable: !isGone)
        }
    }

    private func unreachable(_ node: String, _ error: String, reachable: Bool = false) -> View {
        View(
            node: StatusReport.Node(
                name: node, reachable: reachable, fenced: nil, version: nil, error: error, deltaBytes: nil,
                oldestTransactionSeconds: nil))
    }

    private static func look(_ session: Session, _ node: String, _ streams: [StreamID]) throws -> View {
        let facts = try CatalogueReader.serverFacts(session)
        guard facts.isInstalled else {
            return View(
                node: StatusReport.Node(
                    name: node, reachable: true, fenced: false, version: facts.version,
                    error: "Switchback is not installed here: run \"switchback schema install\"", deltaBytes: nil,
                    oldestTransactionSeconds: nil))
        }
        let answer = try session.query(Assets.sql("status/node"))
        var view = View(
            node: StatusReport.Node(
                name: node, reachable: true, fenced: answer.bool(0, 1), version: answer.text(0, 0), error: nil,
                deltaBytes: answer.int(0, 2), oldestTransactionSeconds: answer[0, 3].flatMap { Int($0) }))
        for stream in streams where stream.receiver == node {
            view.cursors[stream] = try receiverSide(session, stream)
        }
        for stream in streams where stream.source == node {
            let known = try session.query(Assets.sql("stream/receiver"), [stream.sync, stream.receiver])
            if known.rowCount == 1 { view.acknowledged[stream] = Snapshot(known.text(0, 0)) }
        }
        return view
    }

    private static func receiverSide(_ session: Session, _ stream: StreamID) throws -> ReceiverSide {
        var cursor: Cursor?
        var problem: StreamStopped?
        do { cursor = try Cursor.read(session, stream) } catch let stopped as StreamStopped { problem = stopped }
        let engine = try session.query(Assets.sql("status/engine"), ["\(stream.sync)/\(stream.source)"]).bool(0, 0)
        let states = try session.query(Assets.sql("stream/table_states"), [stream.sync, stream.source])
        let joined = (0..<states.rowCount).filter { states.text($0, 2) == "joined" }
            .map { TableName(schema: states.text($0, 0), table: states.text($0, 1)) }
        let chunks = try ChunkRecord.read(session, stream)
        return ReceiverSide(
            cursor: cursor, problem: problem, engine: engine, joined: Set(joined),
            copy: chunks.isEmpty
                ? nil
                : StatusReport.CopyState(
                    chunksDone: chunks.count { $0.rows != nil }, chunksTotal: chunks.count,
                    rows: chunks.reduce(0) { $0 + ($1.rows ?? 0) }))
    }

    /// Puts together what both ends of a stream said.
    private func status(
        of stream: StreamID, _ views: [String: View], _ side: ReceiverSide?
    ) async throws -> StatusReport.Stream {
        let receiverDown = views[stream.receiver]?.node.reachable != true
        let sourceDown = views[stream.source]?.node.reachable != true
        // Where the receiver is gone, the source knows what it had confirmed: it needs no more than what came since.
        let position = side?.cursor?.snapshot ?? (receiverDown ? views[stream.source]?.acknowledged[stream] : nil)
        var pending: Pending?
        var notCopied: [String] = []
        if !sourceDown, views[stream.source]?.node.error == nil {
            (pending, notCopied) = try await ask(stream, position, side?.joined ?? [])
        }
        let (state, error, hint) = judge(
            stream, side, pending, sourceDown: sourceDown, receiverDown: receiverDown,
            nodeError: views[stream.receiver]?.node.error ?? views[stream.source]?.node.error)
        return StatusReport.Stream(
            from: stream.source, to: stream.receiver, state: state,
            lagSeconds: pending.map { $0.rows > 0 ? $0.oldestSeconds ?? 0 : 0 }, pendingRows: pending?.rows,
            lastAppliedAt: side?.cursor?.appliedAt, appliedRows: side?.cursor?.appliedRows,
            batch: side?.cursor?.batch, error: error, hint: hint, engine: side?.engine,
            tablesNotCopied: receiverDown ? [] : notCopied, copy: side?.copy)
    }

    private func ask(
        _ stream: StreamID, _ position: Snapshot?, _ joined: Set<TableName>
    ) async throws -> (Pending?, [String]) {
        guard let connection = try? await cluster.open(stream.source, purpose: "status") else { return (nil, []) }
        let result: Result<(Pending?, [String]), any Error>
        do {
            result = .success(
                try await connection.run(deadline: Self.deadline) { session in
                    let captured = try session.query(Assets.sql("stream/tables"), [stream.sync])
                    let names = (0..<captured.rowCount)
                        .map { TableName(schema: captured.text($0, 2), table: captured.text($0, 3)) }
                    let pending = try position.map {
                        try Pending.read(session, sync: stream.sync, after: $0)
                    }
                    return (pending, names.filter { !joined.contains($0) }.map(\.description))
                })
        } catch { result = .failure(error) }
        await connection.close()
        return (try? result.get()) ?? (nil, [])
    }

    /// The state of a stream, the reason when it does not move, and what to do.
    private func judge(
        _ stream: StreamID, _ side: ReceiverSide?, _ pending: Pending?, sourceDown: Bool, receiverDown: Bool,
        nodeError: String?
    ) -> (String, String?, String?) {
        let copy = "switchback copy \(stream.sync)"
        if receiverDown { return ("unreachable", "node \(stream.receiver) does not answer", nil) }
        if sourceDown { return ("unreachable", "node \(stream.source) does not answer", nil) }
        if let nodeError { return ("not copied", nodeError, "run \"switchback schema install\"") }
        if let problem = side?.problem { return ("stopped", problem.message, problem.hint) }
        guard let side, let cursor = side.cursor else {
            return ("not copied", "the stream was not begun", "run \"\(copy)\"")
        }
        if cursor.paused {
            return ("paused", "it was paused by command", "run \"switchback resume \(stream.sync)\"")
        }
        if cursor.state == .copying {
            return ("copying", nil, side.copy == nil ? "run \"\(copy)\" if no copy is running" : nil)
        }
        if let error = cursor.error { return ("stopped", error, cursor.errorHint) }
        if !side.engine { return ("idle", "no engine carries it", "start \"switchback run\"") }
        return ("streaming", nil, nil)
    }
}

extension Settings {
    /// Every stream of every sync: from each source to every other node.
    public var streams: [StreamID] {
        syncs.flatMap { sync in
            sync.sources.flatMap { source in
                (sync.sources + sync.targets).filter { $0 != source }.map {
                    StreamID(sync: sync.name, source: source, receiver: $0)
                }
            }
        }
    }
}
