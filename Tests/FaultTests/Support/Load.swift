import Postgres
import Synchronization
import TestSupport

/// Applications that write, or read, while something else happens.
///
/// A client whose connection breaks opens another, as applications do; what it was doing is then lost or done, as with
/// any commit whose answer did not come.
struct Load: Sendable {
    /// Where clients go; asked anew for each connection.
    let database: TestDatabase
    let clients: Int
    let seed: UInt64
    /// Between two units of work of one client.
    var pause = Duration.milliseconds(2)
    /// Clients that wait for each other in a circle are to find out soon.
    var parameters = [("deadlock_timeout", "30ms"), ("lock_timeout", "1s")]
    /// One unit of work.
    let work: @Sendable (Session, inout SeededRandom) throws -> Void

    /// What the clients did.
    struct Account: Sendable {
        let done: Int
        let failed: Int
        /// The SQLSTATEs of refusals, or the kinds of other failures.
        let failures: Set<String>
    }

    /// Runs the clients while the body runs.
    func run<R: Sendable>(while body: @Sendable () async throws -> R) async throws -> (R, Account) {
        let state = LoadState()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<clients {
                group.addTask { try await client(number, state) }
            }
            do {
                let result = try await body()
                state.stop()
                try await group.waitForAll()
                return (result, state.account)
            } catch {
                state.stop()
                group.cancelAll()
                throw error
            }
        }
    }

    private func client(_ number: Int, _ state: LoadState) async throws {
        var random = SeededRandom(seed &+ UInt64(number) &* 7919)
        while !state.isStopped {
            do {
                let connection = try await database.connect(parameters: parameters)
                do {
                    try await useful(connection, &random, state)
                    await connection.close()
                } catch {
                    await connection.close()
                    throw error
                }
            } catch let error as PostgresError {
                state.failed(error)
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    private func useful(_ connection: Connection, _ random: inout SeededRandom, _ state: LoadState) async throws {
        while !state.isStopped {
            let (before, work) = (random, work)
            random = try await connection.run(deadline: .seconds(120)) { session in
                var random = before
                try work(session, &random)
                return random
            }
            state.succeeded()
            try await Task.sleep(for: pause)
        }
    }
}

/// What the clients of a load share.
private final class LoadState: Sendable {
    private struct Counts {
        var isStopped = false
        var done = 0
        var failed = 0
        var failures: Set<String> = []
    }

    private let counts = Mutex(Counts())

    var isStopped: Bool { counts.withLock { $0.isStopped } }
    var account: Load.Account {
        counts.withLock { Load.Account(done: $0.done, failed: $0.failed, failures: $0.failures) }
    }

    func stop() { counts.withLock { $0.isStopped = true } }
    func succeeded() { counts.withLock { $0.done += 1 } }

    func failed(_ error: PostgresError) {
        counts.withLock {
            $0.failed += 1
            $0.failures.insert(error.sqlState ?? "\(error.kind)")
        }
    }
}
