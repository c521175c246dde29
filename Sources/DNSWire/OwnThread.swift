import CPlatform
import Glibc
import Synchronization

/// Work that blocks, on a thread that ends with it: no thread of Swift's pool waits for it.
enum OwnThread {
    /// Runs `body` and gives back what it returns, or `late` when that takes longer than the limit or the task is cancelled.
    /// The thread then goes on for as long as its work takes, and what comes of it is dropped.
    static func run<Value: Sendable>(
        _ name: String, limit: Duration, late: Value, _ body: @escaping @Sendable () -> Value
    ) async -> Value {
        let promise = Promise<Value>()
        let alarm = Task.detached {
            try await Task.sleep(for: limit)
            promise.keep(late)
        }
        defer { alarm.cancel() }
        let status = start(name) { promise.keep(body()) }
        if status != 0 { return late }
        return await withTaskCancellationHandler {
            await promise.value()
        } onCancel: {
            promise.keep(late)
        }
    }

    private static func start(_ name: String, _ body: @escaping @Sendable () -> Void) -> Int32 {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let work = Unmanaged.passRetained(Work(name: name, body: body))
        var thread = pthread_t()
        let status = pthread_create(&thread, &attributes, enter, work.toOpaque())
        if status != 0 { work.release() }
        return status
    }

    private final class Work: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) { (self.name, self.body) = (name, body) }
    }

    private static let enter: @Sendable @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
        context in
        guard let context else { return nil }
        let work = Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
        switchback_name_thread(work.name)
        work.body()
        return nil
    }
}

/// A value that comes once; whoever is second is ignored.
private final class Promise<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value, Never>)
        case kept(Value)
    }

    private let state = Mutex(State.open)

    func keep(_ value: Value) {
        let waiting: CheckedContinuation<Value, Never>? = state.withLock { state in
            switch state {
            case .open:
                state = .kept(value)
                return nil
            case .awaited(let continuation):
                state = .kept(value)
                return continuation
            case .kept: return nil
            }
        }
        waiting?.resume(returning: value)
    }

    func value() async -> Value {
        await withCheckedContinuation { continuation in
            let kept: Value? = state.withLock { state in
                if case .kept(let value) = state { return value }
                state = .awaited(continuation)
                return nil
            }
            if let kept { continuation.resume(returning: kept) }
        }
    }
}
