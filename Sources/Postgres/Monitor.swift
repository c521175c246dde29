import Glibc

/// A mutex with one condition, for threads that wait for each other. It is only waited on from threads that this module
/// owns, never from the cooperative pool.
///
/// `@unchecked Sendable` is safe because the two pthread objects are made for being shared: they are allocated once,
/// never moved (Swift may move stored structs, hence the pointers), and freed when nobody holds the monitor any more.
final class Monitor: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // The wall clock may jump; deadlines do not.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Runs `body` with the lock held.
    func locked<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// Gives up the lock, waits for `signalAll`, and takes the lock again. It may wake for no reason.
    /// - Returns: false when `end` came first.
    func wait(until end: ContinuousClock.Instant? = nil) -> Bool {
        guard let end else {
            pthread_cond_wait(condition, mutex)
            return true
        }
        let remaining = end - .now
        guard remaining > .zero else { return false }
        var moment = timespec()
        clock_gettime(CLOCK_MONOTONIC, &moment)
        let parts = remaining.components
        let nanoseconds = moment.tv_nsec + Int(parts.attoseconds / 1_000_000_000)
        moment.tv_sec += Int(min(parts.seconds, 1_000_000_000)) + nanoseconds / 1_000_000_000
        moment.tv_nsec = nanoseconds % 1_000_000_000
        return pthread_cond_timedwait(condition, mutex, &moment) != ETIMEDOUT
    }

    func signalAll() { pthread_cond_broadcast(condition) }
}
