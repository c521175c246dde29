import Foundation
import Glibc
import Model
import Postgres
import Replication
import TestSupport
import Testing

/// Comparison proves equality rather than assuming it, and calls no row different that is only on its way (P7).
@Suite("Comparison") struct DiffTests {
    static func diff(_ pair: TestPair) async throws -> [TableDifference] {
        var all: [TableDifference] = []
        for stream in pair.streams { all += try await Differ(stream: stream, cluster: pair.cluster).run() }
        return all
    }

    /// Changes at a target what nobody but the stream should.
    static func meddle(_ pair: TestPair, _ sql: String) async throws {
        try await pair.target.run("SET session_replication_role = replica; " + sql)
    }

    private static func counts(_ difference: TableDifference?) -> [Int] {
        guard let difference else { return [] }
        return [difference.rows, difference.missing, difference.extra, difference.different]
    }

    @Test func `one changed byte in ten million rows is found`() async throws {
        let pair = try await TestPair.make(schema: "CREATE TABLE item (id int PRIMARY KEY, name text)")
        // Before the triggers are there: rows that are on their way to the target are no difference.
        let fill = """
            ALTER TABLE item DROP CONSTRAINT item_pkey;
            INSERT INTO item SELECT g, 'row ' || g FROM generate_series(1, 10000000) AS g;
            ALTER TABLE item ADD PRIMARY KEY (id)
            """
        async let other: Void = pair.target.run(fill)
        try await pair.source.run(fill)
        try await other
        try await pair.install()
        _ = try await FirstCopy(stream: pair.streams[0], cluster: pair.cluster, logger: TestPair.logger)
            .beginWithoutCopy()
        try await pair.catchUp()
        try await Self.meddle(pair, "UPDATE item SET name = 'row 8765433' WHERE id = 8765432")
        let found = try await Self.diff(pair)
        #expect(found.map { Self.counts($0) } == [[10_000_000, 0, 0, 1]])
        #expect(found.first?.samples == ["(8765432)"])
        for database in [pair.source, pair.target] { try await database.run("DROP TABLE item") }
    }

    private static let kinds = """
        CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        CREATE TABLE plain (id int PRIMARY KEY, name text);
        CREATE TABLE compound ("Kéy a" text COLLATE loose, b numeric, c timestamptz, v text, PRIMARY KEY ("Kéy a", b, c));
        CREATE TABLE event (id int, day int, note text, PRIMARY KEY (day, id)) PARTITION BY RANGE (day);
        CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM (0) TO (10);
        CREATE TABLE event_2 PARTITION OF event DEFAULT;
        CREATE TABLE person (id int PRIMARY KEY, name text);
        CREATE TABLE pupil (PRIMARY KEY (id)) INHERITS (person);
        CREATE TABLE log (a int, b text);
        CREATE TABLE setting (id int PRIMARY KEY, d timestamptz, e interval, f float8, g bytea, h date, i real, j money);
        CREATE TABLE wide (id int PRIMARY KEY, body text);
        CREATE TABLE filtered (id int PRIMARY KEY, active bool, secret text, name text);
        CREATE TABLE empty (id int PRIMARY KEY);
        """
    private static let overrides = """
            overrides:
              public.log: { full_copy: true }
              public.filtered: { where: "active", columns: [id, active, name] }
        """
    private static let fill = """
        INSERT INTO plain SELECT g, 'n' || g FROM generate_series(1, 3000) AS g;
        INSERT INTO compound SELECT 'Name ' || g, g / 10.0, '2024-01-01'::timestamptz + g * interval '1 hour', 'v' FROM generate_series(1, 500) AS g;
        INSERT INTO event SELECT g, g % 20, 'e' FROM generate_series(1, 1000) AS g;
        INSERT INTO person SELECT g, 'p' FROM generate_series(1, 100) AS g;
        INSERT INTO pupil SELECT g, 'u' FROM generate_series(1, 100) AS g;
        INSERT INTO log SELECT g % 10, 'l' || g % 3 FROM generate_series(1, 100) AS g;
        INSERT INTO setting SELECT g, '2024-06-01 12:00+02'::timestamptz + g * interval '1 s', g * interval '1 day 2 hours', 0.1 * g, decode('00ff', 'hex'), '2024-06-01', 0.1, g::numeric / 100 FROM generate_series(1, 100) AS g;
        INSERT INTO wide SELECT g, repeat(md5(g::text), 30000) FROM generate_series(1, 5) AS g;
        INSERT INTO filtered SELECT g, g % 2 = 0, 'secret', 'f' FROM generate_series(1, 100) AS g;
        """

    @Test func `rows that are missing, extra or different are found in tables of every kind`() async throws {
        let pair = try await TestPair.make(schema: Self.kinds, sync: Self.overrides)
        // The target prints values in its own way, and has its columns and rows in another order.
        for setting in [
            "datestyle = 'SQL, DMY'", "timezone = 'Asia/Tokyo'", "intervalstyle = 'iso_8601'", "extra_float_digits = 0",
            "bytea_output = 'escape'",
        ] {
            try await pair.target.run("ALTER DATABASE \(pair.target.name) SET \(setting)")
        }
        try await pair.target.run("DROP TABLE plain; CREATE TABLE plain (name text, id int PRIMARY KEY)")
        try await pair.source.run(Self.fill)
        try await pair.start()
        try await Self.meddle(pair, "UPDATE plain SET name = name || '' WHERE id % 3 = 0")
        #expect(try await Self.diff(pair).allSatisfy { $0.isIdentical && $0.underWay == 0 })

        try await Self.meddle(
            pair,
            """
            DELETE FROM plain WHERE id IN (1, 2); INSERT INTO plain (id) VALUES (-1), (-2), (-3); UPDATE plain SET name = NULL WHERE id = 3;
            UPDATE compound SET "Kéy a" = 'nAME 7' WHERE "Kéy a" = 'Name 7'; UPDATE compound SET v = 'V' WHERE b = 1;
            DELETE FROM event WHERE id = 5; UPDATE event SET day = 19 WHERE id = 6;
            UPDATE ONLY person SET name = 'P' WHERE id = 1; DELETE FROM pupil WHERE id = 2;
            DELETE FROM log WHERE ctid = (SELECT min(ctid) FROM log); INSERT INTO log VALUES (1, 'x'), (1, 'x');
            UPDATE setting SET f = 0.1::float8 + 0.2 WHERE id = 3; UPDATE setting SET j = '0.51' WHERE id = 50;
            UPDATE wide SET body = overlay(body placing '?' from 900000 for 1) WHERE id = 5;
            UPDATE filtered SET name = 'g' WHERE id = 2; INSERT INTO filtered VALUES (1, false, NULL, 'f');
            UPDATE filtered SET secret = 'own' WHERE id = 4;
            INSERT INTO empty VALUES (1);
            """)
        let found = Dictionary(uniqueKeysWithValues: try await Self.diff(pair).map { ($0.table.table, $0) })
        #expect(Self.counts(found["plain"]) == [3000, 2, 3, 1])
        #expect(Self.counts(found["compound"]) == [500, 1, 1, 1])
        #expect(Self.counts(found["event"]) == [1000, 2, 1, 0])
        #expect(Self.counts(found["person"]) == [100, 0, 0, 1])
        #expect(Self.counts(found["pupil"]) == [100, 1, 0, 0])
        #expect(Self.counts(found["log"]) == [100, 1, 2, 0])
        #expect(Self.counts(found["setting"]) == [100, 0, 0, 2])
        #expect(Self.counts(found["wide"]) == [5, 0, 0, 1])
        #expect(Self.counts(found["filtered"]) == [50, 0, 1, 1])
        #expect(Self.counts(found["empty"]) == [0, 0, 1, 0])
        #expect(Set(found["plain"]?.samples ?? []) == ["(1)", "(2)", "(3)", "(-1)", "(-2)", "(-3)"])

        _ = try await Differ(stream: pair.streams[0], cluster: pair.cluster).repair(reason: "test")
        try await pair.catchUp()
        #expect(try await Self.diff(pair).allSatisfy { $0.isIdentical && $0.underWay == 0 })
        try await pair.expectEqual(["compound", "event", "ONLY person", "pupil", "log", "wide", "empty"])
        #expect(try await pair.target.value("SELECT secret FROM filtered WHERE id = 4") == "own", "it does not travel")
    }

    /// The contract of `diff --json`.
    @Test func `the program answers in JSON and with its exit status`() async throws {
        let pair = try await TestPair.make(
            schema: "CREATE TABLE item (id int PRIMARY KEY, name text); CREATE TABLE other (id int PRIMARY KEY)")
        let folder = try Program.folder(pair.yaml)
        try await pair.source.run("INSERT INTO item SELECT g, 'n' FROM generate_series(1, 10) AS g")
        try await pair.start()
        let equal = try await Program.run(["diff", "--json"], in: folder)
        #expect(equal.status == 0)
        try await Self.meddle(pair, "DELETE FROM item WHERE id = 1")
        try await pair.target.run("DROP TABLE other")
        let differs = try await Program.run(["diff", "--json"], in: folder)
        #expect(differs.status == 3)
        struct Answer: Decodable {
            struct Table: Decodable {
                let sync, table, from, to: String
                let rows, missing, extra, different: Int?
                let error: String?
            }
            let identical: Bool
            let tables: [Table]
        }
        let answers = try [equal, differs].map { try JSONDecoder().decode(Answer.self, from: Data($0.output.utf8)) }
        #expect(answers.map(\.identical) == [true, false])
        let table = answers[1].tables.first { $0.table == "public.item" }
        #expect(table?.rows == 10 && table?.missing == 1 && table?.extra == 0 && table?.different == 0)
        #expect(table?.sync == "main" && table?.from == "source" && table?.to == "target" && table?.error == nil)
        let gone = answers[1].tables.first { $0.table == "public.other" }
        #expect(gone?.rows == nil && gone?.error?.contains("public.other does not exist at target") == true)
        let keys = try #require(JSONSerialization.jsonObject(with: Data(differs.output.utf8)) as? [String: Any])
        let lines = try #require(keys["tables"] as? [[String: Any]])
        #expect(lines.allSatisfy { $0["error"] != nil && $0["rows"] != nil }, "unknown is null, not left out")
        let only = try await Program.run(["diff", "--table", "public.item"], in: folder)
        #expect(only.status == 3 && only.output.contains("1 missing"))
        #expect(try await Program.run(["diff", "--table", "public.none"], in: folder).status == 2)
    }

    @Test func `tables that cannot be compared are named and do not keep others from being compared`() async throws {
        let schema = ["a", "b", "c", "d", "e"].map { "CREATE TABLE \($0) (id int PRIMARY KEY, v int)" }
            .joined(separator: ";")
        let pair = try await TestPair.make(schema: schema)
        try await pair.source.run("INSERT INTO e VALUES (1, 1)")
        try await pair.start()
        try await pair.target.run("DROP TABLE a; ALTER TABLE b ADD COLUMN more int; ALTER TABLE c ALTER v TYPE bigint")
        try await pair.source.run("DROP TABLE d")
        try await Self.meddle(pair, "UPDATE e SET v = 2")
        let found = Dictionary(uniqueKeysWithValues: try await Self.diff(pair).map { ($0.table.table, $0) })
        #expect(found.count == 5)
        #expect(found["a"]?.problem?.contains("does not exist at target") == true)
        #expect(found["b"]?.problem?.contains("column more of public.b exists at target and not at source") == true)
        #expect(found["c"]?.problem?.contains("is integer at source and bigint at target") == true)
        #expect(found["d"]?.problem?.contains("no longer exists at source") == true)
        #expect(Self.counts(found["e"]) == [1, 0, 0, 1])
        #expect(found.values.allSatisfy { !$0.isIdentical })
    }

    /// A receiver that is down must not hide what the other one says.
    @Test func `a receiver that is down does not keep the other from being compared`() async throws {
        let pair = try await TestPair.make(
            schema: "CREATE TABLE item (id int PRIMARY KEY, v int)", targets: 2)
        try await pair.source.run("INSERT INTO item VALUES (1, 1)")
        try await pair.start()
        try await pair.targets[1].run("SET session_replication_role = replica; UPDATE item SET v = 2")
        try await pair.targets[1].run("ALTER DATABASE \(pair.target.name) ALLOW_CONNECTIONS false")
        let folder = try Program.folder(pair.yaml)
        let diff = try await Program.run(["diff"], in: folder)
        #expect(diff.status == 1)
        #expect(diff.errors.contains("cannot reach node target ("))
        #expect(diff.output.contains("main: source → target2, public.item: 0 missing, 0 extra, 1 different"))
    }

    @Test func `a stream that was not begun, or is being copied, is not compared`() async throws {
        let pair = try await TestPair.make(schema: "CREATE TABLE item (id int PRIMARY KEY, v int)")
        let folder = try Program.folder(pair.yaml)
        try await pair.install()
        let none = try await Program.run(["diff"], in: folder)
        #expect(none.status == 1 && none.errors.contains("was not begun"))
        try await pair.source.run("INSERT INTO item VALUES (1, 1)")
        try await pair.target.run("ALTER TABLE item ADD CONSTRAINT c CHECK (id > 1)")
        await #expect(throws: CopyFailed.self) { _ = try await FirstCopyTests.copy(pair) }
        let copying = try await Program.run(["diff"], in: folder)
        #expect(copying.status == 1 && copying.errors.contains("is being copied"))
    }

    // MARK: - Holds

    /// A comparison needs the deltas past the cursor of its beginning. They are held for as long as its session lives: not
    /// for hours after it was killed.
    @Test(arguments: [SIGINT, SIGKILL]) func `an interrupted comparison holds no deltas`(signal: Int32) async throws {
        let pair = try await TestPair.make(schema: "CREATE TABLE item (id int PRIMARY KEY, v int)")
        let folder = try Program.folder(pair.yaml)
        try await pair.source.run("INSERT INTO item SELECT g, 0 FROM generate_series(1, 100) AS g")
        try await pair.start()
        let holds = "SELECT count(*) FROM switchback.hold"
        let blocker = try await pair.target.connect()
        try await blocker.run { try $0.execute("BEGIN; LOCK TABLE item") }
        let diff = try await RunningProgram(["diff"], in: folder)
        #expect(try await eventually { try await pair.source.value(holds) == "1" })
        #expect(
            try await eventually {
                try await pair.target.value(
                    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'switchback diff main' AND wait_event_type = 'Lock')"
                ) == "t"
            })
        diff.signal(signal)
        let outcome = try await diff.end()
        #expect(outcome.status == (signal == SIGINT ? 1 : 128 + SIGKILL))
        if signal == SIGINT {
            #expect(outcome.errors.contains("interrupted"))
            #expect(try await pair.source.value(holds) == "0")
        }
        await blocker.close()
        // Whoever carries the stream finds the session gone.
        let isGone = try await pair.withEngine { try await eventually { try await pair.source.value(holds) == "0" } }
        #expect(isGone)
    }
}
