import Glibc

/// Small files on this machine.
enum LocalFiles {
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// What is in a file; nil when there is none.
    static func read(_ path: String) throws -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw FileSyncError(.failed, "could not read \(path): \(systemText(errno))")
        }
        defer { close(descriptor) }
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileSyncError(.failed, "could not read \(path): \(systemText(errno))") }
            if count == 0 { return all }
            all += buffer.prefix(count)
        }
    }

    /// Puts a file in the place of what was there, whole or not at all.
    ///
    /// - Parameter durably: whether it is on the disk afterwards, its name as well.
    static func replace(_ path: String, with bytes: [UInt8], durably: Bool = true) throws {
        let fresh = path + ".new"
        unlink(fresh)
        let descriptor = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw FileSyncError(.failed, "could not write \(fresh): \(systemText(errno))") }
        let isWritten = write(bytes, to: descriptor) && (!durably || fsync(descriptor) == 0)
        let reason = errno
        close(descriptor)
        guard isWritten, Glibc.rename(fresh, path) == 0 else {
            throw FileSyncError(.failed, "could not write \(path): \(systemText(isWritten ? errno : reason))")
        }
        if durably { try syncFolder(of: path) }
    }

    /// Brings to the disk what names the folder that a path lies in has: without it a power failure brings the older file back.
    static func syncFolder(of path: String) throws {
        let end = path.lastIndex(of: "/") ?? path.startIndex
        let folder = end == path.startIndex ? "/" : String(path[..<end])
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileSyncError(.failed, "could not open \(folder): \(systemText(errno))") }
        defer { close(descriptor) }
        guard fsync(descriptor) != 0 else { return }
        // Some file systems over a network know it of files only.
        guard errno == EINVAL || errno == EOPNOTSUPP || errno == ENOSYS else {
            throw FileSyncError(.failed, "could not bring \(folder) to the disk: \(systemText(errno))")
        }
    }

    static func append(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw FileSyncError(.failed, "could not write \(path): \(systemText(errno))") }
        defer { close(descriptor) }
        guard write(bytes, to: descriptor), fsync(descriptor) == 0 else {
            throw FileSyncError(.failed, "could not write \(path): \(systemText(errno))")
        }
    }

    /// Makes a folder of Switchback's own below a root that must be there. No link is followed: the tree belongs to others.
    ///
    /// - Parameter durably: whether their names are on the disk afterwards.
    static func makeFolders(_ below: String, in root: String, durably: Bool = true) throws {
        guard isFolder(root) else {
            throw FileSyncError(
                .refused, "there is no folder \(root)",
                hint: "make it, or mount what belongs there; it is not made by itself")
        }
        var path = root.hasSuffix("/") ? String(root.dropLast()) : root
        for name in below.split(separator: "/") {
            path += "/\(name)"
            if mkdir(path, 0o700) == 0 {
                if durably { try syncFolder(of: path) }
                continue
            }
            guard errno == EEXIST, isFolder(path, followingLinks: false) else {
                throw FileSyncError(.refused, "could not make the folder \(path): \(systemText(errno))")
            }
        }
    }

    static func isFolder(_ path: String, followingLinks: Bool = true) -> Bool {
        var state = stat()
        let status = followingLinks ? stat(path, &state) : lstat(path, &state)
        return status == 0 && state.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a folder; empty when there is none.
    static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        return rawNames(in: folder).map { name in
            String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }.sorted()
    }

    /// Whether a folder is there and has nothing in it but what is given; it is not read further than that takes.
    static func hasNothing(in path: String, but known: String) -> Bool {
        guard let folder = opendir(path) else { return false }
        defer { closedir(folder) }
        let known = Array(known.utf8CString)
        while let name = nextName(in: folder) {
            guard name == known else { return false }
        }
        return true
    }

    /// The names in an open folder as the file system has them, each with its NUL: they need not be text, and what they are
    /// repaired to as text is the name of nothing.
    private static func rawNames(in folder: OpaquePointer) -> [[CChar]] {
        var names: [[CChar]] = []
        while let name = nextName(in: folder) { names.append(name) }
        return names
    }

    /// The next name in an open folder, with its NUL; nil when there is none. The folder itself and the one above are passed over.
    private static func nextName(in folder: OpaquePointer) -> [CChar]? {
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { start in
                    Array(UnsafeBufferPointer(start: start, count: strlen(start) + 1))
                }
            }
            if name != [0x2E, 0] && name != [0x2E, 0x2E, 0] { return name }
        }
        return nil
    }

    // MARK: Removing

    /// Removes something of Switchback's own with all that is in it. What cannot be removed stays, and is nobody's harm.
    static func removeTree(_ path: String) { _ = remove(Array(path.utf8CString), in: AT_FDCWD) }

    /// Takes a folder away from whoever works in it: in one step it has another name, that nobody else knows, and nothing comes
    /// into it or out of it any more. Then it is removed; what of it cannot be is left to `tidy`.
    ///
    /// - Throws: `FileSyncError` when it is still there.
    static func takeAway(_ name: String, in folder: String) throws {
        let (path, gone) = ("\(folder)/\(name)", "\(folder)/\(StateNames.gone())")
        guard Glibc.rename(path, gone) == 0 else {
            let reason = errno
            if reason == ENOENT { return }
            throw FileSyncError(
                .failed, "could not take \(path) away, and whoever works in it goes on: \(systemText(reason))",
                hint: "let the account that Switchback runs under write in \(folder), and see that the disk is well")
        }
        // Whoever was on the way into it a moment ago may still have put something there.
        for _ in 0..<3 where remove(Array(gone.utf8CString), in: AT_FDCWD) == 0 { return }
    }

    /// Removes what has a name in an open folder, with all that is in it. No link is followed.
    /// - Returns: 0 when it is gone, or else the error that kept it.
    private static func remove(_ name: [CChar], in folder: Int32) -> Int32 {
        if unlinkat(folder, name, 0) == 0 { return 0 }
        let reason = errno
        if reason == ENOENT { return 0 }
        // Which of the two a folder gives depends on the file system.
        guard reason == EISDIR || reason == EPERM else { return reason }
        let inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard inner >= 0 else {
            let second = errno
            return second == ENOENT ? 0 : second == ENOTDIR ? reason : second
        }
        let kept = removeAll(in: inner)
        if unlinkat(folder, name, AT_REMOVEDIR) == 0 { return 0 }
        let last = errno
        return last == ENOENT ? 0 : kept == 0 ? last : kept
    }

    /// Removes all that is in an open folder, and closes it.
    /// - Returns: 0, or the first error that kept something.
    private static func removeAll(in descriptor: Int32) -> Int32 {
        guard let folder = fdopendir(descriptor) else {
            let reason = errno
            close(descriptor)
            return reason
        }
        defer { closedir(folder) }
        var kept: Int32 = 0
        for name in rawNames(in: folder) {
            let reason = remove(name, in: descriptor)
            if kept == 0 { kept = reason }
        }
        return kept
    }

    /// Gives something below a folder another path there; what is above it must be there.
    static func rename(_ path: TreePath, to other: TreePath, in folder: String) throws {
        let names = [path, other].map { Array((folder + "/").utf8) + $0.bytes + [0] }
        let status = names[0].withUnsafeBytes { old in
            names[1].withUnsafeBytes { new in
                Glibc.rename(
                    old.baseAddress!.assumingMemoryBound(to: CChar.self),
                    new.baseAddress!.assumingMemoryBound(to: CChar.self))
            }
        }
        guard status == 0 else {
            throw FileSyncError(.failed, "could not rename \(path) in \(folder): \(systemText(errno))")
        }
    }
}
