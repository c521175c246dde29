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
    /// Where the sequences stood, after the snapshot, that the candidates take values from; by their oids at the source.
    var sequences: [UInt32: SequencePosition] = [:]
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

/// Reads batches at the source.
struct BatchReader: Sendable {
    let routes: RouteTable

    /// More tables than this are not read with one pipeline.
    private static let smallTablesMax = 64
    /// A small batch has fewer rows than this of each table, and far fewer where rows may be large.
    private static let smallRowsMax = 500
    private static let smallLargeRowsMax = 64
    /// Delta tables beyond this are probed before they are joined with their tables: most of what is in them may be past.
    private static let probeBytes = 1 << 20

    /// Reads what lies past a cursor, as of now.
    ///
    /// - Parameter allowSmall: false when the rows must come by COPY.
    /// - Throws: `ShapeChanged` when a table is no longer what the routes were made for.
    func read(_ session: Session, after cursor: Snapshot, allowSmall: Bool) throws -> ReadBatch {
        var head = try open(session, after: cursor)
        do {
            guard !head.candidates.isEmpty else {
                try session.execute("COMMIT")
                return .empty(head)
            }
            for candidate in head.candidates where routes.sourceShapes[candidate.id] != candidate.shape {
                throw ShapeChanged()
            }
            let isSmall = try probe(session, &head)
            if head.candidates.isEmpty {
                try session.execute("COMMIT")
                return .empty(head)
            }
            if allowSmall && isSmall, let small = try readSmall(session, &head) {
                try session.execute("COMMIT")
                return small
            }
            try readSequences(session, &head)
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

    /// What a batch of few rows reads of one table.
    private struct Choice {
        let route: TableRoute
        let limit: Int
        /// Rows may be too large to be held in memory; then the batch is no small one.
        let sizes: Bool
        let window: Window
    }

    /// Reads a batch of few rows into memory; nil when it is not one.
    private func readSmall(_ session: Session, _ head: inout BatchHead) throws -> ReadBatch? {
        guard let chosen = choose(head) else { return nil }
        let sequences = sequences(of: head)
        var answers = try session.pipeline { pipeline in
            for choice in chosen {
                let name = "\(choice.route.changedRowsName)_\(choice.limit)"
                pipeline.prepareIfNeeded(
                    name, choice.route.changedRows(limit: choice.limit, sizes: choice.sizes))
                pipeline.prepared(name, [choice.window.firstNew, choice.window.running])
            }
            if !sequences.isEmpty {
                pipeline.prepareIfNeeded("sequence_positions", Assets.sql("stream/sequence_positions"))
                pipeline.prepared("sequence_positions", [sequences.postgresArray])
            }
        }.filter { $0.columnCount > 0 }
        if !sequences.isEmpty { head.sequences = SequenceFollower.positions(answers.removeLast()) }
        guard answers.count == chosen.count else {
            throw PostgresError(.misuse, "the source answered \(answers.count) of \(chosen.count) queries")
        }
        let isSmall = zip(answers, chosen).allSatisfy { answer, choice in
            answer.rowCount < choice.limit
                && (!choice.sizes || (0..<answer.rowCount).allSatisfy { !answer.isNull($0, 0) })
        }
        guard isSmall else { return nil }
        let rows = zip(chosen, answers).filter { $1.rowCount > 0 }.map { (route: $0.route, rows: $1) }
        return rows.isEmpty ? .empty(head) : .small(head, rows)
    }

    /// What to read of each table, where each may have few rows only.
    private func choose(_ head: BatchHead) -> [Choice]? {
        guard head.candidates.count <= Self.smallTablesMax else { return nil }
        var chosen: [Choice] = []
        for candidate in head.candidates {
            guard let route = routes.routes[candidate.id], route.takesSingleRows, !candidate.truncated,
                !candidate.whole
            else { return nil }
            chosen.append(
                Choice(
                    route: route, limit: candidate.large ? Self.smallLargeRowsMax : Self.smallRowsMax,
                    sizes: candidate.large, window: candidate.window))
        }
        return chosen
    }

    /// The sequences that rows of a batch may have values from.
    private func sequences(of head: BatchHead) -> [UInt32] {
        let relations = Set(head.candidates.compactMap { routes.routes[$0.id]?.sourceRelation })
        return routes.sequences.filter { $0.users.isEmpty || !$0.users.isDisjoint(with: relations) }.map(\.sourceOID)
    }

    private func readSequences(_ session: Session, _ head: inout BatchHead) throws {
        let sequences = sequences(of: head)
        guard head.sequences.isEmpty, !sequences.isEmpty else { return }
        head.sequences = SequenceFollower.positions(
            try session.query(Assets.sql("stream/sequence_positions"), [sequences.postgresArray]))
    }
}
