import Replication
import TestSupport
import Testing

/// What three sources write alike, none having heard of another, is one write and no conflict, under any rule; and whoever changes it next changes it for
/// all (P4, P5).
@Suite("Equal writes at several masters (P4, P5)") struct EqualWriteTests {
    private func expect(_ masters: TestMasters, _ wanted: String?, _ comment: Comment) async throws {
        try await masters.catchUp()
        try await masters.expectEqual(comment)
        let shown = "SELECT string_agg(concat_ws(' ', id, name, n), ', ' ORDER BY id) FROM item"
        #expect(try await masters.answers(shown) == [wanted, wanted, wanted], comment)
        #expect(try await masters.answers("SELECT count(*) FROM switchback.conflict") == ["0", "0", "0"], comment)
        #expect(try await masters.catchUp() == 0, comment)
    }

    @Test(arguments: ["latest", "earliest", "merge", "hold", "{ prefer: [m3, m1] }"])
    func `the same row, change and deletion at three nodes is no conflict`(_ rule: String) async throws {
        let masters = try await TestMasters.make(
            schema: "CREATE TABLE item (id int PRIMARY KEY, name text UNIQUE, n numeric)",
            rows: "INSERT INTO item VALUES (1, 'one', 1), (2, 'two', 2)", masters: 3, sync: "    conflict: \(rule)")
        try await masters.start()
        for node in masters.masters {
            try await node.run(
                "INSERT INTO item VALUES (100, 'same', 7.50); UPDATE item SET n = 9 WHERE id = 1; DELETE FROM item WHERE id = 2"
            )
        }
        try await expect(masters, "1 one 9, 100 same 7.50", "written alike")
        try await masters.masters[2].run("UPDATE item SET n = n + 1")
        try await expect(masters, "1 one 10, 100 same 8.50", "written on")
        try await masters.masters[0].run("DELETE FROM item WHERE id = 1; UPDATE item SET id = 101 WHERE id = 100")
        try await expect(masters, "101 same 8.50", "moved and deleted")
        for node in masters.masters { try await node.run("UPDATE item SET id = 102, name = 'moved' WHERE id = 101") }
        try await expect(masters, "102 moved 8.50", "moved alike")
        for node in masters.masters { try await node.run("TRUNCATE item; INSERT INTO item VALUES (1, 'new', 1)") }
        try await expect(masters, "1 new 1", "filled anew alike")
    }
}
