import Assets
import Model
import Postgres

/// How far a stream's receiver has come, table by table.
struct StreamPosition: Sendable {
    /// The cursor's snapshot, and the source's clock when it was taken.
    var snapshot: Snapshot
    var asOf: String?
    /// Tables that belong to the stream; nil when the receiver does not say, and then all count.
    var joined: Set<TableName>?
    /// Tables that are once to be read from another snapshot.
    var since: [TableName: Snapshot] = [:]

    /// Reads it at the receiver.
    static func read(_ session: Session, _ stream: StreamID, _ cursor: Cursor) throws -> StreamPosition {
        let states = try session.query(Assets.sql("stream/table_states"), [stream.sync, stream.source])
        var position = StreamPosition(snapshot: cursor.snapshot, asOf: cursor.asOf, joined: [])
        for row in 0..<states.rowCount {
            let name = TableName(schema: states.text(row, 0), table: states.text(row, 1))
            // While the first copy is under way no table has joined, and all of them will.
            if states.text(row, 2) == "joined" || cursor.state == .copying { position.joined?.insert(name) }
            if let since = states[row, 3].flatMap({ Snapshot($0) }) { position.since[name] = since }
        }
        return position
    }
}

/// What a stream has still to carry.
struct Pending: Sendable, Equatable {
    /// Changes past the cursor; several of one row count each.
    var rows = 0
    /// How long the oldest of them has waited.
    var oldestSeconds: Double?
    /// There were so many that they were not counted one by one.
    var isEstimate = false

    /// Of a delta table larger than this about as much is looked at.
    private static let sampleBytes = 256 << 20

    /// Looks at a source.
    ///
    /// - Parameters:
    ///   - position: the receiver's.
    ///   - goal: only what it includes counts; nil for all.
    static func read(
        _ session: Session, sync: String, after position: StreamPosition, goal: Snapshot? = nil
    ) throws -> Pending {
        var visible = ""
        if let goal {
            visible = " AND txid < \(goal.xmax)"
            if !goal.inProgress.isEmpty {
                visible += " AND txid <> ALL ('\(goal.inProgress.postgresArray)'::bigint[])"
            }
        }
        let tables = try session.query(Assets.sql("status/candidates"), [sync])
        var pending = Pending()
        let answers = try session.pipeline { pipeline in
            for row in 0..<tables.rowCount {
                let name = TableName(schema: tables.text(row, 1), table: tables.text(row, 2))
                guard position.joined?.contains(name) ?? true else { continue }
                pipeline.query(question(tables, row, name, position, visible, isSampled: goal == nil, &pending))
            }
        }
        for answer in answers {
            pending.rows += answer.int(0, 0)
            guard answer.int(0, 0) > 0, let age = answer[0, 1].flatMap({ Double($0) }) else { continue }
            // Waiting for no time at all is what nothing does.
            pending.oldestSeconds = max(pending.oldestSeconds ?? 0, age, 0.001)
        }
        return pending
    }

    /// The same, table by table; only those that have something.
    static func byTable(
        _ session: Session, sync: String, after position: StreamPosition
    ) throws -> [(table: TableName, rows: Int)] {
        let tables = try session.query(Assets.sql("status/candidates"), [sync])
        var names: [TableName] = []
        var ignored = Pending()
        let answers = try session.pipeline { pipeline in
            for row in 0..<tables.rowCount {
                let name = TableName(schema: tables.text(row, 1), table: tables.text(row, 2))
                guard position.joined?.contains(name) ?? true else { continue }
                names.append(name)
                pipeline.query(question(tables, row, name, position, "", isSampled: true, &ignored))
            }
        }
        return zip(names, answers).map { ($0, $1.int(0, 0)) }.filter { $0.rows > 0 }
    }

    private static func question(
        _ tables: QueryResult, _ row: Int, _ name: TableName, _ position: StreamPosition, _ visible: String,
        isSampled: Bool,
        _ pending: inout Pending
    ) -> String {
        let since = position.since[name]
        let window = Window(after: since ?? position.snapshot).condition
        var keyed = ""
        for (delta, bytes) in [(tables[row, 3], tables.int(row, 5)), (tables[row, 4], tables.int(row, 6))] {
            guard let delta, bytes > 0 else { continue }
            let percent = 100 * Double(sampleBytes) / Double(bytes)
            // With a goal the question is whether there is anything at all, and a sample cannot tell.
            let isLarge = percent < 100 && isSampled
            if isLarge { pending.isEstimate = true }
            keyed +=
                SQLTemplate.render(
                    "status/pending_part",
                    [
                        "delta": delta, "sample": isLarge ? " TABLESAMPLE SYSTEM (\(percent)) REPEATABLE (1)" : "",
                        "weight": isLarge ? "\(100 / percent)" : "1", "window": window, "visible": visible,
                    ]) + "\n"
        }
        // A table that is read from an older snapshot than the cursor's is not up to the cursor's moment.
        let asOf = since == nil ? position.asOf : nil
        return SQLTemplate.render(
            "status/pending",
            [
                "keyed": keyed, "id": tables.text(row, 0), "window": window, "visible": visible,
                "as_of": asOf.map { SQLText.literal($0) + "::timestamptz" } ?? "'-infinity'::timestamptz",
            ])
    }
}
