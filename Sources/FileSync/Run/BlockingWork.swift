import CPlatform
import Glibc

/// Work that waits for disks, away from Swift's threads: a file system that hangs must not take the whole engine with it.
enum BlockingWork {
    /// Runs a body on a thread of its own and waits for it.
    static func run<R: Sendable>(_ name: String, _ body: @escaping @Sendable () throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            start(name) { continuation.resume(with: Result { try body() }) }
        }
    }

    /// Runs a body on a thread of its own that ends with it.
    static func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let context = Unmanaged.passRetained(Body(name, body))
        let status = pthread_create(&thread, &attributes, enter, context.toOpaque())
        precondition(status == 0, "could not start a thread: \(systemText(status))")
    }

    /// Carries a closure through the `void *` of `pthread_create`.
    fileprivate final class Body: Sendable {
        let name: String
        let run: @Sendable () -> Void

        init(_ name: String, _ run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }
}

// A free function: a C callback written as a closure in an isolated context would trap on a foreign thread.
private func enter(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    let body = Unmanaged<BlockingWork.Body>.fromOpaque(context).takeRetainedValue()
    switchback_name_thread(body.name)
    body.run()
    return nil
}

/// The system's words for an error number.
func systemText(_ number: Int32) -> String { strerror(number).map { String(cString: $0) } ?? "error \(number)" }
