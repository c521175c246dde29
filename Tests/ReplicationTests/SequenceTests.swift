import Postgres
import TestSupport
import Testing

@testable import Replication

/// DESIGN §3: sequences follow, far enough ahead that a failover hands out no value twice.
@Suite("Sequences") struct SequenceTests {
    /// What the target would hand out next, as after a failover.
    private func next(_ pair: TestPair, _ sequence: String) async throws -> Int64 {
        let value = try await pair.target.value("SELECT nextval('\(sequence)')")
        return try #require(value.flatMap { Int64($0) })
    }

    @Test func `the target's next value was never handed out`() async throws {
        let pair = try await TestPair.travelling(
            schema: """
                CREATE SCHEMA other;
                CREATE TABLE item (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n serial, m int DEFAULT 0);
                CREATE SEQUENCE free;
                CREATE SEQUENCE other.used;
                CREATE SEQUENCE other.unused;
                ALTER TABLE item ALTER m SET DEFAULT nextval('other.used');
                CREATE SEQUENCE down INCREMENT -7 MAXVALUE -1 START -100;
                CREATE SEQUENCE cached CACHE 5000 INCREMENT 3;
                CREATE SEQUENCE fresh START 77 INCREMENT 5
                """)
        try await pair.source.run("INSERT INTO item SELECT FROM generate_series(1, 3000)")
        try await pair.start()
        func expectAhead(_ comment: Comment) async throws {
            for (sequence, column) in [("item_id_seq", "id"), ("item_n_seq", "n"), ("other.used", "m")] {
                let last = try await pair.source.value("SELECT max(\(column)) FROM item")
                let next = try await next(pair, sequence)
                #expect(next > (last.flatMap { Int64($0) } ?? .max), "\(sequence) \(comment)")
            }
        }
        try await expectAhead("after the first copy")
        for way in Way.allCases {
            try await pair.change(
                "INSERT INTO item SELECT FROM generate_series(1, \(way == .staged ? 20000 : 5))", on: way)
            try await expectAhead("\(way.rawValue)")
        }
        // Nothing but sequences moves: the stream has no row to carry.
        try await pair.source.run(
            "SELECT nextval('free'), nextval('down'), nextval('cached') FROM generate_series(1, 7000)")
        try await pair.catchUp()
        #expect(try await next(pair, "free") > 7000)
        #expect(try await next(pair, "down") < -100 - 7 * 6999)
        #expect(try await next(pair, "cached") > 3 * 10000, "a session takes five thousand at once")
        #expect(try await next(pair, "fresh") % 5 == 2, "it counts as at the source")
        #expect(
            try await pair.target.value("SELECT last_value FROM other.unused") == "1", "none of the sync's business")
    }

    /// P7: nothing says that a sequence moves, for no trigger sees it. The engine looks by itself.
    @Test func `a running engine follows sequences that no table uses`() async throws {
        let pair = try await TestPair.make(schema: "CREATE SEQUENCE free; CREATE TABLE item (id int PRIMARY KEY)")
        try await pair.start()
        try await pair.withEngine {
            try await pair.source.run("SELECT nextval('free') FROM generate_series(1, 50000)")
            let followed = try await eventually {
                try await pair.target.value("SELECT last_value > 50000 FROM free") == "t"
            }
            #expect(followed)
        }
    }

    @Test func `a sequence is named as a table is, and one of a table's travels named or not`() async throws {
        let pair = try await TestPair.make(
            schema: "CREATE SEQUENCE free; CREATE SEQUENCE other; CREATE TABLE item (id serial PRIMARY KEY)",
            tables: ["public.item", "public.item_id_seq", "public.free"])
        try await pair.source.run("SELECT nextval('free'), nextval('other') FROM generate_series(1, 5000)")
        try await pair.source.run("INSERT INTO item SELECT FROM generate_series(1, 3000)")
        try await pair.start()
        #expect(try await next(pair, "free") > 5000)
        #expect(try await next(pair, "item_id_seq") > 3000)
        #expect(try await next(pair, "other") == 1, "none of the sync's business")
    }

    /// Symptom: for up to a second the target held rows whose numbers its sequence was still going to hand out. Cause: the
    /// sequences were looked at by the clock, after the rows. Fix: those of a batch's tables are read after its snapshot
    /// and moved before its rows are written.
    @Test func `no row is there before its sequence has passed it`() async throws {
        let pair = try await TestPair.make(schema: "CREATE TABLE item (id bigserial PRIMARY KEY, n int)")
        try await pair.start()
        let last = 30 * 4000
        try await pair.withEngine {
            async let writing: Void = {
                for _ in 0..<30 {
                    try await pair.source.run("INSERT INTO item (n) SELECT 1 FROM generate_series(1, 4000)")
                }
            }()
            let connection = try await pair.target.connect()
            var seen = 0
            while seen < last {
                // The rows are of the statement's snapshot; a sequence is read as it is, and never goes back.
                let answer = try await connection.run { session in
                    try session.query("SELECT coalesce(max(id), 0), (SELECT last_value FROM item_id_seq) FROM item")
                }
                seen = Int(answer[0, 0] ?? "") ?? 0
                let sequence = Int(answer[0, 1] ?? "") ?? 0
                #expect(sequence >= seen)
            }
            await connection.close()
            try await writing
        }
    }

    /// What is near its end is not used up by being ahead: half of what is left stays for the target.
    @Test func `a sequence near its end stays usable, and one that goes round goes round`() async throws {
        let pair = try await TestPair.travelling(
            schema: """
                CREATE TABLE small (id smallserial PRIMARY KEY);
                CREATE SEQUENCE round MINVALUE 10 MAXVALUE 3009 CYCLE;
                CREATE SEQUENCE three MAXVALUE 3 CYCLE;
                CREATE SEQUENCE last_but_one MAXVALUE 100;
                CREATE SEQUENCE at_end MAXVALUE 100;
                CREATE SEQUENCE whole MINVALUE -9223372036854775808
                """)
        try await pair.source.run(
            """
            SELECT setval('small_id_seq', 32759); INSERT INTO small DEFAULT VALUES;
            SELECT setval('round', 2990), nextval('three'), setval('last_but_one', 99), setval('at_end', 100), nextval('whole')
            """)
        try await pair.start()
        let small = try await next(pair, "small_id_seq")
        #expect(small > 32760 && small <= 32767)
        let round = try await next(pair, "round")
        #expect(round > 500 && round < 2000, "about a thousand after 2990, round the corner: \(round)")
        #expect(try await next(pair, "whole") > -9_223_372_036_854_775_808 + 1000)
        // There is one value left, and the source may have handed it out just now.
        #expect(try await pair.target.failure("SELECT nextval('last_but_one')")?.sqlState == "2200H")
        #expect(try await pair.target.failure("SELECT nextval('at_end')")?.sqlState == "2200H")
        try await pair.source.run("SELECT nextval('round') FROM generate_series(1, 2500)")
        try await pair.catchUp()
        let again = try await next(pair, "round")
        #expect(again > 2490 || again < 1000, "at the source it is at 2490: \(again)")
    }

    /// A target that went back would hand out again what the source has handed out before.
    @Test func `a sequence that is set back at the source stays where it is at the target, and is passed again`()
        async throws
    {
        let pair = try await TestPair.travelling(
            schema:
                "CREATE TABLE item (id serial PRIMARY KEY, n int); CREATE SEQUENCE set_ahead; CREATE SEQUENCE down INCREMENT -1"
        )
        try await pair.source.run(
            "INSERT INTO item (n) SELECT 1 FROM generate_series(1, 5000); SELECT nextval('down') FROM generate_series(1, 5000)"
        )
        try await pair.start()
        let before = try await next(pair, "item_id_seq")
        let down = try await next(pair, "down")
        try await pair.source.run(
            "TRUNCATE item RESTART IDENTITY; INSERT INTO item (n) VALUES (1); SELECT setval('down', -1), setval('set_ahead', 90000, false)"
        )
        try await pair.catchUp()
        try await pair.expectEqual(["item"])
        #expect(try await next(pair, "item_id_seq") > before)
        #expect(try await next(pair, "down") < down)
        #expect(try await next(pair, "set_ahead") >= 90000, "a value that nobody has taken yet counts as well")
        try await pair.source.run("ALTER SEQUENCE set_ahead RESTART WITH 200000")
        try await pair.catchUp()
        #expect(try await next(pair, "set_ahead") >= 200_000)
    }

    /// The one that feeds the same column, whatever it is called.
    @Test func `a sequence of another name that feeds the same column follows`() async throws {
        let pair = try await TestPair.travelling(schema: "CREATE TABLE item (id serial PRIMARY KEY, n int)")
        try await pair.target.run("ALTER SEQUENCE item_id_seq RENAME TO counter; CREATE SEQUENCE item_id_seq")
        try await pair.start()
        try await pair.change("INSERT INTO item (n) SELECT 1 FROM generate_series(1, 10)", on: .singleRows)
        #expect(try await next(pair, "counter") > 10)
    }
}

/// Where a sequence is moved to, as a value.
@Suite("Positions of sequences") struct SequencePositionTests {
    private func position(
        _ value: Int64, called: Bool = true, by increment: Int64 = 1, in range: ClosedRange<Int64> = 1...Int64.max,
        cycles: Bool = false, cache: Int64 = 1
    ) -> SequencePosition {
        SequencePosition(
            value: value, isCalled: called, increment: increment, least: range.lowerBound, greatest: range.upperBound,
            cycles: cycles, cache: cache)
    }

    @Test func `ahead by a thousand at least, by what sessions hold, and by what was handed out lately`() {
        #expect(position(100).ahead(recently: 0) == 1124)
        #expect(position(100, called: false).ahead(recently: 0) == 1123)
        #expect(position(100, by: 10).ahead(recently: 0) == 100 + 10 * 1024)
        #expect(position(-100, by: -2, in: Int64.min...(-1)).ahead(recently: 0) == -100 - 2 * 1024)
        #expect(position(100, cache: 100).ahead(recently: 0) == 100 + 6400)
        #expect(position(100).ahead(recently: 100_000) == 100 + 800_000)
    }

    @Test func `never past the end, and round the corner where it goes round`() {
        #expect(position(100, in: 1...110).ahead(recently: 0) == 105)
        #expect(position(109, in: 1...110).ahead(recently: 0) == 110)
        #expect(position(110, in: 1...110).ahead(recently: 0) == 110)
        #expect(position(.max - 1).ahead(recently: .max) == .max)
        #expect(position(-105, by: -1, in: -110...(-1)).ahead(recently: 0) == -108)
        #expect(position(2990, in: 10...3009, cycles: true).ahead(recently: 0) == 1014)
        #expect(position(3, in: 1...3, cycles: true).ahead(recently: 0) == 1)
        #expect(position(20, by: -1, in: 10...3009, cycles: true).ahead(recently: 0) == 1996)
        #expect(position(0, by: 1, in: Int64.min...Int64.max, cycles: true).ahead(recently: 0) == 1024)
    }

    @Test func `enough is half of what it should be, and nothing behind is ever enough`() {
        let here = position(10_000)
        #expect(here.isEnough(11_024))
        #expect(here.isEnough(10_512))
        #expect(!here.isEnough(10_511))
        #expect(!here.isEnough(9_999))
        #expect(here.isEnough(.max))
        let round = position(2990, in: 10...3009, cycles: true)
        #expect(round.isEnough(1014))
        #expect(!round.isEnough(2989), "that is behind it, or nearly a whole round ahead")
        #expect(!position(109, in: 1...110).isEnough(109))
        #expect(position(109, in: 1...110).isEnough(110))
    }

    @Test func `steps are counted forwards only`() {
        #expect(position(500).steps(since: position(100)) == 400)
        #expect(position(100).steps(since: position(500)) == 0)
        #expect(
            position(50, in: 10...3009, cycles: true).steps(since: position(3000, in: 10...3009, cycles: true)) == 50)
        #expect(position(7, by: 3).steps(since: position(1, called: false, by: 3)) == 3)
    }

    /// Whatever the sequence: what is set is ahead of what was handed out, and counts as enough right away.
    @Test func `what is set is enough`() {
        let seed = testSeed()
        var random = SeededRandom(seed)
        for _ in 0..<20_000 {
            let bounds = [
                Int64.random(in: .min ... .max, using: &random) >> Int64.random(in: 0...62, using: &random),
                Int64.random(in: -20...20, using: &random),
            ].sorted()
            guard bounds[0] < bounds[1] else { continue }
            let value = Int64.random(in: bounds[0]...bounds[1], using: &random)
            let size = Int64.random(in: 1...9, using: &random)
            let sequence = position(
                value, called: Bool.random(using: &random), by: Bool.random(using: &random) ? size : -size,
                in: bounds[0]...bounds[1], cycles: Bool.random(using: &random),
                cache: Int64.random(in: 1...40, using: &random))
            let recently = UInt64.random(in: 0...100_000, using: &random)
            let set = sequence.ahead(recently: recently)
            #expect(bounds[0] <= set && set <= bounds[1], "seed \(seed): \(sequence)")
            #expect(sequence.isEnough(set), "seed \(seed): \(sequence) \(set)")
        }
    }
}
