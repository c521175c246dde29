import Foundation
import TestSupport
import Testing

/// `conflicts list | show | restore`, as somebody types them.
@Suite("switchback conflicts") struct ConflictsCommandTests {
    private struct Place {
        let folder: String

        func run(
            _ status: Int32, _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
        ) async throws -> Program.Outcome {
            let outcome = try await Program.run(arguments, in: folder)
            #expect(
                outcome.status == status, "\(arguments): \(outcome.output)\(outcome.errors)",
                sourceLocation: sourceLocation)
            return outcome
        }

        /// The keys of the rows of which `list` tells with these words, in order.
        func keys(_ words: String...) async throws -> [String] {
            let outcome = try await Program.run(["conflicts", "list", "--json"] + words, in: folder)
            #expect(outcome.status == 0, "\(words): \(outcome.errors)")
            let lines = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]]
            return try #require(lines).compactMap { ($0["key"] as? [String: Any])?["id"] as? String }.sorted()
        }
    }

    /// A conflict in each of two tables, and one that a deletion lost.
    private static func disagree(_ masters: TestMasters) async throws {
        for (index, node) in masters.masters.enumerated() {
            try await node.run("UPDATE item SET name = 'm\(index + 1)' WHERE id = 1")
            try await node.run("UPDATE note SET body = 'm\(index + 1)' WHERE id = 7")
        }
        try await masters.masters[0].run("DELETE FROM item WHERE id = 2")
        try await masters.masters[1].run("UPDATE item SET name = 'later' WHERE id = 2")
    }

    @Test func `what lost is listed and chosen from, shown column by column, and written again`() async throws {
        let masters = try await TestMasters.make(
            schema:
                "CREATE TABLE item (id int PRIMARY KEY, name text, n int DEFAULT 0); CREATE TABLE note (id int PRIMARY KEY, body text)",
            rows:
                "INSERT INTO item VALUES (1, 'first'), (2, 'first'), (3, 'first'); INSERT INTO note VALUES (7, 'first')"
        )
        try await masters.start()
        let place = Place(folder: try Program.folder(masters.yaml))
        #expect(try await place.run(0, "conflicts", "list").output == "no conflicts\n")
        try await Self.disagree(masters)
        _ = try await place.run(0, "sync")
        // So that the last one can be told by its time.
        let pause = try #require(
            try await masters.masters[0].value(
                "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"))
        for (index, node) in masters.masters.enumerated() {
            try await node.run("UPDATE item SET name = 'm\(index + 1)' WHERE id = 3")
        }
        _ = try await place.run(0, "sync")
        #expect(try await place.keys() == ["1", "2", "3", "7"])
        #expect(try await place.keys("--table", "public.item") == ["1", "2", "3"])
        #expect(try await place.keys("--since", pause) == ["3"])
        #expect(try await place.keys("--until", pause) == ["1", "2", "7"])
        #expect(try await place.keys("--node", "m1", "--table", "public.note") == ["7"])
        #expect(try await place.keys("--node", "nobody") == [])
        #expect(try await place.keys("--limit", "1").count == 1)
        #expect(try await place.run(2, "conflicts", "list", "nosync").errors.contains("nosync"))
        #expect(try await place.run(2, "conflicts", "list", "--limit", "0").errors.contains("--limit"))
        try await show(place)
        try await restore(place, masters)
    }

    private func id(_ place: Place, _ key: String) async throws -> String {
        let listed = try await place.run(0, "conflicts", "list", "--json", "--table", "public.item")
        let lines = try #require(try JSONSerialization.jsonObject(with: Data(listed.output.utf8)) as? [[String: Any]])
        return try #require(
            lines.first { ($0["key"] as? [String: Any])?["id"] as? String == key }?["id"] as? String, "\(lines)")
    }

    private func show(_ place: Place) async throws {
        let shown = try await place.run(0, "conflicts", "show", try await id(place, "1"))
        #expect(shown.output.contains("public.item (id 1): the version of m1 lost to m2's"), "\(shown.output)")
        #expect(shown.output.contains("found at m1, m2, by rule latest"), "\(shown.output)")
        #expect(shown.output.contains("  ≠ name: m2  instead of  m1\n"), "\(shown.output)")
        #expect(shown.output.contains("    id: 1\n") && shown.output.contains("    n: 0\n"), "\(shown.output)")
        let deletion = try await place.run(0, "conflicts", "show", try await id(place, "2"))
        #expect(deletion.output.contains("the deletion of m1 lost to m2's"), "\(deletion.output)")
        #expect(deletion.output.contains("name: later  instead of  (deleted)"), "\(deletion.output)")
        #expect(
            try await place.run(2, "conflicts", "show", "nothing").errors.contains("no conflict has the id nothing"))
    }

    private func restore(_ place: Place, _ masters: TestMasters) async throws {
        let first = try await id(place, "1")
        let tried = try await place.run(0, "conflicts", "restore", first, "--dry-run")
        #expect(tried.output.contains("would be written at m1, as m1 had it"), "\(tried.output)")
        #expect(try await masters.answers("SELECT name FROM item WHERE id = 1") == ["m2", "m2"])
        #expect(try await place.run(2, "conflicts", "restore", first, "--at", "m9").errors.contains("no source"))
        #expect(try await place.run(0, "conflicts", "restore", first, "--at", "m2").output.contains("written at m2"))
        let second = try await id(place, "2")
        #expect(try await place.run(0, "conflicts", "restore", second).output.contains("deleted at m1"))
        _ = try await place.run(0, "sync")
        #expect(try await masters.answers("SELECT name FROM item WHERE id = 1") == ["m1", "m1"])
        #expect(try await masters.answers("SELECT count(*) FROM item WHERE id = 2") == ["0", "0"])
        try await masters.expectEqual()
        // What was written again is a change like any other, and no conflict.
        #expect(try await place.keys("--table", "public.item") == ["1", "2", "3"])
    }
}
