import Assets
import Foundation
public import Model
import Postgres
import Settings

/// A version of a row that lost a conflict, and what it lost to.
public struct RecordedConflict: Sendable, Equatable {
    /// One side of it.
    public struct Side: Sendable, Equatable {
        /// Who wrote it.
        public let node: String
        public let transaction: String
        /// Its stamp, in UTC.
        public let at: String
        /// The row by its columns, each value in its type's text form; nil when it was deleted.
        public let row: [String: String?]?
    }

    /// The same at every node that found it.
    public let id: String
    public let sync: String
    public let table: TableName
    public let rule: String
    /// Whether it waits for a person.
    public let isHeld: Bool
    /// When it was found first.
    public let at: String
    public let columns: [String]
    public let key: [String: String?]
    public let winner: Side
    public let loser: Side
    /// The nodes that found it.
    public internal(set) var foundAt: [String]
}

/// What a history of conflicts no longer has.
public struct RemovedHistory: Sendable, Equatable {
    public let sync: String
    public let conflicts: Int
    /// All of them were found then or before, in UTC.
    public let until: String
}

/// The history of conflicts, which every node that found one keeps.
public struct ConflictLog: Sendable {
    let cluster: Cluster

    public init(_ cluster: Cluster) { self.cluster = cluster }

    /// The conflicts that the nodes tell of, the latest first, each once.
    ///
    /// - Returns: them; what was removed of the syncs' histories, for it was older than the configuration keeps it, as the node
    ///   tells that removed the most; and the nodes that could not be asked, with why.
    public func list(_ filter: RecordFilter) async throws -> (
        conflicts: [RecordedConflict], removed: [RemovedHistory], unreachable: [String: String]
    ) {
        let nodes = cluster.settings.nodesBetweenMasters
        var found: [String: RecordedConflict] = [:]
        var removed: [String: RemovedHistory] = [:]
        var unreachable: [String: String] = [:]
        for node in nodes {
            do {
                let (conflicts, histories) = try await read(node, filter)
                for history in histories where history.conflicts > removed[history.sync]?.conflicts ?? 0 {
                    removed[history.sync] = history
                }
                for conflict in conflicts {
                    guard var known = found[conflict.id] else {
                        found[conflict.id] = conflict
                        continue
                    }
                    known.foundAt.append(node)
                    // The winner may have lost since, at a node that has heard more.
                    found[conflict.id] = conflict.at < known.at ? conflict.found(at: known.foundAt) : known
                }
            } catch let error as NodeUnreachable {
                unreachable[node] = error.cause.message
            }
        }
        let sorted = found.values.sorted { ($1.at, $0.id) < ($0.at, $1.id) }
        return (Array(sorted.prefix(filter.rowsMost)), removed.values.sorted { $0.sync < $1.sync }, unreachable)
    }

    private func read(
        _ node: String, _ filter: RecordFilter
    ) async throws -> (conflicts: [RecordedConflict], removed: [RemovedHistory]) {
        try await asking(node) { session in
            guard try CatalogueReader.serverFacts(session).isInstalled else { return ([], []) }
            let rows = try session.query(
                Assets.sql("multimaster/list_conflicts"),
                [filter.sync, filter.table, filter.node, filter.since, filter.until, String(filter.rowsMost)])
            let removed = try session.query(Assets.sql("multimaster/removed_history"), [filter.sync])
            return (
                (0..<rows.rowCount).map { RecordedConflict(rows, $0, node: node) },
                (0..<removed.rowCount).map {
                    RemovedHistory(
                        sync: removed.text($0, 0), conflicts: removed.int($0, 1), until: removed.text($0, 2))
                }
            )
        }
    }

    private func asking<R: Sendable>(_ node: String, _ body: @Sendable (Session) throws -> R) async throws -> R {
        try await cluster.asking(node, purpose: "conflicts", deadline: .seconds(60), body)
    }

    /// Writes the version that lost again, at one node, as a new change: it supersedes what the node shows and travels.
    ///
    /// - Parameter node: where; one of the sync's sources.
    /// - Throws: `PostgresError` when the row is refused there, `SetupRefused` when the table is not there as it was.
    public func restore(_ conflict: RecordedConflict, at node: String) async throws {
        guard let sync = cluster.settings.syncs.first(where: { $0.name == conflict.sync }) else { return }
        try await asking(node) { session in
            let catalogue = try CatalogueReader.read(session)
            let selected = SyncTables.select(sync, in: catalogue, node: node).0
            guard let table = selected.first(where: { $0.name == conflict.table }), let key = table.key else {
                throw SetupRefused([
                    Finding(
                        .problem, node: node, sync: sync.name, "\(conflict.table) is not replicated here any more",
                        remedy: "write the row by hand: \"switchback conflicts show \(conflict.id)\" prints it")
                ])
            }
            try session.transaction {
                try Self.write(conflict, table, key, session)
                let keys = key.columns.map { conflict.key[$0] ?? nil }
                _ = try session.query(
                    TableRoute.decideHeld(key, of: table.definition),
                    [sync.name, table.name.schema, table.name.table, RowSettler.arrayLiteral(keys)])
            }
        }
    }

    private static func write(
        _ conflict: RecordedConflict, _ table: SelectedTable, _ key: KeyDefinition, _ session: Session
    ) throws {
        guard let row = conflict.loser.row else {
            let sql = SQLTemplate.render(
                "multimaster/restore_deletion",
                ["table": table.definition.sqlOnly, "condition": condition(table, key, from: 1)])
            _ = try session.query(sql, key.columns.map { conflict.key[$0] ?? nil })
            return
        }
        let columns = conflict.columns.filter { table.definition.column($0) != nil }
        let others = columns.filter { column in
            // A counter loses nothing, and what was added to it since is not to be taken back.
            !key.columns.contains(column) && !table.counters.contains(column)
                && table.definition.column(column)?.identityAlways == false
        }
        if table.definition.hasRules, try update(conflict.key, others.map { ($0, row[$0] ?? nil) }, table, key, session)
        {
            return
        }
        let sets = others.map { "\(SQLText.identifier($0)) = excluded.\(SQLText.identifier($0))" }
        let keys = key.columns.map(SQLText.identifier).joined(separator: ", ")
        let action = sets.isEmpty ? "DO NOTHING" : "DO UPDATE SET \(sets.joined(separator: ", "))"
        let sql = SQLTemplate.render(
            "multimaster/restore_row",
            [
                "table": table.name.sql, "columns": columns.map(SQLText.identifier).joined(separator: ", "),
                "parameters": columns.indices.map { "$\($0 + 1)" }.joined(separator: ", "),
                "conflict": table.definition.hasRules ? "" : "\nON CONFLICT (\(keys)) \(action)",
            ])
        _ = try session.query(sql, columns.map { row[$0] ?? nil })
    }

    /// Gives a row of a table with rules the values that it had: Postgres takes no ON CONFLICT there.
    ///
    /// - Returns: whether the row is there.
    private static func update(
        _ rowKey: [String: String?], _ values: [(column: String, value: String?)], _ table: SelectedTable,
        _ key: KeyDefinition, _ session: Session
    ) throws -> Bool {
        let keyValues = key.columns.map { rowKey[$0] ?? nil }
        let lock = SQLTemplate.render(
            "multimaster/lock_row",
            ["table": table.definition.sqlOnly, "condition": condition(table, key, from: 1)])
        guard try session.query(lock, keyValues).rowCount > 0 else { return false }
        guard !values.isEmpty else { return true }
        let assignments = values.enumerated().map { index, part in
            let type = table.definition.column(part.column)?.bareType ?? "text"
            return "\(SQLText.identifier(part.column)) = $\(index + 1)::\(type)"
        }
        let sql = SQLTemplate.render(
            "multimaster/restore_values",
            [
                "table": table.definition.sqlOnly, "assignments": assignments.joined(separator: ", "),
                "condition": condition(table, key, from: values.count + 1),
            ])
        _ = try session.query(sql, values.map(\.value) + keyValues)
        return true
    }

    /// The condition that t has a key, whose values are parameters.
    private static func condition(_ table: SelectedTable, _ key: KeyDefinition, from first: Int) -> String {
        zip(key.columns, key.equality).enumerated().map { index, part in
            let type = table.definition.column(part.0)?.bareType ?? "text"
            return "t.\(SQLText.identifier(part.0)) \(part.1) $\(index + first)::\(type)"
        }.joined(separator: " AND ")
    }
}

extension RecordedConflict {
    fileprivate init(_ rows: QueryResult, _ row: Int, node: String) {
        func list(_ column: Int) -> [String?]? { RecordedValues.list(rows[row, column]) }
        let columns = (list(6) ?? []).map { $0 ?? "" }
        func named(_ values: [String?]) -> [String: String?] {
            Dictionary(zip(columns, values), uniquingKeysWith: { first, _ in first })
        }
        func side(_ first: Int) -> Side {
            Side(
                node: rows.text(row, first), transaction: rows.text(row, first + 1), at: rows.text(row, first + 2),
                row: list(first + 3).map(named))
        }
        let table = TableName(schema: rows.text(row, 1), table: rows.text(row, 2))
        let loser = side(12)
        let identity = [rows.text(row, 0), "\(table)", rows.text(row, 7), loser.node, loser.transaction]
        self.init(
            id: String(Fingerprint.of(identity).prefix(12)), sync: rows.text(row, 0), table: table,
            rule: rows.text(row, 3), isHeld: rows.bool(row, 4), at: rows.text(row, 5), columns: columns,
            key: named(list(7) ?? []), winner: side(8), loser: loser, foundAt: [node])
    }

    fileprivate func found(at nodes: [String]) -> RecordedConflict {
        var conflict = self
        conflict.foundAt = nodes
        return conflict
    }
}
