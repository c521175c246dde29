import LocalCluster

/// Masters that many tests begin with, each with its own: made, installed and started once, and copied for everybody who asks, which takes a
/// fraction of the time.
public actor CommonMasters {
    public static let shared = CommonMasters()

    /// What tells one such group from another.
    private struct Kind: Hashable {
        let schema, rows, sync: String
        let masters, targets: Int
    }

    private var making: [Kind: Task<TestMasters, any Error>] = [:]

    /// Nodes as ``TestMasters/make(schema:rows:masters:targets:sync:servers:doubtAfter:dsn:)`` makes them and ``TestMasters/start(settles:)``
    /// leaves them, the caller's own.
    public func started(
        schema: String, rows: String = "", masters: Int = 2, targets: Int = 0, sync: String = ""
    ) async throws -> TestMasters {
        let kind = Kind(schema: schema, rows: rows, sync: sync, masters: masters, targets: targets)
        let task =
            making[kind]
            ?? Task {
                let made = try await TestMasters.make(
                    schema: schema, rows: rows, masters: masters, targets: targets, sync: sync)
                try await made.start()
                return made
            }
        making[kind] = task
        return try await task.value.copied()
    }
}

extension TestMasters {
    /// The same nodes once more, in databases of their own. Nobody may be connected to these nodes.
    fileprivate func copied() async throws -> TestMasters {
        var copies: [TestDatabase] = []
        var oids: [String] = []
        var yaml = self.yaml
        for node in nodes {
            let copy = TestDatabase(server: node.server, name: "t\(UInt64.random(in: 0 ... .max))")
            try await TestDatabase(server: node.server, name: "postgres").run(
                "CREATE DATABASE \(copy.name) TEMPLATE \(node.name)")
            oids.append(try await copy.value("SELECT oid FROM pg_database WHERE datname = current_database()") ?? "")
            yaml = yaml.replacing(node.name, with: copy.name)
            copies.append(copy)
        }
        // Otherwise they would be taken for what they are.
        let sources = oids.prefix(masters.count).enumerated().map { "WHEN '\(Self.name($0))' THEN \($1)" }
        for (copy, oid) in zip(copies, oids) {
            try await copy.run(
                """
                UPDATE switchback.node SET database_oid = \(oid);
                UPDATE switchback.cursor SET source_database_oid = CASE source \(sources.joined(separator: " ")) END;
                """)
        }
        return try TestMasters(
            masters: Array(copies.prefix(masters.count)), targets: Array(copies.dropFirst(masters.count)), yaml: yaml)
    }
}
