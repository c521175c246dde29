import CLibCurl
import CPlatform
import Glibc
import Synchronization

/// The thread on which libcurl works, and how others hand it work.
///
/// `@unchecked Sendable` is safe because `multi` is set once; it is used by the one thread only, but for
/// `curl_multi_wakeup`, which libcurl allows from any thread, and for its end, which comes when nobody else holds it: the
/// thread itself holds this object for as long as it runs. Everything else is behind the mutex.
final class TransferThread: @unchecked Sendable {
    private struct Inbox {
        var isRunning = false
        var isStopping = false
        var lastNumber: UInt64 = 0
        var added: [(number: UInt64, transfer: Transfer, continuation: Continuation)] = []
        var cancelled: Set<UInt64> = []
    }

    typealias Continuation = CheckedContinuation<Transfer.Result, any Error>

    private let multi: UnsafeMutableRawPointer?
    private let inbox = Mutex(Inbox())

    /// Once, before any handle is made; thread-safe as every `static let` is.
    private static let isReady = switchback_curl_global_init() == CURLE_OK

    init() { multi = Self.isReady ? curl_multi_init() : nil }

    deinit { if let multi { curl_multi_cleanup(multi) } }

    /// Runs a transfer to its end.
    func run(_ transfer: Transfer) async throws -> Transfer.Result {
        guard multi != nil else { throw HTTPError(.other(27), .resolving, "libcurl could not be started") }
        let number = inbox.withLock { inbox in
            inbox.lastNumber += 1
            return inbox.lastNumber
        }
        // It may have come before the transfer did: so it stays until nobody waits any more.
        defer { inbox.withLock { _ = $0.cancelled.remove(number) } }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let mustStart = inbox.withLock { inbox in
                    inbox.added.append((number, transfer, continuation))
                    defer { inbox.isRunning = true }
                    return !inbox.isRunning
                }
                if mustStart { start() }
                wake()
            }
        } onCancel: {
            inbox.withLock { _ = $0.cancelled.insert(number) }
            wake()
        }
    }

    private func wake() { if let multi { curl_multi_wakeup(multi) } }

    /// Lets the thread end. Nobody waits for a transfer any more: whoever does holds the client.
    func stop() {
        inbox.withLock { $0.isStopping = true }
        wake()
    }

    private func start() {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        let status = pthread_create(&thread, &attributes, enterTransferThread, context.toOpaque())
        guard status != 0 else { return }
        context.release()
        let reason = String(cString: strerror(status))
        let waiting = inbox.withLock { inbox in
            inbox.isRunning = false
            defer { inbox.added = [] }
            return inbox.added
        }
        for (_, _, continuation) in waiting {
            continuation.resume(
                throwing: HTTPError(.other(27), .resolving, "could not start a thread for requests: \(reason)"))
        }
    }

    /// The thread's whole life.
    fileprivate func work() {
        guard let multi else { return }
        var active: [UnsafeMutableRawPointer: (number: UInt64, transfer: Transfer, continuation: Continuation)] = [:]
        while true {
            let (added, cancelled, isStopping) = inbox.withLock { inbox in
                defer { inbox.added = [] }
                return (inbox.added, inbox.cancelled, inbox.isStopping)
            }
            if isStopping { break }
            for (number, transfer, continuation) in added {
                do { active[try transfer.begin(in: multi)] = (number, transfer, continuation) } catch {
                    continuation.resume(throwing: error)
                }
            }
            for (handle, entry) in active where cancelled.contains(entry.number) {
                active[handle] = nil
                entry.transfer.abandon(in: multi)
                entry.continuation.resume(throwing: CancellationError())
            }
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            var code = CURLE_OK
            while let handle = switchback_curl_next_ended(multi, &code) {
                guard let entry = active.removeValue(forKey: handle) else { continue }
                entry.continuation.resume(with: entry.transfer.end(code, in: multi))
            }
            // libcurl's own time limits shorten the wait; what is handed in ends it.
            if curl_multi_poll(multi, nil, 0, active.isEmpty ? 60_000 : 1000, nil) != CURLM_OK {
                // No memory, for instance: what cannot wait must not spin.
                usleep(10_000)
            }
        }
        for entry in active.values { entry.transfer.abandon(in: multi) }
    }
}

/// A free function: a C callback that is a closure in an isolated context would trap on a foreign thread.
private func enterTransferThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    let thread = Unmanaged<TransferThread>.fromOpaque(context).takeRetainedValue()
    switchback_name_thread("http")
    // OpenSSL writes to connections that the other side has closed; here that is an error like any other.
    var pipe = sigset_t()
    sigemptyset(&pipe)
    sigaddset(&pipe, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &pipe, nil)
    thread.work()
    return nil
}
