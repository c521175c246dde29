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
        case .function(let name): findings += functionFindings(name, rule, sync, table, catalogues)
        }
        for counter in override?.counters ?? [] {
            for node in sync.sources + sync.targets {
                guard let definition = catalogues[node]?.table(table),
                    let (why, remedy) = counterProblem(counter, definition, rule)
                else { continue }
                problem("\(counter) of \(table) at \(node) cannot be a counter: \(why)", remedy)
            }
        }
        return findings
    }

    /// What is wrong with a function that is to settle conflicts.
    private static func functionFindings(
        _ text: String, _ rule: ConflictRule, _ sync: SyncSettings, _ table: TableName,
        _ catalogues: [String: Catalogue]
    ) -> [Finding] {
        let name = RuleFunction.name(text)
        var findings: [Finding] = []
        func problem(_ message: String, _ remedy: String, at node: String? = nil) {
            findings.append(Finding(.problem, node: node, sync: sync.name, message, remedy: remedy))
        }
        var found: [(node: String, function: RuleFunction)] = []
        for node in sync.sources + sync.targets {
            guard let catalogue = catalogues[node] else { continue }
            guard let function = catalogue.functions.first(where: { $0.name == name }) else {
                problem(
                    "there is no function \(name)(text, jsonb, jsonb, jsonb, jsonb) that returns jsonb, by which conflicts of \(table) are to be settled",
                    "create it at every node: it is given the table, the key, the earlier version, the later version, and who wrote them when",
                    at: node)
                continue
            }
            // Values are compared by their bytes where a rule compares any.
            if let why = rule.refusal(
                sources: sync.sources.count, functionIsImmutable: function.isImmutable, comparesAlike: true)
            {
                problem(
                    "conflicts of \(table) cannot be settled so: \(why)",
                    "declare it IMMUTABLE, if its answer depends on its arguments alone; otherwise choose another rule, such as merge or latest",
                    at: node)
            }
            found.append((node, function))
        }
        if let first = found.first,
            let other = found.first(where: { $0.function.fingerprint != first.function.fingerprint })
        {
            problem(
                "the function \(name) at \(first.node) and at \(other.node) are not the same: nodes could make different rows of the same versions",
                "create it at every node from the same text")
        }
        return findings
    }

    /// Why a column cannot be a counter, and what helps; nil when it can.
    private static func counterProblem(
        _ name: String, _ table: TableDefinition, _ rule: ConflictRule
    ) -> (why: String, remedy: String)? {
        guard let column = table.column(name) else { return ("there is no such column", "name a column of the table") }
        if table.keys.first?.columns.contains(name) == true {
            return ("it is part of the key", "leave it out of the counters")
        }
        if column.generated {
            return ("it is computed by the server", "count what it is computed from")
        }
        if CounterType(column) == nil {
            return (
                "its type is \(column.type), and only smallint, integer, bigint and numeric are added up exactly",
                "give it one of these types at every node, or leave it out of the counters"
            )
        }
        if rule.comparedColumn == name {
            return ("conflicts are settled by its value, which then is another one", "choose another column or rule")
        }
        return nil
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
