extension ConflictRule {
    /// What a node shows of a row, and which of its versions lost.
    ///
    /// The answer depends on the set alone and not on the node, the time or the order of arrival, so that nodes with equal
    /// sets show equal rows (P4).
    ///
    /// - Parameter set: Not empty. A row without versions stays as it is: there is nothing to settle.
    public func settle(_ set: VersionSet, in context: RuleContext) -> Settled {
        guard let earliest = set.versions.first, let latest = set.versions.last else {
            preconditionFailure("a row without versions has nothing to settle")
        }
        switch self {
        case .latest: return .won(by: latest, of: set)
        case .earliest: return .won(by: earliest, of: set)
        case .prefer(let nodes): return .won(by: Self.preferred(set, nodes) ?? latest, of: set)
        default: preconditionFailure("the rule \(self) is not settled yet")
        }
    }

    /// The version of the node that comes first in the list; of nodes that are not in it, which come after, the latest.
    private static func preferred(_ set: VersionSet, _ nodes: [String]) -> RowVersion? {
        for node in nodes {
            if let version = set.versions.last(where: { isSameText($0.dot.origin, node) }) { return version }
        }
        return nil
    }
}

extension Settled {
    static func won(by winner: RowVersion, of set: VersionSet, isHeld: Bool = false) -> Settled {
        let losers = set.versions.filter { !isSameRow($0.values, winner.values) }
        return Settled(row: winner.values, winner: winner, losers: losers, isHeld: isHeld && !losers.isEmpty)
    }
}
