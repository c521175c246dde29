/// What a history of writes to tables that refer to one another comes to: of each row what the rule makes of its writes, and of these rows
/// those that the tables' constraints let be shown. It is made of the written rules alone, as ``Oracle`` is.
///
/// Three tables: `parent` with a unique code, `child` that must refer to a parent and has a unique seat, `tree` whose rows refer to one
/// another and to children. A row is kept out whose parent is not shown; of rows that claim one value the one that was written last is
/// shown. Whoever is kept out for a parent claims nothing.
struct FamilyOracle {
    enum Table: Int, CaseIterable {
        case parent = 1
        case child, tree
    }

    /// Rows of all tables are the oracle's, under keys of their own; `name` is the second column, `n` the third, -1 where it is null.
    var oracle: Oracle

    static func key(_ table: Table, _ id: Int) -> Int { table.rawValue * 100 + id }

    /// What is shown at the end, and what is kept out, as a row's text each.
    func outcome(ids: ClosedRange<Int>) -> (shown: [Table: [String]], keptOut: Set<String>) {
        var shown: [Table: [Int: Oracle.Row]] = [:]
        var keptOut: Set<String> = []
        for table in Table.allCases {
            let rows = ids.compactMap { id -> Candidate? in
                let outcome = oracle.outcome(of: Self.key(table, id), at: 0)
                guard let row = outcome.row, let newest = outcome.newest else { return nil }
                return Candidate(id: id, row: row, newest: newest)
            }
            let kept = allowed(rows, of: table, shown)
            shown[table] = Dictionary(uniqueKeysWithValues: kept.map { ($0.id, $0.row) })
            for row in rows where shown[table]?[row.id] == nil { keptOut.insert(Self.text(table, row.id, row.row)) }
        }
        return (
            shown.reduce(into: [:]) { texts, part in
                texts[part.key] = part.value.sorted { $0.key < $1.key }.map { Self.text(part.key, $0.key, $0.value) }
            }, keptOut
        )
    }

    static func text(_ table: Table, _ id: Int, _ row: Oracle.Row) -> String {
        let third = table == .parent ? "" : ",\(row.n < 0 ? "NULL" : "\(row.n)")"
        return "\(table)(\(id),\(row.name.isEmpty ? "NULL" : row.name)\(third))"
    }

    private struct Candidate {
        let id: Int
        let row: Oracle.Row
        let newest: Oracle.Write
    }

    private func allowed(_ rows: [Candidate], of table: Table, _ shown: [Table: [Int: Oracle.Row]]) -> [Candidate] {
        func isShown(_ table: Table, _ id: Int) -> Bool { shown[table]?[id] != nil }
        switch table {
        case .parent: return latest(rows) { $0.name }
        case .child:
            let fed = rows.filter { Int($0.row.name).map { isShown(.parent, $0) } ?? true }
            return latest(fed) { $0.n < 0 ? "" : "\($0.n)" }
        case .tree:
            // Rows that refer to one another stand together: only those go that refer to one that is gone.
            var left = rows.filter { $0.row.n < 0 || isShown(.child, $0.row.n) }
            while true {
                let ids = Set(left.map(\.id))
                let next = left.filter { Int($0.row.name).map { ids.contains($0) } ?? true }
                if next.count == left.count { return left }
                left = next
            }
        }
    }

    /// The rows that are left when each value is shown once, by whoever wrote last.
    private func latest(_ rows: [Candidate], by value: (Oracle.Row) -> String) -> [Candidate] {
        var taken: Set<String> = []
        return rows.sorted { oracle.isEarlier($1.newest, $0.newest) }.filter { row in
            let value = value(row.row)
            return value.isEmpty || taken.insert(value).inserted
        }
    }
}
