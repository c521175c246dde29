import Foundation
import Glibc
import LocalCluster
import Postgres
import TestSupport
import Testing

/// What a person types at three in the morning.
@Suite("failover, failback, switchover, why and journal", .serialized) struct PlanCommandTests {
    private static func make(_ more: String = "") async throws -> (TestSite, String) {
        let site = try await TestSite.make(schema: SiteTests.schema, rows: SiteTests.rows, more: more)
        try await site.start()
        return (site, try Program.folder(site.yaml))
    }

    private static func document(_ outcome: Program.Outcome) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        return try #require(value as? [String: Any], "\(outcome.output) \(outcome.errors)")
    }

    private static func run(_ folder: String, _ words: String...) async throws -> Program.Outcome {
        try await Program.run(words, in: folder)
    }

    @Test func `a plan is shown, run, explained, and kept`() async throws {
        let (site, folder) = try await Self.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let before = try await Self.run(folder, "why")
        #expect(before.status == 0, "\(before)")
        #expect(before.output.contains("the site is at primary: no plan was ever run, and it belongs there"))
        #expect(before.output.contains("failover.mode is manual: a person has to say \"switchback failover --yes\""))
        #expect(try await Self.run(folder, "journal").output == "no plan was ever run\n")
        let refused = try await Self.run(folder, "failback", "--dry-run")
        #expect(refused.status == 1 && refused.errors.contains("primary is the active site already"))

        try await site.primary.run("INSERT INTO item (v) VALUES ('on its way')")
        let shown = try await Self.run(folder, "switchover", "--dry-run", "--json")
        #expect(shown.status == 0, "\(shown)")
        let plan = try Self.document(shown)
        let steps = try #require(plan["steps"] as? [[String: Any]])
        #expect(
            steps.compactMap { $0["step"] as? String } == [
                "ready", "catch_up", "rehearse", "last_look", "fence", "drain", "promote", "verify", "rearm",
            ])
        #expect(steps.allSatisfy { $0["limit_seconds"] is Double && $0["check"] is String && $0.keys.contains("undo") })
        #expect(plan["seconds_at_most"] as? Double == 30 && plan["dns"] is NSNull)
        let dry = try await Self.run(folder, "failover", "--dry-run")
        #expect(dry.output.contains("rows that would be stranded:\n    public.item: 1 rows"), "\(dry.output)")
        let unsaid = try await Self.run(folder, "switchover")
        #expect(unsaid.status == 2 && unsaid.errors.contains("nothing was done"))
        #expect(try await site.secondary.failure("DELETE FROM item")?.sqlState == "25006")

        let done = try await Self.run(folder, "switchover", "--yes", "--json")
        #expect(done.status == 0, "\(done)")
        let report = try Self.document(done)
        try #require(report["outcome"] as? String == "done" && report["epoch"] as? Int ?? 0 > 0)
        #expect(report["seconds_without_writes"] is Double)
        try await site.secondary.run("INSERT INTO item (v) VALUES ('at durham')")
        #expect(try await site.primary.failure("DELETE FROM item")?.sqlState == "25006")
        let status = try Self.document(try await Self.run(folder, "status", "--json"))
        let place = try #require(status["site"] as? [String: Any])
        #expect(place["active"] as? String == "secondary" && place["state"] as? String == "away")
        #expect(place["epoch"] as? Int == report["epoch"] as? Int)
        let why = try await Self.run(folder, "why")
        #expect(why.output.contains("(ordered on the command line)"))
        #expect(why.output.contains("it stays at secondary until a person says \"switchback failback --yes\""))
        #expect(try await Self.run(folder, "failback", "--yes").status == 0)
        let journal = try await Self.run(folder, "journal", "--json")
        let lines = try #require(try JSONSerialization.jsonObject(with: Data(journal.output.utf8)) as? [[String: Any]])
        #expect(lines.count { $0["event"] as? String == "planned" } == 2)
        #expect(lines.count { $0["event"] as? String == "finished" } == 2)
        try await site.catchUp()
        try await site.expectEqual()
    }

    /// Either node may have taken the change that holds when the site comes back, so clocks settle conflicts here too.
    @Test func `check and status tell of a site whose clock is off, and by how much`() async throws {
        let (site, folder) = try await Self.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (database, name, offset, says) in [
            (site.secondary, "durham", "+ interval '10 minutes'", "is 10 min ahead, more than 5 s"),
            (site.primary, "raleigh", "- interval '1 minute'", "is 60 s behind, more than 5 s"),
        ] {
            try await Self.clock(database, offset)
            let check = try await Self.run(folder, "check", "--json")
            let found = try JSONSerialization.jsonObject(with: Data(check.output.utf8)) as? [[String: Any]]
            let lines = (found ?? []).map { line in
                ["node", "message", "remedy"].map { line[$0] as? String ?? "" }
            }.filter { $0[1].contains("the clock of ") }
            try #require(lines.count == 1, "\(check)")
            #expect(lines[0][0] == name && lines[0][1].contains("the clock of \(name) \(says)"), "\(lines)")
            #expect(lines[0][2].contains("follow a time server"), "\(lines)")
            let status = try await Self.run(folder, "status")
            #expect(status.status == 3 && status.output.contains("the clock of \(name) \(says)"), "\(status)")
            try await Self.clock(database, "")
        }
        let well = try await Self.run(folder, "status")
        #expect(!well.output.contains("the clock of"), "\(well)")
        #expect(try await !Self.run(folder, "check").output.contains("the clock of"))
    }

    /// What the server's clock would say if it were off: stamps are made by it.
    private static func clock(_ database: TestDatabase, _ offset: String) async throws {
        try await database.run(
            """
            CREATE OR REPLACE FUNCTION switchback.clock() RETURNS timestamptz LANGUAGE sql VOLATILE
            AS $$ SELECT pg_catalog.clock_timestamp() \(offset) $$
            """)
    }

    @Test func `wrong usage touches nothing`() async throws {
        let (_, folder) = try await Self.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (words, says) in [
            (["failover", "--dry-run", "--yes"], "--dry-run and --yes exclude each other"),
            (["switchover", "--leave", "--yes"], "--leave goes with abort"),
            (["journal", "nosuch"], "the journal has no plan nosuch"),
        ] {
            let outcome = try await Program.run(words, in: folder)
            #expect(outcome.status == 2 && outcome.errors.contains(says), "\(outcome)")
        }
        let nothing = try await Self.run(folder, "failover", "resume", "--yes")
        #expect(nothing.status == 1 && nothing.errors.contains("no plan waits to be gone on with"))
        let plain = try Program.folder(CommandYAML.plain)
        defer { try? FileManager.default.removeItem(atPath: plain) }
        let none = try await Self.run(plain, "why")
        #expect(none.status == 2 && none.errors.contains("the configuration does not say how the site moves"))
    }

    private enum CommandYAML {
        static let plain = """
            cluster: c
            nodes: { here: { dsn: "host=127.0.0.1 port=1" }, there: { dsn: "host=127.0.0.1 port=1" } }
            syncs: { main: { nodes: { here: source, there: target }, tables: ["public.*"] } }
            """
    }

    /// The program is killed by SIGKILL while a user's program holds it up: before the fence, and after the other site took over.
    @Test(arguments: ["stop", "start"]) func `a command that is killed is gone on with by resume`(_ point: String)
        async throws
    {
        let folder = try Program.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let script = folder + "/hook"
        try """
        #!/bin/sh
        [ "$1" != \(point) ] || [ -e \(folder)/freed ] || { touch \(folder)/reached; sleep 20; }
        """.write(toFile: script, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
        let (site, home) = try await Self.make("  hooks: { stop: [\(script), stop], start: [\(script), start] }")
        defer { try? FileManager.default.removeItem(atPath: home) }
        let running = try await RunningProgram(["switchover", "--yes"], in: home)
        try #require(try await eventually { access(folder + "/reached", F_OK) == 0 })
        let second = try await Self.run(home, "switchover", "resume", "--yes")
        #expect(second.status == 1 && second.errors.contains("another orchestrator has the lease"), "\(second)")
        running.signal(SIGKILL)
        _ = try await running.end()
        #expect(FileManager.default.createFile(atPath: folder + "/freed", contents: nil))
        let why = try await Self.run(home, "why")
        #expect(why.status == 3 && why.output.contains("switchback switchover resume --yes"), "\(why)")
        let wrong = try await Self.run(home, "failover", "--yes")
        #expect(wrong.status == 1 && wrong.errors.contains("has not come to its end"))
        #expect(
            try await eventually(within: .seconds(30)) {
                let resumed = try await Self.run(home, "switchover", "resume", "--yes")
                // The server may take a moment to see that the killed one is gone.
                return resumed.status == 0
            })
        try await site.secondary.run("INSERT INTO item (v) VALUES ('at durham')")
        #expect(try await site.primary.failure("DELETE FROM item")?.sqlState == "25006")
        try await site.catchUp()
        try await site.expectEqual()
    }

    /// The primary is cut off, not dead; its engine is killed when the secondary holds its changes back and has not been opened.
    @Test func `abort --leave ends a plan and leaves all as it is, but that the active site's changes pass again`()
        async throws
    {
        let (site, plain) = try await Self.make("  limits: { lost: 1s, node: 5s }")
        defer { try? FileManager.default.removeItem(atPath: plain) }
        let server = site.primary.server
        let proxy = try TCPProxy.start(to: server.port)
        defer { proxy.stop() }
        let home = try Program.folder(
            site.yaml.replacing(site.primary.dsn, with: server.dsn(database: site.primary.name, port: proxy.port)))
        defer { try? FileManager.default.removeItem(atPath: home) }
        proxy.cut()
        // Before the tenth line, which says that the secondary is being opened.
        let killed = try await Program.run(
            ["failover", "--yes"], in: home, environment: ["SWITCHBACK_CRASH_AT": "journal-writing:10"])
        try #require(killed.status == 128 + SIGKILL, "\(killed)")
        try proxy.restore()
        try await site.primary.run("INSERT INTO item (v) VALUES ('meanwhile')")
        let why = try await Self.run(home, "why")
        #expect(why.status == 3 && why.output.contains("is under way or was cut off, at hold"), "\(why)")
        #expect(why.output.contains("switchback failover abort --leave --yes"), "\(why)")
        let held = try await Self.run(home, "status", "--json")
        #expect(held.output.contains("it was paused by command"), "\(held)")

        var left = try await Self.run(home, "failover", "abort", "--leave", "--yes")
        let isLeft = try await eventually(within: .seconds(30)) {
            // The server may take a moment to see that the killed one is gone.
            if left.status != 0 { left = try await Self.run(home, "failover", "abort", "--leave", "--yes") }
            return left.status == 0
        }
        try #require(isLeft, "\(left)")
        #expect(
            left.output.contains("failover from primary to secondary: ended; everything is left as it is"), "\(left)")
        #expect(left.errors.contains("what raleigh took passes to durham again"), "\(left)")
        #expect(try await Self.run(home, "why").status == 0)
        try await site.primary.run("INSERT INTO item (v) VALUES ('since')")
        #expect(try await site.secondary.failure("DELETE FROM item")?.sqlState == "25006")
        try await site.catchUp()
        try await site.expectEqual()
        let arrived = try await site.secondary.value("SELECT count(*) FROM item WHERE v IN ('meanwhile', 'since')")
        #expect(arrived == "2")
    }

    /// The daemon goes on with what was cut off, whoever began it.
    @Test func `the daemon goes on with a plan that was cut off, and fences who comes back`() async throws {
        let folder = try Program.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let script = folder + "/hook"
        try "#!/bin/sh\n[ -e \(folder)/reached ] || { touch \(folder)/reached; sleep 20; }\n".write(
            toFile: script, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
        let (site, home) = try await Self.make("  hooks: { start: [\(script)] }")
        defer { try? FileManager.default.removeItem(atPath: home) }
        let running = try await RunningProgram(["switchover", "--yes"], in: home)
        try #require(try await eventually { access(folder + "/reached", F_OK) == 0 })
        running.signal(SIGKILL)
        _ = try await running.end()
        let daemon = try await RunningProgram(["run"], in: home)
        #expect(
            try await eventually {
                let status = try Self.document(try await Self.run(home, "status", "--json"))
                return (status["site"] as? [String: Any])?["state"] as? String == "away"
            })
        // Somebody opens the old site behind its back, as one does that has not heard of the last plan.
        try await site.primary.run("SELECT setval('switchback.fence_state', 0)")
        #expect(
            try await eventually {
                try await site.primary.failure("DELETE FROM tally WHERE false")?.sqlState == "25006"
            })
        #expect(try await eventually { try await Self.run(home, "journal").output.contains("quarantined") })
        try await Task.sleep(for: .milliseconds(200))
        daemon.signal(SIGTERM)
        let end = try await daemon.end()
        #expect(end.status == 0, "\(end)")
        #expect(end.errors.contains("goes on with a plan that was cut off"))
        #expect(end.errors.contains("raleigh came back and was fenced: it is not the active site's"))
    }
}
