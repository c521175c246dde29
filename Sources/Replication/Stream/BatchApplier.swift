import Assets
import Model
import Postgres

/// Writes batches at the receiver, each in one transaction with its cursor.
struct BatchApplier: Sendable {
    let stream: StreamID
    let routes: RouteTable

    /// Writes a batch of few rows with one round trip.
    ///
    /// - Returns: the rows in it.
    /// - Throws: `PostgresError`; nothing was changed then.
    func apply(
        _ rows: [(route: TableRoute, rows: QueryResult)], _ head: BatchHead, cursor: Cursor,
        moves: [SequenceFollower.Move], on session: Session
    ) throws -> Int {
        let count = rows.reduce(0) { $0 + $1.rows.rowCount }
        do {
            _ = try session.pipeline { pipeline in
                prepare(&pipeline)
                for (route, _) in rows {
                    pipeline.prepareIfNeeded(route.deleteName, route.delete)
                }
                pipeline.query("BEGIN")
                advance(&pipeline, head, cursor, rows: count)
                expectShapes(&pipeline, rows.map(\.route))
                SequenceFollower.apply(moves, onlyFenced: routes.hasStandbys, &pipeline)
                for (route, changed) in rows { write(&pipeline, route, changed) }
                noteJoined(&pipeline, head)
                pipeline.query("COMMIT")
            }
        } catch {
            session.rollBack()
            throw error
        }
        return count
    }

    /// Moves the cursor over a window in which nothing of the stream changed.
    func skip(_ head: BatchHead, cursor: Cursor, on session: Session) throws {
        do {
            _ = try session.pipeline { pipeline in
                prepare(&pipeline)
                pipeline.query("BEGIN")
                advance(&pipeline, head, cursor, rows: 0)
                noteJoined(&pipeline, head)
                if let told = told(head) {
                    pipeline.query(Assets.sql("multimaster/learn"), [stream.sync, stream.source, told])
                }
                pipeline.query("COMMIT")
            }
        } catch {
            session.rollBack()
            throw error
        }
    }

    /// In a sync with links: what the receiver takes over with a batch.
    private func told(_ head: BatchHead) -> String? { head.known?.told(by: stream.source, in: head.snapshot) }

    // MARK: - Many rows

    /// Begins the transaction of a batch of many rows. The cursor's row stays locked until it ends.
    func begin(
        _ head: BatchHead, cursor: Cursor, moves: [SequenceFollower.Move], on session: Session
    ) throws {
        do {
            _ = try session.pipeline { pipeline in
                prepare(&pipeline)
                pipeline.query("BEGIN")
                pipeline.query("SET LOCAL work_mem = '64MB'")
                advance(&pipeline, head, cursor, rows: 0)
                expectShapes(&pipeline, head.candidates.compactMap { routes.routes[$0.id] })
                SequenceFollower.apply(moves, onlyFenced: routes.hasStandbys, &pipeline)
                noteJoined(&pipeline, head)
            }
        } catch {
            session.rollBack()
            throw error
        }
    }

    /// Makes the temporary tables that the rows of some tables are staged in.
    func makeStages(_ tables: [TableRoute], on session: Session) throws {
        let stages = tables.flatMap(\.makeStages)
        guard !stages.isEmpty else { return }
        _ = try session.pipeline { pipeline in
            for stage in stages { pipeline.query(stage) }
        }
    }

    /// Brings one table to the rows that were copied into its stage, so many of them.
    ///
    /// - Throws: `StreamStopped` when a constraint would be violated that only we can see.
    func applyStaged(
        _ path: ApplyPath, _ changes: TableChanges, staged: Int, _ route: TableRoute, on session: Session
    ) throws {
        switch path {
        case .insert: return
        case .replaceAll, .refill:
            // DELETE and not TRUNCATE: readers of older snapshots must not see an empty table.
            try session.execute(route.deleteAll)
            try session.execute(route.insertAll)
        case .merge:
            try merge(changes, staged: staged, route, on: session)
        }
        for check in route.clashChecks {
            let clash = try session.query(check.sql)
            guard clash.rowCount == 0 else {
                throw StreamStopped(
                    message:
                        "constraint \(check.constraint) of \(route.name) at \(stream.receiver) would be violated by the row with key \(clash.text(0, 0))",
                    hint:
                        "the two nodes differ there: find the other row with \"switchback diff \(stream.sync)\" and mend it with \"switchback repair\""
                )
            }
        }
    }

    /// Ends the transaction of a batch of many rows.
    func commit(_ head: BatchHead, rows: Int, on session: Session) throws {
        if let told = told(head) {
            _ = try session.query(Assets.sql("multimaster/learn"), [stream.sync, stream.source, told])
        }
        if rows > 0 {
            _ = try session.query(Assets.sql("stream/count_rows"), [stream.sync, stream.source, String(rows)])
        }
        try session.execute("COMMIT")
    }

    private func merge(
        _ changes: TableChanges, staged: Int, _ route: TableRoute, on session: Session
    ) throws {
        guard route.canMerge else {
            for statement in route.replace { try session.execute(statement) }
            return
        }
        try session.execute("SAVEPOINT switchback_merge")
        do {
            // A filter takes rows out of the sync without deleting them.
            let mayDelete = changes.hasDeletions || route.table.filter != nil
            var found = mayDelete ? try session.query(route.mergeDelete).affectedRows : 0
            if let update = route.mergeUpdate { found += try session.query(update).affectedRows }
            // Every staged row has met its counterpart: none is left to be inserted.
            if found < staged { try session.execute(route.mergeInsert) }
        } catch {
            guard error.sqlState == "23505" || error.sqlState == "23P01" else { throw error }
            // Unique values have changed places: the same rows violate no constraint once those that differ are out.
            try session.execute("ROLLBACK TO SAVEPOINT switchback_merge")
            for statement in route.replace { try session.execute(statement) }
        }
        try session.execute("RELEASE SAVEPOINT switchback_merge")
    }

    /// Brings one table to the staged rows, where what had to be settled was.
    ///
    /// - Parameter isAlone: no application writes the table, so that rows may be taken out and put in again.
    /// - Throws: `PostgresError`, also as the server would have it where a constraint is violated that replica role does not check.
    func mergeVersions(_ route: TableRoute, isAlone: Bool, on session: Session) throws {
        let checks = route.clashChecks
        let answers = try session.pipeline { pipeline in
            if !isAlone && route.canMerge {
                // A table that was empty when it was last analysed would be read through for each row that is put into it.
                pipeline.query("SET LOCAL enable_seqscan = off")
                for statement in [route.mergeDelete, route.mergeUpdate, route.mergeInsert] {
                    if let statement { pipeline.query(statement) }
                }
                pipeline.query("SET LOCAL enable_seqscan TO DEFAULT")
            } else {
                for statement in route.replace { pipeline.query(statement) }
            }
            for check in checks { pipeline.query(check.sql) }
        }
        for (check, answer) in zip(checks, answers.suffix(checks.count)) where answer.rowCount > 0 {
            throw PostgresError(
                .server, "duplicate key value violates unique constraint \"\(check.constraint)\"", sqlState: "23505")
        }
    }

    // MARK: - Parts of a pipeline

    private func prepare(_ pipeline: inout Pipeline) {
        pipeline.prepareIfNeeded("advance", Assets.sql("stream/advance"))
        pipeline.prepareIfNeeded("expect_shapes", Assets.sql("stream/expect_shapes"))
    }

    private func advance(_ pipeline: inout Pipeline, _ head: BatchHead, _ cursor: Cursor, rows: Int) {
        pipeline.prepared(
            "advance",
            [
                stream.sync, stream.source, String(cursor.batch), cursor.snapshot.description,
                head.snapshot.description, head.asOf, String(rows), knowledge(head)?.json,
            ])
    }

    /// What the source had seen when the batch was read: of itself, all that is in it.
    func knowledge(_ head: BatchHead) -> Knowledge? {
        head.seen.map { $0.adding(stream.source, head.snapshot) }
    }

    private func expectShapes(_ pipeline: inout Pipeline, _ tables: [TableRoute]) {
        pipeline.prepared(
            "expect_shapes",
            [
                tables.map(\.receiverRelation).postgresArray,
                tables.map { routes.receiverShapes[$0.sourceID] ?? "" }.postgresArray,
            ])
    }

    /// Deletions go first: a row that is gone may have held a unique value that another row has now.
    private func write(_ pipeline: inout Pipeline, _ route: TableRoute, _ rows: QueryResult) {
        for row in 0..<rows.rowCount where !rows.bool(row, 0) {
            pipeline.prepared(route.deleteName, of: rows, rows: [row], columns: 1..<(1 + route.keyCount))
        }
        var present = (0..<rows.rowCount).filter { rows.bool($0, 0) }[...]
        for size in route.upsertSizes where present.count >= size {
            let name = route.upsertName(rows: size)
            pipeline.prepareIfNeeded(name, route.upsert(rows: size))
            while present.count >= size {
                pipeline.prepared(
                    name, of: rows, rows: present.prefix(size), columns: 1..<(1 + route.columns.count))
                present = present.dropFirst(size)
            }
        }
    }

    /// Tables that were read from their own snapshot are from now on read from the cursor's, as all others.
    private func noteJoined(_ pipeline: inout Pipeline, _ head: BatchHead) {
        for id in routes.since.keys.sorted() {
            guard let name = routes.routes[id]?.name else { continue }
            pipeline.query(Assets.sql("stream/joined"), [stream.sync, stream.source, name.schema, name.table])
        }
    }
}
