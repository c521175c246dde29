import LocalCluster

/// A database that takes part in a benchmark.
struct Node: Sendable {
    let cluster: LocalCluster
    let database: String

    var host: String { cluster.host }
    var port: Int { cluster.port }
    var user: String { cluster.superuser }

    /// Without quotes, so that it can stand inside of those of other programs.
    var dsn: String { "host=\(host) port=\(port) user=\(user) dbname=\(database)" }

    func sibling(_ database: String) -> Node { Node(cluster: cluster, database: database) }
}
