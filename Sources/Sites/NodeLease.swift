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

    /// A session that broke is made anew, unless somebody else has the lock by now. A node that cannot be reached any more
    /// is no loss while another is held.
    func answer() async -> LeaseAnswer {
        guard !isReleased else { return .lost }
        for (node, connection) in connections {
            let isAlive = await limited(to: Self.answerWithin) {
                try await connection.run(deadline: Self.answerWithin) { _ = try $0.query("SELECT 1") }
            }
            if case .value = isAlive { continue }
            Task { await connection.close() }
            connections[node] = nil
            do {
                // What cannot be asked keeps its place among those that are asked again.
                if try await lock(node) != nil { lost.insert(node) }
            } catch { return .lost }
        }
        for node in lost where connections[node] == nil {
            do { _ = try await lock(node) } catch { return .lost }
            if connections[node] != nil { lost.remove(node) }
        }
        return connections.isEmpty ? .silent : .held
    }

    func isHeld() async -> Bool { await answer() == .held }

    /// Nodes whose lock was held and that cannot be reached.
    private var lost: Set<String> = []

    func release() async {
        isReleased = true
        for connection in connections.values {
            // The end of a session takes the server a moment, and the next one would find the lock taken.
            _ = try? await connection.run(deadline: Self.answerWithin) {
                try $0.query(Assets.sql("failover/end_lease"))
            }
            await connection.close()
        }
        connections = [:]
    }
}
