import Synchronization

/// What a piece of work came to within its time.
package enum Limited<Value: Sendable>: Sendable {
    case value(Value)
    case failed(any Error)
    case late
}

/// Runs work for at most so long.
///
/// Work that does not end when it is cancelled is left behind: nobody waits for it, and what it does later is refused by
/// the epoch.
package func limited<Value: Sendable>(
    to limit: Duration, _ work: @escaping @Sendable () async throws -> Value
) async -> Limited<Value> {
    let race = Race<Value>()
    return await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
            race.begin(continuation, limit, work)
        }
    } onCancel: {
        race.cancel()
    }
}

/// Runs work for at most so long.
///
/// - Parameter what: for the error: `the journal`.
/// - Throws: what the work throws; `StepFailure` when its time is up.
package func within<Value: Sendable>(
    _ limit: Duration, _ what: String, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    switch await limited(to: limit, work) {
    case .value(let value): return value
    case .failed(let error): throw error
    case .late: throw StepFailure("\(what) did not answer within \(limit.text)")
    }
}

/// The work and its clock: whichever ends first is heard, once.
private final class Race<Value: Sendable>: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Limited<Value>, Never>?
        var tasks: [Task<Void, Never>] = []
        var isOver = false
    }
    private let state = Mutex(State())

    func begin(
        _ continuation: CheckedContinuation<Limited<Value>, Never>, _ limit: Duration,
        _ work: @escaping @Sendable () async throws -> Value
    ) {
        let wasCancelled = state.withLock { state in
            if !state.isOver { state.continuation = continuation }
            return state.isOver
        }
        guard !wasCancelled else { return continuation.resume(returning: .failed(CancellationError())) }
        let worker = Task {
            do { self.end(.value(try await work())) } catch { self.end(.failed(error)) }
        }
        let clock = Task {
            try? await Task.sleep(for: limit)
            self.end(.late)
        }
        let isOver = state.withLock { state in
            if !state.isOver { state.tasks = [worker, clock] }
            return state.isOver
        }
        if isOver { for task in [worker, clock] { task.cancel() } }
    }

    func cancel() { end(.failed(CancellationError())) }

    private func end(_ result: Limited<Value>) {
        let (continuation, tasks) = state.withLock { state in
            state.isOver = true
            defer {
                state.continuation = nil
                state.tasks = []
            }
            return (state.continuation, state.tasks)
        }
        continuation?.resume(returning: result)
        for task in tasks { task.cancel() }
    }
}
