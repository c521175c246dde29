import Glibc

/// Runs a body that may block on a thread that lives as long as it does.
///
/// - Returns: nil when there is no thread to be had.
func onOwnThread<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R? {
    await withCheckedContinuation { continuation in
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let context = Unmanaged.passRetained(ThreadBody { continuation.resume(returning: body()) })
        if pthread_create(&thread, &attributes, enterOwnThread, context.toOpaque()) != 0 {
            context.release()
            continuation.resume(returning: nil)
        }
    }
}

/// Carries a closure through the `void *` of `pthread_create`.
private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// A free function: a C callback that is a closure in an isolated context would trap on a foreign thread.
private func enterOwnThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context { Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run() }
    return nil
}
