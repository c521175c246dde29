import Postgres
import TestSupport

/// What the applications of a schedule write, and what they were told of it.
struct ScheduleWriter {
    /// What an application did: the row that it found, and the row that it left.
    struct Done {
        let key: Int
        let before: Oracle.Row?
        let after: Oracle.Row?
        let stamp: Int
    }

    struct Transaction {
        let number: UInt64
        /// Each change that changed something; none where it was taken back.
        let done: [Done]
    }

    /// A transaction that has written and stays open.
    struct Open {
        let node: Int
        let connection: Connection
        let changes: [ScheduleChange]
        let effects: [ScheduleChange.Effect]
    }

    private var names = 0
    private(set) var open: Open?

    /// The rows that nobody else can write at a node.
    func lockedKeys(at node: Int) -> Set<Int> {
        guard let open, open.node == node else { return [] }
        return open.changes.reduce(into: []) { $0.formUnion($1.keys) }
    }

    /// Whether nobody can even read the table at a node.
    func hidesTable(at node: Int) -> Bool {
        open?.node == node && open?.changes.contains(where: \.isTruncation) == true
    }

    /// One to five changes of different rows, or a TRUNCATE and what is put into the table afterwards.
    mutating func changes(_ random: inout SeededRandom, without locked: Set<Int>, truncatesOnceIn times: Int)
        -> [ScheduleChange]
    {
        var keys = Schedule.keys.filter { !locked.contains($0) }.shuffled(using: &random)
        var changes: [ScheduleChange] = locked.isEmpty && random.once(in: times) ? [.truncate] : []
        for _ in 0..<random.number(changes.isEmpty ? 1...5 : 0...2) {
            guard let key = keys.popLast() else { break }
            names += 1
            let (name, n) = ("w\(names)", random.number(0...9))
            switch random.number(0...9) {
            case 0, 1: changes.append(.delete(key))
            case 2, 3: changes.append(.put(key, name: name, n: n))
            case 4, 5: changes.append(.put(key, name: name, n: nil))
            case 6, 7: changes.append(.put(key, name: nil, n: n))
            default:
                guard let other = keys.popLast() else { break }
                changes.append(.move(key, other, name: random.once(in: 2) ? name : nil))
            }
        }
        return changes
    }

    /// Writes in one transaction, and commits it or takes it back.
    func write(_ changes: [ScheduleChange], to database: TestDatabase, commits: Bool) async throws -> Transaction {
        try await database.session { session in
            try session.execute("BEGIN")
            let effects = try changes.flatMap { try $0.apply(session) }
            return try Self.end(effects, session, commits: commits)
        }
    }

    /// Writes in a transaction that stays open.
    mutating func begin(_ changes: [ScheduleChange], at node: Int, of database: TestDatabase) async throws {
        let connection = try await database.connect()
        let effects = try await connection.run(deadline: .seconds(60)) { session in
            try session.execute("BEGIN")
            return try changes.flatMap { try $0.apply(session) }
        }
        open = Open(node: node, connection: connection, changes: changes, effects: effects)
    }

    /// - Returns: what it wrote, and where; nil when none is open.
    mutating func endOpen(commits: Bool) async throws -> (node: Int, Transaction)? {
        guard let open else { return nil }
        self.open = nil
        let transaction = try await open.connection.run(deadline: .seconds(60)) { session in
            try Self.end(open.effects, session, commits: commits)
        }
        await open.connection.close()
        return (open.node, transaction)
    }

    /// The server of the open transaction was killed.
    mutating func loseOpen() async {
        await open?.connection.close()
        open = nil
    }

    private static func end(
        _ effects: [ScheduleChange.Effect], _ session: Session, commits: Bool
    ) throws -> Transaction {
        let number = try session.query("SELECT pg_current_xact_id()")[0, 0] ?? ""
        guard commits else {
            try session.execute("ROLLBACK")
            return Transaction(number: 0, done: [])
        }
        try session.execute("COMMIT")
        // One write a row, however often the transaction changed it.
        let real = effects.filter { $0.before != nil || $0.after != nil }
        let last = Dictionary(real.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        let done = try last.values.sorted { $0.key < $1.key }.compactMap { effect -> Done? in
            let stamp = try ScheduleStamps.read(table: 1, transaction: number, key: effect.key, session)
            return stamp.map { Done(key: effect.key, before: effect.before, after: effect.after, stamp: $0) }
        }
        return Transaction(number: UInt64(number) ?? 0, done: done)
    }
}

/// The stamps that the capture gave to writes: the only thing that is taken from the program under test, for nobody else knows them.
enum ScheduleStamps {
    /// - Returns: microseconds; nil where the transaction changed nothing of that row.
    static func read(table: Int, transaction: String, key: Int, _ session: Session) throws -> Int? {
        let answer = try session.query(
            """
            SELECT (extract(epoch FROM at) * 1000000)::bigint
              FROM (TABLE switchback.delta_\(table)_a UNION ALL TABLE switchback.delta_\(table)_b) AS d
             WHERE txid = $1::bigint AND $2::int = ANY (k1) ORDER BY number DESC LIMIT 1
            """, [transaction, String(key)])
        return answer.rowCount == 0 ? nil : answer[0, 0].flatMap { Int($0) }
    }
}
