import LocalCluster

/// The two servers of a session: the source's and the targets'. Fresh for each system, and gone after it.
struct Servers: Sendable {
    let source: LocalCluster
    let target: LocalCluster

    /// What every server is set to, whatever runs on it. Durable, unlike the throw-away servers of tests: what is usually
    /// off there is put back to what Postgres has.
    static let settings = [
        "autovacuum_naptime": "1min",
        "checkpoint_timeout": "15min",
        "dynamic_shared_memory_type": "posix",
        "fsync": "on",
        "full_page_writes": "on",
        "max_connections": "100",
        "max_logical_replication_workers": "8",
        "max_wal_size": "4GB",
        "max_worker_processes": "16",
        "shared_buffers": "1GB",
        "synchronous_commit": "on",
        "wal_level": "logical",
    ]

    static func start(_ installation: PostgresInstallation, in folder: String) async throws -> Servers {
        let source = try await LocalCluster.start(
            installation: installation, name: "source", folder: folder, settings: settings)
        do {
            let target = try await LocalCluster.start(
                installation: installation, name: "target", folder: folder, settings: settings)
            return Servers(source: source, target: target)
        } catch {
            await source.destroy()
            throw error
        }
    }

    func destroy() async {
        await source.destroy()
        await target.destroy()
    }

    /// Writes out what is dirty, so that the next scenario does not pay for the last.
    func checkpoint() async throws {
        for cluster in [source, target] {
            try await Link.with(Node(cluster: cluster, database: "postgres")) { try await $0.execute("CHECKPOINT") }
        }
    }
}
