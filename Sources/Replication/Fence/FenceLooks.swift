import Postgres

/// Looks at the fences of nodes again and again, by a session at each that is kept: whoever asks before everything that it does
/// is not to wait for a connection every time.
public struct FenceLooks: Sendable {
    private let cluster: Cluster
    private let sessions = KeptSessions(purpose: "fence")

    private static let answerWithin = Duration.seconds(10)
    /// The schema or the table is not there.
    private static let notInstalled: Set<String?> = ["3F000", "42P01"]

    public init(_ cluster: Cluster) { self.cluster = cluster }

    /// How a node's fence stands; as ``NodeFence/state()``.
    ///
    /// - Returns: nil where no fence is installed.
    /// - Throws: `NodeUnreachable`, `SetupRefused`, `PostgresError`.
    public func state(of node: String) async throws -> NodeFence.State? {
        do {
            return try await sessions.asking(cluster, node, deadline: Self.answerWithin) {
                try NodeFence.installedState($0)
            }
        } catch let error as PostgresError where Self.notInstalled.contains(error.sqlState) {
            return nil
        }
    }
}
