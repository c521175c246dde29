import Replication
import TestSupport

/// Why streams stand still, as their receivers keep it. Nodes are named by their places.
extension TestMasters {
    /// - Returns: nil while the stream moves.
    func stopReason(_ from: Int, _ to: Int) async throws -> String? {
        try await nodes[to].value("SELECT error FROM switchback.cursor WHERE source = '\(Self.name(from))'")
    }

    /// What is to be done about it.
    func stopHint(_ from: Int, _ to: Int) async throws -> String? {
        try await nodes[to].value("SELECT error_hint FROM switchback.cursor WHERE source = '\(Self.name(from))'")
    }

    /// Waits until the stream stands still for a reason with all these words.
    func stops(_ from: Int, _ to: Int, _ words: String...) async throws -> Bool {
        try await eventually(within: .seconds(30)) {
            let reason = try await stopReason(from, to) ?? ""
            return words.allSatisfy { reason.contains($0) }
        }
    }

    /// Waits until the stream moves again.
    func moves(_ from: Int, _ to: Int) async throws -> Bool {
        try await eventually { try await stopReason(from, to) == nil }
    }

    /// How streams come out that may not come to their end within some time.
    func tryToCatchUp(_ some: [StreamID]? = nil, within limit: Duration) async throws -> [CatchUp.Result] {
        try await CatchUp(cluster, logger: TestPair.logger).run(some ?? streams, timeout: limit, allTables: false)
    }
}

extension [CatchUp.Result] {
    /// Of the stream from one master to another.
    func of(_ source: String, _ receiver: String) -> CatchUp.Result? {
        first { $0.stream.source == source && $0.stream.receiver == receiver }
    }
}
