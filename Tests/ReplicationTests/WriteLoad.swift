import Postgres
import TestSupport

/// Random writes to a database from several sessions, until they are told to stop.
struct WriteLoad {
    let database: TestDatabase
    let seed: UInt64
    /// One transaction each; what clashes with another session's is rolled back and does not count.
    let statements: @Sendable (inout SeededRandom) -> String

    /// Runs the load while the body runs.
    ///
    /// - Returns: what the body returned, and how many transactions committed meanwhile.
    func during<R: Sendable>(
        sessions: Int = 3, _ body: @Sendable @escaping () async throws -> R
    ) async throws -> (result: R, transactions: Int) {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<sessions {
                group.addTask { try await write(SeededRandom(seed &+ UInt64(number))) }
            }
            do {
                let result = try await body()
                group.cancelAll()
                var total = 0
                for try await count in group { total += count }
                return (result, total)
            } catch {
                group.cancelAll()
                throw error
            }
        }
    }

    private func write(_ generator: SeededRandom) async throws -> Int {
        var random = generator
        var count = 0
        let connection = try await database.connect()
        while !Task.isCancelled {
            let sql = statements(&random)
            do {
                try await connection.run(deadline: .seconds(60)) { session in
                    try session.transaction { try session.execute(sql) }
                }
                count += 1
            } catch let error as PostgresError {
                let state = error.sqlState ?? ""
                // Clashes, deadlocks, and the end.
                guard error.kind == .cancelled || ["23505", "23P01", "40P01", "40001", "23503"].contains(state) else {
                    throw error
                }
            }
        }
        await connection.close()
        return count
    }
}
