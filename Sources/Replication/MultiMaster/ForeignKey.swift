import Assets
import Model
import Postgres

/// A foreign key as a receiver declares it.
struct ForeignKey: Sendable {
    let oid: UInt32
    let name: String
    /// The table that refers, and the one that is referred to.
    let child: UInt32
    let parent: UInt32
    /// The name of this one.
    let parentTable: String
    /// Rows of it may be locked.
    let mayLock: Bool
    /// SQL over p and c: whether p is the row that c refers to.
    let match: String
    /// SQL over c: whether it refers to a row at all.
    let given: String
    /// The columns that are referred to, and those that refer.
    let referred: [String]
    let referring: [String]

    var refersToItsOwnTable: Bool { child == parent }
    /// The temporary table of what is no more.
    var left: String { "pg_temp.switchback_left_\(oid)" }

    /// As the server would have it.
    func violation(by table: String) -> PostgresError {
        var error = PostgresError(
            .server, "insert or update on table \"\(table)\" violates foreign key constraint \"\(name)\"",
            sqlState: "23503")
        error.constraint = name
        return error
    }

    static let query = "multimaster/foreign_keys"

    /// Those of, and to, some tables.
    static func read(_ session: Session, sync: String, _ relations: [UInt32]) throws -> [ForeignKey] {
        list(try session.query(Assets.sql(query), [sync, relations.postgresArray]))
    }

    static func list(_ answer: QueryResult) -> [ForeignKey] {
        (0..<answer.rowCount).map { row in
            func names(_ column: Int) -> [String] { (RecordedValues.list(answer[row, column]) ?? []).compactMap { $0 } }
            return ForeignKey(
                oid: answer.oid(row, 0), name: answer.text(row, 1), child: answer.oid(row, 2),
                parent: answer.oid(row, 3),
                parentTable: answer.text(row, 4), mayLock: answer.bool(row, 5), match: answer.text(row, 6),
                given: answer.text(row, 7), referred: names(8), referring: names(9))
        }
    }
}

extension [ForeignKey] {
    /// Some tables and all whose rows could be left without what they refer to when rows of these go.
    func dependents(of relations: some Sequence<UInt32>) -> Set<UInt32> {
        var found = Set(relations)
        var open = [UInt32](found)
        while let parent = open.popLast() {
            for key in self where key.parent == parent && found.insert(key.child).inserted { open.append(key.child) }
        }
        return found
    }

    /// Tables in groups, those that are referred to before those that refer to them: in one group are those that refer to one another in a
    /// ring.
    func rings(_ routes: [TableRoute]) -> [[TableRoute]] {
        let relations = Set(routes.map(\.receiverRelation))
        let among = filter { relations.contains($0.child) && relations.contains($0.parent) }
        let reach = Dictionary(
            relations.map { ($0, among.dependents(of: [$0])) }, uniquingKeysWith: { first, _ in first })
        var groups: [[TableRoute]] = []
        // In one order at all nodes.
        for route in parentsFirst(routes.sorted { $0.name.description < $1.name.description }) {
            let own = route.receiverRelation
            let home = groups.firstIndex { group in
                group.contains {
                    reach[$0.receiverRelation]?.contains(own) == true
                        && reach[own]?.contains($0.receiverRelation) == true
                }
            }
            if let home { groups[home].append(route) } else { groups.append([route]) }
        }
        return groups
    }

    /// Tables in such an order that those that are referred to come first; in a ring, any of them.
    func parentsFirst(_ routes: [TableRoute]) -> [TableRoute] {
        guard !isEmpty else { return routes }
        let known = Dictionary(routes.map { ($0.receiverRelation, $0) }, uniquingKeysWith: { first, _ in first })
        var sorted: [TableRoute] = []
        var seen: Set<UInt32> = []
        func visit(_ route: TableRoute) {
            guard seen.insert(route.receiverRelation).inserted else { return }
            for key in self where key.child == route.receiverRelation {
                if let parent = known[key.parent] { visit(parent) }
            }
            sorted.append(route)
        }
        routes.forEach(visit)
        return sorted
    }
}
