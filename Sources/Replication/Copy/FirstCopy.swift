import Assets
public import Logging
import Model
import Postgres
import Settings

/// Brings a receiver to the state that its stream begins from, while the source is in use.
///
/// The stream's cursor is fixed first, at a snapshot of the source. Every chunk is read from a later snapshot of its own:
/// a row that changed after the cursor has a delta, and the stream's first batch brings its state; one that did not is
/// the same in every later snapshot. So nothing is missed and nothing doubled, whatever order the chunks come in. Until
/// that first batch was applied the receiver's rows are of different moments.
public struct FirstCopy: Sendable {
    public let stream: StreamID
    let cluster: Cluster
    let sync: SyncSettings
    let jobs: Int
    let chunkBlocks: Int64
    let logger: Logger
    let onProgress: @Sendable (CopyProgress) -> Void

    /// - Parameters:
    ///   - jobs: chunks that are copied side by side.
    ///   - chunkBlocks: the blocks of a chunk, 32 MB unless told otherwise.
    ///   - onProgress: called several times a second while rows are copied.
    public init(
        stream: StreamID, cluster: Cluster, jobs: Int = 2, chunkBlocks: Int64 = 4096, logger: Logger,
        onProgress: @escaping @Sendable (CopyProgress) -> Void = { _ in }
    ) {
        guard let sync = cluster.settings.syncs.first(where: { $0.name == stream.sync }) else {
            preconditionFailure("no sync named \(stream.sync)")
        }
        self.stream = stream
        self.cluster = cluster
        self.sync = sync
        self.jobs = max(1, jobs)
        self.chunkBlocks = max(1, chunkBlocks)
        self.logger = logger
        self.onProgress = onProgress
    }

    /// Copies what is to be copied, compares what is there already, and lets the stream begin when all of it has joined.
    ///
    /// - Parameters:
    ///   - choice: what is done with a table that holds other rows.
    ///   - receiverIsRestored: whether the receiver is a source that is at an earlier moment than others know it: what it counted since is overwritten with its rows.
    /// - Returns: what became of each table. When some were refused the stream does not begin, and a later call goes on.
    /// - Throws: `CopyFailed` when tables could not be copied; the others are, and a later call goes on. `StreamStopped`,
    ///   `SetupRefused`, `NodeUnreachable`, `PostgresError`.
    public func run(_ choice: CopyChoice, receiverIsRestored: Bool = false) async throws -> CopyReport {
        let clock = ContinuousClock()
        let began = clock.now
        return try await withEnds { source, receiver in
            var report = try await copy(source, receiver, choice, forgetsCounts: receiverIsRestored && choice.isDecided)
            report.elapsed = clock.now - began
            try await endLease(receiver)
            return report
        }
    }

    /// Runs a body with connections to both ends, and closes them.
    private func withEnds<R>(_ body: (_ source: Connection, _ receiver: Connection) async throws -> R) async throws -> R
    {
        let source = try await cluster.open(
            stream.source, purpose: "copy \(stream.sync)", parameters: Cluster.comparisonParameters)
        do {
            let receiver = try await cluster.open(
                stream.receiver, purpose: "copy \(stream.sync)",
                parameters: Cluster.applyParameters + Cluster.comparisonParameters)
            do {
                let result = try await body(source, receiver)
                await source.close()
                await receiver.close()
                return result
            } catch {
                await receiver.close()
                throw error
            }
        } catch {
            await source.close()
            throw error
        }
    }

    /// Begins the stream where its receiver's rows are what another source's are to become: between masters one node's rows are
    /// copied to the others, and what those write from now on is carried as well. Does nothing when the stream was begun before.
    ///
    /// - Parameter choice: whether a stream that cannot go on from where it is begins anew; it does when somebody decided about the rows.
    /// - Returns: whether it was begun now.
    /// - Throws: `StreamStopped`, `SetupRefused`, `NodeUnreachable`, `PostgresError`.
    public func beginWithoutCopy(_ choice: CopyChoice = .refuse) async throws -> Bool {
        try await withEnds { source, receiver in
            let (begun, waiting, isNew) = try await begin(source, receiver, choice)
            for route in begun.routes where waiting.contains(route.name) { try await join(route, receiver) }
            if isNew { try await finish(receiver) }
            try await endLease(receiver)
            return isNew
        }
    }

    /// The same, for a receiver that gets another source's rows: it must not hear of anything before it has them and all sources know of it. The
    /// source keeps what the stream will need. Where the stream runs already, that is said of the tables that come to it now.
    ///
    /// - Returns: what is to be let carry then; nil when there is nothing that waits.
    /// - Throws: as `beginWithoutCopy`.
    public func beginHeld(_ choice: CopyChoice = .refuse) async throws -> HeldStream? {
        try await withEnds { source, receiver in
            let (begun, waiting, isNew) = try await begin(source, receiver, choice)
            try await endLease(receiver)
            guard isNew || !waiting.isEmpty else { return nil }
            return HeldStream(copy: self, sourceMayForget: begun.sourceMayForget)
        }
    }

    /// - Returns: the stream's tables, those that have not joined it, and whether it does not carry yet.
    private func begin(
        _ source: Connection, _ receiver: Connection, _ choice: CopyChoice
    ) async throws -> (begun: CopyBeginning.Begun, waiting: Set<TableName>, isNew: Bool) {
        try await requireInstalled(source, stream.source)
        try await requireInstalled(receiver, stream.receiver)
        try await SourceIdentity.checkBeginning(stream, source: source)
        try await takeLease(receiver)
        let before = try await receiver.run(deadline: StreamRunner.stepDeadline) { [stream] in
            try? Cursor.read($0, stream)
        }
        let begun = try await CopyBeginning(stream: stream, sync: sync, source: source, receiver: receiver).run(choice)
        let (states, now) = try await receiver.run(deadline: StreamRunner.stepDeadline) { [stream] session in
            (try ReceiverView.read(session, stream: stream).states, try Cursor.read(session, stream))
        }
        let waiting = Set(begun.routes.map(\.name).filter { states[$0]?.joined != true })
        return (begun, waiting, before?.state != .streaming || now?.state != .streaming)
    }

    /// Lets a stream carry that was held, with the tables of which its receiver has the rows.
    fileprivate func start(_ held: HeldStream, isReference: Bool) async throws {
        let receiver = try await cluster.open(stream.receiver, purpose: "copy \(stream.sync)")
        do {
            let isReady = try await receiver.run(deadline: StreamRunner.batchDeadline) { [stream] session in
                try session.transaction {
                    try session.execute("SET LOCAL synchronous_commit = on")
                    let cursor = try Cursor.read(session, stream)
                    if held.sourceMayForget, let cursor, cursor.state == .copying {
                        // Others that had not begun anew yet may have told of the old numbers meanwhile.
                        try SourceMemory(stream: stream).forget(past: cursor.snapshot.description, session)
                    }
                    _ = try session.query(
                        Assets.sql("copy/join_held"), [stream.sync, stream.source, isReference ? "true" : "false"])
                    // A stream that begins with tables that wait would pass over their changes, and nobody keeps them: its cursor waits
                    // with them. Of one that runs the source keeps them.
                    return try cursor?.state == .streaming
                        || session.query(Assets.sql("copy/late_tables"), [stream.sync, stream.source]).int(0, 0) == 0
                }
            }
            if isReady { try await finish(receiver) }
            await receiver.close()
        } catch {
            await receiver.close()
            throw error
        }
    }

    private func copy(
        _ source: Connection, _ receiver: Connection, _ choice: CopyChoice, forgetsCounts: Bool
    ) async throws -> CopyReport {
        try await requireInstalled(source, stream.source)
        try await requireInstalled(receiver, stream.receiver)
        try await SourceIdentity.checkBeginning(stream, source: source)
        try await takeLease(receiver)
        let beginning = CopyBeginning(stream: stream, sync: sync, source: source, receiver: receiver)
        let routes = try await beginning.run(choice).routes
        let (states, begun) = try await receiver.run(deadline: StreamRunner.stepDeadline) { [stream] session in
            (
                try ReceiverView.read(session, stream: stream).states,
                Set(try ChunkRecord.read(session, stream).map(\.table))
            )
        }
        var report = CopyReport()
        var toCopy: [TableRoute] = []
        for route in routes {
            let isJoined = states[route.name]?.joined == true
            if !isJoined || choice.isDecided {
                try await takeOverCounts(route, source, receiver, forgetsOwn: forgetsCounts)
                try await takeOverQuarantine(route, source, receiver, .init(before: choice))
            }
            let disposition = try await disposition(
                route, isJoined: isJoined, isBegun: begun.contains(route.name), source, receiver, choice)
            switch disposition {
            case .copy(let isAgain):
                if isAgain { try await beginning.restart(route) }
                toCopy.append(route)
            case .join(let kind, let difference):
                if !isJoined { try await join(route, receiver) }
                report.tables.append(table(route, kind, difference))
            case .refuse(let difference): report.tables.append(table(route, .refused, difference))
            }
        }
        let copier = TableCopier(self, source: source, receiver: receiver)
        let outcome = try await copier.run(toCopy)
        let leftAlone = Set(report.refused.map(\.name)).union(outcome.failed.keys)
        for route in routes where !leftAlone.contains(route.name) {
            // What was kept out while the rows were read is in none of them.
            guard states[route.name]?.joined != true || choice.isDecided else { continue }
            try await takeOverQuarantine(route, source, receiver, .init(after: choice))
        }
        for route in toCopy where outcome.failed[route.name] == nil {
            try await join(route, receiver)
            report.tables.append(
                .init(
                    stream: stream, name: route.name, kind: .copied, rows: outcome.rows[route.name] ?? 0,
                    difference: nil))
        }
        report.rowsCopied = outcome.rowsCopied
        if !outcome.failed.isEmpty {
            let causes = outcome.failed.sorted { $0.key < $1.key }
            throw CopyFailed(stream: stream, causes: causes.map { (table: $0.key, cause: $0.value) })
        }
        if report.refused.isEmpty { try await finish(receiver) }
        report.tables.sort { $0.name < $1.name }
        return report
    }

    /// What was counted goes before the rows: also of those that are gone. What comes to it later travels with the stream.
    private func takeOverCounts(
        _ route: TableRoute, _ source: Connection, _ receiver: Connection, forgetsOwn: Bool
    ) async throws {
        let name = stream.receiver
        let copies = try await receiver.run(deadline: StreamRunner.batchDeadline) { session in
            try CounterKeeper(route, receiver: name, session)?.beginTakingOver()
        }
        guard let copies else { return }
        do {
            try await copyBetween(
                from: source, copies.out, to: receiver, copies.into, deadline: StreamRunner.batchDeadline)
            try await receiver.run(deadline: StreamRunner.batchDeadline) { session in
                let keeper = CounterKeeper(route, receiver: name, session)
                if forgetsOwn { try keeper?.forgetOwn() }
                try keeper?.keep()
                try session.execute("COMMIT")
            }
        } catch {
            await receiver.rollBack()
            throw error
        }
    }

    /// What the source keeps out is in no table, and no stream tells of it.
    private func takeOverQuarantine(
        _ route: TableRoute, _ source: Connection, _ receiver: Connection, _ manner: QuarantineTakeOver.Manner
    ) async throws {
        try await QuarantineTakeOver(stream, route)?.run(source, receiver, manner)
    }

    private func table(_ route: TableRoute, _ kind: JoinKind, _ difference: TableDifference?) -> CopyReport.Table {
        .init(stream: stream, name: route.name, kind: kind, rows: difference?.rows ?? 0, difference: difference)
    }

    private func requireInstalled(_ connection: Connection, _ node: String) async throws {
        let facts = try await connection.run(deadline: StreamRunner.stepDeadline) {
            try CatalogueReader.serverFacts($0)
        }
        guard facts.isInstalled else {
            throw SetupRefused([
                Finding(
                    .problem, node: node, sync: stream.sync, "Switchback is not installed here",
                    remedy: "switchback schema install")
            ])
        }
    }

    // MARK: - One copy of a stream at a time

    /// The name of a stream's copy, as in the lease.
    static func leaseName(_ stream: StreamID) -> String { "copy/\(stream.sync)/\(stream.source)" }

    private static let leaseTries = 20

    private func takeLease(_ receiver: Connection) async throws {
        let name = Self.leaseName(stream)
        // One that was killed a moment ago may still be leaving.
        for tries in 1... {
            let ours = try await receiver.run(deadline: StreamRunner.stepDeadline) { session in
                try session.query(Assets.sql("stream/lease"), [name]).bool(0, 0)
            }
            if ours { return }
            guard tries < Self.leaseTries else { break }
            try await Task.sleep(for: .milliseconds(250))
        }
        throw StreamStopped(
            message: "another copy of \(stream) is under way",
            hint: "wait for it; \"switchback status\" shows how far it is")
    }

    private func endLease(_ receiver: Connection) async throws {
        let name = Self.leaseName(stream)
        try await receiver.run(deadline: StreamRunner.stepDeadline) { session in
            _ = try session.query(Assets.sql("stream/end_lease"), [name])
        }
    }

    // MARK: - Deciding

    private enum Disposition {
        /// Again: it has joined, and is to be copied once more.
        case copy(again: Bool)
        case join(JoinKind, TableDifference?)
        case refuse(TableDifference)
    }

    /// What is to be done with a table.
    ///
    /// - Parameters:
    ///   - isJoined: it has joined the stream.
    ///   - isBegun: its copy was begun before.
    private func disposition(
        _ route: TableRoute, isJoined: Bool, isBegun: Bool, _ source: Connection, _ receiver: Connection,
        _ choice: CopyChoice
    ) async throws -> Disposition {
        if isJoined && !choice.isDecided { return .join(.already, nil) }
        if !isJoined {
            if isBegun { return .copy(again: false) }
            let isEmpty = try await receiver.run(deadline: StreamRunner.batchDeadline) { session in
                try session.query("SELECT NOT EXISTS (SELECT FROM \(route.target.sqlOnly))").bool(0, 0)
            }
            if isEmpty { return .copy(again: false) }
        }
        let diff = TableDiff(stream: stream, route: route, source: source, receiver: receiver)
        // Where it has not joined, also rows that the stream will overwrite may never have been the source's.
        let list = try RepairList(keepsUnderWay: !isJoined)
        let result = try await diff.run(into: list)
        let difference = TableDifference(stream, route.name, rows: result.rows, result.found)
        let mending = Mending(stream: stream, source: source, receiver: receiver)
        if difference.isIdentical {
            if !isJoined { try await mending.keep(route, list, reason: "copy") }
            return .join(isJoined ? .already : .adopted, difference)
        }
        switch choice {
        case .refuse: return .refuse(difference)
        case .repair:
            try await mending.mend(route, sparing(route, list, source), reason: "copy --repair")
            return .join(.repaired, difference)
        case .replace:
            if !isJoined {
                let emptying = TableEmptying(stream: stream, route: route)
                try await receiver.run(deadline: StreamRunner.batchDeadline) { session in
                    try session.transaction { try emptying.empty(session) }
                }
            }
            return .copy(again: isJoined)
        }
    }

    /// A list without the rows that the source keeps in quarantine: it has them, and does not show them.
    private func sparing(_ route: TableRoute, _ list: RepairList, _ source: Connection) async throws -> RepairList {
        let kept = try await QuarantineTakeOver(stream, route)?.digests(source) ?? []
        guard !kept.isEmpty else { return list }
        let rest = try RepairList(keepsUnderWay: list.keepsUnderWay)
        for digest in try list.atReceiver.digests() where !kept.contains(digest) { try rest.atReceiver.add(digest) }
        for digest in try list.atSource.digests() { try rest.atSource.add(digest) }
        return rest
    }

    // MARK: - Joining

    private func join(_ route: TableRoute, _ receiver: Connection) async throws {
        CrashPoint.tableJoining.reached()
        let stream = stream
        try await receiver.run(deadline: StreamRunner.stepDeadline) { session in
            try session.transaction {
                _ = try session.query(
                    Assets.sql("copy/join_table"),
                    [stream.sync, stream.source, route.name.schema, route.name.table])
                try ChunkRecord.forget(session, stream, table: route.name)
            }
        }
        CrashPoint.tableJoined.reached()
    }

    private func finish(_ receiver: Connection) async throws {
        let stream = stream
        CrashPoint.streamStarting.reached()
        try await receiver.run(deadline: StreamRunner.stepDeadline) { session in
            try session.transaction {
                try session.execute("SET LOCAL synchronous_commit = on")
                _ = try session.query(Assets.sql("copy/start_stream"), [stream.sync, stream.source])
                _ = try session.query(Assets.sql("copy/forget_chunks"), [stream.sync, stream.source])
            }
        }
        CrashPoint.streamStarted.reached()
    }
}

/// A stream that was begun and waits until its receiver has another source's rows, or of which some tables do.
public struct HeldStream: Sendable {
    fileprivate let copy: FirstCopy
    /// Whether its source may give numbers of transactions again: it is at an earlier moment than its receiver knows it.
    public let sourceMayForget: Bool

    /// What waits.
    public var stream: StreamID { copy.stream }

    /// Lets it carry. A table whose own copy has not joined at the receiver goes on waiting.
    ///
    /// - Parameter isReference: whether the receiver's own rows are those that the others are to have.
    /// - Throws: `NodeUnreachable`, `PostgresError`; it can be called again.
    public func start(isReference: Bool) async throws { try await copy.start(self, isReference: isReference) }
}
