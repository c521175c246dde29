import DNSWire
import Postgres

/// People who write at a pace, wherever the name leads, and keep a list of what they were told is committed.
struct SiteWriters: Sendable {
    /// What they know.
    struct Log: Sendable {
        var acknowledged: Set<String> = []
        /// Since the last call of ``beginPart(now:)``, by the number of the node.
        var byNode = [0, 0]
        var longestGap = Duration.zero
        var begun = 0
        private var last: ContinuousClock.Instant?

        mutating func beginPart(now: ContinuousClock.Instant) {
            byNode = [0, 0]
            longestGap = .zero
            last = now
        }

        mutating func acknowledge(_ receipt: String, by node: Int, now: ContinuousClock.Instant) {
            acknowledged.insert(receipt)
            byNode[node] += 1
            if let last { longestGap = max(longestGap, now - last) }
            last = now
        }
    }

    /// The primary and the secondary.
    let nodes: [Node]
    let names: NameServer
    /// Transactions a second, of all together.
    let pace: Int
    /// The accounts that they change.
    let accounts: ClosedRange<Int>
    let log = Shared(Log())

    private static let writers = 6
    private static let afterFailure = Duration.milliseconds(20)
    private static let statement =
        "WITH w AS (UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = $1) INSERT INTO pgbench_history (tid, bid, aid, delta, mtime, filler) VALUES (1, 1, $1, 1, now(), $2)"

    /// They work while the body runs.
    func run<R: Sendable>(while body: @Sendable @escaping () async throws -> R) async throws -> R {
        let isOver = Shared(false)
        return try await withThrowingTaskGroup(of: R?.self) { group in
            for writer in 0..<Self.writers {
                group.addTask {
                    try await write(writer, until: isOver)
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

    private func write(_ writer: Int, until isOver: Shared<Bool>) async throws {
        while !isOver.value {
            do { try await session(writer, until: isOver) } catch {
                try Task.checkCancellation()
                guard error is PostgresError || error is DNSClientError else { throw error }
                try await Task.sleep(for: Self.afterFailure)
            }
        }
    }

    /// One connection's life.
    private func session(_ writer: Int, until isOver: Shared<Bool>) async throws {
        let number = try await names.lookUp() == SwitchbackSite.addresses[1] ? 1 : 0
        let pause = Duration.seconds(1) * Self.writers / pace
        try await Link.with(nodes[number]) { link in
            var next = ContinuousClock.now
            while !isOver.value {
                let count = log.change { log in
                    log.begun += 1
                    return log.begun
                }
                let (receipt, account) = ("w\(writer)-\(count)", String(Int.random(in: accounts)))
                try await link.connection.run(deadline: .seconds(30)) { session in
                    try session.prepare("write", Self.statement)
                    _ = try session.queryPrepared("write", [account, receipt])
                }
                log.change { $0.acknowledge(receipt, by: number, now: .now) }
                // Whoever fell behind does not hurry afterwards.
                next = max(next + pause, .now - pause)
                try await Task.sleep(until: next, clock: .continuous)
            }
        }
    }
}
