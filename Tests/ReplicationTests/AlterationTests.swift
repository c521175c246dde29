import Postgres
import Replication
import TestSupport
import Testing

/// Tables that change while they are installed: what was captured before is not lost, and the next installation brings the
/// triggers up to date. P1, P5.
@Suite("Tables that are altered") struct AlterationTests {
    static let schema = """
        CREATE TABLE item (id int, code text NOT NULL, other int NOT NULL, v text, w text,
            CONSTRAINT item_key PRIMARY KEY (id), CONSTRAINT item_code UNIQUE (code));
        CREATE TABLE part (id int, at int, v text, CONSTRAINT part_key PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
        CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (1000);
        CREATE TABLE bystander (id int PRIMARY KEY);
        """
    static let rows = """
        INSERT INTO item SELECT g, 'c' || g, 100 - g, 'v' FROM generate_series(1, 20) AS g;
        INSERT INTO part SELECT g, g, 'v' FROM generate_series(1, 20) AS g;
        """
    /// Captured and not yet carried when the table is altered.
    static let pending = """
        UPDATE item SET v = 'pending' WHERE id < 5; DELETE FROM item WHERE id = 6; INSERT INTO item VALUES (30, 'c30', 70);
        UPDATE item SET id = 31 WHERE id = 7; DELETE FROM part WHERE id = 3; UPDATE part SET id = 40 WHERE id = 4
        """
    /// Runs where the columns are still called so. What is written together is of different rows, so that none travels with
    /// another.
    static let later = [
        "UPDATE item SET v = 'later' WHERE other > 90; DELETE FROM item WHERE other = 85; UPDATE part SET v = 'later' WHERE at > 10",
        "TRUNCATE part_1",
    ]

    static let alterations: [(sql: String, installFirst: Bool)] = [
        ("ALTER TABLE item ADD extra int DEFAULT 5", false),
        ("ALTER TABLE item DROP w", false),
        ("ALTER TABLE item RENAME w TO x", false),
        ("ALTER TABLE item ALTER w TYPE varchar(90), ALTER v SET STORAGE EXTERNAL", false),
        ("ALTER TABLE part ADD extra text, ADD more int", false),
        ("ALTER TABLE item RENAME id TO number", true),
        ("ALTER TABLE part RENAME id TO number", true),
        ("ALTER TABLE item DROP CONSTRAINT item_key", true),
        ("ALTER TABLE item DROP CONSTRAINT item_key, ADD CONSTRAINT item_key PRIMARY KEY (other)", true),
        ("ALTER TABLE item DROP CONSTRAINT item_key, ADD CONSTRAINT item_key PRIMARY KEY (id, other)", true),
        ("ALTER TABLE part DROP CONSTRAINT part_key, ADD CONSTRAINT part_key PRIMARY KEY (at)", true),
        ("ALTER TABLE part ALTER id TYPE bigint", true),
        ("DROP TRIGGER IF EXISTS switchback_capture_key ON item; ALTER TABLE item ALTER id TYPE bigint", true),
        ("DROP TABLE bystander", true),
        ("ALTER TABLE bystander RENAME TO onlooker", true),
        ("CREATE TABLE newcomer (id int PRIMARY KEY)", false),
    ]

    /// Each alteration has a schema of its own, with tables that no other one touches.
    private static func each(_ numbers: [Int], _ sql: (Int) -> String) -> String {
        numbers.map { "SET search_path = c\($0), public; \(sql($0))" }.joined(separator: ";\n")
    }

    @Test(arguments: [false, true])
    func `what was captured before an ALTER TABLE arrives, and so does what comes after it`(
        installFirst: Bool
    ) async throws {
        let numbers = Self.alterations.indices.filter { Self.alterations[$0].installFirst == installFirst }
        func each(_ sql: String) -> String { Self.each(numbers) { _ in sql } }
        let pair = try await TestPair.make(
            schema: numbers.map { "CREATE SCHEMA c\($0); " }.joined() + each(Self.schema), tables: ["c*.*"])
        try await pair.source.run(each(Self.rows))
        try await pair.start()
        try await pair.source.run(each(Self.pending))
        let alteration = Self.each(numbers) { Self.alterations[$0].sql }
        for database in [pair.target, pair.source] { try await database.run(alteration) }
        if installFirst { try await pair.install() }
        let list = StatementList(pair: pair)
        try await list.expectEqual(after: alteration)
        try await list.expectCarried(Self.later.map(each))
        try await pair.install()
        #expect(try await Installer(pair.cluster).plan().allSatisfy { $0.steps.isEmpty })
        try await list.expectCarried([each("UPDATE item SET v = 'last'; INSERT INTO part VALUES (77, 77, 'last')")])
        try await Installer(pair.cluster).uninstall { _ in }
        #expect(try await pair.source.value("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'switchback%'") == "0")
    }

    /// Symptom: after the primary key had moved to another column of the same type, keys that were captured under the old
    /// one were read as the new one's. Cause: only the key's types were compared. Fix: its columns' numbers too.
    @Test func `a stream stops while its table's capture goes by an older key`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.source.run(Self.rows)
        try await pair.start()
        for database in [pair.target, pair.source] {
            try await database.run(
                "ALTER TABLE item DROP CONSTRAINT item_key, ADD CONSTRAINT item_key PRIMARY KEY (other)")
        }
        try await pair.source.run("DELETE FROM item WHERE id = 1")
        try await pair.expectStop(naming: ["the key of public.item"])
        try await pair.install()
        try await StatementList(pair: pair).expectEqual(after: "installing again")
    }

    @Test func `the type of a key column is not altered under the trigger that needs it`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.install()
        let error = try await pair.source.failure("ALTER TABLE item ALTER id TYPE bigint")
        #expect(error?.sqlState == "0A000")
        #expect("\(String(describing: error))".contains("switchback_capture_key"))
    }

    @Test func `a new table is told of by schema status, and taken in by the next installation`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.start()
        for database in [pair.source, pair.target] {
            try await database.run("CREATE TABLE newcomer (id int PRIMARY KEY)")
        }
        try await pair.source.run("INSERT INTO newcomer VALUES (1)")
        let titles = try await Installer(pair.cluster).plan().flatMap { $0.steps.map(\.title) }
        #expect(titles == ["fence public.newcomer", "capture changes of public.newcomer"])
        try await pair.start()
        try await StatementList(pair: pair).expectCarried(["INSERT INTO newcomer VALUES (2)"])
    }

    @Test(arguments: [
        "ALTER TABLE item DISABLE TRIGGER USER", "ALTER TABLE item DISABLE TRIGGER switchback_capture_update",
        "DROP TRIGGER switchback_capture_insert ON item; DROP TRIGGER switchback_capture_update ON item",
    ])
    func `capture that was switched off is mended by the next installation, with what passed unseen`(
        sql: String
    ) async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.source.run(Self.rows)
        try await pair.start()
        try await pair.source.run(sql)
        try await pair.source.run("UPDATE item SET v = 'unseen' WHERE id < 5")
        let warnings = try await Installer(pair.cluster).plan().flatMap { $0.steps.compactMap(\.warning) }
        #expect(warnings.first?.contains("switched off") == true)
        try await pair.install()
        try await StatementList(pair: pair).expectEqual(after: "installing again")
        #expect(try await Installer(pair.cluster).plan().allSatisfy { $0.steps.isEmpty })
    }
}
