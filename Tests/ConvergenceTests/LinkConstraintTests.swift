import Postgres
import Replication
import Settings
import TestSupport
import Testing

/// P4, P5, P6: what a constraint keeps out along a chain, and one that hands on and is away for long. A middle node that shows a row not at
/// all hands it on all the same.
@Suite("Constraints and absences along a chain (P4, P5, P6)") struct LinkConstraintTests {
    private static let schema = """
        CREATE TABLE item (id int PRIMARY KEY, name text);
        CREATE TABLE person (id int PRIMARY KEY, email text CONSTRAINT one_email UNIQUE, n int);
        CREATE TABLE parent (id int PRIMARY KEY);
        CREATE TABLE child (id int PRIMARY KEY, parent int CONSTRAINT has_parent REFERENCES parent, n int);
        """
    private static let rows = """
        INSERT INTO item SELECT g, 'first' FROM generate_series(1, 5) AS g;
        INSERT INTO parent VALUES (1), (2);
        """
    private static let people = "SELECT string_agg(concat_ws(' ', id, email), ', ' ORDER BY id) FROM person"
    private static let children = "SELECT string_agg(concat_ws(' ', id, n), ', ' ORDER BY id) FROM child"
    private static let kept =
        "SELECT string_agg(table_name || ' ' || key_values[1], ', ' ORDER BY table_name, key_values[1]) FROM switchback.quarantine"
    private static let losers =
        "SELECT string_agg(concat_ws(' ', rule, loser_origin, loser_values[1]), ', ' ORDER BY id) FROM switchback.conflict"

    private static func make() async throws -> TestMasters {
        try await CommonMasters.shared.started(schema: schema, rows: rows, masters: 3, sync: LinkTests.chain)
    }

    private func expect(
        _ place: TestMasters, _ query: String, _ wanted: [String?], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let found = try await place.answers(query)
        #expect(found == wanted, sourceLocation: sourceLocation)
    }

    private func same(_ value: String?) -> [String?] { Array(repeating: value, count: 3) }

    private func settle(_ place: TestMasters) async throws { for _ in 0..<2 { try await place.catchUp() } }

    @Test func `a unique value that both ends give away is shown once, and what one node refuses goes past it`()
        async throws
    {
        let place = try await Self.make()
        let (one, middle, three) = (place.masters[0], place.masters[1], place.masters[2])
        try await one.run("INSERT INTO person VALUES (1, 'a', 1)")
        try await three.run("INSERT INTO person VALUES (2, 'a', 1), (3, 'c', 1)")
        try await settle(place)
        try await expect(place, Self.people, same("2 a, 3 c"))
        try await expect(place, Self.kept, same("person 1"))
        try await expect(place, Self.losers, same("unique one_email m1 1"))
        // It comes back when the other gives the value up, wherever that happens.
        try await middle.run("UPDATE person SET email = 'b' WHERE id = 2")
        try await settle(place)
        try await expect(place, Self.people, same("1 a, 2 b, 3 c"))
        try await expect(place, Self.kept, same(nil))

        // A check that only the middle has: what it keeps out it hands on, and what is made of it at the other end as well.
        try await middle.run("ALTER TABLE person ADD CONSTRAINT positive CHECK (n > 0)")
        try await one.run("INSERT INTO person VALUES (4, 'd', -1)")
        try await settle(place)
        try await expect(place, Self.people, ["1 a, 2 b, 3 c, 4 d", "1 a, 2 b, 3 c", "1 a, 2 b, 3 c, 4 d"])
        try await three.run("UPDATE person SET email = 'e' WHERE id = 4")
        try await settle(place)
        try await expect(place, Self.people, ["1 a, 2 b, 3 c, 4 e", "1 a, 2 b, 3 c", "1 a, 2 b, 3 c, 4 e"])
        try await expect(place, Self.kept, [nil, "person 4", nil])
        try await one.run("UPDATE person SET n = 2 WHERE id = 4")
        try await settle(place)
        try await place.expectEqual()
        try await expect(place, Self.kept, same(nil))
        #expect(try await place.catchUp() == 0, "something comes back")
    }

    @Test func `a child from one end whose parent is deleted at the other is kept out until the parent is back`()
        async throws
    {
        let place = try await Self.make()
        try await place.masters[0].run("INSERT INTO child VALUES (1, 1, 7), (2, 2, 8)")
        try await place.masters[2].run("DELETE FROM parent WHERE id = 1; INSERT INTO parent VALUES (3)")
        // A parent and its child come over the middle together.
        try await place.masters[2].run("INSERT INTO child VALUES (3, 3, 9)")
        try await settle(place)
        try await expect(place, Self.children, same("2 8, 3 9"))
        try await expect(place, Self.kept, same("child 1"))
        try await expect(place, Self.losers, same("foreign has_parent m1 1"))
        // An end that never showed the child brings the parent back.
        try await place.masters[2].run("INSERT INTO parent VALUES (1)")
        try await settle(place)
        try await expect(place, Self.children, same("1 7, 2 8, 3 9"))
        try await expect(place, Self.kept, same(nil))
        try await place.masters[2].run("UPDATE child SET n = 10 WHERE id = 1")
        try await settle(place)
        try await place.expectEqual()
        #expect(try await place.catchUp() == 0, "something comes back")
    }

    /// The ends go on (P6), keep what they write for as long as it takes, and know of nobody what nobody told them; when the middle is
    /// back everything comes to everybody, each conflict is settled once, and nothing is kept any longer.
    @Test func `one that hands on may be away for long`() async throws {
        let place = try await Self.make()
        let (one, three) = (place.masters[0], place.masters[2])
        let ends = [place.stream(0, 1), place.stream(2, 1)]
        let lines = place.yaml.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.hasPrefix("  m2: {") ? "  m2: { dsn: \"host=127.0.0.1 port=1 dbname=gone\" }" : String(line)
        }
        let away = Cluster(try Settings.parse(lines.joined(separator: "\n")))
        for round in 1...3 {
            try await one.run(
                "INSERT INTO item SELECT g, 'm1' FROM generate_series(\(round * 1000), \(round * 1000 + 300)) AS g; UPDATE item SET name = 'm1 \(round)' WHERE id IN (1, 2)"
            )
            try await three.run(
                "INSERT INTO item SELECT g, 'm3' FROM generate_series(\(round * 1000 + 500), \(round * 1000 + 600)) AS g; UPDATE item SET name = 'm3 \(round)' WHERE id IN (2, 3); TRUNCATE child"
            )
            let results = try await CatchUp(away, logger: TestPair.logger).run(
                ends, timeout: .milliseconds(300), allTables: false)
            #expect(results.allSatisfy { !$0.isCaughtUp }, "\(results)")
        }
        // Neither end has forgotten what the other has not seen.
        for end in [one, three] {
            let deltas =
                "SELECT sum(pg_relation_size(delta_a) + pg_relation_size(delta_b)) FROM switchback.replicated_table"
            #expect(try await end.value(deltas) != "0")
        }
        try await settle(place)
        try await place.expectEqual()
        try await expect(
            place, "SELECT string_agg(concat_ws(' ', id, name), ', ' ORDER BY id) FROM item WHERE id < 6",
            same("1 m1 3, 2 m3 3, 3 m3 3, 4 first, 5 first"))
        try await expect(place, "SELECT count(*) FROM item", same("1211"))
        // Of what the ends wrote over themselves nothing is told.
        try await expect(
            place,
            "SELECT string_agg(concat_ws(' ', key_values[1], winner_origin, loser_values[2]), ', ') FROM switchback.conflict",
            same("2 m3 m1 3"))
        #expect(try await place.catchUp() == 0, "something comes back")
        try await expectNothingKept(place)
    }

    private func expectNothingKept(_ place: TestMasters) async throws {
        let kept =
            "SELECT sum(pg_relation_size(delta_a) + pg_relation_size(delta_b)) + (SELECT count(*) FROM switchback.version_1) FROM switchback.replicated_table"
        let isNothingKept = try await eventually {
            _ = try await place.carryEach()
            return try await place.answers(kept) == same("0")
        }
        #expect(isNothingKept)
    }
}
