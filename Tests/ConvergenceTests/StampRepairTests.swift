import Foundation
import Replication
import TestSupport
import Testing

/// Masters that differ, though nobody told their streams of it, are made equal row by row: the version with the highest stamp that any of
/// them knows is right, a deletion being one, and nothing is overwritten that is not kept (P4, P5).
@Suite("Repair by stamps (P4, P5)") struct StampRepairTests {
    private static let past = "SET session_replication_role = replica; "

    private func command(_ masters: TestMasters, _ arguments: String...) async throws -> Program.Outcome {
        let folder = try Program.folder(masters.yaml)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await Program.run(arguments, in: folder)
    }

    @Test func `each row becomes what the node with the highest stamp has, and what no stamp tells of is left`()
        async throws
    {
        let masters = try await TestMasters.make(
            schema: "CREATE TABLE item (name text, id int PRIMARY KEY)",
            rows: "INSERT INTO item SELECT 'old', g FROM generate_series(1, 9) AS g", masters: 3, targets: 1,
            sync: "    conflict: { prefer: [m3] }")
        try await masters.start()
        let nodes = masters.masters
        #expect(try await command(masters, "repair", "main", "--by-stamps").status == 0)
        // What is written now is known with its stamps as long as a node has not heard that all have it.
        try await nodes[0].run("UPDATE item SET name = 'first' WHERE id IN (1, 2); DELETE FROM item WHERE id = 3")
        try await nodes[1].run("UPDATE item SET name = 'second' WHERE id = 4; INSERT INTO item VALUES ('new', 20)")
        try await masters.catchUp(masters.streams.filter { $0.receiver != "m3" })
        try await masters.catchUp(masters.streams.filter { $0.receiver == "m3" })
        // Behind everybody's back: at the third, at the first, at a target; and a row that everybody had from the beginning.
        try await nodes[2].run(
            Self.past + "UPDATE item SET name = 'wrong' WHERE id IN (1, 4); INSERT INTO item VALUES ('ghost', 3)")
        try await nodes[0].run(Self.past + "DELETE FROM item WHERE id = 20")
        try await masters.targets[0].run(Self.past + "UPDATE item SET name = 'stray' WHERE id = 7")
        try await nodes[1].run(Self.past + "UPDATE item SET name = 'whose' WHERE id = 9")

        let dry = try await command(masters, "repair", "main", "--by-stamps", "--dry-run")
        #expect(dry.status == 3 && dry.output.contains("would be mended"), "\(dry.output) \(dry.errors)")
        #expect(try await masters.answers("SELECT count(*) FROM switchback.history").allSatisfy { $0 == "0" })
        let repair = try await command(masters, "repair", "main", "--by-stamps")
        #expect(repair.status == 3, "\(repair.output) \(repair.errors)")
        #expect(
            repair.output.contains("1 rows left as they are") && repair.output.contains("--from NODE"),
            "\(repair.output)")
        let shown = "SELECT string_agg(id || ' ' || name, ', ' ORDER BY id) FROM item WHERE id <> 9"
        #expect(
            try await masters.answers(shown)
                == Array(repeating: "1 first, 2 first, 4 second, 5 old, 6 old, 7 old, 8 old, 20 new", count: 4))
        #expect(try await masters.answers("SELECT name FROM item WHERE id = 9") == ["old", "whose", "old", "old"])
        let kept = "SELECT string_agg(row_values::text, ' ' ORDER BY row_values[2]::int) FROM switchback.history"
        #expect(try await masters.answers(kept) == [nil, nil, "{wrong,1} {ghost,3} {wrong,4}", "{stray,7}"])

        let named = try await command(masters, "repair", "main", "--from", "m1")
        #expect(named.status == 0, "\(named.errors)")
        for _ in 0..<2 { try await masters.catchUp() }
        try await masters.expectEqual()
        let again = try await command(masters, "repair", "--by-stamps", "--json")
        #expect(again.status == 0 && again.output.contains("\"identical\" : true"), "\(again.output)")
    }

    @Test func `it is for several sources, and no answer beside a named node`() async throws {
        let masters = try await TestMasters.make(
            schema: "CREATE TABLE item (id int PRIMARY KEY)", masters: 1, targets: 1)
        let one = try await command(masters, "repair", "--by-stamps")
        #expect(one.status == 2 && one.errors.contains("has one source"), "\(one.errors)")
        let both = try await command(masters, "repair", "--by-stamps", "--from", "m1")
        #expect(both.status == 2 && both.errors.contains("give one of them"), "\(both.errors)")
    }

    /// What a node hands on stands in its deltas beside its own changes, and not every source is compared with the next.
    @Test func `a sync with links is refused before anything is asked`() async throws {
        let nodes = ["m1", "m2", "m3"].map { "  \($0): { dsn: \"host=127.0.0.1 port=1\" }\n" }.joined()
        let folder = try Program.folder(
            "cluster: test\nnodes:\n\(nodes)syncs:\n  main:\n    nodes: { m1: source, m2: source, m3: source }\n"
                + "    tables: [\"public.*\"]\n    links: [[m1, m2], [m2, m3]]\n")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let outcome = try await Program.run(["repair", "main", "--by-stamps"], in: folder)
        #expect(outcome.status == 2 && outcome.errors.contains("sync main has links"), "\(outcome)")
    }
}
