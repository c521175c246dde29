import Model
public import Postgres
public import Settings

/// The nodes of a configuration and how to reach them.
public struct Cluster: Sendable {
    public let settings: Settings
    /// After how long a node that owes an answer is doubted; see `ConnectionSettings`.
    let doubtAfter: Duration

    public init(_ settings: Settings, doubtAfter: Duration = .seconds(30)) {
        self.settings = settings
        self.doubtAfter = doubtAfter
    }

    /// Opens a connection to a node.
    ///
    /// - Parameters:
    ///   - node: its name in the configuration.
    ///   - purpose: shown to the node's administrators as the application's name: `switchback main`.
    ///   - parameters: session parameters, such as the replica role.
    /// - Throws: `NodeUnreachable`, or `ConfigurationRefused` when the dsn cannot be read.
    public func open(
        _ node: String, purpose: String, parameters: [(String, String)] = []
    ) async throws -> Connection {
        guard let nodeSettings = settings.nodes.first(where: { $0.name == node }) else {
            preconditionFailure("no node named \(node)")
        }
        let connection = ConnectionSettings(
            dsn: nodeSettings.dsn.value, applicationName: "switchback \(purpose)", doubtAfter: doubtAfter,
            sessionParameters: Self.sessionDefaults + parameters)
        do {
            try connection.validate()
        } catch {
            throw SetupRefused([
                Finding(
                    .problem, node: node, "the dsn cannot be read: \(error.message)",
                    remedy: "mend nodes.\(node).dsn; it is a libpq connection string")
            ])
        }
        do {
            let opened = try await Connection.open(connection)
            try await Self.requireVersion(opened, node)
            // Not worth failing for: servers on other systems lack it, and then notice our end a little later.
            _ = try? await opened.run(deadline: connection.connectTimeout) { try $0.query(Self.watchForOurEnd) }
            return opened
        } catch let error as PostgresError where error.kind == .server && error.sqlState == "42501" {
            // It was reached, and a session parameter was refused.
            throw SetupRefused([
                Finding(
                    .problem, node: node, error.message,
                    remedy: "run \"switchback check\" for the grant that is missing")
            ])
        } catch let error as PostgresError where error.kind != .cancelled {
            throw NodeUnreachable(node: node, address: connection.safeDescription, cause: error)
        }
    }

    /// The oldest server that has all that we ask of one.
    private static let oldestVersion = 150_000

    /// Older servers lack functions that the first look at a node uses, and would answer with errors about these.
    ///
    /// - Throws: `SetupRefused`, with the connection closed.
    private static func requireVersion(_ connection: Connection, _ node: String) async throws {
        let version = try await connection.run { $0.serverVersion }
        guard version < oldestVersion else { return }
        await connection.close()
        throw SetupRefused([
            Finding(
                .problem, node: node, "Postgres \(version / 10_000).\(version % 10_000) is too old",
                remedy: "upgrade the server: Switchback needs Postgres 15 or later")
        ])
    }

    /// A dead engine's session must not hold its locks for the hours that the kernel's defaults allow. And plans that are
    /// steered away from sequential scans look so dear that each would be compiled: some 300 ms for what takes one.
    private static let sessionDefaults = [
        ("tcp_keepalives_idle", "10"), ("tcp_keepalives_interval", "5"), ("tcp_keepalives_count", "3"),
        ("tcp_user_timeout", "30000"), ("jit", "off"),
    ]

    /// Nor must a statement that it left behind run to its end: the one that takes over would wait for it.
    private static let watchForOurEnd =
        "SELECT pg_catalog.set_config('client_connection_check_interval', '2s', false) WHERE version() LIKE '%linux%'"

    /// What a session needs that applies changes: triggers, rules and foreign keys are the source's business; and a crash
    /// that loses a batch loses its cursor too, so commits need not wait for the disk.
    static let applyParameters = [
        ("session_replication_role", "replica"), ("synchronous_commit", "off"), oncePlanned,
    ]

    /// Opens a connection to a node, runs a body with its session, and closes it.
    ///
    /// - Parameters: as for `open`, and for how long the body may run.
    /// - Throws: what `open` and the body throw.
    public func asking<R: Sendable>(
        _ node: String, purpose: String, parameters: [(String, String)] = [], deadline: Duration,
        _ body: @Sendable (Session) throws -> R
    ) async throws -> R {
        let connection = try await open(node, purpose: purpose, parameters: parameters)
        do {
            let result = try await connection.run(deadline: deadline, body)
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }

    /// What a session needs that tells a source how far a receiver is: once told, the source remembers.
    static let sourceParameters = [("synchronous_commit", "local"), oncePlanned]

    /// What a stream prepares is steered to the plan that is right for every value, and planning it at every batch takes
    /// longer than the batch.
    private static let oncePlanned = ("plan_cache_mode", "force_generic_plan")
}

/// A node could not be reached.
public struct NodeUnreachable: Error, Sendable, CustomStringConvertible {
    public let node: String
    /// Host, port, database and user; never a password.
    public let address: String
    public let cause: PostgresError

    public var description: String { "cannot reach node \(node) (\(address)): \(cause.message)" }
}

/// The configuration, or the nodes as they are, do not allow what was asked. Nothing was changed.
public struct SetupRefused: Error, Sendable, CustomStringConvertible {
    public let findings: [Finding]

    public init(_ findings: [Finding]) { self.findings = findings }

    public var description: String {
        findings.map { finding in
            let place = [finding.sync.map { "sync \($0)" }, finding.node.map { "node \($0)" }].compactMap { $0 }
            let head = place.isEmpty ? "" : place.joined(separator: ", ") + ": "
            return head + finding.message + (finding.remedy.map { "\n  hint: \($0)" } ?? "")
        }.joined(separator: "\n")
    }
}
