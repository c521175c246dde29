import Assets
import Model
import Postgres
import Settings

/// Fixes the snapshot that a copy's stream begins from, and notes which tables are to be copied.
struct CopyBeginning {
    /// What a stream carries.
    struct Begun: Sendable {
        /// All tables of the stream.
        let routes: [TableRoute]
        /// Whether it was begun anew with a source that may give numbers of transactions again.
        let sourceMayForget: Bool
    }

    let stream: StreamID
    let sync: SyncSettings
    let source: Connection
    let receiver: Connection

    /// Begins what was not begun before.
    ///
    /// - Throws: `StreamStopped` when the source is not the one that the stream was begun with and nobody decided what to do
    ///   with the receiver's rows.
    func run(_ choice: CopyChoice) async throws -> Begun {
        let cursor = try await readCursor(choice)
        let (sourceView, receiverView) = try await views()
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
        guard let cursor, try await isOfThisSource(cursor, choice) else {
            if let cursor, sync.links != nil, !cursor.source.systemIdentifier.isEmpty { throw refusedWithLinks }
            let mayForget = try await sourceMayForget(cursor, sourceView.catalogue.facts)
            try await beginAnew(routes, facts: sourceView.catalogue.facts, sourceMayForget: mayForget)
            return Begun(routes: routes, sourceMayForget: mayForget)
        }
        let new = routes.filter { receiverView.states[$0.name] == nil }
        if !new.isEmpty { try await beginLate(new) }
        // A copy that began it was cut off.
        let stream = stream
        let forgets = try await receiver.run(deadline: StreamRunner.stepDeadline) { session in
            let answer = try session.query(Assets.sql("copy/source_forgets"), [stream.sync, stream.source])
            return answer.rowCount > 0 && answer.bool(0, 0)
        }
        return Begun(routes: routes, sourceMayForget: forgets)
    }

    private func sourceMayForget(_ cursor: Cursor?, _ facts: ServerFacts) async throws -> Bool {
        guard sync.isMultiMaster else { return false }
        let memory = SourceMemory(stream: stream)
        return try await source.run(deadline: StreamRunner.stepDeadline) {
            try memory.mayForget(cursor, facts, $0)
        }
    }

    /// What the source's changes are called is known beyond the receiver, and a source that was restored gives the names again.
    private var refusedWithLinks: SetupRefused {
        SetupRefused([
            Finding(
                .problem, node: stream.receiver, sync: stream.sync,
                "the stream from \(stream.source) cannot begin anew in a sync with links: nodes further away know changes of \(stream.source) that it may not know itself",
                remedy:
                    "whichever of the two was restored or replaced, take it out of the sync, \"switchback schema install\", uninstall it there, and take it in under another name"
            )
        ])
    }

    /// A node of a sync with links would be taken to have seen what it was not sent.
    private func requireNoLinks(_ table: TableName) throws {
        guard sync.links != nil else { return }
        throw SetupRefused([
            Finding(
                .problem, node: stream.receiver, sync: stream.sync,
                "\(table) cannot be copied by itself in a sync with links, which runs already",
                remedy:
                    "put it into another sync, which may have the same nodes and links, and leave it out of this one")
        ])
    }

    /// Takes a table that has joined out of its stream, empties it, and has it copied again.
    ///
    /// - Throws: `StreamStopped` where others have not confirmed what the receiver changed.
    func restart(_ route: TableRoute) async throws {
        try requireNoLinks(route.name)
        let stream = stream
        let emptying = TableEmptying(stream: stream, route: route)
        // Before anything is held at the source.
        try await receiver.run(deadline: StreamRunner.batchDeadline) { try emptying.requireConfirmed($0) }
        let snapshot = try await lateSnapshot()
        try await receiver.run(deadline: StreamRunner.batchDeadline) { session in
            try session.transaction {
                _ = try session.query(Assets.sql("copy/restart_tables"), [stream.sync, stream.source])
                try Self.note([route], since: snapshot, stream, session)
                try ChunkRecord.forget(session, stream, table: route.name)
                try emptying.empty(session)
            }
        }
    }

    private func readCursor(_ choice: CopyChoice) async throws -> Cursor? {
        let stream = stream
        return try await receiver.run(deadline: StreamRunner.stepDeadline) { session in
            // A cursor that cannot be read is as good as none, once somebody has decided about the rows.
            do { return try Cursor.read(session, stream) } catch is StreamStopped where choice.isDecided { return nil }
        }
    }

    private func views() async throws -> (SourceView, ReceiverView) {
        let stream = stream
        let sourceView = try await source.run(deadline: StreamRunner.stepDeadline) {
            try SourceView.read($0, sync: stream.sync)
        }
        let receiverView = try await receiver.run(deadline: StreamRunner.stepDeadline) {
            try ReceiverView.read($0, stream: stream)
        }
        return (sourceView, receiverView)
    }

    /// Whether the stream can go on from its cursor; false when it is to begin anew.
    private func isOfThisSource(_ cursor: Cursor, _ choice: CopyChoice) async throws -> Bool {
        // A copy that was to begin the stream anew ended before it had.
        guard !cursor.source.systemIdentifier.isEmpty else { return false }
        do {
            try await SourceIdentity.check(stream, cursor: cursor, source: source, receiver: receiver)
            return true
        } catch is StreamStopped where choice.isDecided {
            return false
        }
    }

    /// All tables, from a fresh snapshot.
    private func beginAnew(_ routes: [TableRoute], facts: ServerFacts, sourceMayForget: Bool) async throws {
        let stream = stream
        let batch = try await receiver.run(deadline: StreamRunner.stepDeadline) { session in
            try session.transaction {
                try session.execute("SET LOCAL synchronous_commit = on")
                let stopped = try session.query(Assets.sql("copy/stop_cursor"), [stream.sync, stream.source])
                return stopped.rowCount == 1 ? stopped.int(0, 0) : 0
            }
        }
        // The sources that receive from this one as well.
        let peers = sync.isMultiMaster ? sync.sources.filter { $0 != stream.receiver } : []
        let hasLinks = sync.links != nil
        let begun = try await source.run(deadline: StreamRunner.stepDeadline) { session in
            // Known to the source before the snapshot is taken: from then on it keeps what the stream will need. The
            // second one is taken under the protection of the first, and told to the source, where it outlives a crash.
            let parameters = [stream.sync, stream.receiver, String(batch), peers.postgresArray]
            _ = try session.query(Assets.sql("copy/reset_receiver"), parameters)
            let begun = try session.query(Assets.sql("copy/reset_receiver"), parameters)
            if hasLinks { _ = try session.query(Assets.sql("multimaster/tell_again"), [stream.sync]) }
            return begun
        }
        CrashPoint.receiverReset.reached()
        try await receiver.run(deadline: StreamRunner.batchDeadline) { session in
            try session.transaction {
                try session.execute("SET LOCAL synchronous_commit = on")
                _ = try session.query(
                    Assets.sql("copy/begin_cursor"),
                    [
                        stream.sync, stream.source, begun[0, 0], facts.systemIdentifier, String(facts.databaseOID),
                        String(facts.timeline), begun[0, 2], begun[0, 1],
                        sourceMayForget ? "true" : "false",
                    ])
                _ = try session.query(Assets.sql("copy/forget_chunks"), [stream.sync, stream.source])
                _ = try session.query(Assets.sql("copy/forget_tables"), [stream.sync, stream.source])
                try Self.note(routes, since: nil, stream, session)
                if sourceMayForget { try SourceMemory(stream: stream).forget(past: begun.text(0, 0), session) }
            }
        }
        CrashPoint.copyBegun.reached()
    }

    /// Tables that came to a stream later: read from a snapshot of their own at first.
    private func beginLate(_ routes: [TableRoute]) async throws {
        if let first = routes.first { try requireNoLinks(first.name) }
        let stream = stream
        let snapshot = try await lateSnapshot()
        try await receiver.run(deadline: StreamRunner.stepDeadline) { session in
            try session.transaction {
                try session.execute("SET LOCAL synchronous_commit = on")
                try Self.note(routes, since: snapshot, stream, session)
            }
        }
    }

    /// What the source holds for us, and not what it has come to since, for that outlives a crash of the source; and the
    /// deltas past it held until the tables have joined.
    private func lateSnapshot() async throws -> String {
        let stream = stream
        return try await source.run(deadline: StreamRunner.stepDeadline) { session in
            let hold = try session.query(Assets.sql("diff/hold"), [stream.sync, stream.receiver, "copy"])
            guard hold.rowCount == 1 else {
                throw StreamStopped(
                    message: "\(stream.source) knows of no receiver \(stream.receiver) in sync \(stream.sync)",
                    hint: "run \"switchback copy \(stream.sync) --repair\"")
            }
            return hold.text(0, 1)
        }
    }

    private static func note(
        _ routes: [TableRoute], since snapshot: String?, _ stream: StreamID, _ session: Session
    ) throws {
        _ = try session.query(
            Assets.sql("copy/begin_tables"),
            [
                stream.sync, stream.source, routes.map(\.name.schema).postgresArray,
                routes.map(\.name.table).postgresArray, snapshot,
            ])
    }
}
