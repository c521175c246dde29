import Postgres
import Replication
import TestSupport
import Testing

/// A node that has no room left: what cannot be written there waits and says why, the other direction goes on, and when there is room again nothing
/// is missing and nothing is there twice (P1, P2, P6, P7).
@Suite("A full disk between masters (P1, P2, P6, P7)") struct FullDiskTests {
    /// What has no room.
    struct Place: Sendable, CustomTestStringConvertible {
        let table: String
        var event = "INSERT OR UPDATE"
        /// Which rows need room; nil for all.
        var condition: String?
        /// At the end that sends. Otherwise at the one that receives, for what a batch writes and not for what applications do.
        var isAtSource = false

        var testDescription: String { table }

        /// Has writes fail as a full disk has them fail.
        var fill: String {
            let when = condition.map { "WHEN (\($0)) " } ?? ""
            return """
                CREATE SCHEMA planted;
                \(Self.full)
                CREATE TRIGGER planted BEFORE \(event) ON \(table) FOR EACH ROW \(when)EXECUTE FUNCTION planted.write();
                ALTER TABLE \(table) ENABLE \(isAtSource ? "" : "REPLICA ")TRIGGER planted;
                """
        }

        /// Makes room. Nobody waits for a lock.
        static let free = function("RETURN NEW;")
        private static let full = function(
            "RAISE EXCEPTION USING ERRCODE = 'disk_full', MESSAGE = 'could not extend file: No space left on device';")

        private static func function(_ body: String) -> String {
            "CREATE OR REPLACE FUNCTION planted.write() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \(body) END $$;"
        }
    }

    static let places = [
        Place(table: "public.item"), Place(table: "switchback.version_1"), Place(table: "switchback.counter_1"),
        Place(table: "switchback.conflict"),
        Place(table: "switchback.cursor", event: "UPDATE", condition: "NEW.batch > OLD.batch"),
        Place(table: "switchback.receiver", event: "UPDATE", condition: "NEW.batch > OLD.batch", isAtSource: true),
    ]

    private static func masters() async throws -> TestMasters {
        try await CommonMasters.shared.started(
            schema: "CREATE TABLE item (id int PRIMARY KEY, name text, total int NOT NULL DEFAULT 0)",
            rows: "INSERT INTO item SELECT g, 'first', 10 FROM generate_series(1, 3) AS g",
            sync: "    overrides: { public.item: { counters: [total] } }")
    }

    private static let state = "SELECT string_agg(concat_ws(' ', id, name, total), ', ' ORDER BY id) FROM item"

    private func arrives(_ ids: String, at node: TestDatabase) async throws -> Bool {
        try await eventually { try await node.value("SELECT count(*) FROM item WHERE id IN (\(ids))") == "2" }
    }

    @Test(arguments: places) func `one direction waits until there is room, the other goes on`(_ place: Place)
        async throws
    {
        let masters = try await Self.masters()
        let (one, two) = (masters.masters[0], masters.masters[1])
        // A conflict, a counter and a row of each, before anything is carried.
        try await one.run(
            "UPDATE item SET name = 'm1', total = total + 1 WHERE id = 1; INSERT INTO item VALUES (10, 'm1', 5)")
        try await two.run(
            "UPDATE item SET name = 'm2', total = total + 2 WHERE id = 1; INSERT INTO item VALUES (20, 'm2', 7)")
        let full = place.isAtSource ? one : two
        try await full.run(place.fill)
        try await masters.withEngine {
            #expect(try await masters.stops(0, 1, "No space left on device", "53100"))
            // Where the sender cannot be told, the rows arrive, and then arrive again.
            let hint = "mend what the message says at m2 or m1"
            #expect(try await eventually { try await masters.stopHint(0, 1)?.contains(hint) == true })
            try await two.run("UPDATE item SET total = total + 10 WHERE id = 2; INSERT INTO item VALUES (21, 'm2', 7)")
            #expect(try await arrives("20, 21", at: one))
            #expect(try await masters.stopReason(1, 0) == nil)
            try await one.run("UPDATE item SET total = total + 100 WHERE id = 3; INSERT INTO item VALUES (11, 'm1', 5)")
            if !place.isAtSource {
                #expect(try await two.value("SELECT count(*) FROM item WHERE id IN (10, 11)") == "0")
            }
            try await full.run(Place.free)
            #expect(try await arrives("10, 11", at: two))
            #expect(try await masters.moves(0, 1))
        }
        for _ in 0..<2 { try await masters.catchUp() }
        try await masters.expectEqual()
        let wanted = "1 m2 13, 2 first 20, 3 first 110, 10 m1 5, 11 m1 5, 20 m2 7, 21 m2 7"
        #expect(try await masters.answers(Self.state) == [wanted, wanted])
        let lost = "SELECT string_agg(loser_origin || ' ' || loser_values[2], ', ') FROM switchback.conflict"
        #expect(try await masters.answers(lost) == ["m1 m1", "m1 m1"])
        #expect(try await masters.answers("SELECT count(*) FROM switchback.quarantine") == ["0", "0"])
        #expect(try await masters.catchUp() == 0, "something comes back")
    }

    @Test func `a write that cannot be captured for want of room is refused whole, and what others wrote comes in`()
        async throws
    {
        let masters = try await Self.masters()
        let (one, two) = (masters.masters[0], masters.masters[1])
        // Transactions take turns with the two.
        try await one.run(Place(table: "switchback.delta_1_a", isAtSource: true).fill)
        try await one.run(
            "CREATE TRIGGER planted BEFORE INSERT ON switchback.delta_1_b FOR EACH ROW EXECUTE FUNCTION planted.write()"
        )
        let before = try await one.value(Self.state)
        for statement in [
            "UPDATE item SET total = total + 1 WHERE id = 1", "INSERT INTO item VALUES (10, 'm1', 5)",
            "DELETE FROM item WHERE id = 2", "UPDATE item SET id = 30 WHERE id = 3", "TRUNCATE item",
        ] {
            #expect(try await one.failure(statement)?.sqlState == "53100", "\(statement)")
            #expect(try await one.value(Self.state) == before, "\(statement)")
        }
        try await two.run("UPDATE item SET total = total + 2 WHERE id = 1; INSERT INTO item VALUES (20, 'm2', 7)")
        try await masters.catchUp()
        try await masters.expectEqual()
        try await one.run(Place.free)
        try await one.run("UPDATE item SET total = total + 1 WHERE id = 1")
        try await masters.catchUp()
        try await masters.expectEqual()
        let wanted = "1 first 13, 2 first 10, 3 first 10, 20 m2 7"
        #expect(try await masters.answers(Self.state) == [wanted, wanted])
    }

    @Test func `commands tell of it, and when there is room the next one does the work`() async throws {
        let masters = try await Self.masters()
        let place = Place(table: "public.item")
        try await masters.masters[1].run(place.fill)
        try await masters.masters[0].run("UPDATE item SET name = 'm1' WHERE id = 1")
        let sync = try await masters.program("sync", "--timeout", "3")
        #expect(sync.status == 3 && (sync.output + sync.errors).contains("No space left on device"), "\(sync)")
        let status = try await masters.program("status")
        #expect(status.status == 3 && status.output.contains("No space left on device"), "\(status.output)")
        #expect(try await masters.masters[1].value("SELECT name FROM item WHERE id = 1") == "first")
        try await masters.masters[1].run(Place.free)
        let again = try await masters.program("sync", "--timeout", "30")
        #expect(again.status == 0, "\(again.output) \(again.errors)")
        try await masters.expectEqual()
    }
}
