public import LocalCluster

/// Postgres servers that tests share: started when first asked for, gone with the test process.
///
/// A test makes its own databases in them. One that stops, kills or freezes a server starts its own with ``own(_:)``.
public actor TestServers {
    public static let shared = TestServers()

    /// What tells one shared server from another.
    private struct Kind: Hashable {
        let binDirectory: String
        let role: String
        let settings: [String: String]
    }

    private var starting: [Kind: Task<LocalCluster, any Error>] = [:]

    /// Settings that suit many small databases: they are vacuumed as often as elsewhere, for a worker a database every few
    /// seconds takes a core from the tests.
    public static let settings = [
        "max_connections": "200", "shared_buffers": "128MB", "max_wal_size": "2GB", "autovacuum_naptime": "1min",
    ]

    /// A shared server.
    ///
    /// - Parameters:
    ///   - role: servers of different roles are different ones: `source` and `target`.
    ///   - version: the major version; nil for Debian's server, which has every type and extension, or what there is.
    ///   - settings: on top of the usual ones; other settings, another server.
    public func server(_ role: String, version: Int? = nil, settings: [String: String] = [:]) async throws
        -> LocalCluster
    {
        let installation = try Self.installation(version)
        let all = Self.settings.merging(settings) { $1 }
        let kind = Kind(binDirectory: installation.binDirectory, role: role, settings: all)
        let task =
            starting[kind]
            ?? Task {
                try await LocalCluster.start(
                    installation: installation, name: role, folder: Self.folder(), settings: all)
            }
        starting[kind] = task
        return try await task.value
    }

    /// A server of the caller's own, which is to be destroyed by it.
    public static func own(
        _ name: String, version: Int? = nil, settings: [String: String] = [:], password: String? = nil
    ) async throws -> LocalCluster {
        try await LocalCluster.start(
            installation: installation(version), name: name, folder: folder(),
            settings: Self.settings.merging(settings) { $1 }, password: password)
    }

    /// The server programs of a major version.
    ///
    /// - Throws: `LocalClusterError` when this machine has none.
    public static func installation(_ version: Int?) throws -> PostgresInstallation {
        guard let version else {
            let debian = PostgresInstallation.find().first { $0.binDirectory.hasPrefix("/usr/lib/postgresql/") }
            return try debian ?? .preferred()
        }
        return try .newest(major: version)
    }

    /// Whether this machine has the server programs of a major version: for `.enabled(if:)`.
    public static func has(_ version: Int) -> Bool { (try? installation(version)) != nil }

    /// A folder below /tmp, where the server's account can go whatever TMPDIR says.
    private static func folder() -> String { "/tmp/switchback-test-\(UInt64.random(in: 0 ... .max))" }
}
