import Assets
import Model
import Postgres

/// Compares one table between a source and a receiver while both are in use.
///
/// The receiver is looked at first, in one snapshot together with its cursor; then the source. What changed at the source
/// past that cursor is on its way and no difference. Everything else has to be equal: the receiver's state is the source's
/// at its cursor. So one look tells a difference for certain; what is on its way is looked at again once it has arrived.
///
/// Between masters one look tells nothing: what the receiver changed itself, and what a third node changed that only one of the
/// two has heard of, differs as well. There everything that differs is looked at again, once all that both ends knew
/// has been exchanged; what is then as it was before, at both ends, differs for certain.
struct TableDiff {
    let stream: StreamID
    let route: TableRoute
    let source: Connection
    let receiver: Connection
    /// Whether the stream can bring anything: not when its source is another database than the one it was begun with.
    var carries = true
    /// How often rows that were on their way are looked at again.
    var looksMost = 5
    /// Whether it takes a second look to tell a difference.
    var confirms = false

    static let deadline = Duration.seconds(24 * 3600)
    /// Rows a bucket, about.
    private static let rowsPerBucket = 400
    private static let bucketsMost = 1 << 16
    /// Buckets of so many rows in all are not summed up once more before their rows are compared.
    private static let rowsWorthSumming = 200_000
    /// How long a look waits for what was on its way in the one before.
    private static let patience = Duration.seconds(10)
    /// Between masters also for idle streams, whose cursors move now and then.
    static let patienceBetweenMasters = Duration.seconds(25)

    struct Result: Sendable {
        /// Rows at the source.
        let rows: Int
        var found = RowDifferences()
        /// Between masters: of rows that differ it is not known whether they are on their way, for not all was exchanged in time.
        var isUnsure = false
    }

    /// Compares.
    ///
    /// - Parameter list: takes the keys of what differs, as the last look found it.
    func run(into list: RepairList? = nil) async throws -> Result {
        let text = try await makeText()
        var look = try await inSnapshots { try await self.look(text, after: nil, list, $0, $1) }
        let rows = look.rows
        var looks = 1
        while look.found.underWay > 0, looks < looksMost {
            guard try await hasArrived(look) else {
                return Result(rows: rows, found: look.found, isUnsure: confirms)
            }
            let last = look
            look = try await inSnapshots { try await self.look(text, after: last, list, $0, $1) }
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
        var moments: Moments
        var found = RowDifferences()
        /// Between masters: in which state the rows were that differ.
        var suspects: SuspectRows?
    }

    /// What the two ends were looked at in, and between masters what they knew then.
    private struct Moments {
        let source: Snapshot
        let receiver: Snapshot
        var sourceKnows = Knowledge()
        var receiverKnows = Knowledge()
    }

    /// Opens both snapshots, the receiver's first.
    ///
    /// The table is locked before its snapshot is taken: an older snapshot sees a table empty that was truncated after it,
    /// and knows nothing of that.
    private func inSnapshots<R>(_ body: (Window?, Moments) async throws -> R) async throws -> R {
        do {
            let (window, theirs) = try await receiver.run(deadline: Self.deadline) { session in
                try begin(session, route.target)
                return (try self.window(session), try moment(session))
            }
            let ours = try await source.run(deadline: Self.deadline) { session in
                try begin(session, route.table.definition)
                return try moment(session)
            }
            let moments = Moments(
                source: ours.snapshot, receiver: theirs.snapshot, sourceKnows: ours.knowledge,
                receiverKnows: theirs.knowledge)
            let result = try await body(carries ? window : nil, moments)
            await source.rollBack()
            await receiver.rollBack()
            return result
        } catch {
            await source.rollBack()
            await receiver.rollBack()
            throw error
        }
    }

    private func begin(_ session: Session, _ table: TableDefinition) throws {
        try session.execute(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; LOCK TABLE \(table.sqlOnly) IN ACCESS SHARE MODE")
    }

    private func moment(_ session: Session) throws -> (snapshot: Snapshot, knowledge: Knowledge) {
        (try Snapshot.current(session), confirms ? try knowledge(session) : Knowledge())
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
        _ text: DiffText, after last: Look?, _ list: RepairList?, _ window: Window?, _ moments: Moments
    ) async throws -> Look {
        try list?.removeAll()
        let only = last.flatMap { $0.isWhole ? nil : $0.unequal }
        let suspects = confirms ? last?.suspects ?? SuspectRows() : nil
        var look = Look(moments: moments)
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
            let merge = RowMerge(isAllUnderWay: look.isWhole, suspects: suspects)
            let merged = try await self.merge(text, look.unequal, window, merge, list)
            (look.found, look.suspects) = (merged.differences, merged.found)
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

    /// Waits until what a look may have found on its way has arrived; false when it does not.
    private func hasArrived(_ look: Look) async throws -> Bool {
        let end = ContinuousClock.now + (confirms ? Self.patienceBetweenMasters : Self.patience)
        while ContinuousClock.now < end {
            if confirms, try await isExchanged(look.moments) { return true }
            let stream = stream
            let cursor = try await receiver.run(deadline: StreamRunner.stepDeadline) { try Cursor.read($0, stream) }
            guard let cursor, !cursor.paused, cursor.state == .streaming, cursor.error == nil else { return false }
            if !confirms, cursor.snapshot.covers(look.moments.source) { return true }
            try await Task.sleep(for: .milliseconds(100))
        }
        return false
    }

    // MARK: - Between masters

    /// What a node has seen of the others.
    private func knowledge(_ session: Session) throws -> Knowledge {
        let hasLinks = route.masters?.hasLinks == true
        let rows = try session.query(Assets.sql(Knowledge.question(hasLinks: hasLinks)), [stream.sync])
        return hasLinks ? KnowledgeOfAll(rows: rows)?.own ?? Knowledge() : Knowledge(rows: rows)
    }

    /// Whether each end knows by now all that the other knew in a look, as far as this table goes.
    private func isExchanged(_ moments: Moments) async throws -> Bool {
        let theirs = try await receiver.run(deadline: StreamRunner.stepDeadline) { try knowledge($0) }
        let ours = try await source.run(deadline: StreamRunner.stepDeadline) { try knowledge($0) }
        guard
            try await knows(theirs, ofOthers: moments.sourceKnows, "version_\(route.sourceID)", source),
            try await knows(
                ours, ofOthers: moments.receiverKnows, "version_\(route.masters?.receiverID ?? 0)", receiver)
        else { return false }
        let deltas = (a: route.deltaA, b: route.deltaB)
        guard try await has(theirs, all: moments.source, of: stream.source, deltas, source) else { return false }
        // A node that nobody writes to has nothing of its own to send.
        guard let sent = route.masters?.receiverDeltas else { return true }
        return try await has(ours, all: moments.receiver, of: stream.receiver, sent, receiver)
    }

    /// Whether knowledge has all that a node knew of third ones: it has their snapshots, or the node holds no version of the table that it
    /// lacks. Versions are held until everybody has seen them.
    private func knows(
        _ known: Knowledge, ofOthers other: Knowledge, _ versions: String, _ connection: Connection
    ) async throws -> Bool {
        let ends = [stream.source, stream.receiver]
        let others = Knowledge(other.snapshots.filter { !ends.contains($0.key) })
        if known.covers(others) { return true }
        let sql = SQLTemplate.render(
            "diff/has_versions",
            [
                "versions": versions, "ends": "ARRAY[\(ends.map(SQLText.literal).joined(separator: ", "))]",
                "unseen": known.lacksEntry,
            ])
        return try await connection.run(deadline: StreamRunner.stepDeadline) { try !$0.query(sql).bool(0, 0) }
    }

    /// Whether knowledge has all that a node had changed in a snapshot: it has the snapshot, or nothing of the table lies past it.
    private func has(
        _ known: Knowledge, all snapshot: Snapshot, of node: String, _ deltas: (a: String, b: String),
        _ connection: Connection
    ) async throws -> Bool {
        guard let seen = known.snapshots[node] else { return false }
        if seen.covers(snapshot) { return true }
        let sql = SQLTemplate.render(
            "diff/has_changes",
            ["delta_a": deltas.a, "delta_b": deltas.b, "window": Window(after: seen).condition])
        return try await connection.run(deadline: StreamRunner.stepDeadline) { try !$0.query(sql).bool(0, 0) }
    }

    // MARK: - Single rows

    /// Streams the rows of the unequal buckets from both sides, in the same order, and compares them as they come.
    private func merge(
        _ text: DiffText, _ buckets: [Int64], _ window: Window?, _ merge: RowMerge, _ list: RepairList?
    ) async throws -> RowMerge {
        let pipe = BytePipe()
        let (source, receiver) = (source, receiver)
        let sourceSQL = "COPY (\(text.sourceRows(buckets, window))) TO STDOUT"
        let receiverSQL = "COPY (\(text.receiverRows(buckets))) TO STDOUT"
        return try await withTaskCancellationHandler {
            async let sending: Void = Self.send(source, sourceSQL, pipe)
            do {
                let merged = try await receiver.run(deadline: Self.deadline) { session in
                    try Self.receive(session, receiverSQL, pipe, merge, list)
                }
                try await sending
                return merged
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
        _ session: Session, _ sql: String, _ pipe: BytePipe, _ merge: RowMerge, _ list: RepairList?
    ) throws -> RowMerge {
        var merge = merge
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
        return merge
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
