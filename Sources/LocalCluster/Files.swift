import Glibc

// The few file operations that a cluster needs. Foundation would bring more memory than all of LocalCluster.
enum Files {
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 && !isFolder(path) }

    static func isFolder(_ path: String) -> Bool {
        var state = stat()
        return stat(path, &state) == 0 && state.st_mode & S_IFMT == S_IFDIR
    }

    /// The path without symbolic links, or nil when nothing is there.
    static func resolved(_ path: String) -> String? {
        guard let buffer = realpath(path, nil) else { return nil }
        defer { free(buffer) }
        return String(cString: buffer)
    }

    /// The names in a folder, sorted; none when it cannot be read.
    static func names(in folder: String) -> [String] {
        guard let handle = opendir(folder) else { return [] }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The last bytes of a file, at most `bytesMax`; nil when it cannot be read.
    static func tail(of path: String, bytesMax: Int = 65536) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var state = stat()
        guard fstat(file, &state) == 0 else { return nil }
        let start = max(0, Int(state.st_size) - bytesMax)
        let bytes = [UInt8](unsafeUninitializedCapacity: bytesMax) { buffer, count in
            count = max(0, pread(file, buffer.baseAddress, bytesMax, off_t(start)))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Writes a file that only its owner can read.
    static func write(_ text: String, to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("write", path) }
        defer { close(file) }
        var left = Array(text.utf8)[...]
        while !left.isEmpty {
            let written = left.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard written > 0 else { throw failure("write", path) }
            left = left.dropFirst(written)
        }
    }

    static func makeFolder(_ path: String, mode: mode_t) throws {
        guard mkdir(path, mode) == 0 else { throw failure("make folder", path) }
    }

    /// Gives a file or folder to an account, unless that is this process's own already.
    static func give(_ path: String, to account: ServerAccount?) throws {
        guard let account else { return }
        guard lchown(path, account.uid, account.gid) == 0 else {
            throw failure("give \(account.name) the folder", path)
        }
    }

    static func failure(_ action: String, _ path: String) -> LocalClusterError {
        LocalClusterError("could not \(action) \(path): \(String(cString: strerror(errno)))")
    }
}
