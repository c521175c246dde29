import Foundation
public import LocalCluster
public import Replication
import Settings
public import Testing

/// A site and its standby: two databases, of which one is active and the other's fence is closed.
public struct TestSite: Sendable {
    /// Node `raleigh`, site `primary`: active at the start.
    public let primary: TestDatabase
    /// Node `durham`, site `secondary`: the standby at the start.
    public let secondary: TestDatabase
    public let yaml: String
    public let cluster: Cluster

    public var streams: [StreamID] { cluster.settings.streams }

    /// Makes the databases, runs a schema in both, and rows in the primary.
    ///
    /// - Parameters:
    ///   - sync: further lines of the sync, at its indentation.
    ///   - more: further lines of the configuration.
    ///   - primaryServer, secondaryServer: where; shared servers when nil.
    public static func make(
        schema: String, rows: String = "", sync: String = "", more: String = "", primaryServer: LocalCluster? = nil,
        secondaryServer: LocalCluster? = nil, primaryDSN: String? = nil
    ) async throws -> TestSite {
        let shared = TestServers.shared
        let home: LocalCluster
        if let primaryServer { home = primaryServer } else { home = try await shared.server("source") }
        let other: LocalCluster
        if let secondaryServer { other = secondaryServer } else { other = try await shared.server("target") }
        let primary = try await TestDatabase.make(in: home)
        let secondary = try await TestDatabase.make(in: other)
        for database in [primary, secondary] { try await database.run(schema) }
        if !rows.isEmpty { try await primary.run(rows) }
        let yaml = """
            cluster: site
            nodes:
              raleigh: { dsn: "\(primaryDSN ?? primary.dsn)" }
              durham: { dsn: "\(secondary.dsn)" }
            syncs:
              main:
                nodes: { raleigh: source, durham: target }
                tables: ["public.*"]
            \(sync)
            sites:
              primary: { node: raleigh, address: 192.0.2.10 }
              secondary: { node: durham, address: 198.51.100.20 }
            failover:
              mode: manual
            \(more)
            """
        return TestSite(
            primary: primary, secondary: secondary, yaml: yaml, cluster: Cluster(try Settings.parse(yaml)))
    }

    public func fence(_ node: String) -> NodeFence { NodeFence(node: node, cluster: cluster) }

    /// `schema install` and `copy`: from here on the streams can run, both ways.
    public func start() async throws {
        try await Installer(cluster).install { _ in }
        for stream in streams where stream.source != "raleigh" {
            _ = try await FirstCopy(stream: stream, cluster: cluster, logger: TestPair.logger).beginWithoutCopy()
        }
        for stream in streams where stream.source == "raleigh" {
            let report = try await FirstCopy(stream: stream, cluster: cluster, logger: TestPair.logger).run(.refuse)
            #expect(report.refused.isEmpty)
        }
        try await catchUp()
    }

    /// Brings what either node wrote before the call to the other.
    public func catchUp(timeout: Duration = .seconds(120)) async throws {
        let results = try await CatchUp(cluster, logger: TestPair.logger).run(
            streams, timeout: timeout, allTables: false)
        for result in results where !result.isCaughtUp {
            Issue.record("\(result.stream) is not caught up: \(result.reason ?? "no reason given")")
        }
    }

    /// Runs an engine for both streams while the body runs, in this process.
    public func withEngine<R: Sendable>(_ body: @Sendable @escaping () async throws -> R) async throws -> R {
        try await cluster.withEngine(logger: TestPair.logger, body)
    }

    /// Expects both nodes to hold the same rows (P4).
    public func expectEqual(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let names = try await primary.tables()
        let wanted = try await primary.digests(names)
        for (table, digests) in zip(names, zip(wanted, try await secondary.digests(names))) {
            #expect(digests.0 == digests.1, "\(table)", sourceLocation: sourceLocation)
        }
    }
}
