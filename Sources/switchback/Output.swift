import Console
import Foundation
import Glibc
import Synchronization

/// Where results go: to standard output, as text or as one JSON document. What is said meanwhile goes to standard error
/// when the result is JSON.
struct Output: Sendable {
    let json: Bool

    /// Says something to people.
    func say(_ text: String) { put(text + "\n") }

    /// Puts text where people read, as it is.
    func put(_ text: String) {
        if json { Self.writeError(text) } else { Self.write(text) }
    }

    /// The place where people read.
    var terminal: Terminal { Self.terminal(json ? STDERR_FILENO : STDOUT_FILENO) }

    /// Shows a page that takes the place of the one before where a person looks, and follows it elsewhere.
    func show(_ page: String) {
        guard terminal.isInteractive else { return Self.write(page + "\n") }
        // Over the last one, and then without what is left of it: a screen that is cleared first would flicker.
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
        Self.write("\u{1B}[H" + lines.joined(separator: "\u{1B}[K\n") + "\u{1B}[J")
    }

    /// Progress on one line that is written over, where a person is looking; nothing otherwise.
    func progress(_ text: String) { Self.writeError(Self.terminal(STDERR_FILENO).overwritten(text)) }

    /// Ends a line of progress.
    func endProgress() { progress("") }

    /// The result, when it is to be JSON.
    func result(_ value: some Encodable) throws {
        guard json else { return }
        Self.written.withLock { $0.hasResult = true }
        Self.write(try JSONText.render(value) + "\n")
    }

    /// Whether a JSON document was written: there is one, also when the command fails later.
    static var hasResult: Bool { written.withLock { $0.hasResult } }
    /// Whether the reader of standard output has gone away.
    static var isAbandoned: Bool { written.withLock { $0.isAbandoned } }

    private static let written = Mutex((hasResult: false, isAbandoned: false))

    static func write(_ text: String) {
        if !put(text, STDOUT_FILENO) { written.withLock { $0.isAbandoned = true } }
    }

    static func writeError(_ text: String) { put(text, STDERR_FILENO) }

    private static func terminal(_ descriptor: Int32) -> Terminal {
        Terminal(descriptor, environment: ProcessInfo.processInfo.environment)
    }

    /// Writes all of it. A reader that has gone away is no reason to fail; false says that one has.
    @discardableResult private static func put(_ text: String, _ descriptor: Int32) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            if written < 0 && errno == EAGAIN {
                // Somebody made the terminal or the pipe non-blocking: wait until it takes more.
                var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&entry, 1, 1000)
                continue
            }
            guard written > 0 else { return errno != EPIPE }
            bytes = bytes.dropFirst(written)
        }
        return true
    }
}
