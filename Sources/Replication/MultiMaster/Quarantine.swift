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
        for route in group { try stage(route, session) }
        let asOf = try Snapshot.current(session)
        func sifter(_ route: TableRoute) throws -> RowSifter {
            try RowSifter(route, sync: sync, context: nil, asOf: asOf, references: references, session)
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
    private func stage(_ route: TableRoute, _ session: Session) throws {
        for statement in route.makeStages { try session.execute(statement) }
        // An application wrote and deleted one under its key.
        _ = try session.query(route.leaveWrittenHere, [sync, route.name.schema, route.name.table])
        let rows = try session.query(
            Assets.sql("multimaster/quarantined_rows"), [sync, route.name.schema, route.name.table])
        for row in 0..<rows.rowCount {
            let columns = (RecordedValues.list(rows[row, 1]) ?? []).map { $0 ?? "" }
            let values = RecordedValues.list(rows[row, 2]) ?? []
            // Columns may have come or gone since.
            let named = Dictionary(zip(columns, values), uniquingKeysWith: { first, _ in first })
            let now = route.columns.map { named[$0] ?? nil }
            let key = Array(now.prefix(route.keyCount))
            if try session.query(route.isThere, key).bool(0, 0) {
                // An application wrote the row anew: then it is what that says.
                _ = try session.query(Assets.sql("multimaster/leave_quarantine"), [rows.text(row, 0)])
            } else {
                _ = try session.query(
                    route.stageSettled, ["true", rows.text(row, 3), rows.text(row, 4), rows.text(row, 5)] + now)
            }
        }
        // What was counted since the rows were kept out is theirs as well.
        let counters = CounterKeeper(route, receiver: route.masters?.receiver ?? "", session)
        try counters?.gather()
        try counters?.show()
    }
}
