import Model
import Postgres

/// The grants that an ordinary role needs, as SQL that an administrator can run.
enum Grants {
    static func createSchema(_ facts: ServerFacts) -> String {
        "GRANT CREATE ON DATABASE \(SQLText.identifier(facts.database)) TO \(SQLText.identifier(facts.role));"
    }

    static func replicaRole(_ facts: ServerFacts) -> String {
        "GRANT SET ON PARAMETER session_replication_role TO \(SQLText.identifier(facts.role));"
    }

    /// What the role lacks to capture and read tables.
    static func missingAtSource(
        _ tables: [SelectedTable], sync: String, node: String, facts: ServerFacts
    ) -> [Finding] {
        let lacking = tables.map(\.definition).filter { !$0.maySelect || !$0.mayTrigger }
        return finding(lacking, privileges: "SELECT, TRIGGER", does: "capture", sync: sync, node: node, facts: facts)
    }

    /// What the role lacks to write tables and to make them read-only for others.
    static func missingAtTarget(
        _ tables: [TableDefinition], sync: String, node: String, facts: ServerFacts
    ) -> [Finding] {
        let lacking = tables.filter { !$0.maySelect || !$0.mayWrite || !$0.mayTrigger }
        return finding(
            lacking, privileges: "SELECT, INSERT, UPDATE, DELETE, TRIGGER", does: "write and fence", sync: sync,
            node: node, facts: facts)
    }

    private static func finding(
        _ lacking: [TableDefinition], privileges: String, does: String, sync: String, node: String, facts: ServerFacts
    ) -> [Finding] {
        guard let first = lacking.first else { return [] }
        let others = lacking.count > 1 ? " and \(lacking.count - 1) more tables" : ""
        let role = SQLText.identifier(facts.role)
        let schemas = Set(lacking.map(\.name.schema)).sorted().map { SQLText.identifier($0) }
        let tables = lacking.flatMap { [$0.name.sql] + $0.partitions.map(\.name.sql) }
        let grants =
            "GRANT USAGE ON SCHEMA \(schemas.joined(separator: ", ")) TO \(role); "
            + "GRANT \(privileges) ON \(tables.joined(separator: ", ")) TO \(role);"
        return [
            Finding(
                .problem, node: node, sync: sync,
                "role \(facts.role) may not \(does) \(first.name)\(others)", remedy: "as their owner: \(grants)")
        ]
    }
}
