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
            var schedule = Schedule(seed: seed &+ UInt64(run))
            try await schedule.run()
            run += 1
        } while run < 3 || clock.now - began < .seconds((Self.minutes ?? 0) * 60)
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
    private let steps: Int
    private var oracle: Oracle
    private var names = 0

    private static let schema = "CREATE TABLE item (id int PRIMARY KEY, name text, n int NOT NULL)"
    private static let keys = 1...6

    init(seed: UInt64) {
        self.seed = seed
        var random = SeededRandom(seed)
        let masters = random.number(2...4)
        targets = random.number(0...1)
        steps = random.number(20...50)
        let all = (0..<masters).map(Oracle.name)
        let rules: [ConflictRule] = [
            .latest, .earliest, .hold, .largest("n"), .smallest("n"),
            .prefer(Array(all.shuffled(using: &random).prefix(random.number(1...masters)))),
        ]
        rule = rules[random.number(0...(rules.count - 1))]
        oracle = Oracle(masters: masters, nodes: masters + targets)
        self.masters = masters
        self.random = random
    }

    private var yaml: String {
        switch rule {
        case .prefer(let names): "    conflict: { prefer: [\(names.joined(separator: ", "))] }"
        case .largest(let column): "    conflict: { largest: \(column) }"
        case .smallest(let column): "    conflict: { smallest: \(column) }"
        case .latest: "    conflict: latest"
        case .earliest: "    conflict: earliest"
        case .hold: "    conflict: hold"
        case .merge, .function: ""
        }
    }

    private var description: String { "seed \(seed), \(masters) masters, \(targets) targets, \(rule)" }

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
        case put(Int, String, Int)
        case delete(Int)
    }

    /// One transaction of one to five changes of different rows.
    private mutating func write(_ place: TestMasters) async throws {
        let node = random.number(0...(masters - 1))
        let keys = Array(Array(Self.keys).shuffled(using: &random).prefix(random.number(1...5)))
        var changes: [Change] = []
        for key in keys {
            names += 1
            changes.append(random.once(in: 4) ? .delete(key) : .put(key, "w\(names)", random.number(0...9)))
        }
        let done = try await Self.write(changes, to: place.masters[node])
        for (change, stamp) in zip(changes, done.stamps) {
            guard let stamp else { continue }
            switch change {
            case .put(let key, let name, let n):
                oracle.write(node: node, key: key, row: (name, n), microseconds: stamp, transaction: done.transaction)
            case .delete(let key):
                oracle.write(node: node, key: key, row: nil, microseconds: stamp, transaction: done.transaction)
            }
        }
    }

    /// - Returns: the transaction, and the stamp of each change that changed something.
    private static func write(
        _ changes: [Change], to database: TestDatabase
    ) async throws -> (transaction: UInt64, stamps: [Int?]) {
        try await database.session { session in
            try session.execute("BEGIN")
            let touched = try changes.map { change in
                switch change {
                case .put(let key, let name, let n):
                    try session.query(
                        "INSERT INTO item VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET name = excluded.name, n = excluded.n",
                        [String(key), name, String(n)]
                    ).affectedRows > 0
                case .delete(let key):
                    try session.query("DELETE FROM item WHERE id = $1", [String(key)]).affectedRows > 0
                }
            }
            let number = try session.query("SELECT pg_current_xact_id()")[0, 0] ?? ""
            try session.execute("COMMIT")
            let stamps = try zip(changes, touched).map { change, touched -> Int? in
                guard touched else { return nil }
                let key =
                    switch change {
                    case .put(let key, _, _), .delete(let key): key
                    }
                let answer = try session.query(
                    """
                    SELECT (extract(epoch FROM at) * 1000000)::bigint
                      FROM (TABLE switchback.delta_1_a UNION ALL TABLE switchback.delta_1_b) AS d
                     WHERE txid = $1::bigint AND $2::int = ANY (k1) ORDER BY number DESC LIMIT 1
                    """, [number, String(key)])
                return answer[0, 0].flatMap { Int($0) }
            }
            return (UInt64(number) ?? 0, stamps)
        }
    }

    // MARK: - Checking

    private func check(_ place: TestMasters) async throws {
        let found = try await place.answers(
            "SELECT string_agg(concat_ws(' ', id, name, n), ', ' ORDER BY id) FROM item")
        for (node, rows) in found.enumerated() {
            var wanted: [String] = []
            for key in Self.keys {
                if let row = oracle.winner(of: key, by: rule, at: node)?.row {
                    wanted.append("\(key) \(row.name) \(row.n)")
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
            guard let winner = oracle.winner(of: key, by: rule, at: node) else { continue }
            for write in oracle.left(of: key) where write.number != winner.number && !isSame(write, winner) {
                let isTold = told.contains {
                    $0[0] == "\(key)" && $0[3] == Oracle.name(write.node) && $0[4] == "\(write.transaction)"
                }
                #expect(isTold, "node \(node + 1) does not tell what lost at key \(key): \(description)")
            }
        }
    }

    private func isSame(_ a: Oracle.Write, _ b: Oracle.Write) -> Bool {
        guard let a = a.row, let b = b.row else { return a.row == nil && b.row == nil }
        return a == b
    }
}
