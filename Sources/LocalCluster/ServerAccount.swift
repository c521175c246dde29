import Glibc

/// The account that server programs run under when this process is root, which Postgres refuses to be.
struct ServerAccount: Sendable, Equatable {
    let name: String
    let uid: uid_t
    let gid: gid_t

    /// `postgres`, or `nobody` where there is no such account; nil when this process is not root.
    static func needed() throws -> ServerAccount? {
        guard geteuid() == 0 else { return nil }
        for name in ["postgres", "nobody"] {
            if let account = named(name) { return account }
        }
        throw LocalClusterError(
            "could not find an account to run Postgres under: neither postgres nor nobody exists, and Postgres refuses root",
            hint: "run as an ordinary user, or add one: useradd --system postgres")
    }

    private static func named(_ name: String) -> ServerAccount? {
        var record = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16384)
        guard getpwnam_r(name, &record, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return ServerAccount(name: name, uid: record.pw_uid, gid: record.pw_gid)
    }

    /// The first folder on the way to `path` that this account may not pass through, by its mode bits; nil when there is
    /// none. Root passes everywhere, so asking the kernel with `access` would tell nothing.
    func obstacle(on path: String) -> String? {
        var prefix = ""
        for part in path.split(separator: "/") {
            prefix += "/\(part)"
            var state = stat()
            guard stat(prefix, &state) == 0 else { return prefix }
            guard state.st_mode & S_IFMT == S_IFDIR else { continue }
            let wanted: mode_t = state.st_uid == uid ? 0o100 : state.st_gid == gid ? 0o010 : 0o001
            if state.st_mode & wanted == 0 { return prefix }
        }
        return nil
    }
}
