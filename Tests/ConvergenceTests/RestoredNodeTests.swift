import LocalCluster
import Programs
import Replication
import TestSupport
import Testing

/// A source that is put back to an earlier moment is told of, with what mends it. Nothing goes to it or comes from it until then, and afterwards
/// all are equal: what the others had is there, and what the restored one took meanwhile is kept (P2, P4, P5, P6).
@Suite("Sources that are restored (P2, P4, P5, P6)") struct RestoredNodeTests {
    private static let schema = "CREATE TABLE item (id int PRIMARY KEY, name text)"
    private static let rows = "INSERT INTO item SELECT g, 'first' FROM generate_series(1, 8) AS g"
    private static let shown = "SELECT string_agg(id || ' ' || name, ', ' ORDER BY id) FROM item"
    private static let remedy = "switchback copy main --from m1 --to m2 --repair"
    /// The rows that the restored node took, wherever they are: shown, overwritten by the repair, or among what lost.
    private static let late = """
        SELECT string_agg(DISTINCT id, ' ' ORDER BY id) FROM (
            SELECT id::text FROM item WHERE name = 'late'
            UNION ALL SELECT row_values[1] FROM switchback.history WHERE row_values[2] = 'late'
            UNION ALL SELECT loser_values[1] FROM switchback.conflict WHERE loser_values[2] = 'late') AS kept
        """

    private func mend(_ masters: TestMasters) async throws {
        let outcome = try await masters.program("copy", "main", "--from", "m1", "--to", "m2", "--repair")
        #expect(outcome.status == 0, "\(outcome.output) \(outcome.errors)")
    }

    private func settle(_ masters: TestMasters) async throws {
        for _ in 0..<2 { try await masters.catchUp() }
        try await masters.expectEqual()
    }

    @Test func `what the others have, deletions as well, outlives the restore of one`() async throws {
        let masters = try await CommonMasters.shared.started(
            schema: Self.schema, rows: Self.rows, masters: 3, targets: 1)
        let (one, two, three) = (masters.masters[0], masters.masters[1], masters.masters[2])
        let earlier = try await EarlierDatabase.keep(1, of: masters)
        try await one.run(
            "UPDATE item SET name = 'm1' WHERE id = 1; DELETE FROM item WHERE id = 2; INSERT INTO item VALUES (11, 'm1')"
        )
        try await two.run(
            "UPDATE item SET name = 'm2' WHERE id = 3; DELETE FROM item WHERE id = 4; INSERT INTO item VALUES (12, 'm2')"
        )
        try await three.run("UPDATE item SET name = 'm3' WHERE id = 5; INSERT INTO item VALUES (13, 'm3')")
        try await settle(masters)

        try await earlier.restore()
        // It is written before anybody knows.
        try await two.run(
            """
            UPDATE item SET name = 'late' WHERE id IN (1, 6); DELETE FROM item WHERE id = 7;
            INSERT INTO item VALUES (14, 'late');
            """)
        try await one.run("UPDATE item SET name = 'on' WHERE id = 8")
        for result in try await masters.tryToCatchUp(within: .seconds(10)) {
            let ends = [result.stream.source, result.stream.receiver]
            #expect(result.isCaughtUp != ends.contains("m2"), "\(result)")
            guard ends.contains("m2") else { continue }
            #expect(result.reason?.contains("m2 was restored from an older backup") == true, "\(result)")
        }
        let wanted = "1 m1, 3 m2, 5 m3, 6 first, 7 first, 8 on, 11 m1, 12 m2, 13 m3"
        for node in [one, three, masters.targets[0]] { #expect(try await node.value(Self.shown) == wanted) }

        try await mend(masters)
        try await settle(masters)
        #expect(try await masters.answers(Self.shown) == [wanted, wanted, wanted, wanted])
        #expect(try await two.value(Self.late) == "1 14 6")

        // From here on it is a node like the others.
        try await two.run("UPDATE item SET name = 'again' WHERE id = 1; DELETE FROM item WHERE id = 11")
        try await three.run("UPDATE item SET name = 'again' WHERE id = 12")
        try await settle(masters)
        #expect(
            try await masters.answers("SELECT string_agg(id::text, ' ' ORDER BY id) FROM item WHERE name = 'again'")
                == ["1 12", "1 12", "1 12", "1 12"])
    }

    /// A target gives nobody its rows.
    @Test func `every stream of a restored source names a command that there is`() async throws {
        let masters = try await CommonMasters.shared.started(schema: Self.schema, rows: Self.rows, targets: 1)
        let earlier = try await EarlierDatabase.keep(1, of: masters)
        for (index, node) in masters.masters.enumerated() {
            try await node.run("UPDATE item SET name = 'on' WHERE id = \(index + 1)")
        }
        try await settle(masters)
        try await earlier.restore()
        for result in try await masters.tryToCatchUp(within: .seconds(10)) {
            let words = (result.reason ?? "").split { $0 == " " || $0 == "\"" }
            for (word, next) in zip(words, words.dropFirst()) where word == "--from" {
                #expect(["m1", "m2"].contains(next), "\(result)")
            }
        }
    }

    /// It counts on from where it was, and gives its sums the numbers that others know with other values.
    ///
    /// - Parameter times: how often it counted before it was made equal.
    @Test(arguments: [0, 1, 2]) func `counters come to what was counted, whatever a restored node counts`(_ times: Int)
        async throws
    {
        let masters = try await CommonMasters.shared.started(
            schema: "CREATE TABLE item (id int PRIMARY KEY, total int NOT NULL)",
            rows: "INSERT INTO item VALUES (1, 100), (2, 100)",
            sync: "    overrides: { public.item: { counters: [total] } }")
        let earlier = try await EarlierDatabase.keep(1, of: masters)
        try await masters.masters[0].run("UPDATE item SET total = total + 10 WHERE id = 1")
        try await masters.masters[1].run("UPDATE item SET total = total + 5 WHERE id = 1")
        try await settle(masters)
        try await earlier.restore()
        for _ in 0..<times { try await masters.masters[1].run("UPDATE item SET total = total + 7 WHERE id = 1") }
        try await mend(masters)
        try await settle(masters)
        let total = "SELECT total FROM item WHERE id = 1"
        #expect(try await masters.answers(total) == ["115", "115"])
        for node in masters.masters { try await node.run("UPDATE item SET total = total + 1") }
        try await settle(masters)
        #expect(try await masters.answers(total) == ["117", "117"])
    }

    /// By its own stream such a node cannot be told from one that was never restored: it goes on, and what it writes is weighed against what it has
    /// forgotten.
    @Test(arguments: ["latest", "merge"]) func `one that had only received since overwrites nothing`(_ rule: String)
        async throws
    {
        let masters = try await CommonMasters.shared.started(
            schema: "CREATE TABLE item (id int PRIMARY KEY, a text, b text)",
            rows: "INSERT INTO item VALUES (1, 'first', 'first'), (2, 'first', 'first')", sync: "    conflict: \(rule)")
        let (one, two) = (masters.masters[0], masters.masters[1])
        let earlier = try await EarlierDatabase.keep(1, of: masters)
        try await one.run("UPDATE item SET a = 'm1'")
        for _ in 0..<2 { try await masters.carry(0, to: 1) }
        try await earlier.restore()
        try await two.run("UPDATE item SET b = 'm2' WHERE id = 1")
        let there = try await masters.tryToCatchUp(within: .seconds(8)).of("m1", "m2")
        #expect(there?.isCaughtUp == false && there?.reason?.contains(Self.remedy) == true, "\(there as Any)")
        try await mend(masters)
        try await settle(masters)
        #expect(try await masters.answers("SELECT a FROM item WHERE id = 2") == ["m1", "m1"])
        // Column by column both are shown; otherwise what is not shown is kept.
        let kept = """
            SELECT count(*) FROM (
                SELECT 1 FROM item WHERE id = 1 AND a = 'm1'
                UNION ALL SELECT 1 FROM switchback.conflict WHERE key_values = '{1}' AND 'm1' = ANY (loser_values)) AS k
            """
        #expect(try await one.value(kept) != "0")
        if rule == "merge" {
            #expect(try await masters.answers("SELECT a FROM item WHERE id = 1") == ["m1", "m1"])
        }
    }

    @Test func `one that is restored while all is carried gets what the others write meanwhile`() async throws {
        let masters = try await CommonMasters.shared.started(schema: Self.schema, rows: Self.rows)
        let (one, two) = (masters.masters[0], masters.masters[1])
        let earlier = try await EarlierDatabase.keep(1, of: masters)
        try await masters.withEngine {
            try await two.run("INSERT INTO item VALUES (500, 'theirs')")
            #expect(try await eventually { try await one.value("SELECT name FROM item WHERE id = 500") == "theirs" })
            // The source was told, and the receiver knows that it was.
            let isTold = "SELECT batch = acknowledged_batch FROM switchback.cursor WHERE source = 'm2'"
            #expect(try await eventually { try await one.value(isTold) == "t" })
            async let writing: Void = Self.write(to: one, 1000..<1100)
            try await Task.sleep(for: .milliseconds(300))
            try await earlier.restore()
            try await two.run("INSERT INTO item VALUES (600, 'late')")
            #expect(try await masters.stops(1, 0, "m2 was restored from an older backup"))
            #expect(try await masters.stopHint(1, 0)?.contains(Self.remedy) == true)
            #expect(try await one.value("SELECT count(*) FROM item WHERE id = 600") == "0")
            try await mend(masters)
            try await writing
            // The engine goes on by itself.
            #expect(
                try await eventually { try await two.value("SELECT count(*) FROM item WHERE id >= 1000") == "100" })
            try await two.run("INSERT INTO item VALUES (700, 'again')")
            #expect(try await eventually { try await one.value("SELECT name FROM item WHERE id = 700") == "again" })
        }
        try await settle(masters)
        #expect(try await masters.answers("SELECT name FROM item WHERE id = 500") == ["theirs", "theirs"])
        #expect(try await masters.answers("SELECT count(*) FROM item WHERE id >= 1000") == ["100", "100"])
        #expect(try await two.value(Self.late) == "600")
    }

    private static func write(to node: TestDatabase, _ ids: Range<Int>) async throws {
        for id in ids {
            try await node.run("INSERT INTO item VALUES (\(id), 'on')")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// A dump brings along what the schema `switchback` said of another database.
    @Test func `one that comes back from a dump is told of, and mended by what is said`() async throws {
        let masters = try await CommonMasters.shared.started(schema: Self.schema, rows: Self.rows)
        let (one, two) = (masters.masters[0], masters.masters[1])
        let file = try Program.folder() + "/dump"
        let tools = two.server.installation.binDirectory
        try await Self.run(["\(tools)/pg_dump", "-Fc", "-f", file, "-d", two.dsn])
        try await one.run("UPDATE item SET name = 'm1' WHERE id = 1; DELETE FROM item WHERE id = 2")
        try await two.run("UPDATE item SET name = 'm2' WHERE id = 3; INSERT INTO item VALUES (12, 'm2')")
        try await settle(masters)
        let wanted = try await one.value(Self.shown)

        let server = TestDatabase(server: two.server, name: "postgres")
        try await server.run("DROP DATABASE \(two.name)")
        try await server.run("CREATE DATABASE \(two.name)")
        try await Self.run(["\(tools)/pg_restore", "-d", two.dsn, file])
        try await two.run("UPDATE item SET name = 'late' WHERE id = 1; INSERT INTO item VALUES (14, 'late')")
        let results = try await masters.tryToCatchUp(within: .seconds(10))
        let (there, back) = (results.of("m1", "m2"), results.of("m2", "m1"))
        #expect(there?.isCaughtUp == false && back?.isCaughtUp == false, "\(results)")
        #expect(
            back?.reason?.contains("the database at m2 is a copy of the one that was installed there") == true
                && back?.reason?.contains("DROP SCHEMA switchback CASCADE") == true, "\(results)")
        #expect(try await one.value(Self.shown) == wanted)
        let refused = try await masters.program("copy", "main", "--from", "m1", "--to", "m2", "--repair")
        #expect(refused.status != 0 && refused.errors.contains("DROP SCHEMA switchback CASCADE"), "\(refused.errors)")

        try await two.run("DROP SCHEMA switchback CASCADE")
        try await Installer(masters.cluster).install { _ in }
        try await mend(masters)
        try await settle(masters)
        #expect(try await masters.answers(Self.shown) == [wanted, wanted])
        #expect(try await two.value(Self.late) == "1 14")
        for (index, node) in masters.masters.enumerated() {
            try await node.run("UPDATE item SET name = 'again' WHERE id = \(index + 3)")
        }
        try await settle(masters)
        #expect(try await masters.answers("SELECT count(*) FROM item WHERE name = 'again'") == ["2", "2"])
    }

    private static func run(_ command: [String]) async throws {
        let outcome = try await ExternalProgram(command).run(limit: .seconds(120))
        try #require(outcome.ending == .exited(0), "\(command): \(outcome.output) \(outcome.errors)")
    }

    /// What is known of such a node lies beyond those that it is linked with.
    @Test func `along links one is told to come back under another name, and does`() async throws {
        let masters = try await CommonMasters.shared.started(
            schema: Self.schema, rows: Self.rows, masters: 3, sync: LinkTests.chain)
        let (one, two, three) = (masters.masters[0], masters.masters[1], masters.masters[2])
        let earlier = try await EarlierDatabase.keep(2, of: masters)
        try await three.run("UPDATE item SET name = 'm3' WHERE id = 1; INSERT INTO item VALUES (13, 'm3')")
        try await one.run("UPDATE item SET name = 'm1' WHERE id = 2")
        try await settle(masters)
        try await earlier.restore()
        try await three.run("UPDATE item SET name = 'late' WHERE id = 1")
        try await one.run("UPDATE item SET name = 'm1' WHERE id = 3")
        let results = try await masters.tryToCatchUp(within: .seconds(10))
        #expect(results.of("m1", "m2")?.isCaughtUp == true && results.of("m2", "m1")?.isCaughtUp == true, "\(results)")
        for result in [results.of("m2", "m3"), results.of("m3", "m2")] {
            #expect(result?.reason?.contains("m3 was restored from an older backup") == true, "\(results)")
        }
        let wanted = "1 m3, 2 m1, 3 m1, 4 first, 5 first, 6 first, 7 first, 8 first, 13 m3"
        for node in [one, two] { #expect(try await node.value(Self.shown) == wanted) }
        let refused = try await masters.program("copy", "main", "--from", "m2", "--to", "m3", "--repair")
        #expect(
            refused.status == 2 && refused.errors.contains("cannot begin anew in a sync with links")
                && refused.errors.contains("under another name"), "\(refused.errors)")

        let left = masters.yaml.split(separator: "\n").filter { !$0.hasPrefix("  m3:") }.joined(separator: "\n")
            .replacing(", m3: source", with: "").replacing("[[m1, m2], [m2, m3]]", with: "[[m1, m2]]")
        try await Installer(TestMasters(masters: [one, two], targets: [], yaml: left).cluster).install { _ in }
        try await three.run("DROP SCHEMA switchback CASCADE")
        let yaml = left.replacing("m2: source", with: "m2: source, m4: source")
            .replacing("nodes:\n  m1", with: "nodes:\n  m4: { dsn: \"\(three.dsn)\" }\n  m1")
            .replacing("[[m1, m2]]", with: "[[m1, m2], [m2, m4]]")
        let grown = try TestMasters(masters: [one, two, three], targets: [], yaml: yaml)
        try await Installer(grown.cluster).install { _ in }
        let copied = try await grown.program("copy", "main", "--from", "m2", "--to", "m4", "--repair")
        #expect(copied.status == 0, "\(copied.output) \(copied.errors)")
        try await settle(grown)
        #expect(try await grown.answers(Self.shown) == [wanted, wanted, wanted])
        #expect(try await three.value(Self.late) == "1")
        try await three.run("UPDATE item SET name = 'again' WHERE id = 1")
        try await settle(grown)
        #expect(try await grown.answers("SELECT name FROM item WHERE id = 1") == ["again", "again", "again"])
    }
}
