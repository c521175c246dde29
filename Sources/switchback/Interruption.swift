import Glibc
import UnixSignals

/// SIGINT and SIGTERM: the first asks the command to end, the second ends the program at once.
enum Interruption {
    /// Runs a command so that signals reach it.
    ///
    /// Nothing else in the program may trap these signals: what comes between two traps is lost to the one that counts.
    static func run(_ body: @Sendable @escaping () async throws -> Void) async throws {
        let wanted = [(SIGINT, UnixSignal.sigint), (SIGTERM, .sigterm)].filter { !isIgnored($0.0) }.map(\.1)
        let signals = await UnixSignalsSequence(trapping: wanted)
        let work = Task { try await body() }
        let watch = Task {
            var isSecond = false
            for await _ in signals {
                if isSecond { _exit(Failure.Status.failed.rawValue) }
                isSecond = true
                work.cancel()
            }
        }
        defer { watch.cancel() }
        try await work.value
    }

    /// A shell that starts a program in the background has it ignore SIGINT, and that is to stay so.
    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
