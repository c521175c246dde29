import Postgres

/// A session at each node that is kept from one look to the next: a look that comes every few seconds for years is to cost the
/// server a statement and not a connection.
actor KeptSessions {
    private var open: [String: Connection] = [:]
    /// What the servers are told that the sessions are for.
    private let purpose: String

    init(purpose: String = "watch") { self.purpose = purpose }

    /// Runs a body with the session at a node. One that has ended since the last look says nothing about the node: another is
    /// opened, and only that tells whether it answers.
    ///
    /// - Throws: as `Cluster.asking`. What the body does is done in a transaction or may be done again.
    func asking<R: Sendable>(
        _ cluster: Cluster, _ node: String, deadline: Duration, _ body: @Sendable (Session) throws -> R
    ) async throws -> R {
        if let kept = open[node] {
            do { return try await run(kept, node, deadline, body) } catch {
                try Task.checkCancellation()
                guard open[node] !== kept else { throw error }
            }
        }
        return try await run(try await session(cluster, node), node, deadline, body)
    }

    private func session(_ cluster: Cluster, _ node: String) async throws -> Connection {
        if let kept = open[node] { return kept }
        let opened = try await cluster.open(node, purpose: purpose)
        // Somebody else may have opened one meanwhile: it is used, and ours is closed.
        if let other = open[node] {
            await opened.close()
            return other
        }
        open[node] = opened
        return opened
    }

    private func run<R: Sendable>(
        _ connection: Connection, _ node: String, _ deadline: Duration, _ body: @Sendable (Session) throws -> R
    ) async throws -> R {
        do { return try await connection.run(deadline: deadline, body) } catch {
            await connection.rollBack()
            if !connection.isOpen {
                if open[node] === connection { open[node] = nil }
                await connection.close()
            }
            throw error
        }
    }

    /// Ends all of them.
    func close() async {
        let sessions = Array(open.values)
        open = [:]
        for session in sessions { await session.close() }
    }
}
