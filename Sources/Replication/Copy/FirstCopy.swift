import Assets
public import Logging
import Model
import Postgres
import Settings

/// Brings a receiver to the state that its stream begins from, while the source is in use.
///
/// The stream's cursor is fixed first, at a snapshot of the source. Every chunk is read from a later snapshot of its own:
/// a row that changed after the cursor has a delta, and the stream's first batch brings its state; one that did not is
/// the same in every later snapshot. So nothing is missed and nothing doubled, whatever order the chunks come in.
public struct FirstCopy: Sendable {
    public let stream: StreamID
    let cluster: Cluster
    let sync: SyncSettings
    let jobs: Int
    let logger: Logger
    let onProgress: @Sendable (CopyProgress) -> Void

    /// - Parameters:
    ///   - jobs: chunks that are copied side by side.
    ///   - onProgress: called as it goes on.
    public init(
        stream: StreamID, cluster: Cluster, jobs: Int = 2, logger: Logger,
        onProgress: @escaping @Sendable (CopyProgress) -> Void = { _ in }
    ) {
        guard let sync = cluster.settings.syncs.first(where: { $0.name == stream.sync }) else {
            preconditionFailure("no sync named \(stream.sync)")
        }
        self.stream = stream
        self.cluster = cluster
        self.sync = sync
        self.jobs = max(1, jobs)
        self.logger = logger
        self.onProgress = onProgress
    }

    /// Copies what is to be copied, compares what is there already, and lets the stream begin when all of it has joined.
    ///
    /// - Parameter choice: what is done with a table that holds other rows.
    /// - Returns: what became of each table. When some were refused the stream does not begin, and a later call goes on.
    public func run(_ choice: CopyChoice) async throws -> CopyReport {
        let clock = ContinuousClock()
        let began = clock.now
        let source = try await cluster.open(stream.source, purpose: "copy \(stream.sync)")
        do {
            let receiver = try await cluster.open(
                stream.receiver, purpose: "copy \(stream.sync)", parameters: Cluster.applyParameters)
            do {
                var report = try await copy(source, receiver, choice)
                report.elapsed = clock.now - began
                await source.close()
                await receiver.close()
                return report
            } catch {
                await receiver.close()
                throw error
            }
        } catch {
            await source.close()
            throw error
        }
    }

    private func copy(_ source: Connection, _ receiver: Connection, _ choice: CopyChoice) async throws -> CopyReport {
        try await requireInstalled(source, stream.source)
        try await requireInstalled(receiver, stream.receiver)
        try await SourceIdentity.checkBeginning(stream, source: source)
        try await exclusive(receiver)
        let routes = try await begin(source, receiver, choice)
        let stream = stream
        let states = try await receiver.run(deadline: StreamRunner.stepDeadline) {
            try ReceiverView.read($0, stream: stream).states
        }
        var report = CopyReport()
        var toCopy: [TableRoute] = []
        for route in routes {
            if states[route.name]?.joined == true {
                report.tables.append(
                    .init(stream: stream, name: route.name, kind: .already, rows: 0, difference: nil))
                continue
            }
            switch try await disposition(route, source, receiver, choice) {
            case .copy: toCopy.append(route)
            case .join(let kind, let difference):
                try await join(route, receiver)
                report.tables.append(
                    .init(
                        stream: stream, name: route.name, kind: kind, rows: difference?.rows ?? 0,
                        difference: difference))
            case .refuse(let difference):
                report.tables.append(
                    .init(
                        stream: stream, name: route.name, kind: .refused, rows: difference.rows,
                        difference: difference))
            }
        }
        let rows = try await copyTables(toCopy, source, receiver)
        for route in toCopy {
            try await join(route, receiver)
            report.tables.append(
                .init(
                    stream: stream, name: route.name, kind: .copied, rows: rows[route.name] ?? 0, difference: nil))
        }
        if report.refused.isEmpty { try await finish(source, receiver) }
        report.tables.sort { $0.name < $1.name }
        return report
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

    /// One copy of a stream at a time.
    private func exclusive(_ receiver: Connection) async throws {
        let name = Self.lease(stream)
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

    private static let leaseTries = 20

    /// The name of the lease that a copy holds at its receiver.
    static func lease(_ stream: StreamID) -> String { "copy/\(stream.sync)/\(stream.source)" }

    // MARK: - Beginning

    /// Fixes the cursor and notes the tables, if that was not done before.
    private func begin(
        _ source: Connection, _ receiver: Connection, _ choice: CopyChoice
    ) async throws -> [TableRoute] {
        let stream = stream
        let cursor = try await receiver.run(deadline: StreamRunner.stepDeadline) { session in
            do { return try Cursor.read(session, stream) } catch is StreamStopped where choice.isDecided { return nil }
        }
        let sourceView = try await source.run(deadline: StreamRunner.stepDeadline) {
            try SourceView.read($0, sync: stream.sync)
        }
        let receiverView = try await receiver.run(deadline: StreamRunner.stepDeadline) {
            try ReceiverView.read($0, stream: stream)
        }
        let table = try RouteTable.make(
            sync: sync, stream: stream, source: sourceView, receiver: receiverView, joinedOnly: false)
        let routes = table.routes.values.sorted { $0.name < $1.name }
        guard !routes.isEmpty else {
            throw SetupRefused([
                Finding(
                    .problem, node: stream.source, sync: stream.sync, "no table of the sync is captured",
                    remedy: "switchback schema install")
            ])
        }
        let unjoined = routes.filter { receiverView.states[$0.name] == nil }
        if let cursor, try await goesOn(from: cursor, choice, source, receiver) {
            if !unjoined.isEmpty { try await beginLate(unjoined, source, receiver) }
            return routes
        }
        try await beginAnew(routes, facts: sourceView.catalogue.facts, source, receiver)
        return routes
    }

    /// Whether what was begun is gone on with: by a stream that runs, and by a copy that was interrupted. A copy whose
    /// source is no longer what it was would join rows of two histories.
    private func goesOn(
        from cursor: Cursor, _ choice: CopyChoice, _ source: Connection, _ receiver: Connection
    ) async throws -> Bool {
        if choice.isDecided && cursor.state == .streaming { return false }
        let stream = stream
        do {
            try await SourceIdentity.check(stream, cursor: cursor, source: source) {
                try await receiver.run(deadline: StreamRunner.stepDeadline) { try Cursor.read($0, stream) }
            }
            return true
        } catch is StreamStopped where choice.isDecided {
            return false
        }
    }

    /// All tables, from a fresh snapshot.
    private func beginAnew(
        _ routes: [TableRoute], facts: ServerFacts, _ source: Connection, _ receiver: Connection
    ) async throws {
        let stream = stream
        let batch = try await receiver.run(deadline: StreamRunner.stepDeadline) { session in
            let stopped = try session.query(Assets.sql("copy/stop_cursor"), [stream.sync, stream.source])
            return stopped.rowCount == 1 ? stopped.int(0, 0) : 0
        }
        let begun = try await source.run(deadline: StreamRunner.stepDeadline) { session in
            // Known to the source before the snapshot is taken: from then on it keeps what the stream will need. The
            // second one is taken under the protection of the first, and told to the source, where it outlives a crash.
            let parameters = [stream.sync, stream.receiver, String(batch)]
            _ = try session.query(Assets.sql("copy/reset_receiver"), parameters)
            return try session.query(Assets.sql("copy/reset_receiver"), parameters)
        }
        CrashPoint.receiverReset.reached()
        try await receiver.run(deadline: StreamRunner.stepDeadline) { session in
            try session.transaction {
                try session.execute("SET LOCAL synchronous_commit = on")
                _ = try session.query(
                    Assets.sql("copy/begin_cursor"),
                    [
                        stream.sync, stream.source, begun[0, 0], facts.systemIdentifier,
                        String(facts.databaseOID), String(facts.timeline), begun[0, 2], begun[0, 1],
                    ])
                _ = try session.query(Assets.sql("copy/forget_chunks"), [stream.sync, stream.source])
                _ = try session.query(
                    Assets.sql("copy/begin_tables"),
                    [
                        stream.sync, stream.source, routes.map(\.name.schema).postgresArray,
                        routes.map(\.name.table).postgresArray, nil,
                    ])
            }
        }
        CrashPoint.copyBegun.reached()
    }

    /// Tables that came to a stream that runs, or whose copy has begun: read from a snapshot of their own at first.
    private func beginLate(
        _ routes: [TableRoute], _ source: Connection, _ receiver: Connection
    ) async throws {
        let stream = stream
        let snapshot = try await source.run(deadline: StreamRunner.stepDeadline) { session in
            let hold = try session.query(Assets.sql("diff/hold"), [stream.sync, stream.receiver, "copy", nil])
            guard hold.rowCount == 1 else {
                throw StreamStopped(
                    message: "\(stream.source) knows of no receiver \(stream.receiver) in sync \(stream.sync)",
                    hint: "run \"switchback copy \(stream.sync) --repair\"")
            }
            // What the source holds for us, and not what it has come to since: that outlives a crash of the source.
            return hold.text(0, 1)
        }
        try await receiver.run(deadline: StreamRunner.stepDeadline) { session in
            _ = try session.query(
                Assets.sql("copy/begin_tables"),
                [
                    stream.sync, stream.source, routes.map(\.name.schema).postgresArray,
                    routes.map(\.name.table).postgresArray, snapshot,
                ])
        }
    }

    // MARK: - Deciding

    private enum Disposition {
        case copy
        case join(JoinKind, TableDifference?)
        case refuse(TableDifference)
    }

    /// What is to be done with a table that has not joined.
    private func disposition(
        _ route: TableRoute, _ source: Connection, _ receiver: Connection, _ choice: CopyChoice
    ) async throws -> Disposition {
        let stream = stream
        let (isEmpty, hasChunks) = try await receiver.run(deadline: StreamRunner.batchDeadline) { session in
            let rows = try session.query("SELECT EXISTS (SELECT FROM \(route.target.sqlOnly))")
            let chunks = try ChunkRecord.read(session, stream).contains { $0.table == route.name }
            return (!rows.bool(0, 0), chunks)
        }
        if isEmpty || hasChunks { return .copy }
        if case .replace = choice {
            try await receiver.run(deadline: StreamRunner.batchDeadline) { try $0.execute(route.deleteAll) }
            return .copy
        }
        let result = try await TableDiff(stream: stream, route: route, source: source, receiver: receiver).run()
        let difference = TableDifference(
            stream: stream, table: route.name, rows: result.rows, missing: result.found.missing.count,
            extra: result.found.extra.count,
            different: result.found.different.count + result.found.beyondLimit, underWay: result.found.underWay,
            samples: result.found.samples)
        if difference.isIdentical { return .join(.adopted, difference) }
        guard case .repair = choice else { return .refuse(difference) }
        var rest = result.found
        while rest.hasSome {
            try await Differ(stream: stream, cluster: cluster)
                .mend(route, rest, source: source, receiver: receiver, reason: "copy --repair")
            guard rest.beyondLimit > 0 else { break }
            rest = try await TableDiff(stream: stream, route: route, source: source, receiver: receiver).run().found
        }
        return .join(.repaired, difference)
    }

    // MARK: - Copying

    private func copyTables(
        _ routes: [TableRoute], _ source: Connection, _ receiver: Connection
    ) async throws -> [TableName: Int] {
        guard !routes.isEmpty else { return [:] }
        var waiting = routes
        var rows: [TableName: Int] = [:]
        while !waiting.isEmpty {
            let plan = try await plan(waiting, source, receiver)
            let outcome = try await work(off: plan, waiting)
            for (table, count) in outcome.rows { rows[table, default: 0] += count }
            // Tables that were rewritten meanwhile are copied again from the beginning.
            for table in outcome.rewritten {
                logger.notice("\(table) was rewritten at \(stream.source) while it was copied; copying it again")
                try await empty(table, routes, receiver)
                rows[table] = nil
            }
            waiting = waiting.filter { outcome.rewritten.contains($0.name) }
        }
        for route in routes {
            // Only its owner may; without it the planner learns by autovacuum.
            try? await receiver.run(deadline: StreamRunner.batchDeadline) {
                try $0.execute("ANALYZE \(route.target.name.sql)")
            }
        }
        return rows
    }

    private func empty(_ table: TableName, _ routes: [TableRoute], _ receiver: Connection) async throws {
        guard let route = routes.first(where: { $0.name == table }) else { return }
        let stream = stream
        try await receiver.run(deadline: StreamRunner.batchDeadline) { session in
            try session.transaction {
                try session.execute(route.deleteAll)
                try ChunkRecord.forget(session, stream, table: table)
            }
        }
    }

    /// The chunks of all tables, those planned before and new ones; the parts that they are of.
    private func plan(
        _ routes: [TableRoute], _ source: Connection, _ receiver: Connection
    ) async throws -> CopyPlan {
        let stream = stream
        let recorded = try await receiver.run(deadline: StreamRunner.stepDeadline) {
            try ChunkRecord.read($0, stream)
        }
        var plan = CopyPlan()
        for route in routes {
            let parts = try await source.run(deadline: StreamRunner.stepDeadline) {
                try CopyPart.read($0, table: route.sourceRelation)
            }
            for part in parts { plan.parts[part.oid] = part }
            var chunks = recorded.filter { $0.table == route.name }
            if chunks.isEmpty {
                chunks = parts.flatMap { $0.chunks(of: route.name) }
                let planned = chunks
                try await receiver.run(deadline: StreamRunner.batchDeadline) {
                    try ChunkRecord.plan($0, stream, planned)
                }
            }
            plan.add(chunks, of: route)
        }
        return plan
    }

    private func work(off plan: CopyPlan, _ routes: [TableRoute]) async throws -> CopyOutcome {
        let desk = CopyDesk(plan, onProgress: onProgress)
        let jobs = max(1, min(jobs, plan.chunks.filter { $0.rows == nil }.count))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<jobs {
                group.addTask {
                    let source = try await cluster.open(stream.source, purpose: "copy \(stream.sync)")
                    let receiver: Connection
                    do {
                        receiver = try await cluster.open(
                            stream.receiver, purpose: "copy \(stream.sync)", parameters: Cluster.applyParameters)
                    } catch {
                        await source.close()
                        throw error
                    }
                    do {
                        try await job(desk, ChunkCopier(stream: stream, source: source, receiver: receiver))
                    } catch {
                        await source.close()
                        await receiver.close()
                        throw error
                    }
                    await source.close()
                    await receiver.close()
                }
            }
            try await group.waitForAll()
        }
        return await desk.outcome
    }

    private func job(_ desk: CopyDesk, _ copier: ChunkCopier) async throws {
        while let (chunk, part, route) = await desk.next() {
            try Task.checkCancellation()
            guard let part else {
                // The partition is gone from the source, and its rows with it.
                await desk.rewritten(chunk.table)
                continue
            }
            do {
                let rows = try await copier.copy(chunk, part: part, route: route) { _ in }
                await desk.done(chunk, rows: rows ?? 0)
            } catch is ChunkCopier.TableRewritten {
                await desk.rewritten(chunk.table)
            }
        }
    }

    // MARK: - Joining

    private func join(_ route: TableRoute, _ receiver: Connection) async throws {
        CrashPoint.tableJoining.reached()
        let stream = stream
        try await receiver.run(deadline: StreamRunner.stepDeadline) { session in
            _ = try session.query(
                Assets.sql("copy/join_table"),
                [stream.sync, stream.source, route.name.schema, route.name.table])
        }
        CrashPoint.tableJoined.reached()
    }

    private func finish(_ source: Connection, _ receiver: Connection) async throws {
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

    /// Releases what late tables needed, after the stream has carried their first window.
    public func release() async throws {
        let source = try await cluster.open(stream.source, purpose: "copy \(stream.sync)")
        let stream = stream
        _ = try? await source.run(deadline: StreamRunner.stepDeadline) { session in
            _ = try session.query(Assets.sql("copy/release_holds"), [stream.sync, stream.receiver])
        }
        await source.close()
    }
}

extension CopyChoice {
    /// Whether somebody said what to do with other rows: then a stream that has stopped may begin anew.
    var isDecided: Bool {
        switch self {
        case .refuse: false
        case .repair, .replace: true
        }
    }
}
