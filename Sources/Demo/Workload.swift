import Assets
import LocalCluster
import Postgres
import Replication
import Synchronization

/// People at work at the primary: several writers, each with its own connection, doing what one does in a repository.
struct Workload: Sendable {
    /// What they have done.
    struct Count: Sendable {
        var transactions = 0
        var statements = 0
    }

    let server: LocalCluster
    let writers: Int
    /// Between two transactions of one writer.
    let pause: Duration
    let count = Shared(Count())

    init(_ server: LocalCluster, writers: Int = 4, pause: Duration = .milliseconds(40)) {
        self.server = server
        self.writers = writers
        self.pause = pause
    }

    /// They work while the body runs, and finish what they have begun before this returns.
    func run<R: Sendable>(while body: @Sendable @escaping () async throws -> R) async throws -> R {
        let isOver = Shared(false)
        return try await withThrowingTaskGroup(of: R?.self) { group in
            for number in 1...writers {
                group.addTask {
                    try await work(seed: UInt64(number), until: isOver)
                    return nil
                }
            }
            group.addTask {
                defer { isOver.change { $0 = true } }
                return try await body()
            }
            var result: R?
            while let next = try await group.next() {
                if let next { result = next }
            }
            guard let result else { throw CancellationError() }
            return result
        }
    }

    private func work(seed: UInt64, until isOver: Shared<Bool>) async throws {
        let connection = try await DemoNodes.open(server)
        do {
            while !isOver.value {
                let statements = try await connection.run(deadline: .seconds(30)) { session in
                    try Errand.any().perform(on: session)
                }
                count.change {
                    $0.transactions += 1
                    $0.statements += statements
                }
                try await Task.sleep(for: pause)
            }
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }
}
