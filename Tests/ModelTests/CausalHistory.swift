import Model

/// What was really written, by whom, and having seen what: the independent account that nodes are checked against.
///
/// It shares no code with what it checks. Sets of writes are bits of a number, so that an episode has 64 writes at most.
struct CausalHistory {
    struct Write {
        let key: Int
        let origin: String
        let number: UInt64
        let microseconds: Int64
        let values: SampleTable.Row?
        /// All writes that its node had seen, whatever their row.
        let past: UInt64
        /// What it added to the counter.
        let added: Int
        /// Where each column's value is from: the index of a write, or nil for what was there from the beginning.
        let sources: [Int?]
        /// For each column, the writes whose values it replaced, having seen them.
        let replaced: [UInt64]

        var dot: Dot { Dot(origin: origin, transaction: number) }
    }

    struct Verdict {
        var row: SampleTable.Row?
        var losers: Set<Dot>
    }

    let initial: [SampleTable.Row?]
    private(set) var writes: [Write] = []

    init(initial: [SampleTable.Row?]) { self.initial = initial }

    var isFull: Bool { writes.count >= 44 }

    /// Adds a committed write and says which bit it is.
    mutating func add(
        key: Int, version: RowVersion, changed: Set<Int>, past: UInt64
    ) -> UInt64 {
        var sources: [Int?] = []
        var replaced: [UInt64] = []
        for column in SampleTable.columns.indices {
            let live = values(ofColumn: column, key, in: past)
            let isChanged = changed.contains(column)
            let source = isChanged || version.isDeletion ? nil : latest(live)
            sources.append(isChanged ? writes.count : source)
            replaced.append(source.map { live & ~(1 << UInt64($0)) } ?? live)
        }
        let added = version.values.map { SampleTable.number($0[SampleTable.counter]) - count(key, in: past) } ?? 0
        writes.append(
            Write(
                key: key, origin: version.dot.origin, number: version.dot.transaction,
                microseconds: version.microseconds, values: version.values, past: past, added: added,
                sources: sources, replaced: replaced))
        return 1 << UInt64(writes.count - 1)
    }

    // MARK: Causality

    private func indices(_ mask: UInt64) -> [Int] {
        var found: [Int] = []
        var rest = mask
        while rest != 0 {
            found.append(rest.trailingZeroBitCount)
            rest &= rest - 1
        }
        return found
    }

    /// The writes of a row that no other write of it had seen, the earliest stamp first.
    func concurrent(_ key: Int, in seen: UInt64) -> [Write] {
        let all = indices(seen).filter { writes[$0].key == key }
        let superseded = all.reduce(UInt64(0)) { $0 | writes[$1].past }
        return all.filter { superseded >> UInt64($0) & 1 == 0 }.map { writes[$0] }.sorted(by: Self.isEarlier)
    }

    private static func isEarlier(_ left: Write, _ right: Write) -> Bool {
        (left.microseconds, left.origin, left.number) < (right.microseconds, right.origin, right.number)
    }

    private func latest(_ mask: UInt64) -> Int? {
        indices(mask).max { Self.isEarlier(writes[$0], writes[$1]) }
    }

    /// The writes whose value in a column nobody has replaced.
    private func values(ofColumn column: Int, _ key: Int, in seen: UInt64) -> UInt64 {
        var written: UInt64 = 0
        var replaced: UInt64 = 0
        for index in indices(seen) where writes[index].key == key {
            if writes[index].sources[column] == index { written |= 1 << UInt64(index) }
            replaced |= writes[index].replaced[column]
        }
        return written & ~replaced
    }

    private func count(_ key: Int, in seen: UInt64) -> Int {
        let base = SampleTable.number(initial[key]?[SampleTable.counter] ?? "0")
        return indices(seen).filter { writes[$0].key == key }.reduce(base) { $0 + writes[$1].added }
    }

    // MARK: What a node is to show

    /// What a node that has seen these writes shows of a row, and who lost.
    func verdict(_ key: Int, in seen: UInt64, by rule: ConflictRule) -> Verdict {
        let all = concurrent(key, in: seen)
        if all.isEmpty { return Verdict(row: initial[key], losers: []) }
        var verdict = rule == .merge ? merged(all, key, in: seen) : decided(all, by: rule)
        verdict.row?[SampleTable.counter] = String(count(key, in: seen))
        return verdict
    }

    private func decided(_ all: [Write], by rule: ConflictRule) -> Verdict {
        let row = Self.choice(all, by: rule)
        return Verdict(row: row, losers: Set(all.filter { !SampleTable.isSame($0.values, row) }.map(\.dot)))
    }

    private static func choice(_ all: [Write], by rule: ConflictRule) -> SampleTable.Row? {
        switch rule {
        case .latest, .merge: return all[all.count - 1].values
        case .earliest, .hold: return all[0].values
        case .prefer(let names):
            let ranked = names.compactMap { name in all.first { $0.origin == name } }
            return (ranked.first ?? all[all.count - 1]).values
        case .largest: return extreme(all) { $0.max() }
        case .smallest: return extreme(all) { $0.min() }
        case .function:
            var rows: [SampleTable.Row?] = []
            for write in all where !rows.contains(where: { SampleTable.isSame($0, write.values) }) {
                rows.append(write.values)
            }
            let key = rows.compactMap(\.self).first?[0]
            var made = rows[0]
            for row in rows.dropFirst() {
                made = SampleTable.fold(made, row)
                made?[0] = key
            }
            return made
        }
    }

    private static func extreme(_ all: [Write], _ pick: ([Int]) -> Int?) -> SampleTable.Row? {
        guard let best = pick(all.compactMap { $0.values.map { SampleTable.number($0[1]) } }) else { return nil }
        return all.last { $0.values.map { SampleTable.number($0[1]) } == best }?.values
    }

    private func merged(_ all: [Write], _ key: Int, in seen: UInt64) -> Verdict {
        guard let left = all[all.count - 1].values else { return decided(all, by: .latest) }
        let live = SampleTable.columns.indices.map { values(ofColumn: $0, key, in: seen) }
        let row = SampleTable.columns.indices.map { column -> String? in
            guard let source = latest(live[column]), let values = writes[source].values else { return left[column] }
            return values[column]
        }
        let losers = all.filter { write in
            guard let values = write.values else { return true }
            return SampleTable.decided.contains { column in
                guard let source = write.sources[column] else { return false }
                return live[column] >> UInt64(source) & 1 == 1 && values[column] != row[column]
            }
        }
        return Verdict(row: row, losers: Set(losers.map(\.dot)))
    }
}
