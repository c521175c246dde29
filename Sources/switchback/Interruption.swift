import Glibc
import UnixSignals

/// What Ctrl-C and SIGTERM do to a command: it is cancelled, tidies up, and ends. A second signal does not wait for that.
enum Interruption {
    /// Runs a command's body.
    ///
    /// - Throws: `CancellationError` when it was interrupted, once the body has ended.
    static func cancelling(_ body: sending @escaping () async throws -> Void) async throws {
        let work = Task { try await body() }
        let listening = Task {
            for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
                guard !work.isCancelled else { exit(Failure.Status.failed.rawValue) }
                work.cancel()
            }
        }
        defer { listening.cancel() }
        try await work.value
    }
}
