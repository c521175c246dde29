import Logging
import Replication

extension Cluster {
    /// Runs an engine for all streams of the configuration while the body runs, in this process.
    func withEngine<R: Sendable>(
        logger: Logger, _ body: @Sendable @escaping () async throws -> R
    ) async throws -> R {
        try await withThrowingTaskGroup(of: R?.self) { group in
            for stream in settings.streams {
                group.addTask {
                    try await StreamRunner(stream: stream, cluster: self, logger: logger).run()
                    return nil
                }
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            while let next = try await group.next() {
                if let result = next { return result }
            }
            throw CancellationError()
        }
    }
}
