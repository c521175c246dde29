import Model
import Postgres

/// Finds the rows that refer to a row that is not there, which replica role lets in and the tables do not allow.
///
/// Such a row is kept out, as one is that a unique constraint refuses, and comes back by itself with the row that it refers to. That is
/// a matter of which rows are shown, and so the same at every node, whatever came first: the one that is referred to does not give
/// way. What refers to a row that is kept out is kept out as well. ON DELETE and ON UPDATE say what happens at the node
/// where an application deletes a row; what a node learns later of rows that refer to it they do not touch.
final class ReferenceKeeper {
    let keys: [ForeignKey]
    /// The tables whose rows can be kept out, by their oids here.
    let routes: [UInt32: TableRoute]
    private let session: Session
    /// The keys of which something that they refer to is no more.
    private(set) var left: Set<UInt32> = []
    /// The rows that were taken out of their tables, in their order.
    var removed: [Removed] = []

    /// A row that was taken out of its table.
    struct Removed {
        let relation: UInt32
        let row: RowSifter.Blocker
        let rank: Stamp
    }

    init(_ keys: [ForeignKey], _ routes: some Sequence<TableRoute>, _ session: Session) {
        self.keys = keys
        self.session = session
        self.routes = Dictionary(
            routes.filter { $0.masters != nil }.map { ($0.receiverRelation, $0) },
            uniquingKeysWith: { first, _ in first })
    }

    private func keys(of route: TableRoute) -> [ForeignKey] { keys.filter { $0.child == route.receiverRelation } }
    private func keys(to route: TableRoute) -> [ForeignKey] { keys.filter { $0.parent == route.receiverRelation } }

    // MARK: - What goes

    /// Notes what is referred to in rows that are about to be deleted or changed as they are staged.
    func leaveStaged(_ route: TableRoute) throws {
        for key in keys(to: route) {
            try makeLeft(key, route)
            if try session.query(route.leaveStaged(key)).affectedRows > 0 { left.insert(key.oid) }
        }
    }

    /// Notes what is referred to in a row that is about to be taken out of its table.
    func leave(_ place: String, of route: TableRoute) throws {
        for key in keys(to: route) {
            try makeLeft(key, route)
            if try session.query(route.leavePlace(key), [place]).affectedRows > 0 { left.insert(key.oid) }
        }
    }

    /// Notes what is referred to in a staged row that is not put back into its table, from which it was taken for others to
    /// change places.
    func leaveOut(_ place: String, of route: TableRoute) throws {
        for key in keys(to: route) where key.referred.allSatisfy(route.columns.contains) {
            try makeLeft(key, route)
            if try session.query(route.leavePlace(key, from: route.stage), [place]).affectedRows > 0 {
                left.insert(key.oid)
            }
        }
    }

    private func makeLeft(_ key: ForeignKey, _ route: TableRoute) throws {
        try session.execute(route.makeLeft(key))
    }

    // MARK: - What is left behind

    /// The key that a row violates now, after a batch was written; nil when there is none. What the batch's rows refer to is locked,
    /// by every key: where one is violated the others' rows stay, and what they refer to must as well.
    func firstViolation(_ staged: [TableRoute]) throws -> (key: ForeignKey, route: TableRoute)? {
        var first: (key: ForeignKey, route: TableRoute)?
        for route in staged {
            for key in keys(of: route) where try session.query(route.countOrphans(key)).int(0, 0) > 0 {
                first = first ?? (key, route)
            }
        }
        if let first { return first }
        for key in keys where left.contains(key.oid) {
            guard let route = routes[key.child] else { continue }
            if try session.query(route.countLeft(key)).int(0, 0) > 0 { return (key, route) }
        }
        return nil
    }

    /// Takes out what refers to a row that is not there, and what refers to that.
    ///
    /// - Parameter keepOut: keeps rows of a table out.
    func settle(_ keepOut: (TableRoute, [RowSifter.Blocker], PostgresError) throws -> Void) throws {
        var isSettled = false
        while !isSettled {
            isSettled = true
            for key in keys {
                guard let route = routes[key.child] else { continue }
                for statement in route.makeStages { try session.execute(statement) }
                if let parent = routes[key.parent] {
                    try makeLeft(key, parent)
                } else {
                    try session.execute(route.makeLeft(key, from: key.parentTable))
                }
                let found = RowSifter.blockers(try session.query(route.findOrphans(key)))
                guard !found.isEmpty else { continue }
                try keepOut(route, found, key.violation(by: route.name.table))
                isSettled = false
            }
        }
    }

    /// The staged rows that refer to a row that is not there, by their places, with the key that says so. Rows that the stage does not
    /// have whole are looked at when they are written.
    func orphans(_ route: TableRoute) throws -> [String: ForeignKey] {
        var found: [String: ForeignKey] = [:]
        for key in keys(of: route) where key.referring.allSatisfy(route.columns.contains) {
            let answer = try session.query(route.stagedOrphans(key))
            for row in 0..<answer.rowCount { found[answer.text(row, 0)] = key }
        }
        return found
    }

    /// The staged rows of a table that refer to a row that is neither there nor among some staged ones, by their places.
    ///
    /// - Parameter places: of some tables, by their oids: those of the staged rows that count as there, the table's own among them.
    func orphans(_ route: TableRoute, among places: [UInt32: [String]]) throws -> Set<String> {
        let own = places[route.receiverRelation] ?? []
        var found: Set<String> = []
        for key in keys(of: route) where key.referring.allSatisfy(route.columns.contains) {
            var question = (route.stagedOrphans(key), [] as [String])
            if let parent = routes[key.parent], let others = places[key.parent],
                key.referred.allSatisfy(parent.columns.contains)
            {
                question = (route.ringOrphans(key, parent), [own.postgresArray, others.postgresArray])
            }
            let answer = try session.query(question.0, question.1)
            for row in 0..<answer.rowCount { found.insert(answer.text(row, 0)) }
        }
        return found
    }

    /// Which of some staged rows refer to which others of them.
    ///
    /// - Parameter places: theirs, by the oids of their tables.
    func references(among places: [UInt32: [String]]) throws -> [StagedPlace: Set<StagedPlace>] {
        var found: [StagedPlace: Set<StagedPlace>] = [:]
        for key in keys {
            guard let child = routes[key.child], let parent = routes[key.parent], let rows = places[key.child],
                let others = places[key.parent], !rows.isEmpty, !others.isEmpty,
                key.referring.allSatisfy(child.columns.contains), key.referred.allSatisfy(parent.columns.contains)
            else { continue }
            let answer = try session.query(
                child.ringParents(key, parent), [rows.postgresArray, others.postgresArray])
            for row in 0..<answer.rowCount {
                let own = StagedPlace(relation: key.child, place: answer.text(row, 0))
                found[own, default: []].insert(StagedPlace(relation: key.parent, place: answer.text(row, 1)))
            }
        }
        return found
    }

    /// Whether a staged row refers to one of some rows that are shown of its table, be it through others.
    ///
    /// - Parameters:
    ///   - places: theirs.
    ///   - through: staged rows that it refers to, and that are to be shown with it.
    func depends(
        _ place: String, of route: TableRoute, on places: Set<String>, through: Set<StagedPlace> = []
    ) throws -> Bool {
        guard !places.isEmpty, isInRing(route) else { return false }
        var seen: [UInt32: Set<String>] = [:]
        var open = try parents([place], of: route, from: route.stage)
        for (relation, rows) in Dictionary(grouping: through, by: \.relation) {
            guard let table = routes[relation] else { continue }
            open.merge(try parents(rows.map(\.place), of: table, from: table.stage)) { $0.union($1) }
        }
        while let (relation, found) = open.popFirst() {
            if relation == route.receiverRelation, !places.isDisjoint(with: found) { return true }
            let new = found.subtracting(seen[relation] ?? [])
            guard !new.isEmpty, let table = routes[relation] else { continue }
            seen[relation, default: []].formUnion(new)
            open.merge(try parents(Array(new), of: table, from: table.target.sqlOnly)) { $0.union($1) }
        }
        return false
    }

    /// The rows that some refer to, by their tables.
    private func parents(_ places: [String], of route: TableRoute, from rows: String) throws -> [UInt32: Set<String>] {
        var found: [UInt32: Set<String>] = [:]
        for key in keys(of: route) where key.referring.allSatisfy(route.columns.contains) {
            let answer = try session.query(route.parents(key, from: rows), [places.postgresArray])
            for row in 0..<answer.rowCount { found[key.parent, default: []].insert(answer.text(row, 0)) }
        }
        return found
    }

    /// Whether rows of a table can refer to others of it, be it through other tables.
    private func isInRing(_ route: TableRoute) -> Bool {
        keys(of: route).contains { key in
            key.refersToItsOwnTable || keys.dependents(of: [route.receiverRelation]).contains(key.parent)
        }
    }

    /// A staged row of some table.
    struct StagedPlace: Hashable {
        let relation: UInt32
        let place: String
    }

    func refersToItself(_ route: TableRoute) -> Bool { keys(of: route).contains(where: \.refersToItsOwnTable) }
}

/// The statements by which references are looked at.
extension TableRoute {
    private func referred(_ key: ForeignKey) -> String { list(key.referred, of: "t") }

    func makeLeft(_ key: ForeignKey, from table: String? = nil) -> String {
        SQLTemplate.render(
            "multimaster/left_table",
            ["left": key.left, "referred": referred(key), "target": table ?? target.sqlOnly])
    }

    func leaveStaged(_ key: ForeignKey) -> String {
        let others = key.referred.filter { !(receiverKey?.columns ?? []).contains($0) }
        // What the stage does not have counts as changed.
        let changes = others.map { column in
            let name = SQLText.identifier(column)
            return columns.contains(column) ? "t.\(name) IS DISTINCT FROM s.\(name)" : "true"
        }
        return receiverRender(
            "multimaster/leave_staged",
            [
                "left": key.left, "referred": referred(key),
                "changes": (["NOT s.\(flagName)"] + changes).joined(separator: " OR "),
            ])
    }

    func leavePlace(_ key: ForeignKey, from table: String? = nil) -> String {
        receiverRender(
            "multimaster/leave_place",
            ["left": key.left, "referred": referred(key), "target": table ?? target.sqlOnly])
    }

    private func parts(_ key: ForeignKey) -> [String: String] {
        [
            "given": key.given, "match": key.match, "parent": key.parentTable, "left": key.left,
            "lock": key.mayLock ? " FOR KEY SHARE" : "",
        ]
    }

    func countOrphans(_ key: ForeignKey) -> String {
        let joins = receiverKey.map { join(.columns("c"), .columns("s"), $0) } ?? "false"
        return receiverRender("multimaster/count_orphans", parts(key).merging(["joins": joins]) { $1 })
    }

    func countLeft(_ key: ForeignKey) -> String { receiverRender("multimaster/count_left", parts(key)) }

    func stagedOrphans(_ key: ForeignKey) -> String {
        let itself =
            key.refersToItsOwnTable ? "EXISTS (SELECT FROM (SELECT c.*) AS p WHERE \(key.match))" : "false"
        return receiverRender("multimaster/staged_orphans", parts(key).merging(["itself": itself]) { $1 })
    }

    func ringOrphans(_ key: ForeignKey, _ parent: TableRoute) -> String {
        receiverRender("multimaster/ring_orphans", parts(key).merging(["parent_stage": parent.stage]) { $1 })
    }

    func ringParents(_ key: ForeignKey, _ parent: TableRoute) -> String {
        receiverRender("multimaster/ring_parents", parts(key).merging(["parent_stage": parent.stage]) { $1 })
    }

    func parents(_ key: ForeignKey, from rows: String) -> String {
        receiverRender("multimaster/parents_of", parts(key).merging(["rows": rows]) { $1 })
    }

    func findOrphans(_ foreignKey: ForeignKey) -> String {
        guard let key = receiverKey else { return "" }
        let delta = DeltaColumns(key, of: target)
        let rowKeys = zip(key.columns, delta.columns).map { "c.\(SQLText.identifier($0)) AS \($1.arrayName)" }
        return asVersions(
            receiverRender(
                "multimaster/find_orphans",
                parts(foreignKey).merging([
                    "row_keys": rowKeys.joined(separator: ", "),
                    "values": columns.map { "c.\(SQLText.identifier($0))::text" }.joined(separator: ", "),
                    "staged_joins": join(.columns("c"), .columns("s"), key),
                ]) { $1 }))
    }
}
