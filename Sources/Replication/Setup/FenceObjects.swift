import Model
import Postgres

/// The triggers that make one table read-only to applications: at a target always, at a site's node while its fence is closed.
struct FenceObjects {
    let definition: TableDefinition
    /// The table's number at its node.
    let id: Int
    let node: String
    let sync: String
    /// Whether the node's fence is asked.
    let isGate: Bool

    private static let statementTrigger = "switchback_fence"
    private static let rowTrigger = "switchback_fence_row"

    private var function: String { "fence_\(id)" }

    /// Makes the function, and puts the triggers on the table and its partitions.
    func statements() -> [String] {
        let made = SQLTemplate.render(
            isGate ? "fence/gate_function" : "fence/function", ["function": function], commented: true)
        return [made]
            + wantedTriggers.flatMap { relation, triggers in
                triggers.map { trigger in
                    SQLTemplate.render(
                        trigger == Self.rowTrigger ? "fence/row_trigger" : "fence/statement_trigger",
                        [
                            "table": relation.name.sql, "function": function, "node": SQLText.literal(node),
                            "sync": SQLText.literal(sync),
                        ])
                }
            }
    }

    /// The triggers that are to be on each table; clones that partitions have are not among them.
    ///
    /// Statement triggers refuse also what touches no row, and TRUNCATE; a row trigger refuses what reaches the table under
    /// another table's name.
    var wantedTriggers: [(relation: (oid: UInt32, name: TableName), triggers: [String])] {
        let own = definition.hasOtherNames ? [Self.statementTrigger, Self.rowTrigger] : [Self.statementTrigger]
        return [(relation: (oid: definition.oid, name: definition.name), triggers: own)]
            + definition.partitions.map {
                (relation: (oid: $0.oid, name: $0.name), triggers: [Self.statementTrigger])
            }
    }
}
