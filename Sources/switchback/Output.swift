import Console
import Glibc

/// Where results go: to standard output, as text or as one JSON document. What is said meanwhile goes to standard error
/// when the result is JSON.
struct Output: Sendable {
    let json: Bool

    /// Says something to people.
    func say(_ text: String) {
        if json { Self.writeError(text + "\n") } else { Self.write(text + "\n") }
    }

    /// Progress on one line that is written over, where a person is looking; nothing otherwise.
    func progress(_ text: String) {
        guard isatty(STDERR_FILENO) == 1 else { return }
        Self.writeError("\r\u{1B}[K" + text)
    }

    /// Ends a line of progress.
    func endProgress() {
        guard isatty(STDERR_FILENO) == 1 else { return }
        Self.writeError("\r\u{1B}[K")
    }

    /// The result, when it is to be JSON.
    func result(_ value: some Encodable) throws {
        guard json else { return }
        Self.write(try JSONText.render(value) + "\n")
    }

    static func write(_ text: String) { put(text, STDOUT_FILENO) }
    static func writeError(_ text: String) { put(text, STDERR_FILENO) }

    /// Writes all of it; a reader that has gone away is no reason to fail.
    private static func put(_ text: String, _ descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return }
            bytes = bytes.dropFirst(written)
        }
    }
}
