import Assets
public import Model
import Postgres

/// What a comparison says of one table.
public struct TableDifference: Sendable, Equatable {
    public let stream: StreamID
    public let table: TableName
    /// Rows at the source.
    public let rows: Int
    /// At the source and not at the receiver.
    public let missing: Int
    /// At the receiver and not at the source.
    public let extra: Int
    /// At both, and not the same.
    public let different: Int
    /// Differ, and are on their way: the stream has them before it.
    public let underWay: Int
    /// Keys of some that differ.
    public let samples: [String]

    public var isIdentical: Bool { missing == 0 && extra == 0 && different == 0 }
}

/// Compares one table between a source and a receiver while both are in use.
///
/// The receiver is looked at first, in one snapshot together with its cursor; then the source. What changed at the source
/// past that cursor is on its way and no difference. Everything else has to be equal: the receiver's state is the source's
/// at its cursor.
struct TableDiff {
    let stream: StreamID
    let route: TableRoute
    let source: Connection
    let receiver: Connection

    static let deadline = Duration.seconds(4 * 3600)
    /// Rows a bucket, about.
    private static let rowsPerBucket = 400
    private static let bucketsMost = 1 << 16

    struct Result {
        let rows: Int
        let found: RowDifferences
    }

    /// Compares.
    ///
    /// - Throws: `PostgresError`.
    func run() async throws -> Result {
        do {
            let result = try await compare()
            await source.rollBack()
            await receiver.rollBack()
            return result
        } catch {
            await source.rollBack()
            await receiver.rollBack()
            throw error
        }
    }

    private func compare() async throws -> Result {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        let stream = stream
        let cursor = try await receiver.run(deadline: Self.deadline) { session in
            try session.execute(begin)
            return try Cursor.read(session, stream)
        }
        guard let cursor else {
            throw StreamStopped(
                message: "\(stream) was not begun", hint: "run \"switchback copy \(stream.sync)\"")
        }
        let window = Window(after: cursor.snapshot)
        let route = route
        let (estimate, isMarked) = try await source.run(deadline: Self.deadline) { session in
            try session.execute(begin)
            let estimate = try session.query(Assets.sql("diff/estimate"), [String(route.sourceRelation)]).int(0, 0)
            let mark = try session.query(
                Assets.sql("diff/is_marked"), [String(route.sourceID), window.firstNew, window.running])
            return (estimate, mark.bool(0, 0))
        }
        let text = DiffText(route: route, buckets: Self.buckets(for: estimate))
        async let theirs = sums(receiver, text.bucketSums(atSource: false))
        async let ours = sums(source, text.bucketSums(atSource: true))
        let (sourceSums, receiverSums) = try await (ours, theirs)
        let rows = sourceSums.values.reduce(0) { $0 + $1.rows }
        if isMarked {
            // The whole table is on its way. It is compared again when it has arrived.
            var found = RowDifferences()
            found.underWay = sourceSums == receiverSums ? 0 : max(rows, 1)
            return Result(rows: rows, found: found)
        }
        let unequal = Set(sourceSums.keys).union(receiverSums.keys)
            .filter { sourceSums[$0] != receiverSums[$0] }.sorted()
        guard !unequal.isEmpty else { return Result(rows: rows, found: RowDifferences()) }
        return Result(rows: rows, found: try await merge(text, unequal, window))
    }

    /// A power of two.
    static func buckets(for rows: Int) -> Int {
        var buckets = 16
        while buckets < bucketsMost && buckets * rowsPerBucket < rows { buckets *= 2 }
        return buckets
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

    /// Streams the rows of the unequal buckets from both sides, in the same order, and compares them as they come.
    private func merge(_ text: DiffText, _ buckets: [Int64], _ window: Window) async throws -> RowDifferences {
        let pipe = BytePipe()
        let (source, receiver) = (source, receiver)
        let sourceSQL = "COPY (\(text.sourceRows(buckets, window))) TO STDOUT"
        let receiverSQL = "COPY (\(text.receiverRows(buckets))) TO STDOUT"
        return try await withTaskCancellationHandler {
            async let sending: Void = Self.send(source, sourceSQL, pipe)
            do {
                let differences = try await receiver.run(deadline: Self.deadline) { session in
                    try Self.receive(session, receiverSQL, pipe)
                }
                try await sending
                return differences
            } catch {
                pipe.fail(error)
                try? await sending
                throw error
            }
        } onCancel: {
            pipe.fail(CancellationError())
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

    private static func receive(_ session: Session, _ sql: String, _ pipe: BytePipe) throws -> RowDifferences {
        var merge = RowMerge()
        var reader = RowReader(pipe)
        var fromSource = try reader.row()
        var splitter = LineSplitter()
        _ = try session.copyOut(sql) { bytes in
            try splitter.feed(bytes) { line in
                guard let row = ComparedRow(line: line) else { return }
                while RowMerge.next(fromSource, row) == .source {
                    merge.compare(source: fromSource, receiver: nil)
                    fromSource = try reader.row()
                }
                if RowMerge.next(fromSource, row) == .both {
                    merge.compare(source: fromSource, receiver: row)
                    fromSource = try reader.row()
                } else {
                    merge.compare(source: nil, receiver: row)
                }
            }
        }
        while let row = fromSource {
            merge.compare(source: row, receiver: nil)
            fromSource = try reader.row()
        }
        return merge.differences
    }
}
