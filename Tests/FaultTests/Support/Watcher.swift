import Postgres
import Synchronization
import TestSupport

/// Somebody who looks at a database again and again while something else happens, each time in one snapshot.
struct Watcher: Sendable {
    let database: TestDatabase
    var pause = Duration.milliseconds(3)
    /// Returns what is wrong, or nil.
    let look: @Sendable (Session) throws -> String?

    /// What was seen.
    struct Report: Sendable {
        var looks = 0
        var wrongs: [String] = []
    }

    /// Looks while the body runs. A server that is gone for a while is waited for.
    func run<R: Sendable>(while body: @Sendable () async throws -> R) async throws -> (R, Report) {
        let sight = Sight()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !sight.isStopped { try await watch(sight) }
            }
            do {
                let result = try await body()
                sight.stop()
                try await group.waitForAll()
                return (result, sight.report)
            } catch {
                sight.stop()
                group.cancelAll()
                throw error
            }
        }
    }

    private func watch(_ sight: Sight) async throws {
        guard let connection = try? await database.connect() else {
            return try await Task.sleep(for: .milliseconds(50))
        }
        while !sight.isStopped {
            do {
                let look = look
                let wrong = try await connection.run(deadline: .seconds(60)) { session in
                    try session.transaction(begin: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") {
                        try look(session)
                    }
                }
                sight.add(wrong)
            } catch let error as PostgresError where error.isConnectionFailure {
                break
            }
            try await Task.sleep(for: pause)
        }
        await connection.close()
    }
}

/// What the one who looks and the one who asks share.
private final class Sight: Sendable {
    private let state = Mutex((isStopped: false, report: Watcher.Report()))

    var isStopped: Bool { state.withLock { $0.isStopped } }
    var report: Watcher.Report { state.withLock { $0.report } }

    func stop() { state.withLock { $0.isStopped = true } }

    func add(_ wrong: String?) {
        state.withLock {
            $0.report.looks += 1
            if let wrong { $0.report.wrongs.append(wrong) }
        }
    }
}
