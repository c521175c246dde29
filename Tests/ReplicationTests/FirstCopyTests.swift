import Logging
import Model
import Postgres
import Replication
import TestSupport
import Testing

/// First copy: online, in parallel, resumable, joined to the stream without a gap and without a double (P2, P3).
@Suite("First copy") struct FirstCopyTests {
    /// Tables of every kind that the copy treats apart from others.
    static let schema = """
        CREATE TABLE item (id int PRIMARY KEY, code int UNIQUE, name text, pad text);
        CREATE TABLE event (id int, day int, note text, PRIMARY KEY (day, id)) PARTITION BY RANGE (day);
        CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM (0) TO (10);
        CREATE TABLE event_2 PARTITION OF event FOR VALUES FROM (10) TO (20) PARTITION BY LIST (day);
        CREATE TABLE event_2a PARTITION OF event_2 FOR VALUES IN (10, 11, 12, 13, 14);
        CREATE TABLE event_2b PARTITION OF event_2 DEFAULT;
        CREATE TABLE event_3 PARTITION OF event DEFAULT;
        CREATE TABLE person (id int PRIMARY KEY, name text);
        CREATE TABLE pupil (grade int, PRIMARY KEY (id)) INHERITS (person);
        CREATE TABLE seat (id int PRIMARY KEY DEFERRABLE, place int UNIQUE DEFERRABLE, label int UNIQUE, name text);
        CREATE TABLE booking (id int PRIMARY KEY, during int4range, EXCLUDE USING gist (during WITH &&));
        CREATE TABLE log (at int, line text);
        CREATE TABLE filtered (id int PRIMARY KEY, active boolean, secret text, name text);
        CREATE TABLE wide (id int PRIMARY KEY, body text);
        ALTER TABLE wide ALTER body SET STORAGE EXTERNAL;
        """

    static let overrides = """
            overrides:
              public.log: { full_copy: true }
              public.filtered: { where: "active", columns: [id, active, name] }
        """

    static let fill = """
        INSERT INTO item SELECT g, g, 'n' || g, repeat('x', g % 100) FROM generate_series(1, 6000) AS g;
        INSERT INTO event SELECT g, g % 30, 'e' || g FROM generate_series(1, 6000) AS g;
        INSERT INTO person SELECT g, 'p' || g FROM generate_series(1, 2000) AS g;
        INSERT INTO pupil SELECT g, 'u' || g, g % 12 FROM generate_series(1, 2000) AS g;
        INSERT INTO seat SELECT g, g, g, 's' || g FROM generate_series(1, 3000) AS g;
        INSERT INTO booking SELECT g, int4range(g * 10, g * 10 + 8) FROM generate_series(1, 2000) AS g;
        INSERT INTO log SELECT g % 50, 'line ' || g % 700 FROM generate_series(1, 2000) AS g;
        INSERT INTO filtered SELECT g, g % 2 = 0, 'secret', 'f' || g FROM generate_series(1, 3000) AS g;
        INSERT INTO wide SELECT g, repeat(md5(g::text), 2000) FROM generate_series(1, 60) AS g;
        """

    /// One random transaction: rows that come, move between blocks, change keys, swap unique values, go.
    @Sendable static func write(_ random: inout SeededRandom) -> String {
        let id = random.number(1...6000)
        let other = random.number(1...6000)
        let new = random.number(10_000...9_999_999)
        switch random.number(0...21) {
        case 0: return "INSERT INTO item VALUES (\(new), \(new), 'new', 'y')"
        case 1, 2: return "UPDATE item SET pad = repeat('z', \(id % 400)) WHERE id BETWEEN \(id) AND \(id + 20)"
        case 3: return "DELETE FROM item WHERE id BETWEEN \(id) AND \(id + 3)"
        case 4: return "UPDATE item SET id = \(new) WHERE id = \(id)"
        case 5: return swap("item", "code", id, other)
        case 6: return "UPDATE event SET day = day + 7 WHERE id BETWEEN \(id) AND \(id + 5)"
        case 7: return "INSERT INTO event VALUES (\(new), \(id % 40), 'new')"
        case 8: return "DELETE FROM event_2a WHERE id BETWEEN \(id) AND \(id + 10)"
        case 9: return "UPDATE person SET name = name || '+', id = id + 0 WHERE id BETWEEN \(id / 2) AND \(id / 2 + 10)"
        case 10: return "DELETE FROM ONLY person WHERE id = \(id % 2000)"
        case 11: return "INSERT INTO pupil VALUES (\(new), 'new', 1); DELETE FROM pupil WHERE id = \(id % 2000)"
        case 12: return swap("seat", "label", id % 3000, other % 3000)
        case 13:
            return
                "UPDATE seat SET place = CASE id WHEN \(id % 3000) THEN \(other % 3000) ELSE \(id % 3000) END WHERE place IN (\(id % 3000), \(other % 3000)) AND id IN (\(id % 3000), \(other % 3000))"
        case 14: return "UPDATE seat SET name = name || 'x' WHERE id BETWEEN \(id % 3000) AND \(id % 3000 + 10)"
        case 15: return "UPDATE seat SET id = \(new) WHERE id = \(id % 3000)"
        case 16:
            return
                "DELETE FROM booking WHERE id = \(id % 2000); UPDATE booking SET during = int4range(\(id % 2000) * 10, \(id % 2000) * 10 + 5) WHERE id = \(other % 2000)"
        case 17: return "INSERT INTO log VALUES (\(id), 'new'); DELETE FROM log WHERE at = \(id % 50)"
        case 18: return "UPDATE filtered SET active = NOT active, name = 'c' WHERE id = \(id % 3000)"
        case 19: return "UPDATE wide SET body = body || 'more' WHERE id = \(id % 60)"
        case 20:
            return
                "SAVEPOINT s; DELETE FROM item WHERE id < \(id); ROLLBACK TO s; UPDATE item SET name = 'kept' WHERE id = \(id)"
        default:
            return random.number(0...20) == 0 ? "TRUNCATE event_2a" : "DELETE FROM filtered WHERE id = \(id % 3000)"
        }
    }

    /// Two rows change a unique value that is checked at once.
    private static func swap(_ table: String, _ column: String, _ id: Int, _ other: Int) -> String {
        """
        UPDATE \(table) SET \(column) = -\(column) - 1 WHERE id IN (\(min(id, other)), \(max(id, other)));
        UPDATE \(table) AS t SET \(column) = -(SELECT o.\(column) + 1 FROM \(table) AS o
            WHERE o.id IN (\(id), \(other)) AND o.id <> t.id) WHERE id = \(min(id, other)) AND \(id) <> \(other)
            AND EXISTS (SELECT FROM \(table) WHERE id = \(max(id, other)));
        UPDATE \(table) SET \(column) = \(new(id, other)) WHERE id = \(max(id, other)) AND \(column) < 0;
        UPDATE \(table) SET \(column) = \(new(other, id) + 1) WHERE id = \(min(id, other)) AND \(column) < 0
        """
    }

    private static func new(_ id: Int, _ other: Int) -> Int { 20_000_000 + id * 7000 + other * 2 }

    /// Expects every table equal, the filtered one by what travels.
    static func expectEqual(_ pair: TestPair) async throws {
        let tables = try await pair.source.tables().filter { $0 != "public.filtered" }
        // An inheritance parent without its children.
        try await pair.expectEqual(tables.map { $0 == "public.person" ? "ONLY public.person" : $0 })
        let wanted = try await pair.source.digest(
            "(SELECT id, active, name FROM filtered WHERE active)", columns: "id, active, name")
        #expect(try await pair.target.digest("filtered", columns: "id, active, name") == wanted)
        #expect(try await pair.target.value("SELECT count(*) FROM filtered WHERE secret IS NOT NULL") == "0")
    }

    static func copy(_ pair: TestPair, jobs: Int = 2, blocks: Int64 = 4, _ choice: CopyChoice = .refuse) async throws
        -> CopyReport
    {
        try await FirstCopy(
            stream: pair.streams[0], cluster: pair.cluster, jobs: jobs, chunkBlocks: blocks, logger: TestPair.logger
        ).run(choice)
    }

    @Test(arguments: [1, 4]) func `tables of every kind are copied while they are written to in every way`(
        jobs: Int
    ) async throws {
        let seed = testSeed()
        let pair = try await TestPair.make(schema: Self.schema, sync: Self.overrides)
        try await pair.source.run(Self.fill)
        try await pair.install()
        let load = WriteLoad(database: pair.source, seed: seed, statements: Self.write)
        let (report, transactions) = try await load.during {
            try await Task.sleep(for: .milliseconds(100))
            return try await Self.copy(pair, jobs: jobs)
        }
        #expect(transactions > 20, "seed \(seed)")
        #expect(report.tables.allSatisfy { $0.kind == .copied }, "seed \(seed)")
        try await pair.catchUp()
        try await Self.expectEqual(pair)
    }

    @Test func `tables are rewritten and truncated again and again while they are copied`() async throws {
        let seed = testSeed()
        let pair = try await TestPair.make(schema: Self.schema, sync: Self.overrides)
        try await pair.source.run(Self.fill)
        try await pair.install()
        let load = WriteLoad(database: pair.source, seed: seed, statements: Self.write)
        _ = try await load.during(sessions: 2) {
            async let rewriting: Void = {
                for table in ["item", "event_1", "seat", "pupil"] {
                    let connection = try await pair.source.connect()
                    try await connection.run {
                        try $0.execute("VACUUM FULL \(table)")
                        try $0.execute("TRUNCATE event_2, booking")
                    }
                    await connection.close()
                    try await pair.source.run("INSERT INTO booking VALUES (-1, int4range(-10, -5))")
                    try await pair.source.run("CLUSTER item USING item_pkey")
                }
            }()
            let report = try await Self.copy(pair)
            try await rewriting
            return report
        }
        try await pair.catchUp()
        try await Self.expectEqual(pair)
    }

    /// The engine waits for the copy, and takes the stream up when all is copied, whether the command lives to see it or not.
    @Test func `a daemon that was there first carries the stream once it is copied`() async throws {
        let pair = try await TestPair.make(schema: "CREATE TABLE item (id int PRIMARY KEY, v int)")
        try await pair.source.run("INSERT INTO item SELECT g, 0 FROM generate_series(1, 3000) AS g")
        try await pair.install()
        try await pair.withEngine {
            let load = WriteLoad(database: pair.source, seed: 7) { random in
                "UPDATE item SET v = v + 1 WHERE id = \(random.number(1...3000))"
            }
            // The copy alone: nothing waits for the stream here.
            _ = try await load.during { try await Self.copy(pair) }
            let wanted = try await pair.source.digest("item")
            #expect(try await eventually { try await pair.target.digest("item") == wanted })
        }
    }
}
