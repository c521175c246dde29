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
    /// The server may prepare transactions, and the doorbell is silent.
    var sourcePreparesTransactions: Bool
    /// How many tables were captured and had joined when the routes were made; others later mean other routes. Not all of
    /// them need have one: the configuration may have left some out since.
    var captured: Int
    var joined: Int

    var ids: String { routes.keys.sorted().postgresArray }
}

/// A sequence that follows its source's.
struct SequenceRoute: Sendable {
    let sourceOID: UInt32
    let receiverOID: UInt32
    let name: TableName
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
        let shape: String
    }

    let catalogue: Catalogue
    let installed: [Installed]

    /// Reads the source in one snapshot, so that shapes and definitions agree.
    static func read(_ session: Session, sync: String) throws -> SourceView {
        try session.transaction(begin: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") {
            let catalogue = try CatalogueReader.read(session)
            let rows = try session.query(Assets.sql("stream/tables"), [sync])
            let installed = (0..<rows.rowCount).map { row in
                Installed(
                    id: rows.int(row, 0), relation: rows.oid(row, 1),
                    name: TableName(schema: rows.text(row, 2), table: rows.text(row, 3)), deltaA: rows.text(row, 5),
                    deltaB: rows.text(row, 6), fingerprint: rows.text(row, 7), shape: rows.text(row, 8))
            }
            return SourceView(catalogue: catalogue, installed: installed)
        }
    }
}

/// The other half.
struct ReceiverView: Sendable {
    let catalogue: Catalogue
    let shapes: [UInt32: String]
    /// How each table joined the stream, by name.
    let states: [TableName: (joined: Bool, since: Snapshot?)]

    static func read(_ session: Session, stream: StreamID) throws -> ReceiverView {
        try session.transaction(begin: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") {
            let catalogue = try CatalogueReader.read(session)
            let answer = try session.query(
                Assets.sql("stream/shapes"), [catalogue.tables.map(\.oid).postgresArray])
            var shapes: [UInt32: String] = [:]
            for row in 0..<answer.rowCount { shapes[answer.oid(row, 0)] = answer.text(row, 1) }
            let rows = try session.query(Assets.sql("stream/table_states"), [stream.sync, stream.source])
            var states: [TableName: (joined: Bool, since: Snapshot?)] = [:]
            for row in 0..<rows.rowCount {
                let name = TableName(schema: rows.text(row, 0), table: rows.text(row, 1))
                states[name] = (rows.text(row, 2) == "joined", rows[row, 3].flatMap { Snapshot($0) })
            }
            return ReceiverView(catalogue: catalogue, shapes: shapes, states: states)
        }
    }
}

extension RouteTable {
    /// Makes the routes of a stream.
    ///
    /// - Parameters:
    ///   - joinedOnly: leaves out tables that were not copied yet.
    ///   - onProblem: takes the tables that cannot travel; without it the first of them is thrown.
    /// - Throws: `SchemaDifference` for the first table that cannot travel; `StreamStopped` when the capture at the source
    ///   is out of date.
    static func make(
        sync: SyncSettings, stream: StreamID, source: SourceView, receiver: ReceiverView, joinedOnly: Bool = true,
        onProblem: ((TableName, any Error) -> Void)? = nil
    ) throws -> RouteTable {
        var table = RouteTable(
            routes: [:], sourceShapes: [:], receiverShapes: [:], since: [:], waiting: [], sequences: [],
            sourcePreparesTransactions: source.catalogue.facts.preparedTransactionsMax > 0,
            captured: source.installed.count, joined: receiver.states.values.count { $0.joined })
        let selected = SyncTables.select(sync, in: source.catalogue, node: stream.source).0
        let byOID = Dictionary(uniqueKeysWithValues: selected.map { ($0.definition.oid, $0) })
        for installed in source.installed {
            do {
                guard let chosen = byOID[installed.relation] else {
                    try checkAbsence(installed, sync: sync, source: source.catalogue, stream: stream)
                    continue
                }
                if joinedOnly && receiver.states[chosen.name]?.joined != true {
                    table.waiting.append(chosen.name)
                    continue
                }
                try table.add(installed, chosen, stream, receiver)
            } catch {
                guard let onProblem else { throw error }
                onProblem(installed.name, error)
            }
        }
        table.sequences = sequences(sync, source: source.catalogue, receiver: receiver.catalogue, table)
        return table
    }

    private mutating func add(
        _ installed: SourceView.Installed, _ chosen: SelectedTable, _ stream: StreamID, _ receiver: ReceiverView
    ) throws {
        try Self.checkCapture(installed, chosen, stream: stream)
        let target = try SchemaDifference.check(
            chosen, receiver: receiver.catalogue, source: stream.source, receiverName: stream.receiver)
        routes[installed.id] = TableRoute(
            name: chosen.name, sourceID: installed.id, sourceRelation: installed.relation,
            receiverRelation: target.oid, table: chosen, target: target,
            receiverKey: chosen.key.flatMap { key in
                target.keys.first { Set($0.columns) == Set(key.columns) }
            }, deltaA: installed.deltaA, deltaB: installed.deltaB)
        sourceShapes[installed.id] = installed.shape
        receiverShapes[installed.id] = receiver.shapes[target.oid]
        since[installed.id] = receiver.states[chosen.name]?.since
    }

    private static func checkAbsence(
        _ installed: SourceView.Installed, sync: SyncSettings, source: Catalogue, stream: StreamID
    ) throws {
        // Left out by the configuration since: its deltas are nobody's business.
        guard sync.names(installed.name) else { return }
        guard let definition = source.tables.first(where: { $0.oid == installed.relation }) else {
            throw StreamStopped(
                message: "table \(installed.name) is captured and no longer exists at \(stream.source)",
                hint: "drop it at \(stream.receiver) too if it is to go, and run \"switchback schema install\"")
        }
        if definition.name != installed.name {
            throw StreamStopped(
                message: "table \(installed.name) is now called \(definition.name) at \(stream.source)",
                hint: "rename it at \(stream.receiver) too, and run \"switchback schema install\"")
        }
        throw StreamStopped(
            message: "table \(installed.name) at \(stream.source) can no longer be carried: it has lost its key",
            hint: "run \"switchback check\" for the remedy")
    }

    private static func checkCapture(
        _ installed: SourceView.Installed, _ chosen: SelectedTable, stream: StreamID
    ) throws {
        let objects = CaptureObjects(table: chosen, id: installed.id)
        let shapeOfKey = Fingerprint.of(objects.deltaTables() + [chosen.capture.rawValue])
        guard installed.fingerprint.hasPrefix(shapeOfKey + ".") else {
            throw StreamStopped(
                message: "the key of \(chosen.name) at \(stream.source) has changed since its capture was installed",
                hint: "run \"switchback schema install\"")
        }
    }

    private static func sequences(
        _ sync: SyncSettings, source: Catalogue, receiver: Catalogue, _ table: RouteTable
    ) -> [SequenceRoute] {
        let relations = Set(table.routes.values.map(\.sourceRelation))
        return source.sequences.compactMap { sequence in
            let follows = sequence.owner.map { relations.contains($0) } ?? sync.names(sequence.name)
            guard follows, sequence.mayRead,
                let there = receiver.sequences.first(where: { $0.name == sequence.name }), there.maySet
            else { return nil }
            return SequenceRoute(sourceOID: sequence.oid, receiverOID: there.oid, name: sequence.name)
        }
    }
}
