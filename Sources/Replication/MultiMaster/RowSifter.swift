import Assets
import Model
import Postgres

/// Writes the staged rows of a table of which some are refused by its constraints: all but those, which go into quarantine.
///
/// Of rows that claim one unique value, the one that was written last is shown. That is a matter of what the nodes know of the
/// rows, and not of the order in which they came to know it, so that all come to the same: a row is shown where no row that was
/// written later, and is itself shown, claims a value of it. Rows are taken in that order, the latest first; one that was
/// written earlier makes room. What a table refuses for other reasons, such as a check that another node does not have, is
/// kept out there only.
///
/// A row that refers to one that is not there is not shown, whatever else it claims. It is looked at with what it refers to
/// in place, so that a row comes before those of its own table that refer to it.
///
/// The table is locked against applications meanwhile.
struct RowSifter {
    let route: TableRoute
    private let sync: String
    /// What the sender had seen; nil when rows are tried again that came earlier.
    private let context: Knowledge?
    private let asOf: Snapshot
    private let references: ReferenceKeeper
    /// Why rows that are tried again were kept out before, by their places.
    private let before: [String: KeptBefore]
    private let session: Session
    private let constraints: [ConstraintParts]
    private let deferrable: Set<String>

    init(
        _ route: TableRoute, sync: String, context: Knowledge?, asOf: Snapshot, references: ReferenceKeeper,
        before: [String: KeptBefore] = [:], _ session: Session
    ) throws {
        self.route = route
        self.sync = sync
        self.context = context
        self.asOf = asOf
        self.references = references
        self.before = before
        self.session = session
        let parts = try session.query(Assets.sql("multimaster/constraint_parts"), [String(route.receiverRelation)])
        deferrable = Set(route.target.deferrable.map(\.name))
        // What looks at a column that does not travel is a matter of this node alone: who is in the way by it cannot be told.
        constraints = (0..<parts.rowCount).compactMap { ConstraintParts(parts, $0) }
            .filter { $0.columns.isSubset(of: route.columns) }
    }

    /// A staged row that is to be inserted.
    struct Staged {
        let place: String
        let stamp: Stamp
    }

    /// A row in the table that keeps another out, or that must not stay.
    struct Blocker {
        let place: String
        /// Nil where everybody has seen the row.
        let stamp: Stamp?
        /// Whether an application's write here made it what it is, and no entry tells of it yet.
        let isOwnChange: Bool
        let values: [String?]
        /// Where it stands in the stage, if the batch brings it as it is there.
        let stagedPlace: String?
        /// What had been seen besides by whoever wrote it, and the stamps of its columns: what an entry would say of it.
        let context: String?
        let stamps: String?
    }

    /// Of a row of which nobody knows who wrote it.
    private static let nobody = Stamp(microseconds: 0, origin: "", transaction: 0)

    /// The stamp by which a row in the table is ranked. Where nothing is told of it any more, everybody has seen it: it is older
    /// than a row that comes from somebody who had not. Of a row that was here all the time nobody knows whether it is: then
    /// the other is the newer, for of an older one it is told as long as that is kept out.
    private func rank(_ blocker: Blocker) -> Stamp {
        blocker.stamp ?? Stamp(microseconds: context == nil ? .max : .min, origin: "", transaction: 0)
    }

    /// - Throws: `PostgresError` when a row is refused for what no constraint of the table says, or the session fails.
    func sift() throws {
        try insertInOrder(begin())
        try end()
    }

    /// Makes room for the staged rows.
    ///
    /// - Returns: those that are to be inserted, the latest first.
    func begin() throws -> [Staged] {
        for statement in route.removeStaged { try session.execute(statement) }
        return try list()
    }

    /// The staged rows that are not in the table, the latest first.
    func list() throws -> [Staged] {
        let answer = try session.query(route.siftList)
        return (0..<answer.rowCount).map { row in
            Staged(
                place: answer.text(row, 0),
                stamp: Stamp(
                    microseconds: Int64(answer.int(row, 3)), origin: answer.text(row, 1),
                    transaction: UInt64(answer.text(row, 2)) ?? 0))
        }
    }

    func end() throws { for statement in route.restoreOwn { try session.execute(statement) } }

    /// Inserts the rows that refer to rows that are there.
    ///
    /// - Returns: the others.
    func insertReady(_ rows: [Staged]) throws -> [Staged] {
        let orphans = try references.orphans(route)
        try insert(rows.filter { orphans[$0.place] == nil }[...])
        return rows.filter { orphans[$0.place] != nil }
    }

    /// Inserts rows after those that they refer to; the others are kept out.
    func insertInOrder(_ rows: [Staged]) throws {
        var waiting = rows
        var orphans = try references.orphans(route)
        while true {
            let ready = waiting.filter { orphans[$0.place] == nil }
            guard !ready.isEmpty else { break }
            try insert(ready[...])
            waiting = waiting.filter { orphans[$0.place] != nil }
            guard !waiting.isEmpty, references.refersToItself(route) else { break }
            orphans = try references.orphans(route)
        }
        if references.refersToItself(route) {
            waiting = try RingSifter([(self, waiting)], references, session).insert()[0]
        }
        var asBefore: [String] = []
        for row in waiting {
            guard let key = orphans[row.place] else { continue }
            let violation = key.violation(by: route.name.table)
            if isAsBefore(row, violation, lostTo: nil) {
                asBefore.append(row.place)
            } else {
                try keepOut(row, violation, for: [])
            }
        }
        try markHidden(asBefore)
    }

    /// Inserts rows together, and where one is refused, each half by itself.
    private func insert(_ rows: ArraySlice<Staged>) throws {
        guard !rows.isEmpty else { return }
        if rows.count == 1 || route.target.deferrable.isEmpty {
            guard let refusal = try attempt(rows) else { return }
            if rows.count == 1 { return try place(rows[rows.startIndex], refusal) }
        }
        let middle = rows.startIndex + rows.count / 2
        try insert(rows[..<middle])
        try insert(rows[middle...])
    }

    /// - Returns: why the rows were refused; nil when they are there.
    func attempt(_ rows: ArraySlice<Staged>) throws -> PostgresError? {
        try session.execute("SAVEPOINT switchback_sift")
        do {
            // Replica role does not look at these.
            for row in rows {
                for constraint in constraints where deferrable.contains(constraint.name) {
                    if try !blockers(of: row, constraint).isEmpty { throw Self.clash(constraint.name) }
                }
            }
            _ = try session.query(route.siftInsert, [rows.map(\.place).postgresArray])
            try checkOwnColumns(rows)
            try session.execute("RELEASE SAVEPOINT switchback_sift")
            return nil
        } catch let error as PostgresError where error.isRefusal {
            try session.execute("ROLLBACK TO SAVEPOINT switchback_sift")
            try session.execute("RELEASE SAVEPOINT switchback_sift")
            return error
        }
    }

    /// Looks at the constraints that replica role does not look at and that are over columns which do not travel.
    private func checkOwnColumns(_ rows: ArraySlice<Staged>) throws {
        let checks = route.clashChecksOfSome.filter { check in
            !constraints.contains { $0.name == check.constraint }
        }
        guard !checks.isEmpty else { return }
        // Of rows that were there these have what they had.
        for statement in route.restoreOwn { try session.execute(statement) }
        for check in checks where try session.query(check.sql, [rows.map(\.place).postgresArray]).rowCount > 0 {
            throw Self.clash(check.constraint)
        }
    }

    private static func clash(_ constraint: String) -> PostgresError {
        var error = PostgresError(
            .server, "duplicate key value violates unique constraint \"\(constraint)\"", sqlState: "23505")
        error.constraint = constraint
        return error
    }

    /// Has a row that was refused take the place of all that are in its way, if they were written earlier, or keeps it out.
    private func place(_ row: Staged, _ refusal: PostgresError) throws {
        switch try takePlace(row, refusal) {
        case .placed: break
        case .loses(let all), .standsBelow(let all): try keepOut(row, refusal, for: all)
        // What it was refused for besides would have kept it out without them.
        case .refused(let next): try keepOut(row, next, for: [])
        }
    }

    /// Whether rows are tried that came earlier, and not those of a batch.
    var isRetry: Bool { context == nil }

    /// Which staged row it is, among those of all tables.
    func place(of row: Staged) -> ReferenceKeeper.StagedPlace {
        .init(relation: route.receiverRelation, place: row.place)
    }

    /// The same for another table.
    func sibling(_ other: TableRoute) throws -> RowSifter {
        guard other.receiverRelation != route.receiverRelation else { return self }
        return try RowSifter(other, sync: sync, context: context, asOf: asOf, references: references, session)
    }

    /// Whether a row that was taken out would have its place back if it were tried again now.
    func canReturn(_ row: Blocker, as stamp: Stamp) throws -> Bool {
        let removed = references.removed
        try session.execute("SAVEPOINT switchback_return")
        defer { references.removed = removed }
        let before = Set(try list().map(\.place))
        _ = try session.pipeline { pipeline in
            pipeline.prepareIfNeeded(route.stageSettledName, route.stageSettled)
            pipeline.prepared(
                route.stageSettledName,
                ["true", stamp.origin, String(stamp.transaction), String(stamp.microseconds)] + row.values)
        }
        var returns = false
        if let staged = try list().first(where: { !before.contains($0.place) }),
            try references.orphans(route)[staged.place] == nil
        {
            returns = try comesBack(staged)
        }
        try session.execute("ROLLBACK TO SAVEPOINT switchback_return")
        try session.execute("RELEASE SAVEPOINT switchback_return")
        return returns
    }

    private func comesBack(_ row: Staged) throws -> Bool {
        guard let refusal = try attempt([row]) else { return true }
        guard case .placed = try takePlace(row, refusal) else { return false }
        return true
    }

    /// What became of a row that was refused.
    enum Placing {
        case placed
        /// One of these, the last, was written later; none where it was not refused for them.
        case loses(to: [Blocker])
        /// It refers to one of them, and would have to go with it.
        case standsBelow([Blocker])
        /// They made room, and it was refused again.
        case refused(PostgresError)
    }

    /// Has all that are in a row's way make room for it, if they were written earlier.
    ///
    /// - Parameters:
    ///   - through: staged rows that it refers to, and that are to be shown with it.
    ///   - isForced: those that were written later make room as well.
    func takePlace(
        _ row: Staged, _ refusal: PostgresError, through: Set<ReferenceKeeper.StagedPlace> = [], isForced: Bool = false
    ) throws -> Placing {
        let all = refusal.isClash ? try blockers(of: row) : []
        guard let latest = all.last, isForced || rank(latest) < row.stamp else { return .loses(to: all) }
        guard try !references.depends(row.place, of: route, on: Set(all.map(\.place)), through: through) else {
            return .standsBelow(all)
        }
        let values = try stagedValues(row.place).values
        for blocker in all { try takeOut(blocker, for: row, values, refusal) }
        return try attempt([row]).map { .refused($0) } ?? .placed
    }

    /// The rows that are in another's way by any constraint, the latest last.
    private func blockers(of row: Staged) throws -> [Blocker] {
        var found: [String: Blocker] = [:]
        for constraint in constraints {
            for blocker in try blockers(of: row, constraint) { found[blocker.place] = blocker }
        }
        return found.values.sorted { rank($0) < rank($1) }
    }

    /// When the latest was written of those that are in another's way.
    func latestInTheWay(of row: Staged) throws -> Stamp? { try blockers(of: row).last.map(rank) }

    private func blockers(of row: Staged, _ constraint: ConstraintParts) throws -> [Blocker] {
        Self.blockers(try session.query(route.findBlockers(constraint), [row.place]))
    }

    /// What `multimaster/rows_as_versions` answers.
    static func blockers(_ found: QueryResult) -> [Blocker] {
        (0..<found.rowCount).map { index in
            let stamp = found[index, 1].map { origin in
                Stamp(
                    microseconds: Int64(found.int(index, 3)), origin: origin,
                    transaction: UInt64(found.text(index, 2)) ?? 0)
            }
            return Blocker(
                place: found.text(index, 0), stamp: stamp, isOwnChange: found.bool(index, 4),
                values: RecordedValues.list(found[index, 5]) ?? [], stagedPlace: found[index, 6],
                context: found[index, 7], stamps: found[index, 8])
        }
    }

    private func stagedValues(_ place: String) throws -> (isSettled: Bool, stamps: String?, values: [String?]) {
        let answer = try session.query(route.stagedRow, [place])
        return (answer.bool(0, 0), answer[0, 1], route.columns.indices.map { answer[0, 2 + $0] })
    }

    // MARK: - What is not shown

    private func keepOut(_ row: Staged, _ refusal: PostgresError, for blockers: [Blocker]) throws {
        // Kept out for another reason it may find these in its way once that is gone; when it is tried again they have been told of.
        let inTheWay = refusal.isClash || context == nil ? blockers : try self.blockers(of: row)
        try references.leaveOut(row.place, of: route)
        if isAsBefore(row, refusal, lostTo: blockers.last) {
            try markHidden([row.place])
        } else {
            let values = try hideStaged(row.place, row.stamp)
            try quarantine(values, row.stamp, refusal)
            if refusal.isOrphaned { try noteOrphan(values, row.stamp, refusal) }
            if let latest = blockers.last {
                try note(values, row.stamp, lostTo: latest.values, rank(latest), refusal)
            }
        }
        for blocker in inTheWay where blocker.isOwnChange { try tell(blocker) }
    }

    /// Whether a row that is tried again is kept out as it was before: then quarantine, history and versions tell so already.
    private func isAsBefore(_ row: Staged, _ refusal: PostgresError, lostTo winner: Blocker?) -> Bool {
        guard let before = before[row.place] else { return false }
        let stamp = refusal.isOrphaned ? Self.nobody : winner.map(rank)
        return before
            == KeptBefore(
                sqlState: refusal.sqlState ?? "", constraint: refusal.constraint,
                rule: stamp == nil ? before.rule : Self.rule(refusal), winner: stamp?.origin ?? before.winner,
                winnerTransaction: stamp?.transaction ?? before.winnerTransaction)
    }

    private func markHidden(_ places: [String]) throws {
        guard !places.isEmpty else { return }
        _ = try session.query(route.markHidden, [places.postgresArray])
    }

    /// Takes back that rows are kept out.
    func markShown(_ places: [String]) throws {
        guard !places.isEmpty else { return }
        _ = try session.query(route.markShown, [places.postgresArray])
    }

    /// - Returns: the row.
    private func hideStaged(_ place: String, _ stamp: Stamp) throws -> [String?] {
        let (isSettled, stamps, values) = try stagedValues(place)
        // Of a row that was settled its versions have been told; of one that everybody has seen there is nothing to tell.
        if !stamp.origin.isEmpty {
            try hide(values, stamp, stamps, context?.json, forgetsOthers: !isSettled && context != nil)
        }
        try markHidden([place])
        return values
    }

    /// Keeps the version whole that a row was which is taken out.
    private func hide(_ row: Blocker) throws {
        guard let stamp = row.stamp else { return }
        guard let place = row.stagedPlace else {
            // What the sender had seen says nothing of a row that did not come from it.
            let (stamps, context) = row.isOwnChange ? (row.stamps, row.context) : (nil, nil)
            return try hide(row.values, stamp, stamps, context, forgetsOthers: row.isOwnChange)
        }
        _ = try hideStaged(place, stamp)
    }

    /// Takes rows out of the table that refer to rows that are not there.
    func keepOut(_ orphans: [Blocker], _ refusal: PostgresError) throws {
        for row in orphans {
            try leave(row)
            _ = try session.query(route.takeOut, [row.place])
            try hide(row)
            let stamp = row.stamp ?? Self.nobody
            try quarantine(row.values, stamp, refusal)
            try noteOrphan(row.values, stamp, refusal)
        }
    }

    private func leave(_ row: Blocker) throws {
        try references.leave(row.place, of: route)
        references.removed.append(.init(relation: route.receiverRelation, row: row, rank: rank(row)))
    }

    private func takeOut(
        _ blocker: Blocker, for row: Staged, _ values: [String?], _ refusal: PostgresError
    ) throws {
        try leave(blocker)
        _ = try session.query(route.takeOut, [blocker.place])
        try hide(blocker)
        try quarantine(blocker.values, rank(blocker), refusal)
        try note(blocker.values, rank(blocker), lostTo: values, row.stamp, refusal)
    }

    /// Keeps who wrote a row that is in another's way, for its delta will go: when nothing else is in the way any more, the two
    /// are compared.
    private func tell(_ blocker: Blocker) throws {
        guard let stamp = blocker.stamp else { return }
        let key = Array(blocker.values.prefix(route.keyCount))
        _ = try session.query(route.forgetKey, key)
        _ = try session.query(
            route.tellSettled,
            key + [
                stamp.origin, String(stamp.transaction), String(stamp.microseconds), "true", nil, blocker.context,
                asOf.description,
            ] + stampsIfAny(blocker.stamps))
    }

    /// Without stamps every column of a version counts as written by it.
    private func stampsIfAny(_ stamps: String?) -> [String?] { route.stagedStamps.isEmpty ? [] : [stamps] }

    private func hide(
        _ values: [String?], _ stamp: Stamp, _ stamps: String?, _ context: String?, forgetsOthers: Bool
    ) throws {
        let key = Array(values.prefix(route.keyCount))
        if forgetsOthers { _ = try session.query(route.forgetKey, key) }
        _ = try session.query(
            route.hideVersion,
            key + [
                stamp.origin, String(stamp.transaction), String(stamp.microseconds), route.named(values),
                context, asOf.description,
            ] + stampsIfAny(stamps))
    }

    private func quarantine(_ values: [String?], _ stamp: Stamp, _ refusal: PostgresError) throws {
        let table = [sync, route.name.schema, route.name.table, route.columns.postgresArray]
        let key = Array(values.prefix(route.keyCount))
        _ = try session.query(
            Assets.sql("multimaster/quarantine_row"),
            table + [
                RowSettler.arrayLiteral(key), RowSettler.arrayLiteral(values), stamp.origin,
                String(stamp.transaction), String(Self.shownMicroseconds(stamp)), refusal.sqlState ?? "",
                refusal.constraint, refusal.message,
            ])
    }

    /// A row that refers to one that is not there has lost to that one's absence, whoever made it.
    private func noteOrphan(_ values: [String?], _ stamp: Stamp, _ refusal: PostgresError) throws {
        try note(values, stamp, lostTo: nil, Self.nobody, refusal)
    }

    /// A row that had to make room has lost: that is in the history as well.
    private func note(
        _ loser: [String?], _ stamp: Stamp, lostTo winner: [String?]?, _ winnerStamp: Stamp, _ refusal: PostgresError
    ) throws {
        func parts(_ values: [String?]?, _ stamp: Stamp) -> [String?] {
            [
                stamp.origin, String(stamp.transaction), String(Self.shownMicroseconds(stamp)),
                values.map(RowSettler.arrayLiteral),
            ]
        }
        let key = RowSettler.arrayLiteral(Array(loser.prefix(route.keyCount)))
        _ = try session.query(
            Assets.sql("multimaster/note_conflict"),
            [
                sync, route.name.schema, route.name.table,
                Self.rule(refusal), "false",
                route.columns.postgresArray, key,
            ] + parts(winner, winnerStamp) + parts(loser, stamp))
    }

    /// What the history calls the rule by which a row lost that was refused.
    private static func rule(_ refusal: PostgresError) -> String {
        "\(refusal.isOrphaned ? "foreign" : "unique") \(refusal.constraint ?? "")"
    }

    /// A stamp that nothing is known of is shown as the beginning of time.
    private static func shownMicroseconds(_ stamp: Stamp) -> Int64 { stamp.origin.isEmpty ? 0 : stamp.microseconds }
}

/// What a unique or exclusion constraint looks at.
struct ConstraintParts {
    let name: String
    let expressions: [String]
    let operators: [String]
    let condition: String?
    let nullsAreAlike: Bool
    /// The columns that it looks at which are not generated.
    let columns: Set<String>
    /// Those that the table generates.
    let generated: [(column: String, expression: String)]

    init?(_ answer: QueryResult, _ row: Int) {
        guard let expressions = RecordedValues.list(answer[row, 1]),
            let operators = RecordedValues.list(answer[row, 2]),
            expressions.count == operators.count
        else { return nil }
        func texts(_ column: Int) -> [String] { (RecordedValues.list(answer[row, column]) ?? []).compactMap { $0 } }
        generated = zip(texts(6), texts(7)).map { (column: $0, expression: $1) }
        columns = Set(texts(5)).subtracting(texts(6))
        name = answer.text(row, 0)
        self.expressions = expressions.compactMap { $0 }
        self.operators = operators.compactMap { $0 }
        condition = answer[row, 3]
        nullsAreAlike = answer.bool(row, 4)
    }

    /// `expression AS x1, …`.
    var looksAt: String {
        expressions.enumerated().map { "(\($1)) AS x\($0 + 1)" }.joined(separator: ", ")
    }

    /// The condition under which a and b clash.
    var clash: String {
        operators.enumerated().map { index, sign in
            let pair = "a.x\(index + 1) \(sign) b.x\(index + 1)"
            return nullsAreAlike ? "(\(pair) OR a.x\(index + 1) IS NULL AND b.x\(index + 1) IS NULL)" : pair
        }.joined(separator: " AND ")
    }
}

extension PostgresError {
    /// Whether a row refers to one that is not there.
    var isOrphaned: Bool { sqlState == "23503" }

    /// Whether a row was refused for what it is.
    var isRefusal: Bool {
        guard kind == .server, let sqlState else { return false }
        return sqlState.hasPrefix("23") || sqlState.hasPrefix("22")
    }
}
