import Assets
import Model
import Postgres

/// Settles the staged rows of one table of which not everybody had seen everything.
///
/// Some at a time: a batch may have more of them than memory should hold.
struct RowSettler {
    private let route: TableRoute
    private let rule: ConflictRule
    private let sync: String
    private let mine: Knowledge
    private let theirs: Knowledge
    /// The receiver's snapshot when the rows were looked up.
    private let asOf: Snapshot
    private let session: Session

    private static let rowsMost = 2000

    init(_ route: TableRoute, sync: String, mine: Knowledge, theirs: Knowledge, asOf: Snapshot, _ session: Session) {
        self.route = route
        rule = route.masters?.rule ?? .latest
        self.sync = sync
        self.mine = mine
        self.theirs = theirs
        self.asOf = asOf
        self.session = session
    }

    /// The versions of one row that a node holds, and what had been seen besides by whoever had them before.
    private struct Held {
        var versions: [RowVersion] = []
        var context: Knowledge?
    }

    func settle() throws {
        while try session.query(route.chooseUnsettled(rowsMost: Self.rowsMost)).affectedRows > 0 {
            let incoming = held(try session.query(route.stagedVersions))
            let own = held(try session.query(route.ownVersions))
            try session.execute(route.forgetChosen)
            try session.execute(route.takeOutChosen)
            try write(incoming.map { key, held in Row(key: key, incoming: held, own: own[key] ?? Held()) })
        }
    }

    private struct Row {
        let key: [String?]
        let incoming: Held
        let own: Held
    }

    private func held(_ rows: QueryResult) -> [[String?]: Held] {
        var found: [[String?]: Held] = [:]
        for row in 0..<rows.rowCount {
            let values = route.columns.indices.map { rows[row, 5 + $0] }
            let key = Array(values.prefix(route.keyCount))
            var held = found[key] ?? Held()
            if let origin = rows[row, 1] {
                held.versions.append(
                    RowVersion(
                        dot: Dot(origin: origin, transaction: UInt64(rows.text(row, 2)) ?? 0),
                        microseconds: Int64(rows.int(row, 3)), values: rows.bool(row, 0) ? values : nil))
            }
            held.context = rows[row, 4].flatMap { Knowledge(json: $0) } ?? held.context
            found[key] = held
        }
        return found
    }

    private func write(_ rows: [Row]) throws {
        let merged = rows.map { row in
            let set = VersionSet.merged(
                VersionSet(row.own.versions), knowing: mine.union(row.own.context),
                VersionSet(row.incoming.versions), knowing: theirs.union(row.incoming.context))
            return (row: row, set: set)
        }.filter { !$0.set.isEmpty }
        let context = try context(merged.flatMap { $0.set.versions })
        _ = try session.pipeline { pipeline in
            pipeline.prepareIfNeeded(route.stageSettledName, route.stageSettled)
            pipeline.prepareIfNeeded(route.tellSettledName, route.tellSettled)
            pipeline.prepareIfNeeded("note_conflict", Assets.sql("multimaster/note_conflict"))
            pipeline.prepareIfNeeded("forget_conflict", Assets.sql("multimaster/forget_conflict"))
            for (row, set) in merged {
                let settled = settled(set, context)
                show(row, settled, set, &pipeline)
                tell(row, set, settled, &pipeline)
                if set.versions.count > 1 {
                    note(row, settled, &pipeline)
                } else if rule == .hold {
                    let key = [sync, route.name.schema, route.name.table, Self.arrayLiteral(row.key)]
                    pipeline.query(Assets.sql("multimaster/decide_held"), key)
                }
            }
        }
    }

    /// What this node is to show. Of a conflict that is held, what was written here stays; a node that wrote none of it shows
    /// what all such nodes do, the earliest.
    private func settled(_ set: VersionSet, _ context: RuleContext) -> Settled {
        let settled = rule.settle(set, in: context)
        guard rule == .hold, let own = set.versions.first(where: { $0.dot.origin == route.masters?.receiver }) else {
            return settled
        }
        let others = set.versions.filter { $0.values != own.values }
        return Settled(row: own.values, winner: own, losers: others, isHeld: !others.isEmpty)
    }

    private func show(_ row: Row, _ settled: Settled, _ set: VersionSet, _ pipeline: inout Pipeline) {
        let values = settled.row ?? row.key + Array(repeating: nil, count: route.columns.count - route.keyCount)
        // A row that was made from several versions is as new as the latest of them.
        let version = settled.winner ?? set.versions.last
        pipeline.prepared(
            route.stageSettledName,
            [
                settled.row == nil ? "false" : "true", version?.dot.origin, version.map { String($0.dot.transaction) },
                version.map { String($0.microseconds) },
            ] + values)
    }

    private func tell(_ row: Row, _ set: VersionSet, _ settled: Settled, _ pipeline: inout Pipeline) {
        let context = theirs.union(row.own.context).union(row.incoming.context).json
        for version in set.versions {
            let isShown = version.dot == settled.winner?.dot
            pipeline.prepared(
                route.tellSettledName,
                row.key + [
                    version.dot.origin, String(version.dot.transaction), String(version.microseconds),
                    version.isDeletion ? "false" : "true",
                    isShown ? nil : version.values.map(Self.arrayLiteral), context, asOf.description,
                ])
        }
    }

    /// Keeps the versions that lost; one that wins again has not lost.
    private func note(_ row: Row, _ settled: Settled, _ pipeline: inout Pipeline) {
        guard let winner = settled.winner else { return }
        let table = [sync, route.name.schema, route.name.table]
        let key = Self.arrayLiteral(row.key)
        func parts(_ version: RowVersion) -> [String?] {
            [
                version.dot.origin, String(version.dot.transaction), String(version.microseconds),
                version.values.map(Self.arrayLiteral),
            ]
        }
        pipeline.prepared("forget_conflict", table + [key, winner.dot.origin, String(winner.dot.transaction)])
        for loser in settled.losers {
            pipeline.prepared(
                "note_conflict",
                table + [rule.name, settled.isHeld ? "true" : "false", route.columns.postgresArray, key]
                    + parts(winner) + parts(loser))
        }
    }

    // MARK: - Comparing values

    /// What the rule needs of Postgres: the order of the values that are in play.
    private func context(_ versions: [RowVersion]) throws -> RuleContext {
        var ranks: [String: Int] = [:]
        if let column = rule.comparedColumn, let index = route.columns.firstIndex(of: column) {
            let values = Set(versions.compactMap { $0.values?[index] }).sorted()
            let answer = try session.query(route.rankValues(of: column), [values.postgresArray])
            for (row, value) in values.enumerated() { ranks[value] = answer.int(row, 0) }
        }
        let known = ranks
        return RuleContext(columns: route.columns, keyCount: route.keyCount) { _, a, b in
            (a.flatMap { known[$0] } ?? 0) - (b.flatMap { known[$0] } ?? 0)
        }
    }

    /// A Postgres array literal of values that may be null.
    static func arrayLiteral(_ values: [String?]) -> String {
        "{"
            + values.map { value in value.map { [$0].postgresArray.dropFirst().dropLast() } ?? "NULL" }.joined(
                separator: ",")
            + "}"
    }
}
