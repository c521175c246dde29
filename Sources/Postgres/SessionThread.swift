import CPlatform
import Glibc

/// The thread of one connection, as the executor of its actor: whatever libpq call blocks or waits, no thread of the
/// cooperative pool does.
///
/// `@unchecked Sendable` is safe because every stored variable is touched only inside `monitor.locked`.
final class SessionThread: SerialExecutor, @unchecked Sendable {
    private let monitor = Monitor()
    private let name: String
    private var jobs: [UnownedJob] = []
    private var isRunning = false
    private var isStopping = false

    init(name: String) { self.name = name }

    /// Starts the thread now, so that its failing is an error and not a surprise later.
    func start() throws(PostgresError) {
        let mustStart = monitor.locked {
            defer { isRunning = true }
            return !isRunning
        }
        guard mustStart else { return }
        let status = spawn()
        guard status == 0 else {
            monitor.locked { isRunning = false }
            throw PostgresError(.connect, "could not start a thread for the connection: \(errorText(status))")
        }
    }

    /// Lets the thread end once its queue is empty. A job that comes later still runs: on a new thread that ends with it.
    func stop() {
        monitor.locked {
            isStopping = true
            monitor.signalAll()
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let mustStart = monitor.locked {
            jobs.append(job)
            monitor.signalAll()
            defer { isRunning = true }
            return !isRunning
        }
        guard mustStart else { return }
        let status = spawn()
        precondition(status == 0, "could not start a thread for a closed connection: \(errorText(status))")
    }

    private func spawn() -> Int32 { detachThread(name: name) { self.work() } }

    private func work() {
        while let job = nextJob() { job.runSynchronously(on: asUnownedSerialExecutor()) }
    }

    private func nextJob() -> UnownedJob? {
        monitor.locked {
            while jobs.isEmpty && !isStopping { _ = monitor.wait() }
            if jobs.isEmpty {
                isRunning = false
                return nil
            }
            return jobs.removeFirst()
        }
    }
}

/// Carries a closure through the `void *` of `pthread_create`.
private final class ThreadBody: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(_ name: String, _ run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }
}

// A free function: a C callback written as a closure in an isolated context would trap on a foreign thread.
private func enterThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    let body = Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue()
    switchback_name_thread(body.name)
    body.run()
    return nil
}

/// Runs `body` on a new thread that ends with it.
/// - Returns: 0, or the error number of `pthread_create`.
func detachThread(name: String, _ body: @escaping @Sendable () -> Void) -> Int32 {
    var thread = pthread_t()
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let context = Unmanaged.passRetained(ThreadBody(name, body))
    let status = pthread_create(&thread, &attributes, enterThread, context.toOpaque())
    if status != 0 { context.release() }
    return status
}

/// The system's words for an error number.
func errorText(_ number: Int32) -> String { strerror(number).map { String(cString: $0) } ?? "error \(number)" }
