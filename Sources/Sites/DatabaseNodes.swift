import Assets
public import Failover
import Foundation
public import Logging
import Postgres
public import Replication
import Settings

/// The databases of both sites, through replication: fences, streams, comparisons.
public struct DatabaseNodes: SiteNodes {
    let cluster: Cluster
    let logger: Logger
    /// How long a fence waits for transactions that had begun to write.
    let patience: Duration
    /// Whether their sessions are ended when half of that is over.
    let terminates: Bool

    public init(_ cluster: Cluster, logger: Logger, patience: Duration, terminates: Bool) {
        self.cluster = cluster
        self.logger = logger
        self.patience = patience
        self.terminates = terminates
    }

    private func fence(_ node: String) -> NodeFence { NodeFence(node: node, cluster: cluster) }

    private func streams(_ from: String, _ to: String) -> [StreamID] {
        cluster.settings.streams.filter { $0.source == from && $0.receiver == to }
    }

    // MARK: - Fences

    public func look(_ node: String) async throws -> FenceLook {
        try await failing {
            guard let state = try await fence(node).state() else { throw FenceError.notInstalled(node: node) }
            return FenceLook(isClosed: state.isClosed, epoch: Int(state.epoch), reason: state.reason)
        }
    }

    public func takeEpoch(at node: String, above: Int, remainder: Int, of count: Int) async throws -> Int {
        try await failing {
            try await cluster.ask(node, purpose: "failover", parameters: durable) { session in
                let answer = try session.query(
                    Assets.sql("failover/take_epoch"), [String(above), String(remainder), String(count)])
                guard let epoch = answer.rows.first?.int(0) else {
                    throw StepFailure("\(node) has lost the row of its epochs", hint: "restore switchback.epoch there")
                }
                return epoch
            }
        }
    }

    public func raise(_ node: String, epoch: Int, closes: Bool, reason: String) async throws {
        try await failing {
            let fence = fence(node)
            guard closes, try await fence.state()?.isClosed == false else {
                return try await fence.raise(epoch: Int64(epoch))
            }
            // Closed is enough here: who still writes is waited for by the step that needs it.
            do { try await fence.close(epoch: Int64(epoch), reason: reason, patience: .zero) } catch FenceError
                .stillWriting
            {}
        }
    }

    public func close(_ node: String, epoch: Int, reason: String) async throws {
        _ = try await failing {
            try await fence(node).close(
                epoch: Int64(epoch), reason: reason, patience: patience, terminates: terminates)
        }
    }

    public func open(_ node: String, epoch: Int) async throws {
        try await failing { try await fence(node).open(epoch: Int64(epoch), reason: "it is the active site's") }
    }

    // MARK: - Looking

    public func obstacles(at node: String) async throws -> [String] {
        try await failing {
            let (isStandby, isReadOnly, hasJournal) = try await cluster.ask(node, purpose: "failover") { session in
                let row = try session.query(Assets.sql("failover/fitness")).rows[0]
                return (row.bool(0) ?? true, row.bool(1) ?? true, row.bool(2) ?? false)
            }
            var found: [String] = []
            if isStandby { found.append("its server is a standby of another one and takes no writes") }
            if isReadOnly { found.append("default_transaction_read_only is on there") }
            if !hasJournal { found.append("the journal is not installed: run \"switchback schema install\"") }
            return found
        }
    }

    public func standstill(from: String, to: String) async throws -> [String] {
        // No other node is asked: one that does not answer is no matter of the two.
        let found = try await failing { try await StatusReader(cluster).streams(streams(from, to)) }
        return found.compactMap { id, stream -> String? in
            // One that no engine carries is carried by the plan itself.
            if ["streaming", "idle"].contains(stream.state) { return nil }
            return "\(id.sync) is \(stream.state)\(stream.error.map { ": \($0)" } ?? "")"
        }
    }

    public func pending(from: String, to: String) async throws -> [TableCount] {
        try await failing {
            var counts: [TableCount] = []
            for stream in streams(from, to) {
                counts += try await PendingRows(stream: stream, cluster: cluster).count().map {
                    TableCount(table: "\($0.table)", rows: $0.rows)
                }
            }
            return counts
        }
    }

    public func stranded(from: String, to: String) async throws -> [TableCount] {
        let counts = try await pending(from: from, to: to)
        guard !counts.isEmpty else { return [] }
        let (cluster, streams) = (cluster, streams(from, to))
        // That they cannot be read, or not soon, keeps nobody from counting.
        let read = await limited(to: .seconds(2)) {
            var keys: [String: [String]] = [:]
            for stream in streams {
                let found = try await PendingRows(stream: stream, cluster: cluster).keys(most: TableCount.keysMost)
                keys.merge(found.map { ("\($0)", $1) }) { own, _ in own }
            }
            return keys
        }
        try Task.checkCancellation()
        guard case .value(let keys) = read else { return counts }
        return counts.map { TableCount(table: $0.table, rows: $0.rows, keys: keys[$0.table] ?? []) }
    }

    public func differences(from: String, to: String) async throws -> [String] {
        try await failing {
            var found: [String] = []
            for stream in streams(from, to) {
                // People write meanwhile. What is on its way is carried by the steps that follow; to wait for it, table by
                // table, would make the plan as long as the stream is behind, times the tables.
                let tables = try await Differ(stream: stream, cluster: cluster).run(waits: false)
                found += tables.filter { !$0.isIdentical }.map { table in
                    table.problem.map { "\(table.table): \($0)" }
                        ?? "\(table.table): \(table.missing) missing, \(table.extra) extra, \(table.different) different"
                }
            }
            return found
        }
    }

    public func conflicts(at node: String) async throws -> Int {
        try await failing {
            try await cluster.ask(node, purpose: "failover") { session in
                try session.query(Assets.sql("multimaster/count_conflicts")).rows[0].int(0) ?? 0
            }
        }
    }

    // MARK: - Moving rows

    public func carry(from: String, to: String, limit: Duration) async throws -> Int {
        try await failing {
            let results = try await CatchUp(cluster, logger: logger).run(streams(from, to), timeout: limit)
            if let behind = results.first(where: { !$0.isCaughtUp }) {
                throw StepFailure(
                    "\(behind.stream) is not caught up: \(behind.reason ?? "the time was up")",
                    hint: "see \"switchback status\"")
            }
            return results.reduce(0) { $0 + $1.rows }
        }
    }

    /// Closing a fence returns when everybody who had begun to write has ended; so what was committed before now is all.
    public func drain(from: String, to: String, limit: Duration) async throws -> Int {
        guard try await look(from).isClosed else {
            throw StepFailure("\(from) still takes writes, and more may come", hint: "it has to be fenced first")
        }
        return try await carry(from: from, to: to, limit: limit)
    }

    public func hold(from: String, at node: String) async throws { try await pause(from, node, true) }
    public func release(from: String, at node: String) async throws { try await pause(from, node, false) }

    private func pause(_ from: String, _ node: String, _ paused: Bool) async throws {
        try await failing {
            for stream in streams(from, node) {
                try await StreamControl(stream: stream, cluster: cluster).set(paused: paused)
            }
        }
    }

    // MARK: - Writing

    public func prove(_ node: String) async throws {
        guard try await !look(node).isClosed else {
            throw StepFailure("\(node) refuses writes", hint: "somebody has fenced it meanwhile")
        }
        try await failing {
            let token = UUID().uuidString
            let found = try await cluster.ask(node, purpose: "canary", parameters: durable) { session in
                _ = try session.query(Assets.sql("failover/write_canary"), [token])
                return try session.query(Assets.sql("failover/read_canary")).rows[0][0]
            }
            // Another engine may have written its own since.
            guard found != nil else { throw StepFailure("\(node) took a write and does not have it") }
        }
    }

    public func rehearse(_ node: String) async throws {
        try await failing {
            try await cluster.ask(node, purpose: "rehearsal") { session in
                try session.execute("BEGIN")
                _ = try session.query(Assets.sql("failover/write_canary"), [UUID().uuidString])
                try session.execute("ROLLBACK")
            }
        }
    }
}
