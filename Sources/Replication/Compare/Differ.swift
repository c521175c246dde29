import Assets
public import Model
import Postgres
import Settings

/// Compares a stream's tables, and mends them on request.
public struct Differ: Sendable {
    let stream: StreamID
    let cluster: Cluster
    let sync: SyncSettings

    public init(stream: StreamID, cluster: Cluster) {
        guard let sync = cluster.settings.syncs.first(where: { $0.name == stream.sync }) else {
            preconditionFailure("no sync named \(stream.sync)")
        }
        self.stream = stream
        self.cluster = cluster
        self.sync = sync
    }

    /// A pause before rows that were on their way are looked at again, and how often that is done.
    private static let pause = Duration.seconds(1)
    private static let looks = 4

    /// Compares every table of the stream, or those that a filter lets through.
    ///
    /// - Parameters:
    ///   - include: which tables.
    ///   - progress: called with each table as it is done, its number and how many there are.
    /// - Throws: `StreamStopped`, `NodeUnreachable`, `PostgresError`.
    public func run(
        include: @Sendable (TableName) -> Bool = { _ in true },
        progress: @Sendable (TableDifference, Int, Int) -> Void = { _, _, _ in }
    ) async throws -> [TableDifference] {
        try await withComparison { routes, source, receiver in
            let chosen = routes.filter { include($0.name) }
            var results: [TableDifference] = []
            for (number, route) in chosen.enumerated() {
                let diff = TableDiff(stream: stream, route: route, source: source, receiver: receiver)
                var result = try await diff.run()
                var looks = 1
                while result.found.underWay > 0 && looks < Self.looks {
                    try await Task.sleep(for: Self.pause)
                    result = try await diff.run()
                    looks += 1
                }
                let difference = summary(route, result)
                results.append(difference)
                progress(difference, number + 1, chosen.count)
            }
            return results
        }
    }

    /// Mends the tables that differ: what only the receiver has, or has otherwise, is kept in its history; then the
    /// stream carries the source's state of just these rows.
    ///
    /// - Parameters:
    ///   - reason: for the history.
    ///   - include: which tables.
    /// - Returns: what it found, and set out to mend.
    public func repair(
        reason: String, include: @Sendable (TableName) -> Bool = { _ in true },
        progress: @Sendable (TableDifference, Int, Int) -> Void = { _, _, _ in }
    ) async throws -> [TableDifference] {
        try await withComparison { routes, source, receiver in
            let chosen = routes.filter { include($0.name) }
            var results: [TableDifference] = []
            for (number, route) in chosen.enumerated() {
                let result = try await TableDiff(stream: stream, route: route, source: source, receiver: receiver).run()
                if result.found.hasSome {
                    try await mend(route, result.found, source: source, receiver: receiver, reason: reason)
                }
                let difference = summary(route, result)
                results.append(difference)
                progress(difference, number + 1, chosen.count)
            }
            return results
        }
    }

    private func summary(_ route: TableRoute, _ result: TableDiff.Result) -> TableDifference {
        TableDifference(
            stream: stream, table: route.name, rows: result.rows, missing: result.found.missing.count,
            extra: result.found.extra.count,
            different: result.found.different.count + result.found.beyondLimit, underWay: result.found.underWay,
            samples: result.found.samples)
    }

    /// Opens both ends, holds the deltas that tell what is on its way, and makes the routes.
    private func withComparison<R>(
        _ body: ([TableRoute], Connection, Connection) async throws -> R
    ) async throws -> R {
        let source = try await cluster.open(stream.source, purpose: "diff \(stream.sync)")
        let receiver: Connection
        do {
            receiver = try await cluster.open(stream.receiver, purpose: "diff \(stream.sync)")
        } catch {
            await source.close()
            throw error
        }
        var hold: String?
        do {
            let (sync, receiverName) = (stream.sync, stream.receiver)
            hold = try await source.run(deadline: StreamRunner.stepDeadline) { session in
                let answer = try session.query(Assets.sql("diff/hold"), [sync, receiverName, "diff", "14400"])
                return answer.rowCount == 1 ? answer.text(0, 0) : nil
            }
            guard hold != nil else {
                throw StreamStopped(
                    message: "\(stream) was not begun", hint: "run \"switchback copy \(stream.sync)\"")
            }
            let stream = stream
            let sourceView = try await source.run(deadline: StreamRunner.stepDeadline) {
                try SourceView.read($0, sync: stream.sync)
            }
            let receiverView = try await receiver.run(deadline: StreamRunner.stepDeadline) {
                try ReceiverView.read($0, stream: stream)
            }
            let routes = try RouteTable.make(
                sync: self.sync, stream: stream, source: sourceView, receiver: receiverView, joinedOnly: false)
            let result = try await body(
                routes.routes.values.sorted { $0.name < $1.name }, source, receiver)
            await release(hold, source, receiver)
            return result
        } catch {
            await release(hold, source, receiver)
            throw error
        }
    }

    private func release(_ hold: String?, _ source: Connection, _ receiver: Connection) async {
        if let hold {
            _ = try? await source.run(deadline: .seconds(10)) { session in
                session.rollBack()
                _ = try session.query(Assets.sql("diff/release"), [hold])
            }
        }
        await source.close()
        await receiver.close()
    }

    /// Saves what will be overwritten, then has the stream carry the keys again.
    func mend(
        _ route: TableRoute, _ found: RowDifferences, source: Connection, receiver: Connection, reason: String
    ) async throws {
        let text = DiffText(route: route, buckets: 1)
        guard !route.table.isWhole else {
            // Without a key there is nothing smaller to carry than the table.
            let id = route.sourceID
            let sql = text.saveHistory(stream, reason: reason)
            try await prepareDigests(found.extra, receiver)
            try await receiver.run(deadline: TableDiff.deadline) { try $0.execute(sql) }
            try await source.run(deadline: TableDiff.deadline) { session in
                try session.execute(SQLTemplate.render("diff/mark_whole", ["id": "\(id)"]))
            }
            return
        }
        let stageSQL = text.keyStage
        try await source.run(deadline: TableDiff.deadline) { session in
            try session.execute("DROP TABLE IF EXISTS \(DiffText.keyStageName)")
            try session.execute(stageSQL)
        }
        // What the receiver will lose: rows that only it has, and its versions of those that differ.
        try await prepareDigests(found.extra + found.different, receiver)
        let save = text.saveHistory(stream, reason: reason)
        try await receiver.run(deadline: TableDiff.deadline) { try $0.execute(save) }
        try await copyBetween(
            from: receiver, "COPY (\(text.keysOf(atSource: false))) TO STDOUT", to: source,
            "COPY \(DiffText.keyStageName) FROM STDIN", deadline: TableDiff.deadline)

        try await prepareDigests(found.missing + found.different, source)
        let ownKeys = "INSERT INTO \(DiffText.keyStageName) \(text.keysOf(atSource: true))"
        let touch = text.touch
        try await source.run(deadline: TableDiff.deadline) { session in
            try session.execute(ownKeys)
            try session.execute(touch)
        }
    }

    private func prepareDigests(_ digests: [String], _ connection: Connection) async throws {
        try await connection.run(deadline: TableDiff.deadline) { session in
            try session.execute(SQLTemplate.render("diff/digest_table"))
            try session.execute("TRUNCATE pg_temp.switchback_digest")
            _ = try session.copyIn("COPY pg_temp.switchback_digest FROM STDIN") { writer in
                for digest in Set(digests) { try writer.write(digest + "\n") }
            }
        }
    }
}

extension RowDifferences {
    /// Whether anything differs that is not on its way.
    var hasSome: Bool { !missing.isEmpty || !extra.isEmpty || !different.isEmpty }
}
