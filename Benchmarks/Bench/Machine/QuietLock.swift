import Foundation

/// A file's lock that is held while something is measured, so that those who share the machine can wait for each other.
struct QuietLock {
    private let descriptor: Int32

    /// Waits until nobody else holds it.
    ///
    /// - Parameter path: The file; made where it is not there.
    /// - Throws: ``WrongUsage`` where it cannot be opened.
    init(_ path: String) throws {
        // Programs that are started while it is held must not hold it on.
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw WrongUsage(description: "cannot open \(path) for locking: \(String(cString: strerror(errno)))")
        }
        while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
    }

    /// Lets the next one in; the process's end does as well.
    func release() { close(descriptor) }
}
