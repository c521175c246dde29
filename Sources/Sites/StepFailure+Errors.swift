import Failover
import FileSync
import Postgres
import Replication

extension StepFailure {
    /// What a step has to say of an error of the modules below, judged by its type.
    init(_ error: any Error) {
        switch error {
        case let failure as StepFailure: self = failure
        case let unreachable as NodeUnreachable:
            self.init(
                "\(unreachable)",
                hint: "start the server, or mend nodes.\(unreachable.node).dsn or the network between",
                isGone: true)
        case let fence as FenceError: self.init(fence.description, hint: fence.hint)
        case let files as FileSyncError: self.init(files.message, hint: files.hint)
        case let stopped as StreamStopped: self.init(stopped.message, hint: stopped.hint)
        case let refused as SetupRefused:
            self.init(refused.findings.first?.message ?? "\(refused)", hint: refused.findings.first?.remedy)
        case let postgres as PostgresError where postgres.sqlState == "42P01" || postgres.sqlState == "3F000":
            self.init(
                "Switchback is not installed, or is older than this program: \(postgres.message)",
                hint: "run \"switchback schema install\"")
        case let postgres as PostgresError:
            var plain = postgres
            plain.hint = nil
            self.init(plain.description, hint: postgres.hint)
        default: self.init("\(error)")
        }
    }
}

/// Runs a body whose errors become a step's.
///
/// - Throws: `StepFailure`, or `CancellationError` when the task was cancelled.
func failing<Value>(_ body: () async throws -> Value) async throws -> Value {
    do { return try await body() } catch {
        if Task.isCancelled || error is CancellationError { throw CancellationError() }
        throw StepFailure(error)
    }
}

extension Cluster {
    /// Asks a node for a plan's sake, which waits no longer than this.
    func ask<R: Sendable>(
        _ node: String, purpose: String, parameters: [(String, String)] = [], _ body: @Sendable (Session) throws -> R
    ) async throws -> R {
        try await asking(node, purpose: purpose, parameters: parameters, deadline: .seconds(10), body)
    }
}

/// What is written for plans must outlive a crash of the server, and must not wait for a standby of its own.
let durable = [("synchronous_commit", "local")]
