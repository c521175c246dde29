import Assets
import Foundation
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
        /// As one of them has it.
        var key: [String?] = []
        var versions: [RowVersion] = []
        var context: Knowledge?
    }

    func settle() throws {
        while try session.query(route.chooseUnsettled(rowsMost: Self.rowsMost)).affectedRows > 0 {
            let incoming = try held(session.query(route.stagedVersions))
            let own = try held(session.query(route.ownVersions))
            try session.execute(route.forgetChosen)
            try session.execute(route.takeOutChosen)
            try write(incoming.map { place, held in Row(key: held.key, incoming: held, own: own[place] ?? Held()) })
        }
    }

    private struct Row {
        let key: [String?]
        let incoming: Held
        let own: Held
    }

    private var hasLinks: Bool { route.masters?.hasLinks == true }
    private var tracksColumns: Bool { route.masters?.tracksColumns == true }

    /// - Parameter json: the stamps by the names of their columns; null where nobody contests a value.
    /// - Returns: nil when all of them are from the version itself.
    private func columnStamps(_ json: String?) throws -> [Stamp?]? {
        guard let json else { return nil }
        let texts = try JSONDecoder().decode([String: String?].self, from: Data(json.utf8))
        return try route.columns.map { column in
            // One that came since a version was kept is contested by nobody.
            try (texts[column] ?? nil).map { text in
                guard let stamp = Stamp(text) else { throw PostgresError(.misuse, "not a stamp: \(text)") }
                return stamp
            }
        }
    }

    /// The versions by the place of the first staged one of their key. Which keys are the same only Postgres can tell.
    private func held(_ rows: QueryResult) throws -> [String: Held] {
        var found: [String: Held] = [:]
        for row in 0..<rows.rowCount {
            let values = route.columns.indices.map { rows[row, route.versionColumns + $0] }
            let place = rows.text(row, route.versionColumns + route.columns.count)
            var held = found[place] ?? Held()
            if held.key.isEmpty { held.key = Array(values.prefix(route.keyCount)) }
            if let origin = rows[row, 1] {
                let isThere = rows.bool(row, 0)
                let stamps = isThere && tracksColumns ? try columnStamps(rows[row, 5]) : nil
                held.versions.append(
                    RowVersion(
                        dot: Dot(origin: origin, transaction: UInt64(rows.text(row, 2)) ?? 0),
                        microseconds: Int64(rows.int(row, 3)), values: isThere ? values : nil, columnStamps: stamps))
            }
            held.context = rows[row, 4].flatMap { Knowledge(json: $0) } ?? held.context
            found[place] = held
        }
        return found
    }

    private func write(_ rows: [Row]) throws {
        let merged = rows.map { row in
            // Where nothing is held of a row, nothing that comes was superseded here: what took its place would be held until all
            // senders have seen it. And a node that joined has the row from a copy, without the versions that it was made of: by
            // its cursors it has seen them, and to take those for superseded that others still weigh would be to lose them.
            // With links a node that joined knows only what it was sent since.
            let knowsNothing = row.own.versions.isEmpty && !hasLinks
            let known = knowsNothing ? Knowledge().union(row.own.context) : mine.union(row.own.context)
            let set = VersionSet.merged(
                VersionSet(row.own.versions), knowing: known,
                VersionSet(row.incoming.versions), knowing: theirs.union(row.incoming.context))
            return (row: row, set: set)
        }.filter { !$0.set.isEmpty }
        let context = try context(merged.map(\.set))
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
                    note(row, set, settled, &pipeline)
                } else if rule == .hold {
                    let key = [sync, route.name.schema, route.name.table, Self.arrayLiteral(row.key)]
                    pipeline.query(route.decideHeld, key)
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
        let others = set.versions.filter { !context.isSame($0.values, own.values) }
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
        // With links the node takes over all that the sender had seen.
        let context = hasLinks ? nil : theirs.union(row.own.context).union(row.incoming.context).json
        for version in set.versions {
            let isShown = version.dot == settled.winner?.dot
            pipeline.prepared(
                route.tellSettledName,
                row.key + [
                    version.dot.origin, String(version.dot.transaction), String(version.microseconds),
                    version.isDeletion ? "false" : "true",
                    isShown ? nil : version.values.map(route.named), context, asOf.description,
                ] + (tracksColumns ? [version.columnStamps.map { route.named($0.map { $0?.description }) }] : []))
        }
    }

    /// Keeps the versions that lost; one that wins again, or that a row was made from without a loss, has not lost.
    private func note(_ row: Row, _ set: VersionSet, _ settled: Settled, _ pipeline: inout Pipeline) {
        let table = [sync, route.name.schema, route.name.table]
        let key = Self.arrayLiteral(row.key)
        func parts(_ version: RowVersion, _ values: [String?]?) -> [String?] {
            [
                version.dot.origin, String(version.dot.transaction), String(version.microseconds),
                values.map(Self.arrayLiteral),
            ]
        }
        for version in set.versions where !settled.losers.contains(where: { $0.dot == version.dot }) {
            pipeline.prepared("forget_conflict", table + [key, version.dot.origin, String(version.dot.transaction)])
        }
        for loser in settled.losers {
            // A row that was made from several versions is told of as the latest of the others, with the row's values.
            guard let winner = settled.winner ?? set.versions.last(where: { $0.dot != loser.dot }) else { continue }
            pipeline.prepared(
                "note_conflict",
                table + [rule.name, settled.isHeld ? "true" : "false", route.columns.postgresArray, key]
                    + parts(winner, settled.row) + parts(loser, loser.values))
        }
    }

    // MARK: - Comparing values

    /// What the rule needs of Postgres: the order of the values that are in play, or what a function makes of versions.
    private func context(_ sets: [VersionSet]) throws -> RuleContext {
        var ranks: [ByteText: Int] = [:]
        if let column = rule.comparedColumn, let index = route.columns.firstIndex(of: column) {
            let values = Array(Set(sets.flatMap(\.versions).compactMap { $0.values?[index] }.map(ByteText.init)))
            let answer = try session.query(route.rankValues(of: column), [values.map(\.text).postgresArray])
            for (row, value) in values.enumerated() { ranks[value] = answer.int(row, 0) }
        }
        let known = ranks
        let asker = FunctionAsker()
        let context = RuleContext(
            columns: route.columns, keyCount: route.keyCount, counters: route.masters?.counters ?? [],
            compare: { _, a, b in
                func rank(_ value: String?) -> Int { value.flatMap { known[ByteText($0)] } ?? 0 }
                return rank(a) - rank(b)
            }, fold: asker.fold)
        guard case .function(let name) = rule else { return context }
        repeat {
            for set in sets { _ = rule.settle(set, in: context) }
        } while try asker.answer(
            name, for: route, sync: sync, session)
        return context
    }

    /// A Postgres array literal of values that may be null.
    static func arrayLiteral(_ values: [String?]) -> String {
        "{"
            + values.map { value in value.map { [$0].postgresArray.dropFirst().dropLast() } ?? "NULL" }.joined(
                separator: ",")
            + "}"
    }
}
