import Assets
import Console
import LocalCluster
import Postgres

extension DemoStep {
    /// The tables at both nodes, the rows at the primary; and what an administrator grants to Switchback's role.
    static let repository = DemoStep(title: "A data repository at raleigh; durham has its empty tables") { stage in
        let nodes = try stage.nodes
        let parts = ["people", "items", "files", "workflow"]
        for cluster in [nodes.raleigh, nodes.durham] {
            try await DemoNodes.with(cluster) { session in
                for part in parts { try session.execute(Assets.demo("schema/" + part)) }
            }
        }
        for part in parts {
            stage.screen.live("filling in \(part)")
            try await DemoNodes.with(nodes.raleigh) { try $0.execute(Assets.demo("data/" + part)) }
        }
        try await DemoNodes.with(nodes.raleigh) { try $0.execute("ANALYZE") }
        for cluster in [nodes.raleigh, nodes.durham] { try await grant(cluster, "roles/grants") }
        let (tables, rows, bytes) = try await DemoNodes.with(nodes.raleigh) { session in
            let answer = try session.query(Assets.demo("look/size")).rows[0]
            return (answer.int(0) ?? 0, answer.int(1) ?? 0, answer.int(2) ?? 0)
        }
        stage.figures.change {
            $0.start.tables = tables
            $0.start.rows = rows
            $0.start.bytes = bytes
        }
        stage.screen.say(
            "\(ProgressText.count(tables, "table")), \(ProgressText.count(rows)) rows, \(ProgressText.bytes(bytes)):"
                + " people, collections, items, metadata,")
        stage.screen.say("bitstreams, checksums, reviews, identifiers, downloads by year …")
    }

    private static func grant(_ cluster: LocalCluster, _ name: String) async throws {
        try await DemoNodes.with(cluster, user: cluster.superuser) { try $0.execute(Assets.demo(name)) }
    }
}
