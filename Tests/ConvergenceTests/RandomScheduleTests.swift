import Glibc
import Model
import Postgres
import Replication
import TestSupport
import Testing

/// P4, P5: random writes and deliveries, one after the other, against an oracle that knows only the rules.
@Suite("Random schedules against an oracle (P4, P5)") struct RandomScheduleTests {
    /// How long to go on with new seeds; one run of each size when not said: `SWITCHBACK_MINUTES`.
    private static let minutes = getenv("SWITCHBACK_MINUTES").flatMap { Double(String(cString: $0)) }

    @Test func `every node shows what the rules say, and the history has what lost`() async throws {
        let seed = testSeed()
        let clock = ContinuousClock()
        let began = clock.now
        var run = 0
        repeat {
            // The rules take turns, so that a few schedules have seen several.
            var schedule = Schedule(seed: seed &+ UInt64(run))
            try await schedule.run()
            run += 1
        } while run < 4 || clock.now - began < .seconds((Self.minutes ?? 0) * 60)
        print("\(run) schedules, from seed \(seed) on")
    }
}

/// One random schedule.
private struct Schedule {
    let seed: UInt64
    private var random: SeededRandom
    private let masters: Int
    private let targets: Int
    private let rule: ConflictRule
    /// Whether n is a counter.
    private let counts: Bool
    private let steps: Int
    private var oracle: Oracle
    private var names = 0

    private static let schema = """
        CREATE TABLE item (id int PRIMARY KEY, name text, n int NOT NULL);
        CREATE FUNCTION fold(relation text, key jsonb, earlier jsonb, later jsonb, stamps jsonb)
        RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
            SELECT CASE WHEN earlier IS NULL OR later IS NULL THEN later ELSE later || jsonb_build_object(
                'name', (earlier ->> 'name') || '+' || (later ->> 'name'),
                'n', greatest((earlier ->> 'n')::int, (later ->> 'n')::int)) END
        $$;
        """
    private static let keys = 1...6

    init(seed: UInt64) {
        self.seed = seed
        var random = SeededRandom(seed)
        let masters = random.number(2...4)
        targets = random.number(0...1)
        steps = random.number(20...50)
        let all = (0..<masters).map(Oracle.name)
        let rules: [ConflictRule] = [
            .merge, .function("fold"), .merge, .latest, .hold, .largest("n"), .smallest("n"), .earliest,
            .prefer(Array(all.shuffled(using: &random).prefix(random.number(1...masters)))),
        ]
        rule = rules[Int(seed % UInt64(rules.count))]
        counts = Self.leavesN(rule) && seed % 3 != 0
        oracle = Oracle(masters: masters, nodes: masters + targets, rule: rule, counts: counts)
        self.masters = masters
        self.random = random
    }

    private var yaml: String {
        ruleText + (counts ? "\n    overrides: { public.item: { counters: [n] } }" : "")
    }

    /// Whether n decides nothing, and can be counted.
    private static func leavesN(_ rule: ConflictRule) -> Bool {
        switch rule {
        case .largest, .smallest: false
        default: true
        }
    }

    private var ruleText: String {
        switch rule {
        case .prefer(let names): "    conflict: { prefer: [\(names.joined(separator: ", "))] }"
        case .largest(let column): "    conflict: { largest: \(column) }"
        case .smallest(let column): "    conflict: { smallest: \(column) }"
        case .latest: "    conflict: latest"
        case .earliest: "    conflict: earliest"
        case .hold: "    conflict: hold"
        case .merge: "    conflict: merge"
        case .function(let name): "    conflict: { function: \(name) }"
        }
    }

    private var description: String {
        "seed \(seed), \(masters) masters, \(targets) targets, \(rule)\(counts ? ", counters" : "")"
    }

    mutating func run() async throws {
        let place = try await TestMasters.make(schema: Self.schema, masters: masters, targets: targets, sync: yaml)
        try await place.start()
        for _ in 0..<steps {
            if random.once(in: 2) {
                try await write(place)
            } else {
                let from = random.number(0...(masters - 1))
                let to = (from + random.number(1...(masters + targets - 1))) % (masters + targets)
                try await place.carry(from, to: to)
                oracle.carry(from: from, to: to)
            }
        }
        try await place.catchUp()
        for from in 0..<masters {
            for to in 0..<(masters + targets) where to != from { oracle.carry(from: from, to: to) }
        }
        try await check(place)
        #expect(try await place.catchUp() == 0, "something comes back: \(description)")
    }

    // MARK: - Writing

    private enum Change {
        /// What is nil stays as it is; an insertion has 0 and an empty name instead.
        case put(Int, name: String?, n: Int?)
        case delete(Int)

        var key: Int {
            switch self {
            case .put(let key, _, _), .delete(let key): key
            }
        }
    }

    /// What an application did: the row that it found, and the row that it left.
    private struct Done {
        let key: Int
        let before: Oracle.Row?
        let after: Oracle.Row?
        let stamp: Int
    }

    /// One transaction of one to five changes of different rows.
    private mutating func write(_ place: TestMasters) async throws {
        let node = random.number(0...(masters - 1))
        let keys = Array(Array(Self.keys).shuffled(using: &random).prefix(random.number(1...5)))
        var changes: [Change] = []
        for key in keys {
            names += 1
            let n = random.number(0...9)
            switch random.number(0...7) {
            case 0, 1: changes.append(.delete(key))
            case 2, 3: changes.append(.put(key, name: "w\(names)", n: n))
            case 4, 5: changes.append(.put(key, name: "w\(names)", n: nil))
            default: changes.append(.put(key, name: nil, n: n))
            }
        }
        let (transaction, done) = try await Self.write(changes, to: place.masters[node])
        for change in done {
            oracle.write(
                node: node, key: change.key, row: change.after, before: change.before, microseconds: change.stamp,
                transaction: transaction)
        }
    }

    /// - Returns: the transaction, and each change that changed something.
    private static func write(
        _ changes: [Change], to database: TestDatabase
    ) async throws -> (transaction: UInt64, done: [Done]) {
        try await database.session { session in
            try session.execute("BEGIN")
            let rows = try changes.map { try apply($0, session) }
            let number = try session.query("SELECT pg_current_xact_id()")[0, 0] ?? ""
            try session.execute("COMMIT")
            let done = try zip(changes, rows).compactMap { change, row -> Done? in
                guard row.before != nil || row.after != nil else { return nil }
                let answer = try session.query(
                    """
                    SELECT (extract(epoch FROM at) * 1000000)::bigint
                      FROM (TABLE switchback.delta_1_a UNION ALL TABLE switchback.delta_1_b) AS d
                     WHERE txid = $1::bigint AND $2::int = ANY (k1) ORDER BY number DESC LIMIT 1
                    """, [number, String(change.key)])
                guard let stamp = answer[0, 0].flatMap({ Int($0) }) else { return nil }
                return Done(key: change.key, before: row.before, after: row.after, stamp: stamp)
            }
            return (UInt64(number) ?? 0, done)
        }
    }

    private static func apply(
        _ change: Change, _ session: Session
    ) throws -> (before: Oracle.Row?, after: Oracle.Row?) {
        let found = try session.query("SELECT name, n FROM item WHERE id = \(change.key) FOR UPDATE")
        let before =
            found.rowCount == 0 ? nil : Oracle.Row(name: found[0, 0] ?? "", n: found[0, 1].flatMap { Int($0) } ?? 0)
        switch change {
        case .delete(let key):
            try session.execute("DELETE FROM item WHERE id = \(key)")
            return (before, nil)
        case .put(let key, let name, let n):
            let after = Oracle.Row(name: name ?? before?.name ?? "", n: n ?? before?.n ?? 0)
            guard before != nil else {
                try session.execute("INSERT INTO item VALUES (\(key), '\(after.name)', \(after.n))")
                return (nil, after)
            }
            let sets = [name.map { "name = '\($0)'" }, n.map { "n = \($0)" }].compactMap { $0 }
            try session.execute("UPDATE item SET \(sets.joined(separator: ", ")) WHERE id = \(key)")
            return (before, after)
        }
    }

    // MARK: - Checking

    private func check(_ place: TestMasters) async throws {
        let found = try await place.answers(
            "SELECT string_agg(concat_ws(' ', id, name, n), ', ' ORDER BY id) FROM item")
        for (node, rows) in found.enumerated() {
            let wanted = Self.keys.compactMap { key in
                oracle.outcome(of: key, at: node).row.map { row in
                    "\(key) \(row.name) \(row.n)"
                }
            }
            #expect(rows ?? "" == wanted.joined(separator: ", "), "node \(node + 1): \(description)")
        }
        for (node, database) in place.nodes.enumerated() { try await checkHistory(database, node) }
    }

    /// The history has every version that is left and not shown, and none that did not lose.
    private func checkHistory(_ database: TestDatabase, _ node: Int) async throws {
        let text = try await database.value(
            """
            SELECT string_agg(concat_ws(' ', key_values[1], winner_origin, winner_txid, loser_origin, loser_txid), ',')
              FROM switchback.conflict
            """)
        let told = (text ?? "").split(separator: ",").map { $0.split(separator: " ").map(String.init) }
        func find(_ key: String, _ origin: String, _ transaction: String) -> Oracle.Write? {
            oracle.writes.first {
                "\($0.key)" == key && Oracle.name($0.node) == origin && "\($0.transaction)" == transaction
            }
        }
        for entry in told {
            guard let winner = find(entry[0], entry[1], entry[2]), let loser = find(entry[0], entry[3], entry[4]) else {
                Issue.record("node \(node + 1) tells of a write that nobody made: \(entry), \(description)")
                continue
            }
            #expect(oracle.areConcurrent(winner, loser), "node \(node + 1): \(entry) was no conflict, \(description)")
        }
        for key in Self.keys {
            for write in oracle.outcome(of: key, at: node).losers {
                let isTold = told.contains {
                    $0[0] == "\(key)" && $0[3] == Oracle.name(write.node) && $0[4] == "\(write.transaction)"
                }
                #expect(isTold, "node \(node + 1) does not tell what lost at key \(key): \(description)")
            }
        }
    }
}
