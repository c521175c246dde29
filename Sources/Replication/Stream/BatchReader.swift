import Assets
import Model
import Postgres

/// What was read of a batch.
enum ReadBatch: Sendable {
    case empty(BatchHead)
    /// Few rows: all are here, and the source's transaction has ended.
    case small(BatchHead, [(route: TableRoute, rows: QueryResult)])
    /// Many rows: the source's transaction is still open, for the rows to be copied from.
    case large(BatchHead)
    /// Somebody holds a table of the batch for himself, or waits for that. The source's transaction has ended.
    case locked
}

/// The definition of a table is not what the statements were made for.
struct ShapeChanged: Error, Sendable {}

/// A table was emptied or rewritten after the snapshot was taken and before the table was read.
private struct SnapshotOutrun: Error, Sendable {}

/// Reads batches at the source.
struct BatchReader: Sendable {
    let sync: String
    let routes: RouteTable

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
            } catch let error as PostgresError where error.isLockNotAvailable {
                return .locked
            }
        }
        throw ShapeChanged()
    }

    private func attempt(_ session: Session, after cursor: Snapshot, allowSmall: Bool) throws -> ReadBatch {
        var head = try open(session, after: cursor)
        do {
            // A partition came or went, with rows of which no trigger told; or a table is captured that has no route, and its
            // changes would be passed over.
            guard head.fingerprints == routes.fingerprints else { throw ShapeChanged() }
            for candidate in head.candidates where routes.sourceShapes[candidate.id] != candidate.shape {
                throw ShapeChanged()
            }
            try probe(session, &head)
            guard !head.candidates.isEmpty else {
                try session.execute("COMMIT")
                return .empty(head)
            }
            let isSmall = try allowSmall && head.isSmall(routes) && hasSmallRows(session, head)
            if isSmall { return try readSmall(session, &head) }
            try pin(session, head)
            try readSequences(session, &head)
            return .large(head)
        } catch {
            session.rollBack()
            throw error
        }
    }

    /// Begins the reading transaction and looks where something may have changed.
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
                    pipeline.prepared("window", [ids.postgresArray, window.firstNew, window.running, sync])
                }
                pipeline.prepareIfNeeded("steer", Assets.sql("stream/steer"))
                pipeline.prepared("steer", Steering.lookUp.parameters)
                guard routes.isMultiMaster else { return }
                let seen = Knowledge.question(hasLinks: routes.hasLinks)
                pipeline.prepareIfNeeded(seen, Assets.sql(seen))
                pipeline.prepared(seen, [sync])
                pipeline.prepareIfNeeded("stream/written", Assets.sql("stream/written"))
                pipeline.prepared("stream/written", [])
            }.filter { $0.columnCount > 0 }
            let ofMasters = routes.isMultiMaster ? answers.suffix(2) : []
            guard let first = answers.first, answers.count == windows.count + 1 + ofMasters.count,
                first.rowCount > 0,
                let snapshot = Snapshot(first.text(0, 1))
            else { throw PostgresError(.misuse, "the source did not tell its snapshot") }
            var candidates: [BatchHead.Candidate] = []
            for (answer, window) in zip(answers, windows) {
                for row in 0..<answer.rowCount where !answer.isNull(row, 0) {
                    candidates.append(
                        BatchHead.Candidate(
                            id: answer.int(row, 0), shape: answer.text(row, 1), truncated: answer.bool(row, 3),
                            whole: answer.bool(row, 4), large: answer.bool(row, 5), tableRows: answer.int(row, 6),
                            window: window.window))
                }
            }
            let known = routes.hasLinks ? ofMasters.first.flatMap { KnowledgeOfAll(rows: $0) } : nil
            guard !routes.hasLinks || known != nil else {
                throw StreamStopped.linksUnknown(routes.stream, at: routes.stream.source)
            }
            return BatchHead(
                snapshot: snapshot, asOf: first.text(0, 2),
                fingerprints: SourceFingerprints(families: first[0, 3], captured: first[0, 4]), candidates: candidates,
                seen: known?.own ?? ofMasters.first.map { Knowledge(rows: $0) }, written: ofMasters.last?.text(0, 0),
                known: known)
        } catch {
            session.rollBack()
            throw error
        }
    }

    /// Looks what lies in the window; delta tables that hold only what is past are no candidates after all.
    private func probe(_ session: Session, _ head: inout BatchHead) throws {
        let probed = head.candidates.compactMap { candidate -> (BatchHead.Candidate, TableRoute)? in
            guard let route = routes.routes[candidate.id], !route.table.isWhole else { return nil }
            return (candidate, route)
        }
        guard !probed.isEmpty else { return }
        let answers = try session.pipeline { pipeline in
            for (candidate, route) in probed {
                pipeline.prepareIfNeeded(route.probeName, route.probe)
                pipeline.prepared(route.probeName, candidate.window.parameters)
            }
        }.filter { $0.columnCount > 0 }
        try expect(answers, probed.count)
        var changes: [Int: TableChanges] = [:]
        for ((candidate, _), answer) in zip(probed, answers) {
            changes[candidate.id] = TableChanges(
                rows: answer.int(0, 0), onlyInsertions: answer.bool(0, 1), hasDeletions: answer.bool(0, 2))
        }
        head.candidates = head.candidates.compactMap { candidate in
            var candidate = candidate
            candidate.changes = changes[candidate.id] ?? TableChanges()
            return candidate.isEmpty ? nil : candidate
        }
    }

    /// Whether the rows are small enough to be held in memory, where some of their tables have large ones.
    private func hasSmallRows(_ session: Session, _ head: BatchHead) throws -> Bool {
        let large = head.candidates.filter(\.large).compactMap { candidate in
            routes.routes[candidate.id].map { (candidate, $0) }
        }
        guard !large.isEmpty else { return true }
        let answers = try session.pipeline { pipeline in
            pipeline.query(lock(large.map(\.1)))
            for (candidate, route) in large {
                pipeline.prepareIfNeeded(route.storedBytesName, route.storedBytes)
                pipeline.prepared(route.storedBytesName, candidate.window.parameters)
            }
        }.filter { $0.columnCount > 0 }
        return answers.reduce(0) { $0 + $1.int(0, 0) } <= BatchHead.smallStoredBytesMax
    }

    /// Reads a batch of few rows into memory, and ends the transaction with it.
    private func readSmall(_ session: Session, _ head: inout BatchHead) throws -> ReadBatch {
        let chosen = head.candidates.compactMap { candidate in routes.routes[candidate.id].map { (candidate, $0) } }
        let sequences = sequences(of: head)
        var answers = try session.pipeline { pipeline in
            // Before the first of them is prepared, which locks its table too.
            pipeline.query(lock(chosen.map(\.1)))
            for (candidate, route) in chosen {
                pipeline.prepareIfNeeded(route.changedRowsName, route.changedRows)
                pipeline.prepared(route.changedRowsName, candidate.window.parameters)
            }
            if !sequences.isEmpty {
                pipeline.prepareIfNeeded("sequence_positions", Assets.sql("stream/sequence_positions"))
                pipeline.prepared("sequence_positions", [sequences.postgresArray])
            }
            // Reading has locked the tables.
            pipeline.prepareIfNeeded("rewritten", Assets.sql("stream/rewritten"))
            pipeline.prepared("rewritten", [chosen.map(\.1.sourceRelation).postgresArray])
            pipeline.query("COMMIT")
        }.filter { $0.columnCount > 0 }
        guard answers.popLast()?.bool(0, 0) == false else { throw SnapshotOutrun() }
        if !sequences.isEmpty { head.sequences = SequenceFollower.positions(answers.removeLast()) }
        try expect(answers, chosen.count)
        let rows = zip(chosen, answers).filter { $1.rowCount > 0 }.map { (route: $0.1, rows: $1) }
        return rows.isEmpty ? .empty(head) : .small(head, rows)
    }

    /// Locks the tables of a batch of many rows for reading, so that all of them are read as the snapshot has them.
    private func pin(_ session: Session, _ head: BatchHead) throws {
        let chosen = head.candidates.compactMap { routes.routes[$0.id] }
        guard !chosen.isEmpty else { return }
        try session.execute(lock(chosen))
        let verdict = try session.query(
            Assets.sql("stream/rewritten"), [chosen.map(\.sourceRelation).postgresArray])
        guard !verdict.bool(0, 0) else { throw SnapshotOutrun() }
    }

    /// Locks the tables of a batch for reading, all of them or none.
    ///
    /// A reader that held one table and waited for another could meet an application that empties both in the other order, and then
    /// the server ends one of the two, which may be the application. Whoever does not wait is in nobody's way.
    private func lock(_ routes: [TableRoute]) -> String {
        let names = routes.map(\.table.definition.sqlOnly).joined(separator: ", ")
        return "LOCK TABLE \(names) IN ACCESS SHARE MODE NOWAIT"
    }

    /// The sequences that rows of a batch may have values from.
    private func sequences(of head: BatchHead) -> [UInt32] {
        let relations = Set(head.candidates.compactMap { routes.routes[$0.id]?.sourceRelation })
        return routes.sequences.filter { $0.users.isEmpty || !$0.users.isDisjoint(with: relations) }.map(\.sourceOID)
    }

    private func readSequences(_ session: Session, _ head: inout BatchHead) throws {
        let sequences = sequences(of: head)
        guard !sequences.isEmpty else { return }
        head.sequences = SequenceFollower.positions(
            try session.query(Assets.sql("stream/sequence_positions"), [sequences.postgresArray]))
    }

    private func expect(_ answers: [QueryResult], _ count: Int) throws {
        guard answers.count == count else {
            throw PostgresError(.misuse, "the source answered \(answers.count) of \(count) queries")
        }
    }
}
