import Glibc

/// One run at a time on one machine: a lock on a file in the state folder, which the kernel takes back when its holder
/// ends, however that is.
final class JobLock: Sendable {
    private let descriptor: Int32

    /// - Returns: nil when somebody else has it.
    static func take(in end: TreeEnd) async throws -> JobLock? {
        let (root, home) = (end.path, StateNames.home(end.job))
        return try await BlockingWork.run("sb-state") {
            try LocalFiles.makeFolders(home, in: root)
            return try take("\(root)\(home)/lock")
        }
    }

    /// - Returns: nil when somebody else has it.
    static func take(_ path: String) throws -> JobLock? {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw FileSyncError(.failed, "could not open \(path): \(systemText(errno))") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        return JobLock(descriptor)
    }

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Gives it back now. Said, and not left to the closing: a program that another thread is just starting has a copy of
    /// the descriptor for a moment, and so has the thread that took the lock of this value.
    func release() { flock(descriptor, LOCK_UN) }

    deinit { close(descriptor) }
}

/// Where other file systems are mounted, as the kernel lists it.
enum MountTable {
    /// The mount points below a folder, relative to it; nil when the kernel does not tell.
    static func below(_ root: String) -> [String]? {
        guard let bytes = try? LocalFiles.read("/proc/self/mountinfo"), let top = realpath(root, nil) else {
            return nil
        }
        defer { free(top) }
        let prefix = String(cString: top) + "/"
        let points = String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line -> String? in
            let fields = line.split(separator: " ")
            guard fields.count > 4 else { return nil }
            let point = unescaped(fields[4])
            return point.hasPrefix(prefix) ? String(point.dropFirst(prefix.count)) : nil
        }
        return Set(points).sorted()
    }

    /// The kernel writes blanks, tabs, ends of lines and backslashes as three octal digits.
    static func unescaped(_ text: Substring) -> String {
        String(decoding: OctalText.decode(Array(text.utf8)[...], after: [0x5C]), as: UTF8.self)
    }
}
