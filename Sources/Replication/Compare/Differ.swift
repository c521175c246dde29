import Assets
public import Model
import Postgres
import Settings

/// Compares a stream's tables, and mends them on request.
public struct Differ: Sendable {
    let stream: StreamID
    let cluster: Cluster
    let sync: SyncSettings

    public init(stream: StreamID, cluster: Cluster) {
        guard let sync = cluster.settings.syncs.first(where: { $0.name == stream.sync }) else {
            preconditionFailure("no sync named \(stream.sync)")
        }
        self.stream = stream
        self.cluster = cluster
        self.sync = sync
    }

    /// Compares every table of the stream, or those that a filter lets through.
    ///
    /// A table that cannot be compared (it does not exist at one end, or has other columns there) is in the result with
    /// its reason; the others are compared all the same.
    ///
    /// - Parameters:
    ///   - include: which tables.
    ///   - waits: whether rows that are on their way are looked at again once they have arrived. Without, they are taken for
    ///     what they are: neither equal nor different yet, as any row that is changed right after the look.
    ///   - progress: called with each table before it is looked at, its number and how many there are.
    /// - Throws: `StreamStopped`, `NodeUnreachable`, `PostgresError`.
    public func run(
        include: @escaping @Sendable (TableName) -> Bool = { _ in true }, waits: Bool = true,
        progress: @escaping @Sendable (TableName, Int, Int) -> Void = { _, _, _ in }
    ) async throws -> [TableDifference] {
        try await withComparison { comparison in
            try await comparison.tables(include, progress) { route in
                var diff = comparison.diff(route)
                if waits { diff.confirms = route.masters != nil } else { diff.looksMost = 1 }
                return try await diff.run()
            }
        }
    }

    /// Mends the tables that differ: what only the receiver has, or has otherwise, is kept in its history; then the
    /// stream carries the source's state of just these rows.
    ///
    /// - Parameters:
    ///   - reason: for the history.
    ///   - include: which tables.
    /// - Returns: what it found, and set out to mend.
    public func repair(
        reason: String, include: @escaping @Sendable (TableName) -> Bool = { _ in true },
        progress: @escaping @Sendable (TableName, Int, Int) -> Void = { _, _, _ in }
    ) async throws -> [TableDifference] {
        try await withComparison { comparison in
            if let stopped = comparison.stopped { throw stopped }
            let list = try RepairList()
            return try await comparison.tables(include, progress) { route in
                var diff = comparison.diff(route)
                // What is on its way needs no mending.
                diff.confirms = route.masters != nil
                diff.looksMost = diff.confirms ? 2 : 1
                let result = try await diff.run(into: list)
                if result.found.hasSome, comparison.joined.contains(route.name) {
                    try await Mending(stream: stream, source: comparison.source, receiver: comparison.receiver)
                        .mend(route, list, reason: reason)
                }
                return result
            }
        }
    }

    /// Opens both ends, holds the deltas that tell what is on its way, and makes the routes.
    func withComparison<R>(_ body: (Comparison) async throws -> R) async throws -> R {
        let parameters = Cluster.comparisonParameters
        let source = try await cluster.open(
            stream.source, purpose: "diff \(stream.sync)", parameters: parameters)
        let receiver: Connection
        do {
            receiver = try await cluster.open(
                stream.receiver, purpose: "diff \(stream.sync)", parameters: parameters)
        } catch {
            await source.close()
            throw error
        }
        var hold: String?
        do {
            hold = try await takeHold(source)
            let result = try await body(try await comparison(source, receiver))
            await release(hold, source, receiver)
            return result
        } catch {
            await release(hold, source, receiver)
            throw error
        }
    }

    private func comparison(_ source: Connection, _ receiver: Connection) async throws -> Comparison {
        let stream = stream
        let cursor = try await receiver.run(deadline: StreamRunner.stepDeadline) { session in
            guard try CatalogueReader.serverFacts(session).isInstalled else { return nil as Cursor? }
            return try Cursor.read(session, stream)
        }
        guard let cursor else { throw Self.notBegun(stream) }
        guard cursor.state == .streaming else {
            throw StreamStopped(
                message: "\(stream) is being copied, and until that is done its receiver is in no state to compare",
                hint: "run \"switchback copy \(stream.sync)\" to its end")
        }
        let sourceView = try await source.run(deadline: StreamRunner.stepDeadline) {
            try SourceView.read($0, sync: stream.sync)
        }
        let receiverView = try await receiver.run(deadline: StreamRunner.stepDeadline) {
            try ReceiverView.read($0, stream: stream)
        }
        var stopped: StreamStopped?
        do {
            try await SourceIdentity.check(stream, cursor: cursor, source: source, receiver: receiver)
        } catch let why as StreamStopped {
            stopped = why
        }
        var problems: [TableName: String] = [:]
        let table = try RouteTable.make(
            sync: sync, stream: stream, source: sourceView, receiver: receiverView, joinedOnly: false
        ) { problems[$0] = "\($1)" }
        return Comparison(
            stream: stream, source: source, receiver: receiver,
            routes: table.routes.values.sorted { $0.name < $1.name }, problems: problems,
            joined: Set(receiverView.states.filter(\.value.joined).keys), stopped: stopped)
    }

    private static func notBegun(_ stream: StreamID) -> StreamStopped {
        StreamStopped(message: "\(stream) was not begun", hint: "run \"switchback copy \(stream.sync)\"")
    }

    // MARK: - The hold

    /// Keeps the deltas past the receiver's cursor for as long as this session lives.
    private func takeHold(_ source: Connection) async throws -> String {
        let stream = stream
        let hold = try await source.run(deadline: StreamRunner.stepDeadline) { session in
            guard try CatalogueReader.serverFacts(session).isInstalled else { return nil as String? }
            return try session.transaction {
                let answer = try session.query(Assets.sql("diff/hold"), [stream.sync, stream.receiver, "diff"])
                guard answer.rowCount == 1 else { return nil }
                _ = try session.query(Assets.sql("diff/bind_hold"), [answer.text(0, 0)])
                return answer.text(0, 0)
            }
        }
        guard let hold else { throw Self.notBegun(stream) }
        return hold
    }

    private func release(_ hold: String?, _ source: Connection, _ receiver: Connection) async {
        if let hold {
            // Also in a task that was cancelled: the hold would stay until an engine finds its session gone.
            await Task.detached {
                _ = try? await source.run(deadline: .seconds(10)) { session in
                    session.rollBack()
                    _ = try session.query(Assets.sql("diff/release"), [hold])
                }
            }.value
        }
        await source.close()
        await receiver.close()
    }
}

extension Cluster {
    /// `money` is printed by the locale of its server; both ends are to print it alike.
    static let comparisonParameters = [("lc_monetary", "C")]
}

/// A comparison that is under way: both ends, and what is to be compared.
struct Comparison: Sendable {
    let stream: StreamID
    let source: Connection
    let receiver: Connection
    let routes: [TableRoute]
    /// Tables that cannot be compared, and why.
    let problems: [TableName: String]
    let joined: Set<TableName>
    /// Why the stream brings nothing, when its source is not the one that it was begun with.
    let stopped: StreamStopped?

    func diff(_ route: TableRoute) -> TableDiff {
        TableDiff(stream: stream, route: route, source: source, receiver: receiver, carries: stopped == nil)
    }

    /// Works through the tables. One that cannot be read does not keep the others from being compared.
    func tables(
        _ include: (TableName) -> Bool, _ progress: (TableName, Int, Int) -> Void,
        _ body: (TableRoute) async throws -> TableDiff.Result
    ) async throws -> [TableDifference] {
        let chosen = routes.filter { include($0.name) }
        let wanting = problems.filter { include($0.key) }
        var differences = wanting.map { TableDifference(stream, $0.key, problem: $0.value) }
        for (number, route) in chosen.enumerated() {
            progress(route.name, number + 1, chosen.count)
            differences.append(try await compare(route, body))
        }
        return differences.sorted { $0.table < $1.table }
    }

    /// Why what was found of a table is not the last word.
    private func problem(of route: TableRoute, _ result: TableDiff.Result) -> String? {
        if !joined.contains(route.name) { return "it was not copied yet: run \"switchback copy \(stream.sync)\"" }
        guard result.isUnsure else { return nil }
        let seconds = TableDiff.patienceBetweenMasters.components.seconds
        let rows = result.found.underWay == 1 ? "1 row differs" : "\(result.found.underWay) rows differ"
        return
            "\(rows) and may be on the way: the two nodes had not exchanged all changes after \(seconds) s; see whether the streams run with \"switchback status\""
    }

    private func compare(
        _ route: TableRoute, _ body: (TableRoute) async throws -> TableDiff.Result
    ) async throws -> TableDifference {
        do {
            let result = try await body(route)
            return TableDifference(
                stream, route.name, rows: result.rows, result.found, problem: problem(of: route, result))
        } catch let error as PostgresError where error.isOfOneStatement {
            return TableDifference(stream, route.name, problem: error.description)
        }
    }
}
