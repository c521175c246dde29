import Assets
import Failover
import Model
import Postgres
import Replication

/// Some keys of the rows that one node has taken and another has not: enough for people to see which rows they are.
struct StrandedKeys: Sendable {
    let stream: StreamID
    let cluster: Cluster

    /// So much of a key is shown.
    private static let charactersMost = 60

    /// How far the receiver has come, and with which tables otherwise.
    private struct Position: Sendable {
        let snapshot: Snapshot
        var since: [TableName: Snapshot] = [:]

        func snapshot(of table: TableName) -> Snapshot { since[table] ?? snapshot }
    }

    /// Reads them.
    ///
    /// - Returns: keys by table, at most ``TableCount/keysMost`` each; none of a table without a key.
    /// - Throws: `NodeUnreachable`, `PostgresError`.
    func read() async throws -> [String: [String]] {
        let (sync, source) = (stream.sync, stream.source)
        let position = try await cluster.ask(stream.receiver, purpose: "count") { session in
            try Self.position(session, sync, source)
        }
        guard let position else { return [:] }
        return try await cluster.ask(source, purpose: "count") { session in try Self.keys(session, sync, position) }
    }

    private static func position(_ session: Session, _ sync: String, _ source: String) throws -> Position? {
        let cursor = try session.query(Assets.sql("stream/cursor"), [sync, source])
        guard let snapshot = cursor.rows.first?[0].flatMap({ Snapshot($0) }) else { return nil }
        var position = Position(snapshot: snapshot)
        for row in try session.query(Assets.sql("stream/table_states"), [sync, source]).rows {
            guard let since = row[3].flatMap({ Snapshot($0) }) else { continue }
            position.since[TableName(schema: row[0] ?? "", table: row[1] ?? "")] = since
        }
        return position
    }

    private static func keys(_ session: Session, _ sync: String, _ position: Position) throws -> [String: [String]] {
        var all: [String: [String]] = [:]
        for row in try session.query(Assets.sql("failover/delta_tables"), [sync]).rows {
            let table = TableName(schema: row[0] ?? "", table: row[1] ?? "")
            guard let delta = row[2], let columns = row.int(3), columns > 0 else { continue }
            let known = all["\(table)"] ?? []
            let found = try keys(session, in: delta, columns, position.snapshot(of: table))
            all["\(table)"] = Array((known + found.filter { !known.contains($0) }).prefix(TableCount.keysMost))
        }
        return all
    }

    private static func keys(
        _ session: Session, in delta: String, _ columns: Int, _ after: Snapshot
    ) throws -> [String] {
        let parts = (1...columns).map { "d.k\($0)[n]::text" }
        let key = columns == 1 ? parts[0] : "concat_ws(', ', \(parts.joined(separator: ", ")))"
        let sql = Assets.sql("failover/stranded_keys").replacing("{delta}", with: delta).replacing("{key}", with: key)
        let running = "{\(after.inProgress.map(String.init).joined(separator: ","))}"
        let answer = try session.query(sql, [String(after.xmax), running, String(TableCount.keysMost)])
        return answer.rows.compactMap { $0[0].map { readable($0, isOne: columns == 1) } }
    }

    /// In one line, whatever stands in it.
    private static func readable(_ key: String, isOne: Bool) -> String {
        let line: [Character] = key.unicodeScalars.map {
            $0.properties.generalCategory == .control ? " " : Character($0)
        }
        let text = String(line.prefix(charactersMost)) + (line.count > charactersMost ? "…" : "")
        return isOne ? text : "(\(text))"
    }
}
