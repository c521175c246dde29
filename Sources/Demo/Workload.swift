import Assets
import DNSWire
import LocalCluster
import Postgres
import Replication
import Synchronization

/// People at work: several writers, each with its own connection, doing what one does in a repository. Each transaction
/// leaves a receipt, and the writers keep a list of those that they were told are committed.
struct Workload: Sendable {
    /// What they have done.
    struct Count: Sendable {
        var transactions = 0
        var statements = 0
    }

    /// Where they write.
    enum Place: Sendable {
        /// Always there; when it fails, so do they.
        case node(LocalCluster)
        /// Wherever the name leads, as people do: when a site fails or refuses, they ask for the name again.
        case name(TheSite)
    }

    let place: Place
    let ledger: Shared<Ledger>
    let writers: Int
    /// Between two transactions of one writer.
    let pause: Duration
    /// Whether items are withdrawn.
    ///
    /// Not where two sites write that cannot see each other: an item that both withdraw, or one withdraws and the other corrects, is
    /// taken off the totals by each of them, as it should be, and then is gone once, or there again by its rule. The
    /// totals would tell nothing of what is lost.
    let withdraws: Bool
    let count = Shared(Count())

    private static let afterFailure = Duration.milliseconds(50)

    init(
        _ place: Place, _ ledger: Shared<Ledger>, writers: Int = 4, pause: Duration = .milliseconds(40),
        withdraws: Bool = true
    ) {
        self.place = place
        self.ledger = ledger
        self.writers = writers
        self.pause = pause
        self.withdraws = withdraws
    }

    /// They work while the body runs, and finish what they have begun before this returns.
    func run<R: Sendable>(while body: @Sendable @escaping () async throws -> R) async throws -> R {
        let isOver = Shared(false)
        return try await withThrowingTaskGroup(of: R?.self) { group in
            group.addTask {
                try await run(until: isOver)
                return nil
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

    /// They work until it is over, and finish what they have begun before this returns.
    func run(until isOver: Shared<Bool>) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for writer in 1...writers { group.addTask { try await work(writer, until: isOver) } }
        }
    }

    private func work(_ writer: Int, until isOver: Shared<Bool>) async throws {
        while !isOver.value {
            do { try await session(writer, until: isOver) } catch {
                try Task.checkCancellation()
                guard case .name = place, error is PostgresError || error is DNSClientError else { throw error }
                try await Task.sleep(for: Self.afterFailure)
            }
        }
    }

    /// One connection's life.
    private func session(_ writer: Int, until isOver: Shared<Bool>) async throws {
        let server: LocalCluster
        switch place {
        case .node(let node): server = node
        case .name(let site): server = try await site.node()
        }
        let connection = try await DemoNodes.open(server)
        do {
            while !isOver.value {
                let receipt = ledger.change { $0.begin(writer: writer) }
                let statements = try await connection.run(deadline: .seconds(30)) { session in
                    try Errand.any(withdraws: withdraws).perform(on: session, receipt: receipt)
                }
                ledger.change { $0.acknowledge(receipt, by: server.name, now: .now) }
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

/// People whose work goes on over several steps.
final class Visitors: Sendable {
    private let work: @Sendable (Shared<Bool>) async throws -> Void
    private let isOver = Shared(false)
    private let haveEnded = Shared(false)

    /// - Parameter work: goes on until it is over, and finishes what it has begun before it returns.
    init(_ work: @escaping @Sendable (_ isOver: Shared<Bool>) async throws -> Void) { self.work = work }

    /// Runs until ``end()``, or until the task is cancelled.
    func run() async throws {
        try await work(isOver)
        haveEnded.change { $0 = true }
    }

    /// Has them finish what they have begun, and waits for that.
    func end() async throws {
        isOver.change { $0 = true }
        while !haveEnded.value { try await Task.sleep(for: .milliseconds(5)) }
    }
}
