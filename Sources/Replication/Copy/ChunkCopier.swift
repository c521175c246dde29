import Assets
import Model
import Postgres

/// Copies chunks over one pair of connections.
struct ChunkCopier {
    let stream: StreamID
    let source: Connection
    let receiver: Connection

    /// The part was rewritten at the source while it was copied: rows have moved between chunks.
    struct PartRewritten: Error {}
    /// The part is no more at the source.
    struct PartGone: Error {}

    private static let deadline = Duration.seconds(24 * 3600)
    private static let deadlocksMost = 20

    /// How rows are written.
    private enum Manner {
        /// Straight into the table.
        case straight
        /// By way of a stage, those left out that clash with something.
        case staged
        /// The same, one by one.
        case singly
    }

    /// Copies one chunk and notes it, in one transaction at the receiver.
    ///
    /// Chunks are of different moments, so that a unique value, or a whole row, may have moved from one to another and now
    /// clashes. Rows that clash have changed since the stream began, both of them, and the stream brings their state: they
    /// can be left out.
    ///
    /// - Parameter onBytes: called as the rows travel.
    /// - Returns: its rows; nil when another engine has copied it meanwhile.
    func copy(
        _ chunk: CopyChunk, part: CopyPart, route: TableRoute, onBytes: @escaping @Sendable (Int) -> Void
    ) async throws -> Int? {
        // A deferrable key is not checked in replica role: clashes have to be looked for from the start.
        var manner = route.receiverKey?.immediate == false ? Manner.staged : .straight
        var deadlocks = 0
        while true {
            do {
                return try await attempt(chunk, part, route, manner, onBytes)
            } catch let error as PostgresError where error.isClash && manner != .singly {
                manner = manner == .straight ? .staged : .singly
            } catch let error as PostgresError where error.sqlState == "40P01" && deadlocks < Self.deadlocksMost {
                // Two chunks hold rows that clash with each other's; the other one has gone on.
                deadlocks += 1
            }
        }
    }

    private func attempt(
        _ chunk: CopyChunk, _ part: CopyPart, _ route: TableRoute, _ manner: Manner,
        _ onBytes: @escaping @Sendable (Int) -> Void
    ) async throws -> Int? {
        do {
            try await source.run(deadline: StreamRunner.stepDeadline) { session in
                try session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            }
            try await receiver.run(deadline: StreamRunner.stepDeadline) { session in
                if manner != .straight { for stage in route.makeStages { try session.execute(stage) } }
                try session.execute("BEGIN")
            }
            let rows = try await copyBetween(
                from: source, "COPY (\(select(chunk, part, route, manner))) TO STDOUT", to: receiver,
                manner == .straight ? route.copyIntoTable : route.copyIntoStage, deadline: Self.deadline,
                onBytes: { bytes in
                    CrashPoint.chunkCopying.reached()
                    onBytes(bytes)
                })
            CrashPoint.chunkWritten.reached()
            try await checkFile(chunk)
            let inserted = try await receiver.run(deadline: Self.deadline) { session in
                let inserted = manner == .straight ? rows : try Self.insert(route, manner, session)
                return try finish(chunk, inserted, session) ? inserted : nil
            }
            CrashPoint.chunkCommitted.reached()
            await source.rollBack()
            return inserted
        } catch {
            await source.rollBack()
            await receiver.rollBack()
            // Undefined table: dropped before the COPY had its lock.
            if let error = error as? PostgresError, error.sqlState == "42P01", try await isGone(part) {
                throw PartGone()
            }
            throw error
        }
    }

    /// The COPY has locked the part until the transaction ends, so that the file it is in now is the one that was read.
    private func checkFile(_ chunk: CopyChunk) async throws {
        let file = try await source.run(deadline: StreamRunner.stepDeadline) { session in
            try session.query("SELECT pg_relation_filenode($1::oid)", [String(chunk.part)]).oid(0, 0)
        }
        guard file == chunk.fileNode else { throw PartRewritten() }
    }

    private func isGone(_ part: CopyPart) async throws -> Bool {
        try await source.run(deadline: StreamRunner.stepDeadline) { session in
            try session.query("SELECT to_regclass($1) IS NULL", [part.name.sql]).bool(0, 0)
        }
    }

    /// Inserts the staged rows that clash with nothing.
    ///
    /// - Returns: how many.
    private static func insert(_ route: TableRoute, _ manner: Manner, _ session: Session) throws -> Int {
        if route.receiverKey?.immediate == false {
            // Nothing but us sees a clash of such keys: one chunk at a time.
            try session.execute("LOCK TABLE \(route.target.sqlOnly) IN SHARE ROW EXCLUSIVE MODE")
        }
        guard manner == .singly else { return try session.query(route.insertChunk).affectedRows }
        try session.execute(route.insertChunkSingly)
        return try session.query("SELECT current_setting('switchback.inserted')").int(0, 0)
    }

    private func finish(_ chunk: CopyChunk, _ rows: Int, _ session: Session) throws -> Bool {
        let noted = try session.query(
            Assets.sql("copy/finish_chunk"),
            [
                stream.sync, stream.source, chunk.table.schema, chunk.table.table, String(chunk.part),
                String(chunk.firstBlock), String(rows),
            ])
        guard noted.rowCount == 1 else {
            session.rollBack()
            return false
        }
        try session.execute("COMMIT")
        return true
    }

    private func select(_ chunk: CopyChunk, _ part: CopyPart, _ route: TableRoute, _ manner: Manner) -> String {
        let columns = route.columns.map { "t.\(SQLText.identifier($0))" }.joined(separator: ", ")
        return SQLTemplate.render(
            "copy/chunk_rows",
            [
                "columns": manner == .straight || route.isWide ? columns : "true, " + columns, "part": part.name.sql,
                "blocks": chunk.place, "filter": route.table.filter.map { " AND (\($0))" } ?? "",
            ])
    }
}

extension PostgresError {
    /// A unique or an exclusion constraint would be violated.
    var isClash: Bool { sqlState == "23505" || sqlState == "23P01" }
}

extension TableRoute {
    private var columnList: String { columns.map { SQLText.identifier($0) }.joined(separator: ", ") }

    var copyIntoTable: String { "COPY \(target.name.sql) (\(columnList)) FROM STDIN" }

    fileprivate var insertChunk: String {
        var values = chunkValues
        // Not possible beside deferrable constraints, and beside rules, also those that replica role switches off.
        values["on_conflict"] = target.deferrable.isEmpty && !target.hasRules ? "ON CONFLICT DO NOTHING" : ""
        return SQLTemplate.render("copy/insert_chunk", values)
    }

    fileprivate var insertChunkSingly: String { SQLTemplate.render("copy/insert_chunk_singly", chunkValues) }

    private var chunkValues: [String: String] {
        let joins = (receiverKey.map { zip($0.columns, $0.equality).map { $0 } } ?? []).map { column, equality in
            "t.\(SQLText.identifier(column)) \(equality) s.\(SQLText.identifier(column))"
        }
        return [
            "table": target.name.sql, "columns": columnList, "stage": stage,
            "staged": columns.map { "s.\(SQLText.identifier($0))" }.joined(separator: ", "), "target": target.sqlOnly,
            "joins": joins.isEmpty ? "false" : joins.joined(separator: " AND "),
        ]
    }
}
