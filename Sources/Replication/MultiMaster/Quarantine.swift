import Assets
import Model
import Postgres

/// The rows that a receiver keeps out because its tables refuse them: tried again as other rows come and go.
struct Quarantine {
    let sync: String

    /// The tables that have some, here.
    func tables(_ session: Session) throws -> [TableName] {
        Self.tables(try session.query(Assets.sql("multimaster/quarantined_tables"), [sync]))
    }

    /// What `multimaster/quarantined_tables` answers.
    static func tables(_ answer: QueryResult) -> [TableName] {
        (0..<answer.rowCount).map { TableName(schema: answer.text($0, 0), table: answer.text($0, 1)) }
    }

    /// Tries the rows of every table again that these routes lead to, each table in a transaction of its own, and together those that refer to
    /// one another in a ring.
    ///
    /// A table that an application has locked is left for the next time.
    func retry(_ routes: [TableRoute], _ session: Session) throws {
        let held = Set(try tables(session))
        let tried = routes.filter { held.contains($0.name) && $0.masters != nil }
        guard !tried.isEmpty else { return }
        let keys = try ForeignKey.read(session, sync: sync, routes.map(\.receiverRelation))
        let known = Dictionary(routes.map { ($0.receiverRelation, $0) }, uniquingKeysWith: { first, _ in first })
        for group in keys.rings(tried) {
            let references = ReferenceKeeper(keys, routes, session)
            // A row that comes back may have others make room, and leave those without it that refer to them.
            let locked = keys.dependents(of: group.map(\.receiverRelation)).compactMap { known[$0]?.target.sqlOnly }
                .sorted()
            do {
                try session.transaction {
                    try session.execute("SET LOCAL lock_timeout = \(Self.patienceMilliseconds)")
                    _ = try session.query(Assets.sql("multimaster/lock_sync"), [sync])
                    try session.execute("LOCK TABLE \(locked.joined(separator: ", ")) IN SHARE ROW EXCLUSIVE MODE")
                    try retry(group, references, session)
                }
            } catch let error as PostgresError where error.isLockNotAvailable {
                continue
            }
        }
    }

    /// Lets rows out of quarantine, at a source, under whose key something was written there since: its delta tables tell of it, and so
    /// before these are emptied.
    ///
    /// - Returns: whether that was done. It was not where a batch is just being written there.
    func leaveWritten(_ routes: [TableRoute], _ session: Session) throws -> Bool {
        let held = Set(try tables(session))
        let concerned = routes.filter { held.contains($0.name) }
        guard !concerned.isEmpty else { return true }
        return try session.transaction {
            guard try session.query(Assets.sql("multimaster/try_lock_sync"), [sync]).bool(0, 0) else { return false }
            for route in concerned {
                guard let statement = route.leaveWritten else { continue }
                _ = try session.query(statement, [sync, route.name.schema, route.name.table])
            }
            return true
        }
    }

    private static let patienceMilliseconds = 200

    private func retry(_ group: [TableRoute], _ references: ReferenceKeeper, _ session: Session) throws {
        var before: [UInt32: [String: KeptBefore]] = [:]
        for route in group { before[route.receiverRelation] = try stage(route, session) }
        let asOf = try Snapshot.current(session)
        func sifter(_ route: TableRoute) throws -> RowSifter {
            try RowSifter(
                route, sync: sync, context: nil, asOf: asOf, references: references,
                before: before[route.receiverRelation] ?? [:], session)
        }
        if group.count == 1 {
            try sifter(group[0]).sift()
        } else {
            let tables = try group.map { route in
                let sifter = try sifter(route)
                return (sifter: sifter, rows: try sifter.insertReady(sifter.begin()))
            }
            let left = try RingSifter(tables, references, session).insert()
            for (table, rows) in zip(tables, left) { try table.sifter.insertInOrder(rows) }
            for table in tables { try table.sifter.end() }
        }
        if !references.left.isEmpty { try references.settle { try sifter($0).keepOut($1, $2) } }
        for route in group {
            try session.execute(route.showVersions)
            // What a lost node had written is for this one to send on, once the row is shown.
            for statement in route.sendOnReleased(sync: sync) { try session.execute(statement) }
            try session.execute(route.releaseShown(sync: sync))
        }
    }

    /// Stages what a table has in quarantine; what an application has written anew leaves it.
    ///
    /// - Returns: why each row was kept out before, by its place in the stage.
    private func stage(_ route: TableRoute, _ session: Session) throws -> [String: KeptBefore] {
        for statement in route.makeStages { try session.execute(statement) }
        // An application wrote and deleted one under its key.
        _ = try session.query(route.leaveWrittenHere, [sync, route.name.schema, route.name.table])
        let rows = try session.query(
            Assets.sql("multimaster/quarantined_rows"), [sync, route.name.schema, route.name.table])
        let parts = (0..<rows.rowCount).map { Self.columns(rows, $0) }
        let defaults = try Self.defaults(route, lackedBy: parts, session)
        for start in stride(from: 0, to: rows.rowCount, by: Self.rowsAtOnce) {
            _ = try session.pipeline { pipeline in
                pipeline.prepareIfNeeded(route.stageSettledName, route.stageSettled)
                for row in start..<min(start + Self.rowsAtOnce, rows.rowCount) {
                    let version = ["true", rows.text(row, 3), rows.text(row, 4), rows.text(row, 5)]
                    let values = route.columns.map { (parts[row][$0] ?? defaults[$0]) ?? nil }
                    pipeline.prepared(route.stageSettledName, version + values)
                }
            }
        }
        try session.execute(route.leaveShown(sync: sync))
        // What was counted since the rows were kept out is theirs as well.
        let counters = CounterKeeper(route, receiver: route.masters?.receiver ?? "", session)
        try counters?.gather()
        try counters?.show()
        // Then they are to be kept as they are now.
        return counters == nil ? KeptBefore.read(try session.query(route.keptBefore(sync: sync))) : [:]
    }

    private static let rowsAtOnce = 1_000

    /// A row as `multimaster/quarantined_rows` tells it.
    private static func columns(_ rows: QueryResult, _ row: Int) -> [String: String?] {
        let columns = (RecordedValues.list(rows[row, 1]) ?? []).map { $0 ?? "" }
        let values = RecordedValues.list(rows[row, 2]) ?? []
        return Dictionary(zip(columns, values), uniquingKeysWith: { first, _ in first })
    }

    /// What rows get in columns that came after they were put away: what the rows of the table got.
    private static func defaults(
        _ route: TableRoute, lackedBy rows: [[String: String?]], _ session: Session
    ) throws -> [String: String?] {
        let lacked = route.columns.filter { column in rows.contains { $0[column] == nil } }
        guard !lacked.isEmpty else { return [:] }
        let found = try session.query(
            Assets.sql("multimaster/column_defaults"), [String(route.receiverRelation), lacked.postgresArray])
        var defaults: [String: String?] = [:]
        for row in 0..<found.rowCount {
            var value = found[row, 1]
            if value == nil, let expression = found[row, 2] {
                value = try session.query(SQLTemplate.render("multimaster/default_value", ["expression": expression]))[
                    0, 0]
            }
            defaults[found.text(row, 0)] = .some(value)
        }
        return defaults
    }
}

/// Why a row is in quarantine that is tried again, and what it lost to by the history. What is the same again is not written again: rows can be kept
/// out by the thousand, for long.
struct KeptBefore: Equatable {
    let sqlState: String
    let constraint: String?
    /// Nil where the history has nothing of it.
    let rule: String?
    let winner: String?
    let winnerTransaction: UInt64?

    /// What `multimaster/kept_before` answers.
    static func read(_ answer: QueryResult) -> [String: KeptBefore] {
        Dictionary(
            (0..<answer.rowCount).map { row in
                (
                    answer.text(row, 0),
                    KeptBefore(
                        sqlState: answer.text(row, 1), constraint: answer[row, 2], rule: answer[row, 3],
                        winner: answer[row, 4], winnerTransaction: answer[row, 5].flatMap { UInt64($0) })
                )
            }, uniquingKeysWith: { first, _ in first })
    }
}
