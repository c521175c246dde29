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
        /// By stream, where it is the source: what it knows of the receiver.
        var acknowledged: [StreamID: Snapshot] = [:]
        /// Versions that lost a conflict, as far as this node found them.
        var conflicts = StatusReport.Conflicts(total: 0, held: 0, removed: 0)
        var quarantined = 0
        /// By stream, where it is the source: what it keeps for a receiver that is away.
        var kept: [StreamID: StatusReport.Kept] = [:]
        /// By how many seconds its clock is ahead of this machine's.
        var clockOffset: Double?
    }

    private static let deadline = Duration.seconds(30)

    /// Takes a look, at all nodes side by side.
    public func read() async throws -> StatusReport {
        let streams = cluster.settings.streams
        let views = try await look(at: cluster.settings.nodes.map(\.name), streams)
        let statuses = try await status(of: streams, views)
        let offsets = views.compactMapValues(\.clockOffset)
        let syncs = cluster.settings.syncs.map { sync in
            let own = streams.filter { $0.sync == sync.name }.compactMap { statuses[$0] }
            let limit = ClockReading.limit(sync)
            return StatusReport.Sync(
                name: sync.name, state: StreamState.worst(own.map(\.state)).rawValue, streams: own,
                clocks: ClockReading.skews(sync, offsets).map {
                    .init(node: $0.node, seconds: $0.seconds, message: $0.text(limit: limit))
                })
        }
        return StatusReport(
            cluster: cluster.settings.cluster, nodes: cluster.settings.nodes.compactMap { views[$0.name]?.node },
            syncs: syncs, conflicts: Self.conflicts(views.values.map(\.conflicts)),
            quarantined: views.values.map(\.quarantined).max() ?? 0,
            site: .init(active: nil, state: "none", epoch: 0))
    }

    /// The streams that end at a node, by a look at it and at their sources only.
    public func streams(to receiver: String) async throws -> [StatusReport.Stream] {
        let streams = cluster.settings.streams.filter { $0.receiver == receiver }
        let views = try await look(at: Array(Set(streams.map(\.source) + [receiver])), streams)
        let statuses = try await status(of: streams, views)
        return streams.compactMap { statuses[$0] }
    }

    /// Some streams, in their order; no node is asked that has no part in them.
    public func streams(_ streams: [StreamID]) async throws -> [(StreamID, StatusReport.Stream)] {
        let views = try await look(at: Array(Set(streams.flatMap { [$0.source, $0.receiver] })), streams)
        let statuses = try await status(of: streams, views)
        return streams.compactMap { stream in statuses[stream].map { (stream, $0) } }
    }

    private func look(at nodes: [String], _ streams: [StreamID]) async throws -> [String: View] {
        try await withThrowingTaskGroup(of: View.self) { group in
            for node in nodes { group.addTask { try await look(node, streams) } }
            var views: [String: View] = [:]
            for try await view in group { views[view.node.name] = view }
            return views
        }
    }

    private func status(
        of streams: [StreamID], _ views: [String: View]
    ) async throws -> [StreamID: StatusReport.Stream] {
        try await withThrowingTaskGroup(of: (StreamID, StatusReport.Stream).self) { group in
            for stream in streams { group.addTask { (stream, try await status(of: stream, views)) } }
            var statuses: [StreamID: StatusReport.Stream] = [:]
            for try await (stream, status) in group { statuses[stream] = status }
            return statuses
        }
    }

    /// Every node of a sync finds each conflict once it has heard of both sides: who knows the most knows them all.
    private static func conflicts(_ found: [StatusReport.Conflicts]) -> StatusReport.Conflicts {
        .init(
            total: found.map(\.total).max() ?? 0, held: found.map(\.held).max() ?? 0,
            removed: found.map(\.removed).max() ?? 0)
    }

    // MARK: - One node

    private func look(_ node: String, _ streams: [StreamID]) async throws -> View {
        do {
            return try await asking(node) { try Self.look($0, node, streams) }
        } catch let error as NodeUnreachable {
            return without(node, error.cause.message, reachable: false)
        } catch let error as PostgresError where error.kind != .cancelled {
            let isGone = error.isConnectionFailure || error.kind == .deadline
            return without(node, error.description, reachable: !isGone)
        }
    }

    private func asking<R: Sendable>(_ node: String, _ body: @Sendable (Session) throws -> R) async throws -> R {
        try await cluster.asking(node, purpose: "status", deadline: Self.deadline, body)
    }

    private func without(_ node: String, _ error: String, reachable: Bool) -> View {
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
        let conflicts = try session.query(Assets.sql("multimaster/count_conflicts"))
        view.conflicts = StatusReport.Conflicts(
            total: conflicts.int(0, 0), held: conflicts.int(0, 1), removed: conflicts.int(0, 3))
        view.quarantined = conflicts.int(0, 2)
        view.clockOffset = try ClockReading.offset(session)
        view.node.clockOffsetSeconds = view.clockOffset.map { ($0 * 1000).rounded() / 1000 }
        let kept = try session.query(Assets.sql("membership/kept"))
        for row in 0..<kept.rowCount {
            let stream = StreamID(sync: kept.text(row, 0), source: node, receiver: kept.text(row, 1))
            view.kept[stream] = StatusReport.Kept(since: kept.text(row, 2), bytes: kept.int(row, 3))
        }
        for stream in streams where stream.receiver == node {
            view.cursors[stream] = try ReceiverSide.read(session, stream)
        }
        for stream in streams where stream.source == node {
            let known = try session.query(Assets.sql("stream/receiver"), [stream.sync, stream.receiver])
            if known.rowCount == 1 { view.acknowledged[stream] = Snapshot(known.text(0, 0)) }
        }
        return view
    }

    // MARK: - One stream

    /// Puts together what both ends of a stream said.
    private func status(of stream: StreamID, _ views: [String: View]) async throws -> StatusReport.Stream {
        let source = views[stream.source]
        let receiver = views[stream.receiver]
        let side = receiver?.cursors[stream]
        var position = side?.position
        if position == nil, receiver?.node.reachable != true {
            // The receiver is gone: the source knows what it had confirmed, and that is the least that it has.
            position = source?.acknowledged[stream].map { StreamPosition(snapshot: $0) }
        }
        var answer = SourceSide()
        if source?.node.reachable == true, source?.node.error == nil {
            answer = try await ask(stream, position, side?.cursor)
        }
        let verdict = StreamVerdict.judge(
            stream, source: source?.node, receiver: receiver?.node, receiverSide: side, sourceSide: answer)
        let joined = side?.joined ?? []
        // While rows of different moments are there, the receiver is up to none.
        let isOfOneMoment = answer.problem == nil && verdict.state != .copying && verdict.state != .notCopied
        let pending = answer.problem == nil ? answer.pending : nil
        return StatusReport.Stream(
            from: stream.source, to: stream.receiver, state: verdict.state.rawValue,
            lagSeconds: isOfOneMoment ? pending.map { $0.rows > 0 ? $0.oldestSeconds ?? 0 : 0 } : nil,
            pendingRows: pending?.rows, pendingIsEstimate: pending?.isEstimate ?? false,
            lastAppliedAt: side?.cursor?.appliedAt, appliedRows: side?.cursor?.appliedRows,
            batch: side?.cursor?.batch, error: verdict.error, hint: verdict.hint, engine: side.map { $0.engine != nil },
            tablesNotCaptured: answer.notCaptured.map(\.description),
            tablesNotCopied: side == nil
                ? [] : answer.captured.filter { !joined.contains($0) }.map(\.description), copy: side?.copy,
            kept: source?.kept[stream].map { .init(since: $0.since, rows: pending?.rows, bytes: $0.bytes) })
    }

    private func ask(_ stream: StreamID, _ position: StreamPosition?, _ cursor: Cursor?) async throws -> SourceSide {
        guard let sync = cluster.settings.syncs.first(where: { $0.name == stream.sync }) else { return SourceSide() }
        do {
            let side = try await asking(stream.source) { session in
                try SourceSide.read(session, stream, sync, position, cursor)
            }
            guard side.problem != nil, let cursor else { return side }
            let isReal = try await asking(stream.receiver) {
                try SourceIdentity.stands(stream, since: cursor, receiver: $0)
            }
            guard !isReal else { return side }
            return try await asking(stream.source) { try SourceSide.read($0, stream, sync, position, nil) }
        } catch let error as NodeUnreachable {
            return SourceSide(problem: StreamStopped(message: "\(error)", hint: "it is tried again until it answers"))
        } catch let error as PostgresError where error.kind != .cancelled {
            return SourceSide(
                problem: StreamStopped(
                    message: "\(stream.source) did not say what is pending: \(error.message)",
                    hint: "ask again; a busy server may need longer"))
        }
    }
}

extension Settings {
    /// Every stream of every sync: from each source to every other node, or along the sync's links.
    public var streams: [StreamID] {
        syncs.flatMap { sync in
            sync.sources.flatMap { source in
                sync.receivers(from: source).map {
                    StreamID(sync: sync.name, source: source, receiver: $0)
                }
            }
        }
    }
}
