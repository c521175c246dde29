import Assets
import Console
import LocalCluster
import Postgres

extension DemoStep {
    /// Makes the clusters, with the roles of an application and of Switchback.
    static let twoClusters = DemoStep(title: "Two Postgres clusters") { stage in
        let clock = ContinuousClock()
        let began = clock.now
        stage.screen.live("making them")
        async let first = stage.cluster("raleigh")
        async let second = stage.cluster("durham")
        let clusters = [try await first, try await second]
        let nodes = try DemoNodes(
            raleigh: clusters[0], durham: clusters[1], site: try await stage.open(clusters),
            files: try await DemoFiles.prepare(beside: clusters))
        for cluster in [nodes.raleigh, nodes.durham] {
            try await DemoNodes.with(cluster, database: "postgres", user: cluster.superuser) { session in
                try session.execute(Assets.demo("roles/roles"))
                try session.execute(Assets.demo("roles/database"))
            }
        }
        try nodes.writeConfiguration()
        stage.use(nodes)
        stage.figures.change { $0.start.postgres = stage.installation.version }
        stage.screen.say("raleigh  port \(nodes.raleigh.port)   the primary")
        stage.screen.say("durham   port \(nodes.durham.port)   the secondary, in another town")
        stage.screen.note("ready after \(ProgressText.duration(clock.now - began))")
    }
}
