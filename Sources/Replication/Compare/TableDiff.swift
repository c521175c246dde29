import Assets
import Model
import Postgres

/// Compares one table between a source and a receiver while both are in use.
///
/// The receiver is looked at first, in one snapshot together with its cursor; then the source. What changed at the source
/// past that cursor is on its way and no difference. Everything else has to be equal: the receiver's state is the source's
/// at its cursor. So one look tells a difference for certain; what is on its way is looked at again once it has arrived.
struct TableDiff {
    let stream: StreamID
    let route: TableRoute
    let source: Connection
    let receiver: Connection
    /// Whether the stream can bring anything: not when its source is another database than the one it was begun with.
    var carries = true
    /// How often rows that were on their way are looked at again.
    var looksMost = 5

    static let deadline = Duration.seconds(24 * 3600)
    /// Rows a bucket, about.
    private static let rowsPerBucket = 400
    private static let bucketsMost = 1 << 16
    /// Buckets of so many rows in all are not summed up once more before their rows are compared.
    private static let rowsWorthSumming = 200_000
    /// How long a look waits for what was on its way in the one before.
    private static let patience = Duration.seconds(10)

    struct Result: Sendable {
        /// Rows at the source.
        let rows: Int
        var found = RowDifferences()
    }

    /// Compares.
    ///
    /// - Parameter list: takes the keys of what differs, as the last look found it.
    func run(into list: RepairList? = nil) async throws -> Result {
        let text = try await makeText()
        var look = try await inSnapshots { try await self.look(text, only: nil, list, $0, $1) }
        let rows = look.rows
        var looks = 1
        while look.found.underWay > 0, looks < looksMost, try await hasArrived(look.snapshot) {
            let only = look.isWhole ? nil : look.unequal
            look = try await inSnapshots { try await self.look(text, only: only, list, $0, $1) }
            looks += 1
        }
        return Result(rows: rows, found: look.found)
    }

    private func makeText() async throws -> DiffText {
        let relation = String(route.sourceRelation)
        let estimate = try await source.run(deadline: Self.deadline) { session in
            try session.query(Assets.sql("diff/estimate"), [relation]).int(0, 0)
        }
        return DiffText(route: route, buckets: Self.buckets(for: estimate))
    }

    /// A power of two.
    static func buckets(for rows: Int) -> Int {
        var buckets = 16
        while buckets < bucketsMost && buckets * rowsPerBucket < rows { buckets *= 2 }
        return buckets
    }

    // MARK: - One look

    private struct Look {
        var rows = 0
        var unequal: [Int64] = []
        /// The table travels whole, and is on its way.
        var isWhole = false
        var snapshot: Snapshot
        var found = RowDifferences()
    }

    /// Opens both snapshots, the receiver's first.
    ///
    /// The table is locked before its snapshot is taken: an older snapshot sees a table empty that was truncated after it,
    /// and knows nothing of that.
    private func inSnapshots<R>(_ body: (Window?, Snapshot) async throws -> R) async throws -> R {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        do {
            let window = try await receiver.run(deadline: Self.deadline) { session in
                try session.execute("\(begin); LOCK TABLE \(route.target.sqlOnly) IN ACCESS SHARE MODE")
                return try self.window(session)
            }
            let snapshot = try await source.run(deadline: Self.deadline) { session in
                try session.execute("\(begin); LOCK TABLE \(route.table.definition.sqlOnly) IN ACCESS SHARE MODE")
                return Snapshot(try session.query("SELECT pg_current_snapshot()::text").text(0, 0))
            }
            guard let snapshot else { throw PostgresError(.misuse, "the source did not tell its snapshot") }
            let result = try await body(carries ? window : nil, snapshot)
            await source.rollBack()
            await receiver.rollBack()
            return result
        } catch {
            await source.rollBack()
            await receiver.rollBack()
            throw error
        }
    }

    /// What the stream will bring of the table; nil when it brings nothing.
    private func window(_ session: Session) throws -> Window? {
        guard let cursor = try Cursor.read(session, stream) else { return nil }
        let position = try session.query(
            Assets.sql("diff/position"), [stream.sync, stream.source, route.name.schema, route.name.table])
        guard position.rowCount == 1 else { return nil }
        return Window(after: position[0, 1].flatMap { Snapshot($0) } ?? cursor.snapshot)
    }

    private func look(
        _ text: DiffText, only: [Int64]?, _ list: RepairList?, _ window: Window?, _ snapshot: Snapshot
    ) async throws -> Look {
        try list?.removeAll()
        var look = Look(snapshot: snapshot)
        look.isWhole = try await isMarked(window)
        if let only, !look.isWhole, only.count * Self.rowsPerBucket <= Self.rowsWorthSumming {
            look.unequal = only
        } else {
            async let theirs = sums(receiver, text.bucketSums(atSource: false, only: only))
            async let ours = sums(source, text.bucketSums(atSource: true, only: only))
            let (sourceSums, receiverSums) = try await (ours, theirs)
            look.rows = sourceSums.values.reduce(0) { $0 + $1.rows }
            look.unequal = Set(sourceSums.keys).union(receiverSums.keys)
                .filter { sourceSums[$0] != receiverSums[$0] }.sorted()
        }
        guard !look.unequal.isEmpty else { return look }
        if look.isWhole && list?.keepsUnderWay != true {
            look.found.underWay = max(look.rows, 1)
        } else {
            look.found = try await merge(text, look.unequal, window, look.isWhole, list)
            if !route.hasOneSpelling { look.found.doubtSpellings() }
        }
        return look
    }

    private func isMarked(_ window: Window?) async throws -> Bool {
        guard let window else { return false }
        let id = String(route.sourceID)
        return try await source.run(deadline: StreamRunner.stepDeadline) { session in
            try session.query(Assets.sql("diff/is_marked"), [id, window.firstNew, window.running]).bool(0, 0)
        }
    }

    private struct Sum: Equatable, Sendable {
        let rows: Int
        let hash: String
    }

    private func sums(_ connection: Connection, _ sql: String) async throws -> [Int64: Sum] {
        try await connection.run(deadline: Self.deadline) { session in
            let answer = try session.query(sql)
            var sums: [Int64: Sum] = [:]
            for row in 0..<answer.rowCount {
                sums[Int64(answer.int(row, 0))] = Sum(rows: answer.int(row, 1), hash: answer.text(row, 2))
            }
            return sums
        }
    }

    /// Waits until the receiver has come as far as a snapshot; false when it does not move.
    private func hasArrived(_ snapshot: Snapshot) async throws -> Bool {
        let end = ContinuousClock.now + Self.patience
        let stream = stream
        while ContinuousClock.now < end {
            let cursor = try await receiver.run(deadline: StreamRunner.stepDeadline) { try Cursor.read($0, stream) }
            guard let cursor, !cursor.paused, cursor.state == .streaming, cursor.error == nil else { return false }
            if cursor.snapshot.covers(snapshot) { return true }
            try await Task.sleep(for: .milliseconds(100))
        }
        return false
    }

    // MARK: - Single rows

    /// Streams the rows of the unequal buckets from both sides, in the same order, and compares them as they come.
    private func merge(
        _ text: DiffText, _ buckets: [Int64], _ window: Window?, _ isWhole: Bool, _ list: RepairList?
    ) async throws -> RowDifferences {
        let pipe = BytePipe()
        let (source, receiver) = (source, receiver)
        let sourceSQL = "COPY (\(text.sourceRows(buckets, window))) TO STDOUT"
        let receiverSQL = "COPY (\(text.receiverRows(buckets))) TO STDOUT"
        return try await withTaskCancellationHandler {
            async let sending: Void = Self.send(source, sourceSQL, pipe)
            do {
                let differences = try await receiver.run(deadline: Self.deadline) { session in
                    try Self.receive(session, receiverSQL, pipe, isWhole, list)
                }
                try await sending
                return differences
            } catch {
                pipe.fail(error)
                try? await sending
                throw pipe.failure ?? error
            }
        } onCancel: {
            pipe.fail(PostgresError(.cancelled, "cancelled"))
        }
    }

    private static func send(_ source: Connection, _ sql: String, _ pipe: BytePipe) async throws {
        do {
            try await source.run(deadline: deadline) { session in
                _ = try session.copyOut(sql) { try pipe.write($0) }
            }
            pipe.finish()
        } catch {
            pipe.fail(error)
            throw error
        }
    }

    private static func receive(
        _ session: Session, _ sql: String, _ pipe: BytePipe, _ isWhole: Bool, _ list: RepairList?
    ) throws -> RowDifferences {
        var merge = RowMerge(isAllUnderWay: isWhole)
        var reader = RowReader(pipe)
        func compare(_ source: ComparedRow?, _ receiver: ComparedRow?) throws {
            guard let row = merge.compare(source: source, receiver: receiver) else { return }
            try list?.add(row)
        }
        var fromSource = try reader.row()
        var splitter = LineSplitter()
        _ = try session.copyOut(sql) { bytes in
            try splitter.feed(bytes) { line in
                let row = try ComparedRow(line: line)
                while RowMerge.next(fromSource, row) == .source {
                    try compare(fromSource, nil)
                    fromSource = try reader.row()
                }
                if RowMerge.next(fromSource, row) == .both {
                    try compare(fromSource, row)
                    fromSource = try reader.row()
                } else {
                    try compare(nil, row)
                }
            }
        }
        while let row = fromSource {
            try compare(row, nil)
            fromSource = try reader.row()
        }
        return merge.differences
    }
}

extension TableRoute {
    /// Types whose equal values are spelt alike. Elsewhere a change may leave a key equal and spell it in another way: 1.0 and
    /// 1.00, or letters of either case under some collations.
    private static let typesOfOneSpelling: Set<String> = Set(
        [
            "int2", "int4", "int8", "oid", "bool", "uuid", "text", "varchar", "name", "bytea", "date", "time",
            "timestamp",
            "timestamptz", "inet", "cidr", "macaddr",
        ].map { "pg_catalog." + SQLText.identifier($0) })

    /// Whether equal keys of the table have equal texts.
    fileprivate var hasOneSpelling: Bool {
        (table.key?.columns ?? []).allSatisfy { name in
            guard let column = table.definition.column(name), column.collation == nil else { return false }
            return Self.typesOfOneSpelling.contains(column.bareType)
                || Self.typesOfOneSpelling.contains(column.bareType.replacing("\"", with: ""))
        }
    }
}
