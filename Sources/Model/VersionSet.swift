/// All versions of a row of which none had seen another. One version is the ordinary case; two and more are a conflict.
///
/// This is a dotted version vector set whose causal context is the node's ``Knowledge``, one for all rows, instead of one
/// for each row. A write by an application replaces the whole set of its row by one version with a new dot. Since every
/// concurrent version is kept, what a node shows is a function of the set alone, so that any rule converges, for any number
/// of nodes and in whatever order things arrive.
///
/// An origin has at most one version in a set: whoever writes a row at a node has seen what was written there before.
///
/// A row that has no set is one whose versions were stable and have been dropped. It merges as the empty set, and an empty
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
            .map { mine.narrowed($0, by: theirs, knowing: theirKnowledge) }
        let come = theirs.versions.filter { !mine.holds($0.dot) && !myKnowledge.has($0.dot) }
            .map { theirs.narrowed($0, by: mine, knowing: myKnowledge) }
        return VersionSet(stay + come)
    }

    /// A version without the stamps of the columns that another node, having seen them, has superseded.
    ///
    /// Columns merge as versions do, the write that a column's value is from in the place of the version: it is gone when
    /// the other had seen that write and holds no version that still has its value.
    private func narrowed(_ version: RowVersion, by other: VersionSet, knowing knowledge: Knowledge) -> RowVersion {
        guard let stamps = version.columnStamps else { return version }
        let narrow = stamps.enumerated().map { index, stamp -> Stamp? in
            guard let stamp, knowledge.has(stamp.dot) else { return stamp }
            return other.versions.contains { $0.stamp(ofColumn: index) == stamp } ? stamp : nil
        }
        return RowVersion(
            dot: version.dot, microseconds: version.microseconds, values: version.values, columnStamps: narrow,
            counters: version.counters)
    }

    /// Whether all versions can be dropped, because no write that is yet to arrive can be concurrent with any of them.
    ///
    /// That every node has seen a version is not enough: a node may have written before it saw it, and that write may still
    /// be under way. Then some would settle it against the version and some, who had dropped it, without. So what a node
    /// knows counts only as it came with that node's *rows*: whatever it wrote before it saw the version has then arrived,
    /// too. A set is dropped as a whole or not at all; what the node shows of the row stays.
    ///
    /// - Parameter received: The own knowledge, and of every other node the knowledge that came with its rows last.
    public func isStable(_ received: [Knowledge]) -> Bool {
        versions.allSatisfy { version in received.allSatisfy { $0.has(version.dot) } }
    }

    /// The stamps of the columns of a version that an application writes over this set: its own for the columns that it
    /// changed (all of them, when it inserts the row), and for the others that of the value that was shown.
    ///
    /// - Parameter changed: Indices of travelling columns.
    public func columnStamps(writing stamp: Stamp, changed: Set<Int>, columns: Int) -> [Stamp?] {
        (0..<columns).map { index in
            changed.contains(index) ? stamp : versions.compactMap { $0.stamp(ofColumn: index) }.max()
        }
    }

    /// What the writers of these versions knew together of a counter; nil when nobody has changed it.
    public func totals(of column: String) -> CounterTotals? {
        let known = versions.compactMap { $0.counters[column] }
        return known.first.map { first in known.dropFirst().reduce(first) { $0.joined($1) } }
    }
}
