import Assets
public import Failover
import Foundation
import Postgres
public import Replication

/// The right to run plans, as a lock at every site's node that can be reached. It goes with the session, so that an engine
/// that died holds nothing up.
public struct NodeLease: SiteLease {
    let cluster: Cluster
    let nodes: [String]

    /// - Parameter nodes: those of the sites.
    public init(_ cluster: Cluster, nodes: [String]) {
        self.cluster = cluster
        self.nodes = nodes
    }

    public var meaning: String {
        "a lock at the nodes keeps two orchestrators apart as long as both reach a common node; cut off from each other, each "
            + "with a node of its own, both may act: run one orchestrator only, or configure failover.lease.etcd"
    }

    public func take() async throws -> any LeaseHold {
        let hold = NodeLeaseHold(cluster: cluster)
        do {
            try await hold.take(nodes)
            return hold
        } catch {
            await hold.release()
            throw error
        }
    }
}

/// The locks, each with its session.
actor NodeLeaseHold: LeaseHold {
    private let cluster: Cluster
    private var connections: [String: Connection] = [:]
    /// Nodes whose lock was held, and whose session did not answer any more.
    private var lost: Set<String> = []
    /// Those of them whose lock somebody else had when it was asked for again.
    private var others: Set<String> = []
    /// What is under way: whether a session still answers, and whether a lock that was lost is ours again.
    private var askings: [String: Task<Bool, Never>] = [:]
    private var takings: [String: Task<Bool, Never>] = [:]
    private var isReleased = false

    private static let answerWithin = Duration.seconds(3)

    init(cluster: Cluster) { self.cluster = cluster }

    func take(_ nodes: [String]) async throws {
        let hold = self
        let failures = try await withThrowingTaskGroup(of: StepFailure?.self) { group in
            for node in nodes { group.addTask { try await hold.lock(node) } }
            var failures: [StepFailure] = []
            for try await failure in group { if let failure { failures.append(failure) } }
            return failures
        }
        guard failures.count < nodes.count else {
            throw failures.first ?? StepFailure("no node can be reached", isGone: true)
        }
    }

    /// - Returns: why the node could not be asked.
    /// - Throws: `StepFailure` when somebody else has its lock.
    private func lock(_ node: String) async throws -> StepFailure? {
        let cluster = cluster
        let name = "failover \(ProcessInfo.processInfo.hostName):\(ProcessInfo.processInfo.processIdentifier)"
        let outcome = await limited(to: Self.answerWithin) { () -> (Connection, String?) in
            let connection = try await cluster.open(node, purpose: name)
            // One that has just died is gone from the server a moment later.
            for _ in 1...5 {
                let isOurs = try await connection.run(deadline: Self.answerWithin) {
                    try $0.query(Assets.sql("failover/lease")).rows[0].bool(0) == true
                }
                if isOurs { return (connection, nil) }
                try await Task.sleep(for: .milliseconds(100))
            }
            let holder = try await connection.run(deadline: Self.answerWithin) { session -> String? in
                if try session.query(Assets.sql("failover/lease")).rows[0].bool(0) == true { return nil }
                let rows = try session.query(Assets.sql("failover/lease_holder")).rows
                return rows.first.map { "\($0[0] ?? "") at \($0[1] ?? "")" } ?? "somebody"
            }
            return (connection, holder)
        }
        switch outcome {
        case .value((let connection, nil)):
            guard !isReleased else {
                await connection.close()
                return StepFailure("the lease was given back meanwhile")
            }
            connections[node] = connection
            return nil
        case .value((let connection, let holder?)):
            await connection.close()
            throw StepFailure(
                "another orchestrator has the lease at \(node): \(holder)",
                hint: "it ends by itself when that one does; \"switchback journal\" shows what it is doing")
        case .failed(let error): return StepFailure(error)
        case .late: return StepFailure("\(node) did not answer within \(Self.answerWithin.text)", isGone: true)
        }
    }

    /// It is held as soon as one session answers: a node that cannot be reached any more is no loss while another is held, and is not
    /// waited for. A session that broke is made anew meanwhile, which counts at the next question; where somebody else has the lock by
    /// then, the lease is lost. Only where no session answers is that waited for.
    ///
    /// What it has begun goes on, also when nobody waits for the answer any more: no lock is given up for that.
    func answer() async -> LeaseAnswer {
        guard !isReleased else { return .lost }
        _ = takeAgain()
        guard others.isEmpty else { return .lost }
        let asked = connections.map { ask($0.key, $0.value) }
        var isOurs = await Self.anyHolds(asked)
        if !isOurs, !isReleased { isOurs = await Self.anyHolds(takeAgain()) }
        guard !isReleased, others.isEmpty else { return .lost }
        return isOurs ? .held : .silent
    }

    func isHeld() async -> Bool { await answer() == .held }

    /// Whether one of them comes to a good end; known as soon as one does.
    private static func anyHolds(_ tasks: [Task<Bool, Never>]) async -> Bool {
        guard !tasks.isEmpty else { return false }
        let (answers, told) = AsyncStream.makeStream(of: Bool.self)
        for task in tasks {
            Task { _ = told.yield(await task.value) }
        }
        var left = tasks.count
        for await holds in answers {
            if holds { return true }
            left -= 1
            if left == 0 { return false }
        }
        return false
    }

    /// Asks a session whether it still answers, once at a time.
    private func ask(_ node: String, _ connection: Connection) -> Task<Bool, Never> {
        if let task = askings[node] { return task }
        let task = Task { await self.isAlive(node, connection) }
        askings[node] = task
        return task
    }

    private func isAlive(_ node: String, _ connection: Connection) async -> Bool {
        let outcome = await limited(to: Self.answerWithin) {
            try await connection.run(deadline: Self.answerWithin) { _ = try $0.query("SELECT 1") }
        }
        askings[node] = nil
        if case .value = outcome { return true }
        guard !isReleased else { return false }
        // It may be busy with what did not come to an end in time.
        Task { await connection.close() }
        connections[node] = nil
        lost.insert(node)
        return false
    }

    /// Takes the locks again that were lost, each once at a time.
    private func takeAgain() -> [Task<Bool, Never>] {
        lost.map { node in
            if let task = takings[node] { return task }
            let task = Task { await self.takeAgain(node) }
            takings[node] = task
            return task
        }
    }

    private func takeAgain(_ node: String) async -> Bool {
        defer { takings[node] = nil }
        do {
            // What cannot be asked keeps its place among those that are asked again.
            guard try await lock(node) == nil else { return false }
            lost.remove(node)
            others.remove(node)
            return true
        } catch {
            others.insert(node)
            return false
        }
    }

    func release() async {
        isReleased = true
        for taking in takings.values { taking.cancel() }
        let held = Array(connections.values)
        connections = [:]
        await withTaskGroup(of: Void.self) { group in
            for connection in held {
                group.addTask {
                    // The end of a session takes the server a moment, and the next one would find the lock taken.
                    _ = try? await connection.run(deadline: Self.answerWithin) {
                        try $0.query(Assets.sql("failover/end_lease"))
                    }
                    await connection.close()
                }
            }
        }
    }
}
