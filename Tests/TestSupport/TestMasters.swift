public import LocalCluster
public import Replication
import Settings
public import Testing

/// Several sources that receive from one another, and targets behind them, each a database of its own.
public struct TestMasters: Sendable {
    /// The sources, called `m1`, `m2` and so on.
    public let masters: [TestDatabase]
    /// The targets, called `t1` and so on.
    public let targets: [TestDatabase]
    public let yaml: String
    public let cluster: Cluster

    public var nodes: [TestDatabase] { masters + targets }
    public var streams: [StreamID] { cluster.settings.streams }

    public static func name(_ master: Int) -> String { "m\(master + 1)" }

    /// Makes the databases, runs a schema in each, and rows in the first.
    ///
    /// - Parameters:
    ///   - schema: SQL for all nodes.
    ///   - rows: SQL for the first node, before it is copied to the others.
    ///   - masters: how many.
    ///   - sync: further lines of the sync, at its indentation.
    ///   - doubtAfter: how long a server may say nothing before the engine asks whether it is at work.
    ///   - dsn: how the engine reaches a node, such as through a proxy.
    public static func make(
        schema: String, rows: String = "", masters: Int = 2, targets: Int = 0, sync: String = "",
        servers: [LocalCluster] = [], doubtAfter: Duration = .seconds(30), dsn: ((Int, TestDatabase) -> String)? = nil
    ) async throws -> TestMasters {
        var homes = servers
        if homes.isEmpty {
            homes = [
                try await TestServers.shared.server("source"), try await TestServers.shared.server("target"),
            ]
        }
        var databases: [TestDatabase] = []
        for index in 0..<(masters + targets) {
            let database = try await TestDatabase.make(in: homes[index % homes.count])
            try await database.run(schema)
            databases.append(database)
        }
        if !rows.isEmpty { try await databases[0].run(rows) }
        let names = databases.indices.map { $0 < masters ? name($0) : "t\($0 - masters + 1)" }
        var yaml = "cluster: test\nnodes:\n"
        for (index, database) in databases.enumerated() {
            yaml += "  \(names[index]): { dsn: \"\(dsn?(index, database) ?? database.dsn)\" }\n"
        }
        let roles = names.enumerated().map { "\($1): \($0 < masters ? "source" : "target")" }
        yaml += "syncs:\n  main:\n    nodes: { \(roles.joined(separator: ", ")) }\n    tables: [\"public.*\"]\n"
        if !sync.isEmpty { yaml += sync + "\n" }
        return TestMasters(
            masters: Array(databases.prefix(masters)), targets: Array(databases.dropFirst(masters)), yaml: yaml,
            cluster: Cluster(try Settings.parse(yaml), doubtAfter: doubtAfter))
    }

    /// Databases that are there, under a configuration.
    public init(masters: [TestDatabase], targets: [TestDatabase], yaml: String) throws {
        self.init(masters: masters, targets: targets, yaml: yaml, cluster: Cluster(try Settings.parse(yaml)))
    }

    private init(masters: [TestDatabase], targets: [TestDatabase], yaml: String, cluster: Cluster) {
        self.masters = masters
        self.targets = targets
        self.yaml = yaml
        self.cluster = cluster
    }

    /// The same databases under further lines of the sync, at its indentation.
    public func with(sync: String) throws -> TestMasters {
        try TestMasters(masters: masters, targets: targets, yaml: yaml + sync + "\n")
    }

    /// `schema install`, and `copy --from m1`: from here on the streams can run.
    ///
    /// - Parameter settles: whether each has run once when this is done.
    public func start(settles: Bool = true) async throws {
        try await Installer(cluster).install { _ in }
        let copied = cluster.settings.syncs.flatMap { $0.copyOrder(from: Self.name(0)) }
        for stream in streams where !copied.contains(stream) {
            _ = try await FirstCopy(stream: stream, cluster: cluster, logger: TestPair.logger).beginWithoutCopy()
        }
        for stream in copied {
            let report = try await FirstCopy(stream: stream, cluster: cluster, logger: TestPair.logger).run(.refuse)
            #expect(report.refused.isEmpty)
        }
        if settles { try await catchUp() }
    }

    /// Brings what every source wrote before the call to everybody.
    ///
    /// - Returns: the rows that were carried.
    @discardableResult
    public func catchUp(_ some: [StreamID]? = nil, timeout: Duration = .seconds(120)) async throws -> Int {
        let results = try await CatchUp(cluster, logger: TestPair.logger).run(
            some ?? streams, timeout: timeout, allTables: false)
        for result in results where !result.isCaughtUp {
            Issue.record("\(result.stream) is not caught up: \(result.reason ?? "no reason given")")
        }
        return results.reduce(0) { $0 + $1.rows }
    }

    /// Brings what one node wrote to another.
    public func carry(_ from: Int, to: Int) async throws {
        try await catchUp(streams.filter { $0.source == Self.name(from) && $0.receiver == nodeName(to) })
    }

    private func nodeName(_ index: Int) -> String {
        index < masters.count ? Self.name(index) : "t\(index - masters.count + 1)"
    }

    /// Runs the program with this configuration.
    public func program(_ arguments: String...) async throws -> Program.Outcome { try await program(arguments) }

    /// The same, with arguments that are at hand already.
    public func program(_ arguments: [String]) async throws -> Program.Outcome {
        try await Program.run(arguments, in: try Program.folder(yaml))
    }

    /// Runs an engine for all streams while the body runs, in this process.
    public func withEngine<R: Sendable>(_ body: @Sendable @escaping () async throws -> R) async throws -> R {
        try await cluster.withEngine(logger: TestPair.logger, body)
    }

    /// Expects every node to hold the first one's rows (P4).
    public func expectEqual(
        _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let names = try await masters[0].tables()
        let wanted = try await masters[0].digests(names)
        for (index, node) in nodes.enumerated().dropFirst() {
            for (table, digests) in zip(names, zip(wanted, try await node.digests(names))) {
                #expect(
                    digests.1 == digests.0, "\(table) at \(nodeName(index)) \(comment?.description ?? "")",
                    sourceLocation: sourceLocation)
            }
        }
    }

    /// What every node answers to a query, each once.
    public func answers(_ query: String) async throws -> [String?] {
        var found: [String?] = []
        for node in nodes { found.append(try await node.value(query)) }
        return found
    }
}
