import Glibc
import Synchronization

/// Tells how something long goes on: on one line that is written over, where a person is looking; a line every some
/// seconds where the text goes to a file or a mail.
final class ProgressReporter: Sendable {
    private let output: Output
    private let lastLine = Mutex(ContinuousClock.now)
    private static let lineEvery = Duration.seconds(10)

    init(_ output: Output) { self.output = output }

    func show(_ text: String) {
        guard isatty(STDERR_FILENO) != 1 else { return output.progress(text) }
        let isDue = lastLine.withLock { last in
            guard ContinuousClock.now - last >= Self.lineEvery else { return false }
            last = .now
            return true
        }
        if isDue { Output.writeError(text + "\n") }
    }

    func end() { output.endProgress() }
}
