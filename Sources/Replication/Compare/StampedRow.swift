import Model

/// What the nodes show of one row, and which version each of them takes that for.
struct StampedRow: Sendable, Equatable {
    struct Sight: Sendable, Equatable {
        let node: String
        /// Whether the node sends what it has; a target does not.
        let isSource: Bool
        /// Of all of the row; nil where there is none.
        let hash: Int64?
        /// The version that it shows; nil where nothing is known any more, for everybody has seen it.
        let stamp: Stamp?
        /// A row is there, or none, as the version says. Otherwise somebody wrote past the triggers.
        let isAsStamped: Bool
    }

    enum Decision: Sendable, Equatable {
        case equal
        /// All are to have what this node has.
        case mend(from: String)
        /// Nobody knows which one is right.
        case unknown
    }

    let sights: [Sight]

    /// The same row as it is now, where stamps are taken over that were known in an earlier look and are not any more: of what has not
    /// changed in between.
    func recalling(_ earlier: StampedRow?) -> StampedRow {
        guard let earlier else { return self }
        return StampedRow(
            sights: sights.map { sight in
                let before = earlier.sights.first { $0.node == sight.node }
                guard let before, sight.stamp == nil, before.hash == sight.hash else { return sight }
                return before
            })
    }

    /// What the node with the highest stamp shows. Where several show that version, the one that wrote it is right, also where it has
    /// forgotten the stamp, for everybody had seen the version: it cannot show an older one. Where no stamp is known, and the sources agree, a target that does not is wrong.
    var decision: Decision {
        guard Set(sights.map(\.hash)).count > 1 else { return .equal }
        let sources = sights.filter { $0.isSource && $0.isAsStamped }
        let known = sources.compactMap { sight in sight.stamp.map { (sight, $0) } }
        guard let highest = known.map(\.1).max() else {
            let agree = sources.count == sights.count(where: \.isSource) && Set(sources.map(\.hash)).count == 1
            return agree ? .mend(from: sources[0].node) : .unknown
        }
        let holders = known.filter { $0.1 == highest }.map(\.0)
        let writer = sources.first { $0.node == highest.origin && ($0.stamp == nil || $0.stamp == highest) }
        if let writer { return .mend(from: writer.node) }
        return Set(holders.map(\.hash)).count == 1 ? .mend(from: holders[0].node) : .unknown
    }
}
