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

    static func useSchema(_ facts: ServerFacts) -> String {
        "GRANT USAGE, CREATE ON SCHEMA switchback TO \(SQLText.identifier(facts.role));"
    }

    static func temporary(_ facts: ServerFacts) -> String {
        "GRANT TEMPORARY ON DATABASE \(SQLText.identifier(facts.database)) TO \(SQLText.identifier(facts.role));"
    }

    /// What the role lacks to capture and read tables, and to read their sequences.
    static func missingAtSource(
        _ tables: [SelectedTable], sequences: [SequenceDefinition], sync: String, node: String, facts: ServerFacts
    ) -> [Finding] {
        let role = Role(facts: facts, node: node, sync: sync)
        let definitions = tables.map(\.definition)
        let lacking =
            definitions.filter { !$0.maySelect || !$0.mayTrigger }.map(\.name)
            + definitions.flatMap(\.partitions).filter { !$0.maySelect || !$0.mayTrigger }.map(\.name)
        return role.finding(lacking, lacks: "capture", "SELECT, TRIGGER ON TABLE")
            + role.finding(sequences.filter { !$0.mayRead }.map(\.name), lacks: "read", "SELECT ON SEQUENCE")
    }

    /// What the role lacks to write tables, to make them read-only for others, and to move their sequences.
    static func missingAtTarget(
        _ tables: [TableDefinition], sequences: [SequenceDefinition], sync: String, node: String, facts: ServerFacts
    ) -> [Finding] {
        let role = Role(facts: facts, node: node, sync: sync)
        let lacking =
            tables.filter { !$0.maySelect || !$0.mayWrite || !$0.mayTrigger }.map(\.name)
            + tables.flatMap(\.partitions).filter { !$0.maySelect || !$0.mayTrigger }.map(\.name)
        return role.finding(lacking, lacks: "write and fence", "SELECT, INSERT, UPDATE, DELETE, TRIGGER ON TABLE")
            + role.finding(
                sequences.filter { !$0.maySet || !$0.mayRead }.map(\.name), lacks: "move", "SELECT, UPDATE ON SEQUENCE")
    }

    /// Who is to be granted something, and where.
    private struct Role {
        let facts: ServerFacts
        let node: String
        let sync: String

        func finding(_ lacking: [TableName], lacks: String, _ privileges: String) -> [Finding] {
            guard let first = lacking.first else { return [] }
            let others = lacking.count > 1 ? " and \(lacking.count - 1) more" : ""
            let role = SQLText.identifier(facts.role)
            let schemas = Set(lacking.map(\.schema)).sorted().map { SQLText.identifier($0) }
            let grants =
                "GRANT USAGE ON SCHEMA \(schemas.joined(separator: ", ")) TO \(role); "
                + "GRANT \(privileges) \(lacking.map(\.sql).joined(separator: ", ")) TO \(role);"
            return [
                Finding(
                    .problem, node: node, sync: sync, "role \(facts.role) may not \(lacks) \(first)\(others)",
                    remedy: "as their owner: \(grants)")
            ]
        }
    }
}
