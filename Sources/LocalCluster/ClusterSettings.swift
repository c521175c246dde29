/// The settings of a throw-away server.
enum ClusterSettings {
    /// Durability is not wanted, and nothing may stay behind in /dev/shm: parallel queries use files in the data directory.
    static let throwAway = [
        "autovacuum_naptime": "10s",
        "dynamic_shared_memory_type": "mmap",
        "fsync": "off",
        "full_page_writes": "off",
        "log_line_prefix": "%m [%p] %q%u@%d ",
        "shared_buffers": "32MB",
        "wal_sync_method": "fdatasync",
    ]

    /// The text of a configuration file.
    static func text(given: [String: String], name: String, port: Int, host: String, socketDirectory: String) -> String
    {
        var all = throwAway.merging(given) { _, given in given }
        all["cluster_name"] = all["cluster_name"] ?? name
        all["port"] = "\(port)"
        all["listen_addresses"] = host
        all["unix_socket_directories"] = socketDirectory
        return all.sorted { $0.key < $1.key }.map { "\($0.key) = \(quoted($0.value))\n" }.joined()
    }

    private static func quoted(_ value: String) -> String {
        "'" + value.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }
}
