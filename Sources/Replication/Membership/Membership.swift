import Assets
import Postgres
import Settings

/// Who is counted on in a sync. Each node keeps that for itself: what it keeps for a receiver, and what it takes from a source.
public struct Membership: Sendable {
    let cluster: Cluster

    public init(_ cluster: Cluster) { self.cluster = cluster }

    private static let deadline = Duration.seconds(120)

    /// What became of a declaration at one node.
    public struct Verdict: Sendable, Equatable {
        public let sync: String
        /// Who was to count on it no more.
        public let judge: String
        /// How many rows of the lost node's it sends on in its place, where others may lack them; nil when it had been declared before, or
        /// could not be asked.
        public let sentOn: Int?
        /// Why it could not be asked.
        public let error: String?
    }

    /// Has all other nodes of a node's syncs count on it no more: they keep nothing for it, and its streams to them stop.
    ///
    /// - Parameters:
    ///   - node: the node.
    ///   - sync: in this sync only; in all of the node's when nil.
    ///   - reason: shown to whoever asks.
    /// - Returns: what became of it at each node; one that cannot be asked is no error, for it hears of it later.
    public func declareLost(_ node: String, sync: String?, reason: String) async throws -> [Verdict] {
        var verdicts: [Verdict] = []
        for settings in syncs(of: node, sync) {
            guard settings.links == nil else {
                throw SetupRefused([
                    Finding(
                        .problem, node: node, sync: settings.name,
                        "a node of a sync with links cannot be declared lost and come back: what lies behind it may have changes that the others lack",
                        remedy:
                            "take it out of the sync's nodes and links and run \"switchback schema install\"; it comes back under another name"
                    )
                ])
            }
            for judge in settings.sources where judge != node {
                verdicts.append(try await declare(node, settings.name, at: judge, reason))
            }
        }
        return verdicts
    }

    private func declare(_ node: String, _ sync: String, at judge: String, _ reason: String) async throws -> Verdict {
        do {
            let sentOn = try await cluster.asking(judge, purpose: "lost", deadline: Self.deadline) { session in
                try Self.declare(node, sync, reason, session)
            }
            return Verdict(sync: sync, judge: judge, sentOn: sentOn, error: nil)
        } catch let error as NodeUnreachable {
            return Verdict(sync: sync, judge: judge, sentOn: nil, error: "\(error)")
        }
    }

    /// - Returns: how many rows are sent on; nil when it had been declared before.
    static func declare(_ node: String, _ sync: String, _ reason: String, _ session: Session) throws -> Int? {
        try session.query(Assets.sql("membership/declare_lost"), [sync, node, reason])[0, 0].flatMap { Int($0) }
    }

    /// Has all other nodes of a sync count on a node again.
    ///
    /// It must have been made equal to one of them. Which of its rows differed is in that one's deltas then, so that what
    /// comes from the node is settled against it like any other change.
    ///
    /// - Returns: the nodes that had counted on it no more.
    /// - Throws: `NodeUnreachable`, `PostgresError`; it can be run again.
    @discardableResult
    public func readmit(_ node: String, to sync: String) async throws -> [String] {
        guard let settings = cluster.settings.syncs.first(where: { $0.name == sync }) else { return [] }
        var readmitting: [String] = []
        for judge in settings.sources where judge != node {
            let wasLost = try await cluster.asking(judge, purpose: "lost", deadline: Self.deadline) { session in
                try session.query(Assets.sql("membership/readmit"), [sync, node]).rowCount > 0
            }
            if wasLost { readmitting.append(judge) }
        }
        // Nor does it hold against the others what it thought of them while it was cut off.
        if settings.sources.contains(node) {
            try await cluster.asking(node, purpose: "lost", deadline: Self.deadline) { session in
                for other in settings.sources + settings.targets where other != node {
                    _ = try session.query(Assets.sql("membership/readmit"), [sync, other])
                }
            }
        }
        return readmitting
    }

    private func syncs(of node: String, _ sync: String?) -> [SyncSettings] {
        cluster.settings.syncs.filter { settings in
            (sync == nil || sync == settings.name) && (settings.sources + settings.targets).contains(node)
        }
    }
}
