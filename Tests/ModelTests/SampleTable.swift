import Model

/// The table that simulated nodes share: a key, two columns that rules decide, and a counter.
enum SampleTable {
    typealias Row = [String?]

    static let columns = ["id", "a", "b", "n"]
    static let decided = [0, 1, 2]
    static let counter = 3

    static let context = RuleContext(
        columns: columns, keyCount: 1, counters: ["n"],
        compare: { _, a, b in number(a) - number(b) },
        fold: { earlier, later in fold(earlier.values, later.values) },
        arithmetic: RuleContext.Arithmetic(
            add: { String(number($0) + number($1)) }, subtract: { String(number($0) - number($1)) }))

    /// NULL is smallest.
    static func number(_ text: String?) -> Int { text.flatMap { Int($0) } ?? -1_000_000 }

    /// A user's function: neither commutative nor associative, with an opinion of its own about deletions, and careless
    /// about the key.
    static func fold(_ earlier: Row?, _ later: Row?) -> Row? {
        switch (earlier, later) {
        case (let one?, let two?):
            ["?", String((number(one[1]) * 31 + number(two[1]) * 7 + 3) % 10), two[2] ?? one[2], "?"]
        case (let one?, nil): number(one[1]) % 2 == 0 ? nil : one
        case (nil, let two?): [two[0], String((number(two[1]) + 1) % 10), two[2], two[3]]
        case (nil, nil): nil
        }
    }

    static func isSame(_ left: Row?, _ right: Row?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return decided.allSatisfy { left[$0] == right[$0] }
    }

    static let rules: [ConflictRule] = [
        .latest, .earliest, .prefer(["A", "C", "B"]), .prefer(["D"]), .largest("a"), .smallest("a"), .merge, .hold,
        .function("choose"),
    ]
}

/// What an application does to a row.
enum Change: Hashable {
    /// Sets what is given and adds to the counter; inserts the row if there is none.
    case put(a: Int? = nil, b: Int? = nil, add: Int = 0)
    case delete

    /// The row afterwards, and which columns differ.
    func applied(to before: SampleTable.Row?, key: Int) -> (after: SampleTable.Row?, changed: Set<Int>) {
        guard case .put(let a, let b, let add) = self else { return (nil, []) }
        guard let before else {
            return ([String(key), String(a ?? 0), b.map(String.init), String(add)], [0, 1, 2, 3])
        }
        var after = before
        if let a { after[1] = String(a) }
        if let b { after[2] = String(b) }
        after[3] = String(SampleTable.number(before[3]) + add)
        return (after, Set(after.indices.filter { after[$0] != before[$0] }))
    }
}
