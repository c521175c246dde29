import CPlatform
import Glibc
import SystemPackage

/// A file in memory that a program reads as its standard input.
///
/// Not a pipe: a program may end without having read all of it, or leave it unread, and nobody waits, fails or gets a
/// signal because of that.
final class InputFile: Sendable {
    let descriptor: FileDescriptor

    init(_ text: String) throws {
        let number = switchback_memory_file()
        guard number >= 0 else { throw Self.failure() }
        descriptor = FileDescriptor(rawValue: number)
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(number, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Self.failure() }
            rest = rest.dropFirst(count)
        }
        lseek(number, 0, SEEK_SET)
    }

    deinit { close(descriptor.rawValue) }

    private static func failure() -> ExternalProgramError {
        ExternalProgramError(description: "could not make a file for input: \(String(cString: strerror(errno)))")
    }
}
