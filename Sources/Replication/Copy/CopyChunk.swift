import Assets
import Model
import Postgres

/// A stretch of a table's blocks, copied in one transaction.
struct CopyChunk: Sendable, Equatable {
    let table: TableName
    let part: UInt32
    let firstBlock: Int64
    /// Exclusive; nil for the last chunk of a part, which goes on to its end.
    let endBlock: Int64?
    /// The file that the blocks are of. A table that was rewritten has another, and its rows have moved. Zero for a foreign
    /// table, which is copied in one chunk.
    let fileNode: UInt32
    /// Nil until it was copied.
    let rows: Int?

    /// The condition on a row's place.
    var place: String {
        guard fileNode != 0 else { return "true" }
        return "t.ctid >= '(\(firstBlock),0)'::tid" + (endBlock.map { " AND t.ctid < '(\($0),0)'::tid" } ?? "")
    }
}

/// What a table's rows are stored in: itself, or a leaf of a partitioned table.
struct CopyPart: Sendable, Equatable {
    let oid: UInt32
    let name: TableName
    let blocks: Int64
    /// With what is stored apart.
    let bytes: Int64
    let fileNode: UInt32

    static func read(_ session: Session, table: UInt32) throws -> [CopyPart] {
        let answer = try session.query(Assets.sql("copy/parts"), [String(table)])
        return (0..<answer.rowCount).map { row in
            CopyPart(
                oid: answer.oid(row, 0), name: TableName(schema: answer.text(row, 1), table: answer.text(row, 2)),
                blocks: Int64(answer.int(row, 3)), bytes: Int64(answer.int(row, 4)), fileNode: answer.oid(row, 5))
        }
    }

    /// Cuts the part into chunks, the last one open at its end.
    func chunks(of table: TableName, blocks size: Int64) -> [CopyChunk] {
        let starts = fileNode == 0 ? [0] : Array(stride(from: Int64(0), to: max(blocks, 1), by: Int(size)))
        return starts.enumerated().map { index, start in
            CopyChunk(
                table: table, part: oid, firstBlock: start,
                endBlock: index + 1 < starts.count ? starts[index + 1] : nil, fileNode: fileNode, rows: nil)
        }
    }

    /// About how many bytes a chunk has, for progress.
    func bytes(of chunk: CopyChunk) -> Int64 {
        guard blocks > 0 else { return bytes }
        let count = max(0, min(chunk.endBlock ?? blocks, blocks) - chunk.firstBlock)
        return Int64(Double(bytes) * Double(count) / Double(blocks))
    }
}

/// The chunks that a copy has planned and done, kept at the receiver.
enum ChunkRecord {
    static func read(_ session: Session, _ stream: StreamID) throws -> [CopyChunk] {
        let answer = try session.query(Assets.sql("copy/chunks"), [stream.sync, stream.source])
        return (0..<answer.rowCount).map { row in
            CopyChunk(
                table: TableName(schema: answer.text(row, 0), table: answer.text(row, 1)), part: answer.oid(row, 2),
                firstBlock: Int64(answer.int(row, 3)), endBlock: answer[row, 4].flatMap { Int64($0) },
                fileNode: answer.oid(row, 5), rows: answer[row, 6].flatMap { Int($0) })
        }
    }

    /// Notes a table's chunks, all or none.
    static func plan(_ session: Session, _ stream: StreamID, _ chunks: [CopyChunk]) throws {
        try session.transaction {
            _ = try session.pipeline { pipeline in
                for chunk in chunks {
                    pipeline.query(
                        Assets.sql("copy/plan_chunk"),
                        [
                            stream.sync, stream.source, chunk.table.schema, chunk.table.table, String(chunk.part),
                            String(chunk.firstBlock), chunk.endBlock.map { String($0) }, String(chunk.fileNode),
                        ])
                }
            }
        }
    }

    static func forget(_ session: Session, _ stream: StreamID, table: TableName) throws {
        _ = try session.query(
            Assets.sql("copy/forget_table_chunks"), [stream.sync, stream.source, table.schema, table.table])
    }
}
