/// What a node had seen at a moment: of each origin, the transactions in a snapshot of that origin.
///
/// Of its own transactions a node has seen those in the snapshot that it reads with; of another node's, those in the
/// cursor that it had in that snapshot. A clock is no substitute: a transaction that was open for an hour commits with an
/// old time.
///
/// **What a receiver may take over.** A node's versions are exactly what is left of all writes it knows of, each row's
/// superseded ones taken away. That holds only while knowledge and versions travel together: a receiver that takes over the
/// sender's whole knowledge (``formUnion(_:)``) must in the same transaction have merged every row in which the sender has
/// a version that the receiver had not seen, *whoever wrote it*, and not only the rows that the sender's applications
/// wrote. (A row whose versions at the sender are all known to the receiver need not be sent: it would change nothing.)
///
/// Taking over only what the sender saw of itself is wrong even where each node sends to every other: C writes u, B sees it
/// and writes t over it, and A hears of t first. Did A not take over that B had seen u, it would take u for a concurrent
/// version when it comes from C, and, since nobody touches the row again, for ever.
public struct Knowledge: Hashable, Sendable {
    public private(set) var snapshots: [String: Snapshot]

    public init(_ snapshots: [String: Snapshot] = [:]) { self.snapshots = snapshots }

    /// Whether a version had been seen: it is still held, or something superseded it.
    public func has(_ dot: Dot) -> Bool { snapshots[dot.origin]?.includes(dot.transaction) ?? false }

    /// Whether everything that `other` knows of is known here.
    public func covers(_ other: Knowledge) -> Bool {
        other.snapshots.allSatisfy { origin, snapshot in
            snapshots[origin].map { $0.covers(snapshot) } ?? (snapshot.xmax == 0)
        }
    }

    /// Adds what a snapshot of an origin holds.
    public mutating func learn(_ snapshot: Snapshot, of origin: String) {
        snapshots[origin] = snapshots[origin].map { $0.union(snapshot) } ?? snapshot
    }

    /// Adds all that another node had seen.
    public mutating func formUnion(_ other: Knowledge) {
        for (origin, snapshot) in other.snapshots { learn(snapshot, of: origin) }
    }
}

extension Snapshot {
    /// What one of two snapshots includes. Of one database they come one after the other, and the later one is the union.
    func union(_ other: Snapshot) -> Snapshot {
        let (low, high) = xmax <= other.xmax ? (self, other) : (other, self)
        let running = high.inProgress.filter { !low.includes($0) }
        return Snapshot(xmin: running.first ?? high.xmax, xmax: high.xmax, inProgress: running)
    }
}
