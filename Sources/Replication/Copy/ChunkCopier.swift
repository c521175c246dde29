import Assets
import Model
import Postgres

/// Copies chunks over one pair of connections.
struct ChunkCopier {
    let stream: StreamID
    let source: Connection
    let receiver: Connection

    /// The table was rewritten at the source while it was copied: rows have moved between chunks.
    struct TableRewritten: Error { let table: TableName }

    private static let deadline = Duration.seconds(24 * 3600)

    /// Copies one chunk and notes it, in one transaction at the receiver.
    ///
    /// - Parameter onBytes: called as the rows travel.
    /// - Returns: its rows; nil when another engine has copied it meanwhile.
    func copy(
        _ chunk: CopyChunk, part: CopyPart, route: TableRoute, onBytes: @escaping @Sendable (Int) -> Void
    ) async throws -> Int? {
        do {
            return try await attempt(chunk, part, route, staged: false, onBytes)
        } catch let error as PostgresError where error.sqlState == "23505" || error.sqlState == "23P01" {
            // Chunks are of different moments: a unique value, or a whole row, may have moved from one to another.
            return try await attempt(chunk, part, route, staged: true, onBytes)
        }
    }

    private func attempt(
        _ chunk: CopyChunk, _ part: CopyPart, _ route: TableRoute, staged: Bool,
        _ onBytes: @escaping @Sendable (Int) -> Void
    ) async throws -> Int? {
        do {
            try await source.run(deadline: StreamRunner.stepDeadline) { session in
                try session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                let file = try session.query("SELECT pg_relation_filenode($1::oid)", [String(part.oid)])
                guard file.rowCount == 1, file.oid(0, 0) == chunk.fileNode else {
                    throw TableRewritten(table: route.name)
                }
            }
            try await receiver.run(deadline: StreamRunner.stepDeadline) { session in
                if staged { for stage in route.makeStages { try session.execute(stage) } }
                try session.execute("BEGIN")
            }
            let rows = try await copyBetween(
                from: source, "COPY (\(select(chunk, part, route, staged: staged))) TO STDOUT", to: receiver,
                staged ? route.copyIntoStage : route.copyIntoTable, deadline: Self.deadline,
                onBytes: { bytes in
                    CrashPoint.chunkCopying.reached()
                    onBytes(bytes)
                })
            CrashPoint.chunkWritten.reached()
            let (stream, insert) = (stream, route.insertChunk)
            let isNew = try await receiver.run(deadline: Self.deadline) { session in
                if staged { try session.execute(insert) }
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
            CrashPoint.chunkCommitted.reached()
            await source.rollBack()
            return isNew ? rows : nil
        } catch {
            await source.rollBack()
            await receiver.rollBack()
            throw error
        }
    }

    private func select(_ chunk: CopyChunk, _ part: CopyPart, _ route: TableRoute, staged: Bool) -> String {
        let columns = route.columns.map { "t.\(SQLText.identifier($0))" }.joined(separator: ", ")
        return SQLTemplate.render(
            "copy/chunk_rows",
            [
                "columns": staged && !route.isWide ? "true, " + columns : columns, "part": part.name.sql,
                "first_block": "\(chunk.firstBlock)",
                "end": chunk.endBlock.map { " AND t.ctid < '(\($0),0)'::tid" } ?? "",
                "filter": route.table.filter.map { " AND (\($0))" } ?? "",
            ])
    }
}

extension TableRoute {
    fileprivate var columnList: String { columns.map { SQLText.identifier($0) }.joined(separator: ", ") }

    var copyIntoTable: String { "COPY \(target.name.sql) (\(columnList)) FROM STDIN" }

    var insertChunk: String {
        let joins = (receiverKey?.columns ?? []).map { "t.\(SQLText.identifier($0)) = s.\(SQLText.identifier($0))" }
        return SQLTemplate.render(
            "copy/insert_chunk",
            [
                "table": target.name.sql, "columns": columnList, "stage": stage,
                "staged": columns.map { "s.\(SQLText.identifier($0))" }.joined(separator: ", "),
                "target": target.sqlOnly, "joins": joins.isEmpty ? "false" : joins.joined(separator: " AND "),
                // Not possible beside deferrable constraints, and not needed: replica role does not check those.
                "on_conflict": target.deferrable.isEmpty ? "ON CONFLICT DO NOTHING" : "",
            ])
    }
}
