/// All versions of a row of which none had seen another. One version is the ordinary case; two and more are a conflict.
///
/// This is a dotted version vector set whose causal context is the node's ``Knowledge``, one for all rows, instead of one
/// for each row. A write by an application replaces the whole set of its row by one version with a new dot. Since every
/// concurrent version is kept, what a node shows is a function of the set alone, so that any rule converges, for any number
/// of nodes and in whatever order things arrive.
///
/// An origin has at most one version in a set: whoever writes a row at a node has seen what was written there before.
///
/// A row that has no set is one whose versions every node had seen and dropped. It merges as the empty set, and an empty
/// result means that the row stays as it is, not that it is deleted.
public struct VersionSet: Hashable, Sendable {
    /// In the order of their stamps.
    public let versions: [RowVersion]

    /// - Parameter versions: In any order.
    public init(_ versions: [RowVersion] = []) {
        self.versions = versions.sorted { $0.stamp < $1.stamp }
    }

    public var isEmpty: Bool { versions.isEmpty }

    public func holds(_ dot: Dot) -> Bool { self[dot] != nil }

    public subscript(dot: Dot) -> RowVersion? { versions.first { $0.dot == dot } }

    /// What two nodes hold together, each with what it knows: a version that only one of them holds stays unless the other
    /// had seen it (then the other has a version that superseded it).
    ///
    /// Merging is commutative, associative and idempotent. `mine` and `myKnowledge` must be of one moment, or the knowledge
    /// of a later one in which the row was the same: lock the row, read the set, then the knowledge. With knowledge from
    /// before, a version that an application superseded in between would come back.
    public static func merged(
        _ mine: VersionSet, knowing myKnowledge: Knowledge, _ theirs: VersionSet, knowing theirKnowledge: Knowledge
    ) -> VersionSet {
        let stay = mine.versions.filter { theirs.holds($0.dot) || !theirKnowledge.has($0.dot) }
        let come = theirs.versions.filter { !mine.holds($0.dot) && !myKnowledge.has($0.dot) }
        return VersionSet(stay + come)
    }
}
