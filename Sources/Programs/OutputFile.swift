import Glibc
import SystemPackage

/// A file without a name that a program prints into.
///
/// Its position belongs to the program; it is read from the beginning whenever somebody asks.
final class OutputFile: Sendable {
    let descriptor: FileDescriptor
    private let bytesMax: Int

    init(bytesMax: Int) throws {
        self.bytesMax = bytesMax
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var path = Array("\(folder)/switchback-output-XXXXXX".utf8CString)
        let number = mkstemp(&path)
        guard number >= 0 else {
            let reason = String(cString: strerror(errno))
            throw ExternalProgramError(description: "could not make a file for output in \(folder): \(reason)")
        }
        unlink(path)
        // Its position belongs to whoever prints; two that print must not overwrite each other.
        _ = fcntl(number, F_SETFL, O_APPEND)
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        descriptor = FileDescriptor(rawValue: number)
    }

    deinit { close(descriptor.rawValue) }

    /// The beginning of what is in it, `bytesMax` bytes at most.
    var text: String { String(decoding: bytes(from: 0), as: UTF8.self) }

    /// What is in it from a position on, up to `bytesMax` bytes from the beginning.
    func bytes(from start: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        var all: [UInt8] = []
        while start + all.count < bytesMax {
            let place = start + all.count
            let count = pread(descriptor.rawValue, &bytes, min(bytes.count, bytesMax - place), off_t(place))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            all += bytes.prefix(count)
        }
        return all
    }
}
