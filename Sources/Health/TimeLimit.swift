/// Waits for a body, and not longer than a limit, whether or not the body heeds its cancellation.
///
/// - Returns: what it returned, nil when it had not ended; and the body itself, which may still be at work.
func withinLimit<Value: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async -> Value
) async -> (value: Value?, task: Task<Value, Never>) {
    let task = Task { await body() }
    let (stream, continuation) = AsyncStream.makeStream(of: Value?.self, bufferingPolicy: .bufferingOldest(1))
    Task { continuation.yield(await task.value) }
    let alarm = Task {
        try await Task.sleep(for: limit)
        continuation.yield(nil)
    }
    var first: Value??
    await withTaskCancellationHandler {
        for await value in stream {
            first = .some(value)
            break
        }
    } onCancel: {
        task.cancel()
        continuation.yield(nil)
    }
    alarm.cancel()
    continuation.finish()
    if case .some(.some(let value)) = first { return (value, task) }
    task.cancel()
    return (nil, task)
}
