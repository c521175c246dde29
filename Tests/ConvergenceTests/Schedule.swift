import LocalCluster
import Model
import Postgres
import Replication
import TestSupport
import Testing

/// One random schedule of writes and deliveries, one after the other, with what goes wrong in between: clocks that are off and step,
/// equal stamps, transactions that stay open or are taken back, a node that is away; on a ground of its own also networks that are
/// cut and servers that are killed.
struct Schedule {
    /// What it is made of; the seed tells all of it.
    struct Plan: Sendable {
        let seed: UInt64
        /// How sources are linked; nil: every source sends to every other node.
        let shape: ScheduleShape?
        var masters: Int
        var targets: Int
        var rule: ConflictRule
        /// Whether n is a counter.
        var counts: Bool
        var steps: Int
        /// Whether transactions often stay open.
        var opensOften = false
        /// One of so many transactions empties the table.
        var truncatesOnceIn = 12
        /// Whether clocks are off and step.
        var movesClocks = true
        /// Whether others have schedules of the same nodes, so that these are made once for all.
        var isCommon = false

        init(seed: UInt64, _ shape: ScheduleShape? = nil) {
            self.seed = seed
            self.shape = shape
            var random = SeededRandom(seed)
            // Of many masters fewer: their streams take most of the time.
            let sizes = shape == nil ? [2, 2, 3, 3, 4, 5] : [3, 3, 4, 5]
            masters = sizes[random.number(0...(sizes.count - 1))]
            targets = random.number(0...1)
            steps = random.number(20...50)
            let all = (0..<masters).map(Oracle.name)
            let rules: [ConflictRule] = [
                .merge, .function("fold"), .merge, .latest, .hold, .largest("n"), .smallest("n"), .earliest,
                .prefer(Array(all.shuffled(using: &random).prefix(random.number(1...masters)))),
            ]
            rule = rules[Int(seed % UInt64(rules.count))]
            counts = seed % 3 != 0
            if case .largest = rule { counts = false }
            if case .smallest = rule { counts = false }
        }

        /// Whether a node sends to another.
        func isLinked(_ a: Int, _ b: Int) -> Bool { links?.contains { $0.contains(a) && $0.contains(b) } ?? true }

        private var links: [[Int]]? { shape?.links(masters: masters, targets: targets) }

        /// The lines of the sync.
        var yaml: String {
            ruleText + (shape.map { "\n" + $0.yaml(masters: masters, targets: targets) } ?? "")
                + (counts ? "\n    overrides: { public.item: { counters: [n] } }" : "")
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
    }

    static let schema = """
        CREATE TABLE item (id int PRIMARY KEY, name text, n int NOT NULL);
        CREATE FUNCTION fold(relation text, key jsonb, earlier jsonb, later jsonb, stamps jsonb)
        RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
            SELECT CASE WHEN earlier IS NULL OR later IS NULL THEN later ELSE later || jsonb_build_object(
                'name', (earlier ->> 'name') || '+' || (later ->> 'name'),
                'n', greatest((earlier ->> 'n')::int, (later ->> 'n')::int)) END
        $$;
        """
    static let keys = 1...6

    let plan: Plan
    private var random: SeededRandom
    private(set) var oracle: Oracle
    private var writer: ScheduleWriter
    /// A node that nobody reaches, for so many steps more.
    private var absent: (node: Int, steps: Int)?
    private let ground: FaultGround?
    private(set) var stepsDone = 0

    /// - Parameter ground: servers and networks that may be broken; nil leaves them alone.
    init(_ plan: Plan, ground: FaultGround? = nil) {
        self.plan = plan
        self.ground = ground
        random = SeededRandom(plan.seed ^ 0x5eed)
        writer = ScheduleWriter()
        oracle = Oracle(
            masters: plan.masters, nodes: plan.masters + plan.targets, rule: plan.rule, counts: plan.counts,
            handsOn: plan.shape != nil)
    }

    var description: String {
        "seed \(plan.seed), \(plan.masters) masters, \(plan.targets) targets\(plan.shape.map { " in a \($0)" } ?? ""), \(plan.rule)\(plan.counts ? ", counters" : "")"
    }

    /// Runs it.
    ///
    /// - Parameters:
    ///   - checksEvery: after so many steps all nodes are brought to one state and compared, and what is wrong ends it; nil: only when
    ///     all steps are done.
    ///   - plant: puts a fault into the nodes, that is to be found.
    ///   - isFound: whether what is wrong is what was looked for.
    /// - Returns: what is wrong; empty when all is as the rules say.
    mutating func run(
        checksEvery: Int? = nil, plant: (TestMasters) async throws -> Void = { _ in },
        until isFound: ([String]) -> Bool = { !$0.isEmpty }
    ) async throws -> [String] {
        let place = try await startPlace()
        try await plant(place)
        while true {
            repeat {
                try await step(place)
                stepsDone += 1
            } while stepsDone < plan.steps && checksEvery.map { stepsDone % $0 > 0 } ?? true
            let findings = try await settle(place)
            if stepsDone == plan.steps || isFound(findings) { return findings }
        }
    }

    /// Lets everybody hear of everything.
    ///
    /// - Returns: what is wrong then.
    private mutating func settle(_ place: TestMasters) async throws -> [String] {
        try await endOpen(commits: true)
        if plan.movesClocks { try await Self.setClocks(place, to: "") }
        let written = try await place.changes()
        let reasons = try await Self.carry(place, place.streams)
        guard reasons.isEmpty else { return reasons }
        for _ in 0..<(plan.shape == nil ? 1 : plan.masters + plan.targets) { carryAll() }
        var findings = try await ScheduleCheck(oracle: oracle).findings(place)
        if try await comesBack(place, since: written) { findings.append("something comes back") }
        return findings
    }

    /// Whether what was only carried counts as somebody's change. One that hands on notes that as it notes a change, and nothing is to be
    /// carried on when everybody has it.
    private func comesBack(_ place: TestMasters, since written: [String?]) async throws -> Bool {
        guard plan.shape != nil else { return try await place.changes() != written }
        return try await place.carryEach() > 0
    }

    private mutating func carryAll() {
        for from in 0..<plan.masters {
            for to in 0..<(plan.masters + plan.targets) where to != from && plan.isLinked(from, to) {
                oracle.carry(from: from, to: to)
            }
        }
    }

    private func startPlace() async throws -> TestMasters {
        if plan.isCommon {
            return try await CommonMasters.shared.started(
                schema: Self.schema, masters: plan.masters, targets: plan.targets, sync: plan.yaml)
        }
        let place =
            if let ground {
                try await ground.makeMasters(plan)
            } else {
                try await TestMasters.make(
                    schema: Self.schema, masters: plan.masters, targets: plan.targets, sync: plan.yaml)
            }
        try await place.start(settles: false)
        return place
    }

    private mutating func step(_ place: TestMasters) async throws {
        if let away = absent { absent = away.steps > 1 ? (away.node, away.steps - 1) : nil }
        switch random.number(0...23) {
        case 0...9:
            if plan.opensOften && random.once(in: 3) { return try await openOrEnd(place) }
            try await write(place)
        case 10...19: try await deliver(place)
        case 20, 21: if plan.movesClocks { try await changeClock(place) }
        case 22: try await openOrEnd(place)
        default: absent = (random.number(0...(plan.masters - 1)), random.number(2...8))
        }
    }

    // MARK: - Writing

    private mutating func write(_ place: TestMasters) async throws {
        let node = random.number(0...(plan.masters - 1))
        let isTakenBack = random.once(in: 8)
        let changes = writer.changes(
            &random, without: writer.lockedKeys(at: node), truncatesOnceIn: plan.truncatesOnceIn)
        guard !changes.isEmpty else { return }
        note(try await writer.write(changes, to: place.masters[node], commits: !isTakenBack), node)
    }

    /// A transaction that stays open over what follows, or the end of the one that is.
    private mutating func openOrEnd(_ place: TestMasters) async throws {
        guard writer.open == nil else { return try await endOpen(commits: !random.once(in: 4)) }
        let node = random.number(0...(plan.masters - 1))
        let changes = writer.changes(&random, without: [], truncatesOnceIn: plan.truncatesOnceIn)
        try await writer.begin(changes, at: node, of: place.masters[node])
    }

    private mutating func endOpen(commits: Bool) async throws {
        guard let (node, transaction) = try await writer.endOpen(commits: commits) else { return }
        note(transaction, node)
    }

    private mutating func note(_ transaction: ScheduleWriter.Transaction, _ node: Int) {
        for change in transaction.done {
            oracle.write(
                node: node, key: change.key, row: change.after, before: change.before, microseconds: change.stamp,
                transaction: transaction.number)
        }
    }

    // MARK: - Clocks

    /// A node's clock is ten minutes ahead, ten behind, a little off, right again, or all stand still at one moment, so that stamps
    /// are equal.
    private mutating func changeClock(_ place: TestMasters) async throws {
        let node = random.number(0...(plan.masters - 1))
        switch random.number(0...5) {
        case 0: try await Self.setClock(place.masters[node], to: "+ interval ''10 minutes''")
        case 1: try await Self.setClock(place.masters[node], to: "- interval ''10 minutes''")
        case 2: try await Self.setClock(place.masters[node], to: "- interval ''\(random.number(1...5000)) ms''")
        case 3: try await Self.setClock(place.masters[node], to: "")
        default:
            let moment = try await place.masters[node].value("SELECT switchback.clock()::text") ?? ""
            try await Self.setClocks(place, to: "", base: "timestamptz ''\(moment)''")
        }
    }

    private static func setClocks(
        _ place: TestMasters, to offset: String, base: String = "pg_catalog.clock_timestamp()"
    ) async throws {
        for master in place.masters { try await setClock(master, to: offset, base: base) }
    }

    private static func setClock(
        _ master: TestDatabase, to offset: String, base: String = "pg_catalog.clock_timestamp()"
    ) async throws {
        try await master.run(
            "CREATE OR REPLACE FUNCTION switchback.clock() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT \(base) \(offset)'"
        )
    }

    // MARK: - Delivering

    private mutating func someStream() -> (from: Int, to: Int) {
        let nodes = plan.masters + plan.targets
        while true {
            let from = random.number(0...(plan.masters - 1))
            let to = (from + random.number(1...(nodes - 1))) % nodes
            if plan.isLinked(from, to) { return (from, to) }
        }
    }

    private mutating func deliver(_ place: TestMasters) async throws {
        let (from, to) = someStream()
        guard absent?.node != from, absent?.node != to else { return }
        // What is carried would wait for the rows of a transaction that is open, or for the table that it emptied.
        if !oracle.pending(from: from, to: to).isDisjoint(with: writer.lockedKeys(at: to))
            || writer.hidesTable(at: from) || writer.hidesTable(at: to)
        {
            try await endOpen(commits: !random.once(in: 4))
        }
        let streams = [place.stream(from, to)]
        guard let ground, random.once(in: 2) else {
            let reasons = try await Self.carry(place, streams)
            if reasons.isEmpty { oracle.carry(from: from, to: to) }
            return
        }
        let fault = ground.randomFault(&random, from: from, to: to)
        try await ground.carry(streams, place, while: fault, &random)
        if fault.kills {
            let killed = ground.nodes(of: fault.server, plan.masters + plan.targets)
            if let node = writer.open?.node, killed.contains(node) { await writer.loseOpen() }
            for node in killed { try await takeBack(place, at: node) }
        }
        if try await place.hasHeard(oracle.pendingTransactions(from: from, to: to), of: from, at: to) {
            oracle.carry(from: from, to: to)
        }
    }

    /// What a crash took back that no disk had.
    private mutating func takeBack(_ place: TestMasters, at node: Int) async throws {
        while let (from, transactions) = oracle.lastTaken(at: node),
            try await !place.hasHeard(transactions, of: from, at: node)
        {
            oracle.takeBack(at: node)
        }
    }

    /// - Returns: why it did not come to its end.
    private static func carry(_ place: TestMasters, _ streams: [StreamID]) async throws -> [String] {
        try await CatchUp(place.cluster, logger: TestPair.logger)
            .run(streams, timeout: .seconds(30), allTables: false)
            .compactMap { $0.isCaughtUp ? nil : "\($0.stream): \($0.reason ?? "it does not move")" }
    }
}

extension TestMasters {
    /// The stream from one node to another, by their places.
    func stream(_ from: Int, _ to: Int) -> StreamID {
        let receiver = to < masters.count ? Self.name(to) : "t\(to - masters.count + 1)"
        return StreamID(sync: "main", source: Self.name(from), receiver: receiver)
    }

    /// How many changes each source has noted.
    func changes() async throws -> [String?] {
        var found: [String?] = []
        for master in masters { found.append(try await master.value("SELECT last_value FROM switchback.change")) }
        return found
    }

    /// Has each stream carried once.
    ///
    /// - Returns: the rows.
    func carryEach() async throws -> Int {
        var rows = 0
        for stream in streams { rows += try await catchUp([stream]) }
        return rows
    }

    /// Whether the cursor of a stream is past some transactions.
    func hasHeard(_ transactions: Set<UInt64>, of from: Int, at to: Int) async throws -> Bool {
        let numbers = transactions.sorted().map(String.init).joined(separator: ",")
        // What a backend that was left behind is about to commit.
        let isQuiet = try await eventually {
            try await nodes[to].value(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'switchback%'"
            ) == "0"
        }
        #expect(isQuiet)
        return try await nodes[to].value(
            "SELECT coalesce(bool_and(pg_visible_in_snapshot(t::text::xid8, c.snapshot)), true) FROM switchback.cursor AS c, unnest('{\(numbers)}'::bigint[]) AS t WHERE c.source = '\(Self.name(from))'"
        ) == "t"
    }
}
