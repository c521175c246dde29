public import LocalCluster
public import Logging
public import Replication
import Settings
public import Testing

/// A source and its targets, each a database of its own, under one configuration.
public struct TestPair: Sendable {
    public let source: TestDatabase
    public let targets: [TestDatabase]
    public var target: TestDatabase { targets[0] }
    /// The configuration, as YAML; nodes are called `source`, `target`, `target2` and so on, the sync `main`.
    public let yaml: String
    public let cluster: Cluster

    /// Makes the databases and runs a schema in each of them.
    ///
    /// - Parameters:
    ///   - schema: SQL for all nodes.
    ///   - tables: the sync's globs.
    ///   - sync: further lines of the sync, at its indentation: `    overrides: {…}`.
    ///   - targets: how many.
    ///   - sourceServer, targetServer: where; shared servers when nil.
    ///   - sourceDSN, targetDSN: how the engine reaches a node, such as through a proxy or as another role.
    public static func make(
        schema: String, tables: [String] = ["public.*"], sync: String = "", targets: Int = 1,
        sourceServer: LocalCluster? = nil, targetServer: LocalCluster? = nil,
        sourceDSN: ((TestDatabase) -> String)? = nil, targetDSN: ((TestDatabase) -> String)? = nil
    ) async throws -> TestPair {
        let shared = TestServers.shared
        let sourceHome: LocalCluster
        if let sourceServer { sourceHome = sourceServer } else { sourceHome = try await shared.server("source") }
        let targetHome: LocalCluster
        if let targetServer { targetHome = targetServer } else { targetHome = try await shared.server("target") }
        let source = try await TestDatabase.make(in: sourceHome)
        var receivers: [TestDatabase] = []
        for _ in 0..<targets { receivers.append(try await TestDatabase.make(in: targetHome)) }
        for database in [source] + receivers { try await database.run(schema) }
        var yaml = "cluster: test\nnodes:\n"
        yaml += "  source: { dsn: \(quoted(sourceDSN?(source) ?? source.dsn)) }\n"
        for (index, receiver) in receivers.enumerated() {
            yaml += "  \(name(index)): { dsn: \(quoted(targetDSN?(receiver) ?? receiver.dsn)) }\n"
        }
        let roles = ["source: source"] + receivers.indices.map { "\(name($0)): target" }
        yaml += "syncs:\n  main:\n    nodes: { \(roles.joined(separator: ", ")) }\n"
        yaml += "    tables: [\(tables.map(quoted).joined(separator: ", "))]\n"
        if !sync.isEmpty { yaml += sync + "\n" }
        return TestPair(
            source: source, targets: receivers, yaml: yaml, cluster: Cluster(try Settings.parse(yaml)))
    }

    private static func name(_ index: Int) -> String { index == 0 ? "target" : "target\(index + 1)" }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// The same databases under another configuration.
    public func with(yaml: String, targets: [TestDatabase]? = nil) throws -> TestPair {
        TestPair(
            source: source, targets: targets ?? self.targets, yaml: yaml, cluster: Cluster(try Settings.parse(yaml)))
    }

    public var streams: [StreamID] { cluster.settings.streams }

    public static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// `schema install`.
    public func install() async throws { try await Installer(cluster).install { _ in } }

    /// `schema install` and `copy`: from here on the streams can run.
    public func start(_ choice: CopyChoice = .refuse) async throws {
        try await install()
        for stream in streams {
            let report = try await FirstCopy(stream: stream, cluster: cluster, logger: Self.logger).run(choice)
            #expect(report.refused.isEmpty)
        }
        try await catchUp()
    }

    /// Brings every target up to what was committed before the call, with or without an engine running.
    public func catchUp(timeout: Duration = .seconds(120)) async throws {
        let results = try await CatchUp(cluster, logger: Self.logger).run(streams, timeout: timeout, allTables: false)
        for result in results where !result.isCaughtUp {
            Issue.record("\(result.stream) is not caught up: \(result.reason ?? "no reason given")")
        }
    }

    /// Runs an engine for all streams while the body runs, in this process.
    public func withEngine<R: Sendable>(_ body: @Sendable @escaping () async throws -> R) async throws -> R {
        try await cluster.withEngine(logger: Self.logger, body)
    }

    /// Expects every table of every target to hold the source's rows.
    ///
    /// - Parameter tables: as they stand in SQL; all of the source's when nil.
    public func expectEqual(
        _ tables: [String]? = nil, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let names: [String]
        if let tables { names = tables } else { names = try await source.tables() }
        let wanted = try await source.digests(names)
        for target in targets {
            for (table, digests) in zip(names, zip(wanted, try await target.digests(names))) {
                #expect(
                    digests.1 == digests.0, "\(table) \(comment?.description ?? "")", sourceLocation: sourceLocation)
            }
        }
    }
}
