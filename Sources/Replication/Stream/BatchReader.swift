import Assets
import Model
import Postgres

/// What a batch begins with: the source's snapshot, and the tables that may have something past the cursor.
struct BatchHead: Sendable {
    struct Candidate: Sendable {
        let id: Int
        let shape: String
        let deltaBytes: Int
        let truncated: Bool
        let whole: Bool
        /// Some rows may be too large to hold many of them.
        let large: Bool
        let window: Window
    }

    let snapshot: Snapshot
    /// The source's clock when the snapshot was taken.
    let asOf: String
    var candidates: [Candidate]
}

/// What was read of a batch.
enum ReadBatch: Sendable {
    case empty(BatchHead)
    /// Few rows: all are here, and the source's transaction has ended.
    case small(BatchHead, [(route: TableRoute, rows: QueryResult)])
    /// Many rows: the source's transaction is still open, for the rows to be copied from.
    case large(BatchHead)
}

/// The definition of a table is not what the statements were made for.
struct ShapeChanged: Error, Sendable {}

/// A table was emptied or rewritten after the snapshot was taken and before the table was read.
private struct SnapshotOutrun: Error, Sendable {}

/// Reads batches at the source.
struct BatchReader: Sendable {
    let routes: RouteTable

    /// More tables than this are not read with one pipeline.
    private static let smallTablesMax = 64
    /// A small batch has fewer rows than this of each table, and far fewer where rows may be large.
    private static let smallRowsMax = 500
    private static let smallLargeRowsMax = 16
    /// Rows that may be large are held only when they have fewer bytes than this together, as they are stored: compressed
    /// ones are up to some hundred times as large.
    private static let smallLargeBytesMax = 1 << 18
    /// Delta tables beyond this are probed before they are joined with their tables: most of what is in them may be past.
    private static let probeBytes = 1 << 20

    /// So often a batch is read again whose tables were emptied or rewritten while it was read.
    private static let triesMax = 10

    /// Reads what lies past a cursor, as of now.
    ///
    /// - Parameter allowSmall: false when the rows must come by COPY.
    /// - Throws: `ShapeChanged` when a table is no longer what the routes were made for, or is rewritten all the time.
    func read(_ session: Session, after cursor: Snapshot, allowSmall: Bool) throws -> ReadBatch {
        for _ in 0..<Self.triesMax {
            do {
                return try attempt(session, after: cursor, allowSmall: allowSmall)
            } catch is SnapshotOutrun {
                continue
            }
        }
        throw ShapeChanged()
    }

    private func attempt(_ session: Session, after cursor: Snapshot, allowSmall: Bool) throws -> ReadBatch {
        var head = try open(session, after: cursor)
        do {
            guard !head.candidates.isEmpty else {
                try session.execute("COMMIT")
                return .empty(head)
            }
            for candidate in head.candidates where routes.sourceShapes[candidate.id] != candidate.shape {
                throw ShapeChanged()
            }
            var isSmall = try probe(session, &head)
            if allowSmall && isSmall { isSmall = try measure(session, head) }
            if head.candidates.isEmpty {
                try session.execute("COMMIT")
                return .empty(head)
            }
            if allowSmall && isSmall, let small = try readSmall(session, head) {
                try session.execute("COMMIT")
                return small
            }
            try pin(session, head)
            return .large(head)
        } catch {
            session.rollBack()
            throw error
        }
    }

    /// Begins the reading transaction and looks where something changed.
    private func open(_ session: Session, after cursor: Snapshot) throws -> BatchHead {
        let late = routes.since.filter { $0.value != cursor }
        let usual = routes.routes.keys.filter { late[$0] == nil }.sorted()
        var windows = [(ids: usual, window: Window(after: cursor))]
        windows += late.sorted { $0.key < $1.key }.map { ([$0.key], Window(after: $0.value)) }

        do {
            let answers = try session.pipeline { pipeline in
                // First of all: preparing a statement takes a snapshot, and then it is too late for the level.
                pipeline.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                pipeline.prepareIfNeeded("window", Assets.sql("stream/window"))
                for (ids, window) in windows {
                    pipeline.prepared("window", [ids.postgresArray, window.firstNew, window.running])
                }
            }.filter { $0.columnCount > 0 }
            guard let first = answers.first, answers.count == windows.count, first.rowCount > 0,
                let snapshot = Snapshot(first.text(0, 1))
            else { throw PostgresError(.misuse, "the source did not tell its snapshot") }
            var candidates: [BatchHead.Candidate] = []
            for (answer, window) in zip(answers, windows) {
                for row in 0..<answer.rowCount where !answer.isNull(row, 0) {
                    candidates.append(
                        BatchHead.Candidate(
                            id: answer.int(row, 0), shape: answer.text(row, 1), deltaBytes: answer.int(row, 2),
                            truncated: answer.bool(row, 3), whole: answer.bool(row, 4), large: answer.bool(row, 5),
                            window: window.window))
                }
            }
            return BatchHead(snapshot: snapshot, asOf: first.text(0, 2), candidates: candidates)
        } catch {
            session.rollBack()
            throw error
        }
    }

    /// Looks into large delta tables; those that have nothing in the window are no candidates after all.
    ///
    /// - Returns: false when one has too much for a small batch.
    private func probe(_ session: Session, _ head: inout BatchHead) throws -> Bool {
        let limit = Self.smallRowsMax * 4
        let probed = head.candidates.filter {
            $0.deltaBytes > Self.probeBytes && !$0.truncated && !$0.whole && routes.routes[$0.id] != nil
        }
        guard !probed.isEmpty else { return true }
        let answers = try session.pipeline { pipeline in
            for candidate in probed {
                guard let route = routes.routes[candidate.id] else { continue }
                pipeline.prepareIfNeeded("probe_\(route.sourceID)", route.probe(limit: limit))
                pipeline.prepared(
                    "probe_\(route.sourceID)", [candidate.window.firstNew, candidate.window.running])
            }
        }.filter { $0.columnCount > 0 }
        let counts = Dictionary(uniqueKeysWithValues: zip(probed.map(\.id), answers.map { $0.int(0, 0) }))
        head.candidates.removeAll { counts[$0.id] == 0 }
        return counts.values.allSatisfy { $0 < limit }
    }

    /// Locks the tables of a batch of many rows for reading, so that all of them are read as the snapshot has them.
    private func pin(_ session: Session, _ head: BatchHead) throws {
        let chosen = head.candidates.compactMap { routes.routes[$0.id] }
        guard !chosen.isEmpty else { return }
        let names = chosen.map(\.table.definition.sqlOnly).joined(separator: ", ")
        try session.execute("LOCK TABLE \(names) IN ACCESS SHARE MODE")
        let verdict = try session.query(
            Assets.sql("stream/rewritten"), [chosen.map(\.sourceRelation).postgresArray])
        guard !verdict.bool(0, 0) else { throw SnapshotOutrun() }
    }

    /// Measures rows that may be large.
    ///
    /// - Returns: false when there are too many, or too large ones, to be held.
    private func measure(_ session: Session, _ head: BatchHead) throws -> Bool {
        let limit = Self.smallLargeRowsMax
        let measured = head.candidates.compactMap { candidate -> (BatchHead.Candidate, TableRoute, String)? in
            guard candidate.large, !candidate.truncated, !candidate.whole, let route = routes.routes[candidate.id],
                let sql = route.measure(limit: limit)
            else { return nil }
            return (candidate, route, sql)
        }
        guard !measured.isEmpty else { return true }
        let answers = try session.pipeline { pipeline in
            for (candidate, route, sql) in measured {
                pipeline.prepareIfNeeded("measure_\(route.sourceID)", sql)
                pipeline.prepared(
                    "measure_\(route.sourceID)", [candidate.window.firstNew, candidate.window.running])
            }
        }.filter { $0.columnCount > 0 }
        return answers.allSatisfy { $0.int(0, 0) < limit && $0.int(0, 1) < Self.smallLargeBytesMax }
    }

    /// Reads a batch of few rows into memory; nil when it is not one.
    private func readSmall(_ session: Session, _ head: BatchHead) throws -> ReadBatch? {
        guard head.candidates.count <= Self.smallTablesMax else { return nil }
        var chosen: [(BatchHead.Candidate, TableRoute, Int)] = []
        for candidate in head.candidates {
            guard let route = routes.routes[candidate.id], route.takesSingleRows, !candidate.truncated,
                !candidate.whole
            else { return nil }
            chosen.append((candidate, route, candidate.large ? Self.smallLargeRowsMax : Self.smallRowsMax))
        }
        var answers = try session.pipeline { pipeline in
            for (candidate, route, limit) in chosen {
                let name = "\(route.changedRowsName)_\(limit)"
                pipeline.prepareIfNeeded(name, route.changedRows(limit: limit))
                pipeline.prepared(name, [candidate.window.firstNew, candidate.window.running])
            }
            // Reading has locked the tables.
            pipeline.prepareIfNeeded("rewritten", Assets.sql("stream/rewritten"))
            pipeline.prepared("rewritten", [chosen.map(\.1.sourceRelation).postgresArray])
        }.filter { $0.columnCount > 0 }
        guard let verdict = answers.popLast(), answers.count == chosen.count else {
            throw PostgresError(.misuse, "the source answered \(answers.count) of \(chosen.count) queries")
        }
        guard !verdict.bool(0, 0) else { throw SnapshotOutrun() }
        guard zip(answers, chosen).allSatisfy({ $0.rowCount < $1.2 }) else { return nil }
        let rows = zip(chosen, answers).filter { $1.rowCount > 0 }.map { (route: $0.1, rows: $1) }
        return rows.isEmpty ? .empty(head) : .small(head, rows)
    }
}
