import Replication
import TestSupport
import Testing

/// What a site and its standby make of `merge` and of counters: a failover, writes that were stranded, and the way back (P4, P5).
@Suite("Rules between a site and its standby (P4, P5)") struct StandbyRuleTests {
    private static let schema = """
        CREATE TABLE item (id int PRIMARY KEY, a text, b text, total bigint NOT NULL DEFAULT 0);
        CREATE TABLE tally (id int PRIMARY KEY, n int NOT NULL);
        """
    private static let rows =
        "INSERT INTO item SELECT g, 'a', 'b', 100 FROM generate_series(1, 5) AS g; INSERT INTO tally VALUES (1, 7)"
    private static let rules = """
            conflict: latest
            overrides:
              public.item: { conflict: merge, counters: [total] }
              public.tally: { counters: [n] }
        """

    private func expect(_ site: TestSite, _ query: String, _ wanted: String) async throws {
        for (node, database) in [("raleigh", site.primary), ("durham", site.secondary)] {
            #expect(try await database.value(query) == wanted, "\(query) at \(node)")
        }
    }

    @Test func `stranded changes of other columns and counts are added to what the standby took`() async throws {
        let site = try await TestSite.make(schema: Self.schema, rows: Self.rows, sync: Self.rules)
        try await site.start()
        try await site.primary.run(
            "UPDATE item SET total = total + 1, a = 'early' WHERE id = 1; UPDATE tally SET n = n + 1")
        try await site.catchUp()
        try await site.expectEqual()
        // Out of reach, it goes on; the standby takes over.
        try await site.primary.run(
            """
            UPDATE item SET total = total + 10, a = 'stranded' WHERE id IN (1, 2); UPDATE tally SET n = n + 10;
            DELETE FROM item WHERE id = 3; INSERT INTO item VALUES (6, 'six', 'raleigh', 5)
            """)
        try await site.fence("durham").open(epoch: 1, reason: "raleigh is gone")
        try await site.secondary.run(
            """
            UPDATE item SET total = total + 100, b = 'new' WHERE id IN (1, 2); UPDATE tally SET n = n + 100;
            UPDATE item SET total = total + 1, b = 'kept' WHERE id = 3; INSERT INTO item VALUES (6, 'six', 'durham', 7)
            """)
        try await site.fence("raleigh").close(epoch: 1, reason: "it is not the active one any more")
        try await site.catchUp()
        try await site.expectEqual()
        try await expect(
            site,
            "SELECT string_agg(concat_ws(' ', id, a, b, total), ', ' ORDER BY id) FROM item WHERE id IN (1, 2, 3, 6)",
            "1 stranded new 211, 2 stranded new 210, 3 a kept 101, 6 six durham 12")
        try await expect(site, "SELECT n FROM tally", "118")
        // And back: what the old primary writes then counts on.
        try await site.fence("durham").close(epoch: 2, reason: "moving back")
        try await site.catchUp()
        try await site.fence("raleigh").open(epoch: 2, reason: "moving back")
        try await site.primary.run(
            "UPDATE tally SET n = n + 1; UPDATE item SET total = total + 1, a = 'back' WHERE id = 1")
        try await site.catchUp()
        try await site.expectEqual()
        try await expect(site, "SELECT n FROM tally", "119")
        try await expect(site, "SELECT concat_ws(' ', a, b, total) FROM item WHERE id = 1", "back new 212")
        try await expect(
            site, "SELECT string_agg(key_values[1], ' ' ORDER BY key_values[1]) FROM switchback.conflict", "3 6")
    }

    @Test func `a standby that joins a site which has counted counts as the site does`() async throws {
        let site = try await TestSite.make(schema: Self.schema, rows: Self.rows, sync: Self.rules)
        try await site.start()
        for round in 1...3 {
            let (old, new) = round % 2 == 1 ? ("raleigh", "durham") : ("durham", "raleigh")
            let writer = new == "durham" ? site.secondary : site.primary
            try await site.fence(old).close(epoch: Int64(round), reason: "moving")
            try await site.catchUp()
            try await site.fence(new).open(epoch: Int64(round), reason: "moving")
            try await writer.run("UPDATE tally SET n = n + 1; UPDATE item SET total = total + 1 WHERE id = 1")
            try await writer.run("DELETE FROM item WHERE id = 2; INSERT INTO item VALUES (2, 'x', 'y', \(round))")
            try await site.catchUp()
        }
        try await site.expectEqual()
        try await expect(site, "SELECT n FROM tally", "10")
        try await expect(site, "SELECT string_agg(total::text, ' ' ORDER BY id) FROM item WHERE id < 3", "103 3")
        try await expect(site, "SELECT count(*) FROM switchback.conflict", "0")
    }
}
