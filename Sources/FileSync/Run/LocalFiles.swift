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

    /// Puts a file in the place of what was there, whole or not at all, and on the disk.
    static func replace(_ path: String, with bytes: [UInt8]) throws {
        let fresh = path + ".new"
        unlink(fresh)
        let descriptor = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw FileSyncError(.failed, "could not write \(fresh): \(systemText(errno))") }
        let isWritten = write(bytes, to: descriptor) && fsync(descriptor) == 0
        let reason = errno
        close(descriptor)
        guard isWritten, Glibc.rename(fresh, path) == 0 else {
            throw FileSyncError(.failed, "could not write \(path): \(systemText(isWritten ? errno : reason))")
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
    static func makeFolders(_ below: String, in root: String) throws {
        guard isFolder(root) else {
            throw FileSyncError(
                .refused, "there is no folder \(root)",
                hint: "make it, or mount what belongs there; it is not made by itself")
        }
        var path = root.hasSuffix("/") ? String(root.dropLast()) : root
        for name in below.split(separator: "/") {
            path += "/\(name)"
            guard mkdir(path, 0o700) != 0 else { continue }
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
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes a folder of Switchback's own with all that is in it.
    static func removeTree(_ path: String) {
        if isFolder(path, followingLinks: false) {
            for name in names(in: path) { removeTree(path + "/" + name) }
            rmdir(path)
        } else {
            unlink(path)
        }
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
