import Glibc

/// Looks at a whole tree on this machine.
enum TreeScanner {
    /// - Parameter root: the folder, with a slash at its end.
    /// - Throws: `FileSyncError` when a folder cannot be read: what is in it must not look deleted. What goes away while it
    ///   is looked at is not in the result.
    static func scan(_ root: String, filter: PathFilter) throws -> Manifest {
        let descriptor = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw FileSyncError(
                .refused, "could not open \(root): \(systemText(errno))",
                hint: "make the folder, or mount what belongs there")
        }
        defer { close(descriptor) }
        var state = stat()
        guard fstat(descriptor, &state) == 0 else {
            throw FileSyncError(.failed, "could not look at \(root): \(systemText(errno))")
        }
        var scan = Scan(root: root, descriptor: descriptor, filter: filter)
        try scan.run(device: UInt64(state.st_dev))
        return Manifest(scan.records)
    }

    private struct Scan {
        let root: String
        let descriptor: Int32
        let filter: PathFilter
        var records: [Manifest.Record] = []
        var owners = OwnerNames()

        mutating func run(device: UInt64) throws {
            var folders = [(path: TreePath([]), device: device)]
            while let folder = folders.popLast() {
                for inner in try look(into: folder.path, device: folder.device) { folders.append(inner) }
            }
        }

        /// Takes in what is in one folder.
        /// - Returns: the folders in it, with the devices they are on.
        private mutating func look(into path: TreePath, device: UInt64) throws -> [(path: TreePath, device: UInt64)] {
            let name = path.bytes.isEmpty ? [0x2E] : path.bytes
            let opened = (name + [0]).withUnsafeBytes {
                openat(
                    descriptor, $0.baseAddress!.assumingMemoryBound(to: CChar.self),
                    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            }
            guard opened >= 0, let stream = fdopendir(opened) else {
                let reason = errno
                if opened >= 0 { close(opened) }
                // It went away, or became something else, since it was seen.
                if reason == ENOENT || reason == ENOTDIR || reason == ELOOP { return [] }
                throw unreadable(path, reason)
            }
            defer { closedir(stream) }
            var inner: [(TreePath, UInt64)] = []
            errno = 0
            while let entry = readdir(stream) {
                if let folder = try take(entry, of: path, in: opened, device: device) { inner.append(folder) }
                errno = 0
            }
            guard errno == 0 else { throw unreadable(path, errno) }
            return inner
        }

        private mutating func take(
            _ entry: UnsafeMutablePointer<dirent>, of folder: TreePath, in opened: Int32, device: UInt64
        ) throws -> (TreePath, UInt64)? {
            try withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                try pointer.withMemoryRebound(to: CChar.self, capacity: 256) { name in
                    let length = strlen(name)
                    if name[0] == 0x2E, length == 1 || (length == 2 && name[1] == 0x2E) { return nil }
                    let bytes = UnsafeRawBufferPointer(start: name, count: length)
                    let path = folder.appending(bytes)
                    var state = stat()
                    guard fstatat(opened, name, &state, AT_SYMLINK_NOFOLLOW) == 0 else {
                        if errno == ENOENT { return nil }
                        throw unreadable(path, errno)
                    }
                    let isFolder = state.st_mode & S_IFMT == S_IFDIR
                    let start = path.bytes.count - length
                    guard !filter.excludes(path, name: start, isFolder: isFolder) else { return nil }
                    let target = state.st_mode & S_IFMT == S_IFLNK ? Self.target(opened, name) : []
                    guard let target else { return nil }
                    records.append(
                        Self.record(
                            path, state, target, owners.owner(of: state),
                            isMount: isFolder && UInt64(state.st_dev) != device))
                    return isFolder ? (path, UInt64(state.st_dev)) : nil
                }
            }
        }

        private static func target(_ folder: Int32, _ name: UnsafePointer<CChar>) -> [UInt8]? {
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = readlinkat(folder, name, &buffer, buffer.count)
            return count < 0 ? nil : buffer.prefix(count).map { UInt8(bitPattern: $0) }
        }

        private static func record(
            _ path: TreePath, _ state: stat, _ target: [UInt8], _ owner: FileEntry.Owner?, isMount: Bool
        ) -> Manifest.Record {
            let kind: FileEntry.Kind =
                switch state.st_mode & S_IFMT {
                case S_IFREG: .file
                case S_IFDIR: .folder
                case S_IFLNK: .link
                default: .special
                }
            let time = FileEntry.Time(
                seconds: Int64(state.st_mtim.tv_sec), nanoseconds: Int32(state.st_mtim.tv_nsec))
            return Manifest.Record(
                path,
                FileEntry(
                    kind: kind, size: Int64(state.st_size), time: time, mode: UInt16(state.st_mode & 0o7777),
                    target: target, owner: owner, isMount: isMount))
        }

        private func unreadable(_ path: TreePath, _ reason: Int32) -> FileSyncError {
            FileSyncError(
                .failed, "could not look at \(root)\(path): \(systemText(reason))",
                hint: "let the account that Switchback runs under read it, or exclude it")
        }
    }
}

/// The names of owners, each looked up once: nobody's where this process may not give files to others.
struct OwnerNames {
    private let isRoot = geteuid() == 0
    private var known: [UInt64: FileEntry.Owner] = [:]
    /// Most files are whose the one before was.
    private var last: (key: UInt64, owner: FileEntry.Owner)?

    mutating func owner(of state: stat) -> FileEntry.Owner? {
        guard isRoot else { return nil }
        let key = UInt64(state.st_uid) << 32 | UInt64(state.st_gid)
        if let last, last.key == key { return last.owner }
        let owner = known[key] ?? Self.look(state.st_uid, state.st_gid)
        known[key] = owner
        last = (key, owner)
        return owner
    }

    private static func look(_ user: UInt32, _ group: UInt32) -> FileEntry.Owner {
        var buffer = [CChar](repeating: 0, count: 1 << 16)
        var (entry, found) = (passwd(), UnsafeMutablePointer<passwd>?.none)
        getpwuid_r(user, &entry, &buffer, buffer.count, &found)
        let userName = found.map { String(cString: $0.pointee.pw_name) }
        var (row, there) = (Glibc.group(), UnsafeMutablePointer<Glibc.group>?.none)
        getgrgid_r(group, &row, &buffer, buffer.count, &there)
        let groupName = there.map { String(cString: $0.pointee.gr_name) }
        return FileEntry.Owner(
            user: user, group: group, userName: userName ?? "\(user)", groupName: groupName ?? "\(group)")
    }
}
