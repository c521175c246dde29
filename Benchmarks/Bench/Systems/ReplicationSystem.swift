/// A way to replicate, to be measured beside others.
protocol ReplicationSystem: Sendable {
    var name: String { get }
    /// Debian's packages that bring it, if any.
    var packages: [String] { get }
    /// Whether anything arrives anywhere: not without replication.
    var replicates: Bool { get }

    /// The version of it that is here.
    ///
    /// - Throws: ``Missing`` when it cannot be run on this machine.
    func version(_ tools: Tools) async throws -> String

    /// Whether it can be measured in a scenario's setting.
    func takesPart(in setting: Setting) -> Bool

    /// Starts replication from a source to targets that hold equal rows. It need not run yet when this returns.
    func start(_ site: Site) async throws -> Engine

    /// Installs what records changes at the source, and starts nothing.
    func installCapture(_ site: Site) async throws

    /// Copies everything to targets that hold the tables without rows.
    ///
    /// - Returns: How long it took.
    func copy(_ site: Site, jobs: Int) async throws -> Duration

    /// Starts following a tree of files. It need not have caught up when this returns.
    func startFiles(_ site: Site, _ trees: FileTrees) async throws -> Engine

    /// Makes one pass over a whole tree.
    func passFiles(_ site: Site, _ trees: FileTrees) async throws
}

extension ReplicationSystem {
    var packages: [String] { [] }
    var replicates: Bool { true }

    func installCapture(_ site: Site) async throws { throw ScenarioFailure("\(name) cannot capture alone") }

    func copy(_ site: Site, jobs: Int) async throws -> Duration { throw ScenarioFailure("\(name) cannot copy") }

    func startFiles(_ site: Site, _ trees: FileTrees) async throws -> Engine {
        throw ScenarioFailure("\(name) moves no files")
    }

    func passFiles(_ site: Site, _ trees: FileTrees) async throws { throw ScenarioFailure("\(name) moves no files") }
}

/// A system cannot be run on this machine.
struct Missing: Error, CustomStringConvertible {
    let description: String
}

/// Where a system is started: the databases, the tables, the tools, and a folder of its own.
struct Site: Sendable {
    let source: Node
    let targets: [Node]
    let dataset: Dataset
    let tools: Tools

    var tables: [String] { dataset.tables }
    var folder: String { tools.scratch }

    func towards(_ count: Int) -> Site {
        Site(source: source, targets: Array(targets.prefix(count)), dataset: dataset, tools: tools)
    }
}

/// A replication that was started.
struct Engine: Sendable {
    var daemons: [Daemon] = []
    /// A query at the source for the bytes that captured changes take up.
    var storage: String?
    /// What else must be done to end it.
    var end: (@Sendable () async -> Void)?

    /// The processes it consists of; those that they start are found below them. None for what runs inside the servers.
    func roots() -> [Int32] { daemons.compactMap(\.processID) }

    func stop() async {
        for daemon in daemons { await daemon.stop() }
        await end?()
    }

    /// The end of its logs, for failures.
    var logs: String { daemons.map { "\($0.name): \($0.logTail)" }.joined(separator: "; ") }

    /// A query for the bytes of a schema.
    static func storage(ofSchema name: String) -> String {
        """
        SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class WHERE relkind = 'r' AND relnamespace \
        = '\(name)'::regnamespace
        """
    }
}
