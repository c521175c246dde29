import Assets
public import Model
import Postgres
import Settings

/// A row that a node keeps out because its table refuses it.
public struct QuarantinedRow: Sendable, Equatable {
    /// The node and the row's number there: `durham-12`.
    public let id: String
    /// The node that keeps it out.
    public let node: String
    public let sync: String
    public let table: TableName
    /// When it was put there, in UTC.
    public let at: String
    public let columns: [String]
    public let key: [String: String?]
    /// Each value in its type's text form.
    public let row: [String: String?]
    /// Who wrote it.
    public let origin: String
    public let sqlState: String
    public let constraint: String?
    public let reason: String
}

/// The quarantines of all nodes.
public struct QuarantineLog: Sendable {
    let cluster: Cluster

    public init(_ cluster: Cluster) { self.cluster = cluster }

    /// The rows in quarantine, the latest first, and the nodes that could not be asked, with why.
    ///
    /// - Throws: `SetupRefused`, `PostgresError`.
    public func list(_ filter: RecordFilter) async throws -> (rows: [QuarantinedRow], unreachable: [String: String]) {
        let nodes = cluster.settings.nodesBetweenMasters
        var found: [QuarantinedRow] = []
        var unreachable: [String: String] = [:]
        for node in nodes where filter.node == nil || filter.node == node {
            do { found += try await read(node, filter) } catch let error as NodeUnreachable {
                unreachable[node] = error.cause.message
            }
        }
        let sorted = found.sorted { ($1.at, $0.id) < ($0.at, $1.id) }
        return (Array(sorted.prefix(filter.rowsMost)), unreachable)
    }

    private func read(_ node: String, _ filter: RecordFilter) async throws -> [QuarantinedRow] {
        try await cluster.asking(node, purpose: "quarantine", deadline: .seconds(60)) { session in
            guard try CatalogueReader.serverFacts(session).isInstalled else { return [] }
            let rows = try session.query(
                Assets.sql("multimaster/list_quarantine"),
                [filter.sync, filter.table, filter.since, filter.until, String(filter.rowsMost)])
            return (0..<rows.rowCount).map { QuarantinedRow(rows, $0, node: node) }
        }
    }

    /// Discards a row: it is deleted for all nodes, as a new change that is made at the node that keeps it out.
    ///
    /// - Throws: `SetupRefused` when the node writes nothing in that sync, or the row is not kept out any more as it was seen; `NodeUnreachable`, `PostgresError`.
    public func discard(_ row: QuarantinedRow) async throws {
        guard let sync = cluster.settings.syncs.first(where: { $0.name == row.sync }) else { return }
        try await cluster.asking(row.node, purpose: "quarantine", deadline: .seconds(60)) { session in
            let catalogue = try CatalogueReader.read(session)
            let installed = try InstalledState.read(session, installed: true).tables.first { $0.name == row.table }
            let table = SyncTables.select(sync, in: catalogue, node: row.node).0.first { $0.name == row.table }
            guard sync.sources.contains(row.node), let installed, let table, let key = table.key,
                let delta = table.deltaColumns
            else {
                throw SetupRefused([
                    Finding(
                        .problem, node: row.node, sync: sync.name, "nothing of \(row.table) is written here",
                        remedy: "discard the row at one of \(sync.sources.joined(separator: ", "))")
                ])
            }
            let parameters = delta.columns.map { column in
                "ARRAY[$\(column.number)::\(column.isArray ? "pg_catalog.text" : column.type)]"
            }
            let objects = CaptureObjects(table: table, id: installed.id, node: row.node)
            try session.transaction {
                // The streams here wait: what is discarded is what was seen, or nothing.
                _ = try session.query(Assets.sql("multimaster/lock_sync"), [sync.name])
                let values = row.columns.map { row.row[$0] ?? nil }
                let left = try session.query(
                    Assets.sql("multimaster/discard_quarantined"),
                    [
                        row.id.split(separator: "-").last.map(String.init), row.origin,
                        RowSettler.arrayLiteral(values),
                    ])
                guard left.affectedRows == 1 else {
                    throw SetupRefused([
                        Finding(
                            .problem, node: row.node, sync: sync.name,
                            "the row \(row.id) of \(row.table) is not kept out any more as it was seen; nothing was discarded",
                            remedy: "look again: \"switchback quarantine list\"")
                    ])
                }
                for (name, turn) in [(objects.deltaA, "0"), (objects.deltaB, "1")] {
                    let sql = SQLTemplate.render(
                        "multimaster/discard_row",
                        [
                            "delta": name, "turn": turn, "keys": delta.names,
                            "parameters": parameters.joined(separator: ", "),
                        ])
                    _ = try session.query(sql, key.columns.map { row.key[$0] ?? nil })
                }
                try session.execute("NOTIFY switchback")
            }
        }
    }
}

extension QuarantinedRow {
    fileprivate init(_ rows: QueryResult, _ row: Int, node: String) {
        let columns = (RecordedValues.list(rows[row, 5]) ?? []).map { $0 ?? "" }
        func named(_ values: [String?]) -> [String: String?] {
            Dictionary(zip(columns, values), uniquingKeysWith: { first, _ in first })
        }
        self.init(
            id: "\(node)-\(rows.text(row, 0))", node: node, sync: rows.text(row, 1),
            table: TableName(schema: rows.text(row, 2), table: rows.text(row, 3)), at: rows.text(row, 4),
            columns: columns, key: named(RecordedValues.list(rows[row, 6]) ?? []),
            row: named(RecordedValues.list(rows[row, 7]) ?? []), origin: rows.text(row, 8), sqlState: rows.text(row, 9),
            constraint: rows[row, 10], reason: rows.text(row, 11))
    }
}
