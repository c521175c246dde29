import Postgres
import TestSupport

/// Random writes to a database from several sessions, until they are told to stop.
struct WriteLoad {
    let database: TestDatabase
    let seed: UInt64
    /// One transaction each; what clashes with another session's is rolled back and does not count.
    let statements: @Sendable (inout SplitMix) -> String

    /// Runs the load while the body runs.
    ///
    /// - Returns: what the body returned, and how many transactions committed meanwhile.
    func during<R: Sendable>(
        sessions: Int = 3, _ body: @Sendable @escaping () async throws -> R
    ) async throws -> (result: R, transactions: Int) {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<sessions {
                group.addTask { try await write(SplitMix(seed: seed &+ UInt64(number))) }
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

    private func write(_ generator: SplitMix) async throws -> Int {
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

/// A small random number generator that can be begun again from its seed.
struct SplitMix: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
}
