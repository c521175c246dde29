import Assets
import Model
import Postgres

/// The fence of a node: it refuses what applications write while it is closed, and lets replication pass.
///
/// It holds at once and for all sessions, those with an old snapshot included. Who acts names an epoch; the node remembers
/// the highest, and refuses whoever comes with an older one.
public struct NodeFence: Sendable {
    public let node: String
    let cluster: Cluster

    /// - Parameter node: its name in the configuration.
    public init(node: String, cluster: Cluster) {
        self.node = node
        self.cluster = cluster
    }

    /// How a fence stands.
    public struct State: Sendable, Equatable {
        public let isClosed: Bool
        /// The highest epoch that has acted on it.
        public let epoch: Int64
        public let reason: String
        /// As the node prints it.
        public let since: String
    }

    /// A transaction that passed the fence while it was open, and has not ended.
    public struct Passed: Sendable, Equatable {
        /// Nil for a prepared transaction.
        public let processID: Int32?
        public let role: String
        public let application: String
        public let ageSeconds: Int
    }

    /// - Returns: nil where no fence is installed.
    /// - Throws: `NodeUnreachable`, `SetupRefused`, `PostgresError`.
    public func state() async throws -> State? {
        try await cluster.asking(node, purpose: "fence", deadline: Self.answerWithin) { try Self.state($0) }
    }

    /// Closes the fence, and waits until everybody who passed it before has ended: from then on nothing more is written.
    ///
    /// - Parameters:
    ///   - epoch: of whoever acts.
    ///   - patience: how long to wait for those who passed it before.
    ///   - terminates: whether the sessions of those are ended when half of that is over.
    /// - Returns: how many sessions were ended.
    /// - Throws: ``FenceError``: on `stillWriting` the fence is closed and stays so. `NodeUnreachable`, `PostgresError`.
    @discardableResult public func close(
        epoch: Int64, reason: String, patience: Duration = .seconds(10), terminates: Bool = false
    ) async throws -> Int {
        let connection = try await cluster.open(node, purpose: "fence", parameters: Self.parameters)
        do {
            try await set(connection, epoch: epoch, closed: true, reason: reason)
            let ended = try await wait(connection, patience, terminates)
            await connection.close()
            return ended
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Opens the fence.
    ///
    /// - Throws: ``FenceError``; `NodeUnreachable`, `PostgresError`.
    public func open(epoch: Int64, reason: String) async throws {
        try await moved(epoch: epoch) { _ in (false, reason) }
    }

    /// Makes the node remember an epoch, and leaves its fence as it stands.
    ///
    /// - Throws: as ``open(epoch:reason:)``.
    public func raise(epoch: Int64) async throws {
        try await moved(epoch: epoch) { ($0.isClosed, $0.reason) }
    }

    private func moved(epoch: Int64, to wanted: (State) -> (closed: Bool, reason: String)) async throws {
        let connection = try await cluster.open(node, purpose: "fence", parameters: Self.parameters)
        do {
            let state = try await connection.run(deadline: Self.answerWithin) { try Self.state($0) }
            guard let state else { throw FenceError.notInstalled(node: node) }
            let wanted = wanted(state)
            try await set(connection, epoch: epoch, closed: wanted.closed, reason: wanted.reason)
            await connection.close()
        } catch {
            await connection.close()
            throw error
        }
    }

    private static let answerWithin = Duration.seconds(30)
    /// What the fence was moved to must outlive a crash of the server.
    private static let parameters = [("synchronous_commit", "local")]
    private static let lookEvery = Duration.milliseconds(20)

    static func state(_ session: Session) throws -> State? {
        guard try CatalogueReader.serverFacts(session).isInstalled else { return nil }
        return try installedState(session)
    }

    /// As ``state(_:)``, where Switchback is installed.
    static func installedState(_ session: Session) throws -> State? {
        let answer = try session.query(Assets.sql("fence/state"))
        guard answer.rowCount == 1 else { return nil }
        return State(
            isClosed: answer.bool(0, 0), epoch: Int64(answer.int(0, 1)), reason: answer.text(0, 2),
            since: answer.text(0, 3))
    }

    private func set(_ connection: Connection, epoch: Int64, closed: Bool, reason: String) async throws {
        do {
            _ = try await connection.run(deadline: Self.answerWithin) { session in
                guard try Self.state(session) != nil else { throw FenceError.notInstalled(node: node) }
                return try session.query(
                    Assets.sql("fence/set"), [String(epoch), closed ? "true" : "false", reason])
            }
        } catch let error as PostgresError where error.sqlState == "SB004" {
            let seen = try? await connection.run(deadline: Self.answerWithin) { try Self.state($0)?.epoch }
            throw FenceError.stale(node: node, epoch: epoch, seen: (seen ?? nil) ?? epoch + 1)
        }
    }

    private func wait(_ connection: Connection, _ patience: Duration, _ terminates: Bool) async throws -> Int {
        let clock = ContinuousClock()
        let began = clock.now
        var ended = 0
        while true {
            let passed = try await connection.run(deadline: Self.answerWithin) { try Self.passed($0) }
            if passed.isEmpty { return ended }
            let waited = clock.now - began
            guard waited < patience else { throw FenceError.stillWriting(node: node, passed) }
            if terminates && ended == 0 && waited >= patience / 2 {
                ended = try await connection.run(deadline: Self.answerWithin) {
                    try $0.query(Assets.sql("fence/end_passed")).int(0, 0)
                }
            }
            try await Task.sleep(for: Self.lookEvery)
        }
    }

    private static func passed(_ session: Session) throws -> [Passed] {
        let answer = try session.query(Assets.sql("fence/passed"))
        return (0..<answer.rowCount).map { row in
            Passed(
                processID: answer[row, 0].flatMap { Int32($0) }, role: answer.text(row, 1),
                application: answer.text(row, 2), ageSeconds: answer.int(row, 3))
        }
    }
}

/// A fence could not be moved as was asked.
public enum FenceError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A later epoch has been at the node: whoever acts does not know what has happened since. Nothing was changed.
    case stale(node: String, epoch: Int64, seen: Int64)
    /// The node has no fence. Nothing was changed.
    case notInstalled(node: String)
    /// The fence is closed, and transactions that passed it before are still open: what they wrote may still be committed.
    case stillWriting(node: String, [NodeFence.Passed])

    public var description: String {
        switch self {
        case .stale(let node, let epoch, let seen):
            "could not move the fence of \(node): epoch \(epoch) is over, the node has seen epoch \(seen)"
        case .notInstalled(let node): "could not move the fence of \(node): it has none"
        case .stillWriting(let node, let passed):
            "the fence of \(node) is closed, and \(passed.count) transactions that began to write before are still open: "
                + passed.prefix(5).map(\.description).joined(separator: "; ") + (passed.count > 5 ? "; …" : "")
        }
    }

    /// What to do.
    public var hint: String {
        switch self {
        case .stale: "look at \"switchback status\" and \"switchback journal\" for what has happened, and begin again"
        case .notInstalled: "run \"switchback schema install\", with sites and failover in the configuration"
        case .stillWriting:
            "wait for them, or end them (\"switchback fence NODE --terminate\"; prepared ones with ROLLBACK PREPARED)"
        }
    }
}

extension NodeFence.Passed: CustomStringConvertible {
    public var description: String {
        guard let processID else { return "a prepared transaction" }
        let name = application.isEmpty ? "" : " (\(application))"
        return "process \(processID) of \(role)\(name), \(ageSeconds) s old"
    }
}
