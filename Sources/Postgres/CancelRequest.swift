import CLibPQ
import Synchronization

/// One cancel request on its way. `PQcancel` blocks and knows no deadline, so that it runs on a thread of its own.
final class CancelRequest: Sendable {
    /// Carries the request to its thread.
    /// Safe because `PGcancel` is a copy of what it needs of the connection, made for being used by another thread, and
    /// after the handing over only that thread touches it.
    private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private let finished = Mutex(false)

    private init() {}

    /// Whether the server was told, or could not be: from here on the request reaches no statement any more.
    var isFinished: Bool { finished.withLock { $0 } }

    /// Sends a request for what `connection` is doing; rings `waker` when it is done.
    /// - Returns: nil when it could not be sent.
    static func start(for connection: OpaquePointer, waker: Waker) -> CancelRequest? {
        guard let pointer = PQgetCancel(connection) else { return nil }
        let handle = Handle(pointer: pointer)
        let request = CancelRequest()
        let status = detachThread(name: "pg-cancel") {
            var text = [CChar](repeating: 0, count: 256)
            // Its failing is not reported: the owner waits for the statement's end either way, and for no longer than it
            // has given itself.
            _ = PQcancel(handle.pointer, &text, Int32(text.count))
            PQfreeCancel(handle.pointer)
            request.finished.withLock { $0 = true }
            waker.ring()
        }
        guard status == 0 else {
            PQfreeCancel(pointer)
            return nil
        }
        return request
    }
}
