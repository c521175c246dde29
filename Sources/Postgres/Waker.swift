import CPlatform
import Glibc
import Synchronization

/// How other threads get the attention of a connection's thread: an eventfd that its every `poll` watches, and the
/// reasons for ringing it.
///
/// The eventfd only says "look"; the reasons are kept beside it. So a cancellation belongs to one run and cannot reach the
/// next, and a wake that comes while nobody waits is found by the next wait.
final class Waker: Sendable {
    private struct State {
        var lastRun: UInt64 = 0
        var currentRun: UInt64?
        var isCancelled = false
        var isWoken = false
        var isBroken = false
    }

    let descriptor: Int32
    private let state = Mutex(State())

    init() throws(PostgresError) {
        descriptor = switchback_eventfd()
        guard descriptor >= 0 else {
            throw PostgresError(.connect, "could not make an event descriptor: \(errorText(errno))")
        }
    }

    deinit { close(descriptor) }

    /// A number for a run that will begin, by which it can be cancelled.
    func reserveRun() -> UInt64 {
        state.withLock {
            $0.lastRun += 1
            return $0.lastRun
        }
    }

    /// Begins a run. Ask `Task.isCancelled` after it, not before: a cancellation that came earlier found no run to strike.
    func begin(run: UInt64) {
        silence()
        state.withLock {
            $0.currentRun = run
            $0.isCancelled = false
        }
    }

    func endRun() {
        state.withLock {
            $0.currentRun = nil
            $0.isCancelled = false
        }
    }

    /// Cancels the run of that number, if it is the one going on.
    func cancel(run: UInt64) {
        let strikes = state.withLock {
            guard $0.currentRun == run else { return false }
            $0.isCancelled = true
            return true
        }
        if strikes { ring() }
    }

    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    func wake() {
        state.withLock { $0.isWoken = true }
        ring()
    }

    /// Whether `wake` was called since the last time this was asked.
    func takeWake() -> Bool {
        state.withLock { state in
            defer { state.isWoken = false }
            return state.isWoken
        }
    }

    var isBroken: Bool {
        get { state.withLock { $0.isBroken } }
        set { state.withLock { $0.isBroken = newValue } }
    }

    /// Makes the descriptor readable.
    func ring() {
        var one: UInt64 = 1
        // The only failure is a count at its maximum, and then the descriptor is readable already.
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// Makes the descriptor unreadable until the next ring.
    func silence() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
    }
}
