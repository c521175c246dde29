import Assets
import Model
import Postgres
import Settings

/// All routes of one stream, and the shapes of the tables that they were made for.
struct RouteTable: Sendable {
    var routes: [Int: TableRoute]
    /// By the table's number at the source.
    var sourceShapes: [Int: String]
    /// By the table's number at the source.
    var receiverShapes: [Int: String]
    /// Tables that are once to be read from an older snapshot than the cursor's.
    var since: [Int: Snapshot]
    /// Tables that are captured and have not been copied yet; their changes wait.
    var waiting: [TableName]
    var sequences: [SequenceRoute]
    /// How many tables have joined the stream. More or fewer: look again.
    var joinedCount: Int
    var fingerprints: SourceFingerprints
    /// Several nodes write, and receive from one another.
    var isMultiMaster: Bool
    /// Whether nodes hand on what they receive.
    var hasLinks: Bool
    let stream: StreamID
    /// One of the two ends may be the active site's node at a time, and sequences follow its.
    var hasStandbys: Bool
    /// The server may prepare transactions, and the doorbell is silent.
    var sourcePreparesTransactions: Bool

    var ids: String { routes.keys.sorted().postgresArray }
}

/// What every batch is held against, for a batch of which the routes know less than it holds would pass changes over.
struct SourceFingerprints: Sendable, Equatable {
    /// Which tables are partitions and children of which. When that changes, rows have come or gone.
    let families: String?
    /// Which tables the sync captures.
    let captured: String?
}

/// A sequence that follows its source's.
struct SequenceRoute: Sendable {
    let sourceOID: UInt32
    let receiverOID: UInt32
    let name: TableName
    /// The source's tables that take values from it; none when that is up to the application.
    let users: Set<UInt32>
}

/// Half of what routes are made from: the nodes' catalogues and what is installed, each of one moment.
struct SourceView: Sendable {
    struct Installed: Sendable {
        let id: Int
        let relation: UInt32
        let name: TableName
        let deltaA: String
        let deltaB: String
        let fingerprint: String
        let capture: String
        let shape: String
        let tracksColumns: Bool
    }

    let catalogue: Catalogue
    let installed: [Installed]
    let fingerprints: SourceFingerprints

    /// Reads the source in one snapshot, so that shapes and definitions agree. Rows that came or went with partitions are
    /// captured first, so that every batch that is read afterwards has them.
    static func read(_ session: Session, sync: String) throws -> SourceView {
        while true {
            let (view, strangers) = try look(session, sync: sync)
            if strangers.isEmpty { return view }
            _ = try session.query(Assets.sql("stream/adopt"), [strangers.postgresArray])
        }
    }

    private static func look(_ session: Session, sync: String) throws -> (SourceView, strangers: [Int]) {
        try session.transaction(begin: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") {
            let catalogue = try CatalogueReader.read(session)
            let rows = try session.query(Assets.sql("stream/tables"), [sync])
            let installed = (0..<rows.rowCount).map { row in
                Installed(
                    id: rows.int(row, 0), relation: rows.oid(row, 1),
                    name: TableName(schema: rows.text(row, 2), table: rows.text(row, 3)), deltaA: rows.text(row, 5),
                    deltaB: rows.text(row, 6), fingerprint: rows.text(row, 7), capture: rows.text(row, 4),
                    shape: rows.text(row, 8), tracksColumns: rows.bool(row, 9))
            }
            let strangers = try session.query(Assets.sql("stream/strangers"), [sync])
            let now = try session.query(Assets.sql("stream/fingerprints"), [sync])
            let fingerprints = SourceFingerprints(families: now[0, 0], captured: now[0, 1])
            return (
                SourceView(catalogue: catalogue, installed: installed, fingerprints: fingerprints),
                (0..<strangers.rowCount).map { strangers.int($0, 0) }
            )
        }
    }
}

/// The other half.
struct ReceiverView: Sendable {
    let catalogue: Catalogue
    let shapes: [UInt32: String]
    /// How each table joined the stream, by name.
    let states: [TableName: State]
    /// What was made for its tables, by their oids.
    let own: [UInt32: OwnTable]
    /// Whether it was installed with links.
    let hasLinks: Bool

    /// What was made for a table here.
    struct OwnTable: Sendable {
        let id: Int
        /// The delta tables, where its changes are captured here.
        let deltas: (a: String, b: String)?
        let keepsVersions: Bool
        /// Sums of counters are kept.
        let keepsCounts: Bool
        /// Versions tell, and its deltas if it has any, which columns are from which change.
        let tracksColumns: Bool
    }

    struct State: Sendable {
        let joined: Bool
        let since: Snapshot?
        /// The table that was made read-only under that name.
        let relation: UInt32?
    }

    static func read(_ session: Session, stream: StreamID) throws -> ReceiverView {
        try session.transaction(begin: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") {
            let catalogue = try CatalogueReader.read(session)
            let answer = try session.query(
                Assets.sql("stream/shapes"), [catalogue.tables.map(\.oid).postgresArray])
            var shapes: [UInt32: String] = [:]
            for row in 0..<answer.rowCount { shapes[answer.oid(row, 0)] = answer.text(row, 1) }
            let rows = try session.query(Assets.sql("stream/table_states"), [stream.sync, stream.source])
            var states: [TableName: State] = [:]
            for row in 0..<rows.rowCount {
                let name = TableName(schema: rows.text(row, 0), table: rows.text(row, 1))
                states[name] = State(
                    joined: rows.text(row, 2) == "joined", since: rows[row, 3].flatMap { Snapshot($0) },
                    relation: rows[row, 4].flatMap { UInt32($0) })
            }
            let tables = try session.query(Assets.sql("multimaster/own_tables"))
            var own: [UInt32: OwnTable] = [:]
            for row in 0..<tables.rowCount {
                let deltas = tables[row, 2].flatMap { a in tables[row, 3].map { (a: a, b: $0) } }
                own[tables.oid(row, 0)] = OwnTable(
                    id: tables.int(row, 1), deltas: deltas, keepsVersions: tables.bool(row, 4),
                    keepsCounts: tables.bool(row, 7),
                    tracksColumns: tables.bool(row, 5) && (deltas == nil || tables.bool(row, 6)))
            }
            let known = try session.query(Assets.sql("multimaster/known"), [stream.sync])
            return ReceiverView(
                catalogue: catalogue, shapes: shapes, states: states, own: own, hasLinks: known.rowCount > 0)
        }
    }
}

extension RouteTable {
    /// Makes the routes of a stream.
    ///
    /// - Parameters:
    ///   - joinedOnly: leaves out tables that were not copied yet.
    ///   - onProblem: told of each table that cannot travel, and why; the others get their routes. When nil, the first one is
    ///     thrown.
    /// - Throws: `SchemaDifference` for the first table that cannot travel; `StreamStopped` when the capture at the source
    ///   is out of date.
    static func make(
        sync: SyncSettings, stream: StreamID, source: SourceView, receiver: ReceiverView, joinedOnly: Bool = true,
        onProblem: ((TableName, any Error) -> Void)? = nil
    ) throws -> RouteTable {
        guard receiver.hasLinks == (sync.links != nil) else {
            throw StreamStopped.linksUnknown(stream, at: stream.receiver)
        }
        var table = RouteTable(
            routes: [:], sourceShapes: [:], receiverShapes: [:], since: [:], waiting: [], sequences: [],
            joinedCount: receiver.states.values.filter(\.joined).count, fingerprints: source.fingerprints,
            isMultiMaster: sync.isMultiMaster, hasLinks: sync.links != nil, stream: stream,
            hasStandbys: sync.hasStandbys,
            sourcePreparesTransactions: source.catalogue.facts.preparedTransactionsMax > 0)
        let selected = SyncTables.select(sync, in: source.catalogue, node: stream.source).0
        let byOID = Dictionary(uniqueKeysWithValues: selected.map { ($0.definition.oid, $0) })
        for installed in source.installed {
            do {
                guard let chosen = byOID[installed.relation] else {
                    try checkAbsence(installed, sync: sync, source: source.catalogue, stream: stream)
                    continue
                }
                if chosen.name != installed.name { throw renamed(installed, to: chosen.name, stream) }
                if joinedOnly && receiver.states[chosen.name]?.joined != true {
                    table.waiting.append(chosen.name)
                    continue
                }
                try table.add(installed, chosen, sync, stream, source.catalogue, receiver)
            } catch {
                guard let onProblem else { throw error }
                onProblem(installed.name, error)
            }
        }
        if joinedOnly { try checkOrphans(table.waiting, sync: sync, source: source, receiver, stream) }
        table.sequences = sequences(sync, source: source.catalogue, receiver: receiver.catalogue, table)
        return table
    }

    private mutating func add(
        _ installed: SourceView.Installed, _ chosen: SelectedTable, _ sync: SyncSettings, _ stream: StreamID,
        _ source: Catalogue, _ receiver: ReceiverView
    ) throws {
        try Self.checkCapture(installed, chosen, stream: stream)
        if chosen.tracksColumns && !installed.tracksColumns {
            throw StreamStopped.withoutColumns(chosen.name, at: stream.source)
        }
        let state = receiver.states[chosen.name]
        let target = try SchemaDifference.check(
            chosen, source: source, receiver: receiver.catalogue, sourceName: stream.source,
            receiverName: stream.receiver)
        if let state, state.joined, let relation = state.relation, relation != target.oid {
            throw StreamStopped(
                message: "table \(chosen.name) at \(stream.receiver) was made anew since it was copied",
                hint: "run \"switchback schema install\" and \"switchback copy \(stream.sync)\"")
        }
        routes[installed.id] = TableRoute(
            name: chosen.name, sourceID: installed.id, sourceRelation: installed.relation,
            receiverRelation: target.oid, table: chosen, target: target,
            receiverKey: chosen.key.flatMap { target.counterpart(of: $0) }, deltaA: installed.deltaA,
            deltaB: installed.deltaB,
            masters: try chosen.isMultiMaster ? MasterRoute(sync, chosen.name, target, receiver, stream) : nil)
        sourceShapes[installed.id] = installed.shape
        receiverShapes[installed.id] = receiver.shapes[target.oid]
        since[installed.id] = state?.since
    }

    /// A table that waits for its copy may be one that was carried under another name: then its changes must not be passed
    /// over.
    private static func checkOrphans(
        _ waiting: [TableName], sync: SyncSettings, source: SourceView, _ receiver: ReceiverView, _ stream: StreamID
    ) throws {
        let captured = Set(source.installed.map(\.name))
        let orphan = receiver.states.filter {
            $0.value.joined && !captured.contains($0.key) && sync.names($0.key) && source.catalogue.table($0.key) == nil
        }.keys.min()
        guard let orphan, let first = waiting.first else { return }
        throw StreamStopped(
            message: "\(first) is captured and was not copied, and \(orphan), which was copied, is captured no more",
            hint:
                "if it was renamed, rename it at \(stream.receiver) too and run \"switchback schema install\"; otherwise run \"switchback copy \(stream.sync)\""
        )
    }

    private static func renamed(
        _ installed: SourceView.Installed, to name: TableName, _ stream: StreamID
    ) -> StreamStopped {
        StreamStopped(
            message: "table \(installed.name) is now called \(name) at \(stream.source)",
            hint: "rename it at \(stream.receiver) too, and run \"switchback schema install\"")
    }

    private static func checkAbsence(
        _ installed: SourceView.Installed, sync: SyncSettings, source: Catalogue, stream: StreamID
    ) throws {
        // Left out by the configuration since: its deltas are nobody's business.
        guard sync.names(installed.name) else { return }
        guard let definition = source.tables.first(where: { $0.oid == installed.relation }) else {
            guard source.table(installed.name) == nil else {
                throw StreamStopped(
                    message: "table \(installed.name) was made anew at \(stream.source), and is not captured",
                    hint: "run \"switchback schema install\"")
            }
            throw StreamStopped(
                message: "table \(installed.name) is captured and no longer exists at \(stream.source)",
                hint: "drop it at \(stream.receiver) too if it is to go, and run \"switchback schema install\"")
        }
        if definition.name != installed.name { throw renamed(installed, to: definition.name, stream) }
        if definition.isPartition, let root = source.tables.first(where: { $0.oid == definition.root }) {
            throw StreamStopped(
                message: "table \(installed.name) at \(stream.source) is now a partition of \(root.name)",
                hint: "attach it at \(stream.receiver) too, and run \"switchback schema install\"")
        }
        throw StreamStopped(
            message: "table \(installed.name) at \(stream.source) can no longer be carried: it has lost its key",
            hint: "run \"switchback check\" for the remedy")
    }

    private static func checkCapture(
        _ installed: SourceView.Installed, _ chosen: SelectedTable, stream: StreamID
    ) throws {
        let objects = CaptureObjects(table: chosen, id: installed.id, node: stream.source)
        let shape = objects.shape
        guard installed.fingerprint.hasPrefix(shape + ".") else {
            let what = chosen.capture.rawValue == installed.capture ? "key" : "place among parents and partitions"
            throw StreamStopped(
                message:
                    "the \(what) of \(chosen.name) at \(stream.source) has changed since its capture was installed",
                hint: "run \"switchback schema install\"")
        }
        let counted = installed.fingerprint.split(separator: ".", omittingEmptySubsequences: false).dropFirst(2)
        guard counted.map({ ".\($0)" }).joined() == objects.counted else {
            throw StreamStopped(
                message:
                    "which columns of \(chosen.name) at \(stream.source) are counters has changed since its capture was installed",
                hint: "run \"switchback schema install\"")
        }
    }

    private static func sequences(
        _ sync: SyncSettings, source: Catalogue, receiver: Catalogue, _ table: RouteTable
    ) -> [SequenceRoute] {
        guard sync.sequencesFollow else { return [] }
        let relations = Set(table.routes.values.map(\.sourceRelation))
        let targets = Dictionary(
            table.routes.values.map { ($0.sourceRelation, $0.receiverRelation) },
            uniquingKeysWith: { first, _ in first })
        return source.sequences.compactMap { sequence in
            let follows =
                !sequence.users.isDisjoint(with: relations) || sequence.owner == nil && sync.names(sequence.name)
            guard follows, sequence.mayRead else { return nil }
            let owned = receiver.sequences.first { there in
                there.ownerColumn == sequence.ownerColumn
                    && sequence.owner.flatMap { targets[$0] }.map { $0 == there.owner } ?? false
            }
            guard let there = owned ?? receiver.sequences.first(where: { $0.name == sequence.name }), there.maySet,
                there.mayRead
            else { return nil }
            return SequenceRoute(
                sourceOID: sequence.oid, receiverOID: there.oid, name: sequence.name, users: sequence.users)
        }
    }
}
