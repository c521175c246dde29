extension ConflictRule {
    /// What a node shows of a row, and which of its versions lost.
    ///
    /// The answer depends on the set alone and not on the node, the time or the order of arrival, so that nodes with equal
    /// sets show equal rows (P4). When all versions have the same values, counters apart, there is no conflict.
    ///
    /// - `latest`, `earliest`: by stamp.
    /// - `prefer`: the version of the node that comes first; nodes that are not in the list come after those that are, and
    ///   of their versions the latest is taken.
    /// - `largest`, `smallest`: by a column's value, and of equal ones the latest. A row wins over its deletion under either
    ///   rule, for a deletion has no value. NULL is smaller than every value: it loses under `largest` and wins under
    ///   `smallest`.
    /// - `merge`: the latest version decides whether there is a row. If there is, each column has the latest value of those
    ///   that no other write had seen and replaced. A version lost if any of its values lost.
    /// - `function`: the versions that differ are folded in the order of their stamps: the two earliest make a row, that
    ///   row and the third make the next. What was made so far comes with the dot and the time of the later of its
    ///   versions. As every node folds in the same order, the function need be neither commutative nor associative; it must
    ///   give the same answer to the same arguments at every node: no clock, no random number, no other table, no setting.
    ///   It cannot change the key.
    /// - `hold`: the *earliest* version is shown until somebody writes the row. Each node would rather keep what it had, but
    ///   then nodes would differ while a conflict waits, readers would see either, and a third node, where neither version
    ///   was written, would have no reason to show the one or the other. P4 holds for rows that are held, too. The earliest is
    ///   what most nodes showed already, and no version that comes later in time moves it.
    ///
    /// - Parameter set: Not empty. A row without versions stays as it is: there is nothing to settle.
    public func settle(_ set: VersionSet, in context: RuleContext) -> Settled {
        guard let earliest = set.versions.first, let latest = set.versions.last else {
            preconditionFailure("a row without versions has nothing to settle")
        }
        let settled =
            switch self {
            case .latest: context.won(by: latest, of: set)
            case .earliest: context.won(by: earliest, of: set)
            case .prefer(let nodes): context.won(by: Self.preferred(set, nodes) ?? latest, of: set)
            case .largest(let column): context.won(by: context.largest(set, column, sign: 1) ?? latest, of: set)
            case .smallest(let column): context.won(by: context.largest(set, column, sign: -1) ?? latest, of: set)
            case .merge: context.mergedByColumn(set)
            case .function: context.folded(set)
            case .hold: context.held(set, showing: earliest)
            }
        return context.counted(settled, set)
    }

    /// The version of the node that comes first in the list.
    private static func preferred(_ set: VersionSet, _ nodes: [String]) -> RowVersion? {
        for node in nodes {
            if let version = set.versions.last(where: { isSameText($0.dot.origin, node) }) { return version }
        }
        return nil
    }
}

extension RuleContext {
    func won(by winner: RowVersion, of set: VersionSet) -> Settled {
        Settled(row: winner.values, winner: winner, losers: set.versions.filter { !isSame($0.values, winner.values) })
    }

    func held(_ set: VersionSet, showing shown: RowVersion) -> Settled {
        let settled = won(by: shown, of: set)
        return Settled(row: settled.row, winner: shown, losers: settled.losers, isHeld: !settled.losers.isEmpty)
    }

    /// The row with the largest value in a column, of equal ones the latest; nil when all versions are deletions.
    func largest(_ set: VersionSet, _ column: String, sign: Int) -> RowVersion? {
        guard let index = columns.firstIndex(where: { isSameText($0, column) }) else {
            preconditionFailure("the column \(column) does not travel")
        }
        let rows = set.versions.compactMap { version in version.values.map { (version, $0[index]) } }
        return rows.reduce(rows.first) { best, next in
            guard let best else { return next }
            return compare(column, next.1, best.1) * sign >= 0 ? next : best
        }?.0
    }

    func mergedByColumn(_ set: VersionSet) -> Settled {
        guard let latest = set.versions.last, let base = latest.values else {
            return won(by: set.versions[set.versions.count - 1], of: set)
        }
        let row = columns.indices.map { index -> String? in
            let values = set.versions.compactMap { version in
                version.stamp(ofColumn: index).flatMap { stamp in version.values.map { (stamp, $0[index]) } }
            }
            // Whoever superseded them all has been superseded, too, by a deletion: the latest row has what was left.
            return values.max { $0.0 < $1.0 }.map(\.1) ?? base[index]
        }
        let losers = set.versions.filter { version in
            guard let values = version.values else { return true }
            return decided.contains { version.stamp(ofColumn: $0) != nil && !isSameText(values[$0], row[$0]) }
        }
        return Settled(row: row, winner: set.versions.last { isSame($0.values, row) }, losers: losers)
    }

    func folded(_ set: VersionSet) -> Settled {
        guard let fold else { preconditionFailure("the rule is a function, and there is none") }
        var different: [RowVersion] = []
        for version in set.versions where !different.contains(where: { isSame($0.values, version.values) }) {
            different.append(version)
        }
        let key = different.lazy.compactMap(\.values).first?.prefix(keyCount) ?? []
        var made = different[0]
        for next in different.dropFirst() {
            let row = fold(made, next).map { Array(key + $0.dropFirst(keyCount)) }
            made = RowVersion(dot: next.dot, microseconds: next.microseconds, values: row)
        }
        return Settled(
            row: made.values, winner: set.versions.last { isSame($0.values, made.values) },
            losers: set.versions.filter { !isSame($0.values, made.values) })
    }

    /// Puts the sums where the counters are; a counter that nobody has changed is the same in all versions.
    func counted(_ settled: Settled, _ set: VersionSet) -> Settled {
        guard let arithmetic, !counters.isEmpty, var row = settled.row else { return settled }
        let unchanged = set.versions.lazy.compactMap(\.values).first
        for index in columns.indices where !decided.contains(index) {
            row[index] = set.totals(of: columns[index])?.value(arithmetic) ?? unchanged?[index]
        }
        return Settled(row: row, winner: settled.winner, losers: settled.losers, isHeld: settled.isHeld)
    }
}
