import Assets
import Foundation
import LocalCluster
import Postgres
import Replication
import Settings

/// The two nodes of the demo and the configuration that joins them.
struct DemoNodes: Sendable {
    let raleigh: LocalCluster
    let durham: LocalCluster
    let site: TheSite
    /// The files of the site; nil where nothing can move them.
    let files: DemoFiles?
    /// The line between the towns: whoever carries changes reaches raleigh by it. People at raleigh do not.
    let line: TCPProxy
    let cluster: Cluster
    let yaml: String

    static let database = "repository"
    /// Owns the tables; the application.
    static let owner = "repository"
    /// An ordinary role, for Switchback.
    static let role = "switchback"

    /// Servers that take little of the disk.
    static let serverSettings = ["max_wal_size": "192MB", "min_wal_size": "32MB", "shared_buffers": "64MB"]

    init(raleigh: LocalCluster, durham: LocalCluster, site: TheSite, files: DemoFiles?) throws {
        self.raleigh = raleigh
        self.durham = durham
        self.site = site
        self.files = files
        line = try TCPProxy.start(to: raleigh.port)
        yaml = """
            cluster: demo
            nodes:
              raleigh: { dsn: "\(raleigh.dsn(database: Self.database, user: Self.role, port: line.port))" }
              durham:  { dsn: "\(durham.dsn(database: Self.database, user: Self.role))" }
            syncs:
              repository:
                nodes: { raleigh: source, durham: target }
                tables: ["public.*"]
                overrides:
                  public.collection: { counters: [items, bytes] }
            sites:
              primary:   { node: raleigh, address: \(TheSite.addresses[0]) }
              secondary: { node: durham,  address: \(TheSite.addresses[1]) }
            health:
              every: 500ms
              timeout: 2s
              fall: 3
              rise: 2
              observer: demo
              checks:
                - { site: primary,   http: { url: "\(site.url)", address: \(TheSite.addresses[0]), contains: "data repository" } }
                - { site: secondary, http: { url: "\(site.url)", address: \(TheSite.addresses[1]), contains: "data repository" } }
            dns:
              provider: \(site.names.provider)
              servers: ["\(site.names.address)"]
              records: [{ name: \(NameService.name), type: A, ttl: \(NameService.ttlSeconds)s }]
            failover:
              mode: automatic
              limits: { lost: 1s }

            """ + (files?.yaml ?? "")
        cluster = Cluster(try Settings.parse(yaml))
    }

    /// What raleigh writes on its way to durham.
    var stream: StreamID { cluster.settings.streams.first { $0.source == "raleigh" } ?? cluster.settings.streams[0] }
    /// What durham writes on its way back.
    var backward: StreamID { cluster.settings.streams.first { $0.source == "durham" } ?? cluster.settings.streams[0] }

    /// A connection as people make it.
    static func open(
        _ cluster: LocalCluster, database: String = DemoNodes.database, user: String = DemoNodes.owner
    ) async throws -> Connection {
        try await Connection.open(
            ConnectionSettings(
                dsn: cluster.dsn(database: database, user: user), applicationName: "repository",
                sessionParameters: [("search_path", "public, pg_catalog")]))
    }

    /// Runs something on a connection of its own.
    static func with<R: Sendable>(
        _ cluster: LocalCluster, database: String = DemoNodes.database, user: String = DemoNodes.owner,
        _ body: @Sendable (Session) throws -> R
    ) async throws -> R {
        let connection = try await open(cluster, database: database, user: user)
        do {
            let result = try await connection.run(deadline: .seconds(120), body)
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Where the configuration lies: it goes with the clusters.
    var configurationFile: String { raleigh.folder + "/switchback.yaml" }

    /// Puts it there, for whoever wants to look on from elsewhere.
    func writeConfiguration() throws {
        do { try yaml.write(toFile: configurationFile, atomically: false, encoding: .utf8) } catch {
            throw DemoError("could not write \(configurationFile): \(error.localizedDescription)")
        }
    }
}
