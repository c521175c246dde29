import Glibc
import Synchronization

/// Where one cluster lies, and whose it is.
struct ClusterPlace {
    let name: String
    /// The cluster's own folder.
    let folder: String
    /// The folder of the server's socket.
    let socketFolder: String
    /// The socket's folder again, when it does not lie in the cluster's own.
    let extraFolder: String?
    /// The folder around the cluster's, when it was made by this process.
    let removableParent: String?
    let account: ServerAccount?

    /// The folders around clusters that this process made, which the last cluster takes with it.
    private static let made = Mutex<Set<String>>([])

    static func prepare(name: String, folder: String) throws -> ClusterPlace {
        guard !name.isEmpty, !name.contains("/"), !name.hasPrefix("."), !name.contains("\n") else {
            throw LocalClusterError("could not make cluster \(name): the name must do as the name of a folder")
        }
        let account = try ServerAccount.needed()
        let (parent, removable) = try prepareParent(folder)
        if let obstacle = account?.obstacle(on: parent) {
            throw LocalClusterError(
                "could not make cluster \(name): \(account?.name ?? "") may not pass through \(obstacle)",
                hint: "use a folder below /tmp, or: chmod o+x \(obstacle)")
        }
        let own = "\(parent)/\(name)"
        try Files.makeFolder(own, mode: 0o700)
        try Files.give(own, to: account)
        let (socket, extra) = try prepareSockets(own, account: account)
        return ClusterPlace(
            name: name, folder: own, socketFolder: socket, extraFolder: extra,
            removableParent: removable ? parent : nil, account: account)
    }

    private static func prepareParent(_ folder: String) throws -> (path: String, removable: Bool) {
        // Under the lock: another cluster that begins in the same folder must not find it made and not noted.
        try made.withLock { made in
            let wasMade = mkdir(folder, 0o711) == 0
            if !wasMade && errno != EEXIST { throw Files.failure("make folder", folder) }
            guard let path = Files.resolved(folder) else { throw Files.failure("reach folder", folder) }
            if wasMade { made.insert(path) }
            return (path, made.contains(path))
        }
    }

    /// The path of a Unix socket has 107 bytes at most, in which the socket's own name has 14.
    private static func prepareSockets(_ own: String, account: ServerAccount?) throws -> (path: String, extra: String?)
    {
        if own.utf8.count <= 107 - 16 { return (own, nil) }
        var template = Array("/tmp/switchback-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Files.failure("make a folder like", "/tmp/switchback-XXXXXX") }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try Files.give(path, to: account)
        return (path, path)
    }
}
