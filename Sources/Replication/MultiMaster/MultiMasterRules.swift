import Model
import Settings

/// Which conflict rules a sync with several sources can have.
enum MultiMasterRules {
    /// What is wrong with a sync's rules, by what its sources hold.
    static func findings(_ sync: SyncSettings, catalogues: [String: Catalogue]) -> [Finding] {
        let tables = Set(
            sync.sources.compactMap { catalogues[$0] }.flatMap { $0.tables }.filter { sync.names($0.name) }.map(\.name))
        return tables.sorted().flatMap { table in findings(sync, table, catalogues) }
    }

    private static func findings(
        _ sync: SyncSettings, _ table: TableName, _ catalogues: [String: Catalogue]
    ) -> [Finding] {
        let override = sync.override(for: table)
        let rule = override?.conflict ?? sync.conflict
        var findings: [Finding] = []
        func problem(_ message: String, _ remedy: String) {
            findings.append(Finding(.problem, sync: sync.name, message, remedy: remedy))
        }
        switch rule {
        case .latest, .earliest, .prefer, .merge, .hold: break
        case .largest(let column), .smallest(let column):
            for node in sync.sources where catalogues[node]?.table(table)?.column(column) == nil {
                problem(
                    "\(table) at \(node) has no column \(column), by which its conflicts are to be settled",
                    "name a column of the table")
            }
        case .function:
            problem(
                "conflicts of \(table) are to be settled by \(rule.name), which this version does not do",
                "choose latest, earliest, prefer, merge, largest, smallest or hold")
        }
        if let counters = override?.counters, !counters.isEmpty {
            problem(
                "\(table) has counters, which this version does not add up",
                "leave counters out, and choose a rule for the table")
        }
        return findings
    }
}

extension ConflictRule {
    /// As the configuration has it.
    var name: String {
        switch self {
        case .latest: "latest"
        case .earliest: "earliest"
        case .prefer: "prefer"
        case .merge: "merge"
        case .largest: "largest"
        case .smallest: "smallest"
        case .function: "function"
        case .hold: "hold"
        }
    }

    /// The column whose values decide, where a column's do.
    var comparedColumn: String? {
        switch self {
        case .largest(let column), .smallest(let column): column
        case .latest, .earliest, .prefer, .merge, .function, .hold: nil
        }
    }
}
