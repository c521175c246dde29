import Foundation
import Postgres
import TestSupport
import Testing

/// The way of a user through the commands, as the contract of the command line has it (P7, P10).
@Suite("The life of a user") struct LifeTests {
    @Test func `init, check, install, copy, run, sync, pause, resume, diff, repair, uninstall`() async throws {
        let site = try await CommandSite()
        let before = [try await site.source.dump("--schema-only"), try await site.target.dump("--schema-only")]
        try await site.source.run(
            "INSERT INTO item SELECT g, 'item ' || g FROM generate_series(1, 500) AS g; INSERT INTO note (item_id, body) SELECT id, 'note' FROM item"
        )
        try await beforehand(site)
        try await install(site)
        try await copy(site)
        try await live(site)
        try await damage(site)

        let gone = try await site.expect(0, "schema", "uninstall")
        #expect(gone.output.hasPrefix("removed: "))
        #expect([try await site.source.dump("--schema-only"), try await site.target.dump("--schema-only")] == before)
        #expect(try await site.expect(0, "schema", "uninstall").output == "nothing to do\n")
    }

    private func beforehand(_ site: CommandSite) async throws {
        let configuration = try String(contentsOfFile: site.folder + "/switchback.yaml", encoding: .utf8)
        try FileManager.default.removeItem(atPath: site.folder + "/switchback.yaml")
        let made = try await site.expect(0, "init")
        #expect(made.output.contains("wrote switchback.yaml"))
        try configuration.write(toFile: site.folder + "/switchback.yaml", atomically: true, encoding: .utf8)

        let check = try await site.expect(0, "check")
        #expect(check.output.contains("note    here: Switchback is not installed"))
        #expect(check.output.contains("→ switchback schema install"))
        #expect(check.output.hasSuffix("everything is well\n"))
        let status = try await site.expect(3, "status")
        #expect(status.output.contains("run \"switchback schema install\""))
    }

    private func install(_ site: CommandSite) async throws {
        let untouched = try await site.dumps()
        let plan = try await site.expect(0, "schema", "install", "--dry-run")
        #expect(plan.output.contains("CREATE SCHEMA switchback;"))
        #expect(plan.output.contains("CREATE OR REPLACE TRIGGER"))
        #expect(try await site.expect(3, "schema", "status").output.contains("here: the next install will"))
        #expect(try await site.dumps() == untouched)

        let installed = try await site.expect(0, "schema", "install")
        #expect(installed.output.hasPrefix("installed: "))
        #expect(try await site.expect(0, "schema", "install").output == "nothing to do\n")
        #expect(try await site.expect(0, "schema", "status").output == "there: up to date\nhere: up to date\n")
        #expect(try await site.expect(0, "schema", "upgrade").output == "nothing to do\n")
        #expect(try await site.expect(3, "status").output.contains("→ run \"switchback copy main\""))
    }

    private func copy(_ site: CommandSite) async throws {
        let first = try await site.expect(0, "copy")
        #expect(first.output.contains("main: here → there: tables: 2 copied, 1,000 rows in "))
        #expect(first.output.hasSuffix("main: here → there: caught up\n"))
        let again = try await site.expect(0, "copy", "main", "--json").list()
        #expect(again.map { $0["result"] as? String } == ["already", "already"])
        #expect(again.map { $0["table"] as? String } == ["public.item", "public.note"])
        let status = try await site.expect(3, "status")
        #expect(status.output.contains("→ start \"switchback run\""))
        let refused = try await site.target.failure("UPDATE item SET name = 'x'")
        #expect(refused?.sqlState == "25006")
    }

    private func live(_ site: CommandSite) async throws {
        let daemon = try await site.daemon()
        try await site.source.run("INSERT INTO item VALUES (501, 'new')")
        #expect(try await eventually { try await site.target.value("SELECT name FROM item WHERE id = 501") == "new" })
        #expect(try await site.expect(0, "status").output.contains("streaming"))
        try await site.source.run("DELETE FROM note WHERE item_id <= 100")
        #expect(try await site.expect(0, "sync").output == "main: here → there: caught up\n")
        #expect(try await site.target.value("SELECT count(*) FROM note") == "400")

        #expect(try await site.expect(0, "pause").output == "main: here → there: paused\n")
        try await site.source.run("INSERT INTO item VALUES (502, 'while paused')")
        let late = try await site.expect(3, "sync", "--timeout", "0.5")
        #expect(late.output.contains("main: here → there: not caught up: it is paused: \"switchback resume main\""))
        let paused = try await site.expect(3, "status")
        #expect(paused.output.contains("→ run \"switchback resume main\""))
        #expect(try await site.target.value("SELECT count(*) FROM item WHERE id = 502") == "0")
        #expect(try await site.expect(0, "resume", "main").output == "main: here → there: resumed\n")
        try await site.expect(0, "sync", "main")
        #expect(try await site.target.value("SELECT count(*) FROM item WHERE id = 502") == "1")

        daemon.signal(SIGTERM)
        let ended = try await daemon.end(within: .seconds(20))
        #expect(ended.status == 0 && ended.output == "")
        #expect(try await site.expect(3, "status").output.contains("idle"))
        try await site.source.run("UPDATE item SET name = 'without a daemon' WHERE id = 1")
        try await site.expect(0, "sync")
        #expect(try await site.target.value("SELECT name FROM item WHERE id = 1") == "without a daemon")
    }

    private func damage(_ site: CommandSite) async throws {
        #expect(try await site.expect(0, "diff").output == "identical: 2 tables, 902 rows\n")
        try await site.target.run(
            "SET session_replication_role = replica; UPDATE item SET name = 'wrong' WHERE id = 7; DELETE FROM item WHERE id = 8; INSERT INTO item VALUES (9999, 'extra')"
        )
        let found = try await site.expect(3, "diff")
        #expect(found.output.contains("public.item: 1 missing, 1 extra, 1 different of 502 rows"))
        #expect(found.output.hasSuffix("1 of 2 tables differ; \"switchback repair\" mends them\n"))
        #expect(try await site.expect(0, "diff", "--table", "public.note").output.hasPrefix("identical: 1 table"))
        let plan = try await site.expect(3, "repair", "--dry-run")
        #expect(plan.output.contains("3 rows would be mended"))
        #expect(try await site.target.value("SELECT name FROM item WHERE id = 7") == "wrong")
        #expect(try await site.expect(0, "repair", "--from", "here").output.contains("3 rows mended"))
        #expect(try await site.expect(0, "diff", "main").output == "identical: 2 tables, 902 rows\n")
        #expect(try await site.target.value("SELECT count(*) FROM switchback.history") == "2")
    }

    /// A receiver that holds the rows already joins by comparison; one that holds others is the user's to decide about.
    @Test func `copy leaves alone what holds other rows, until it is told what to do`() async throws {
        let site = try await CommandSite()
        for database in [site.source, site.target] {
            try await database.run("INSERT INTO item SELECT g, 'item ' || g FROM generate_series(1, 100) AS g")
        }
        try await site.target.run("UPDATE item SET name = 'other' WHERE id = 3")
        try await site.expect(0, "schema", "install")
        let refused = try await site.expect(3, "copy")
        #expect(refused.output.contains("public.item: 0 missing, 0 extra, 1 different"))
        #expect(refused.output.contains("→ --repair mends them and keeps what it overwrites in the history;"))
        #expect(try await site.target.value("SELECT name FROM item WHERE id = 3") == "other")
        let list = try await site.expect(3, "copy", "--json").list()
        #expect(list.contains { $0["table"] as? String == "public.item" && $0["result"] as? String == "refused" })
        #expect(list.allSatisfy { $0.keys.contains("missing") }, "what is not known is null, not left out")
        try await site.expect(0, "copy", "--repair")
        #expect(try await site.target.value("SELECT name FROM item WHERE id = 3") == "item 3")
        #expect(try await site.expect(0, "diff").output == "identical: 2 tables, 100 rows\n")
    }

    /// What a script reads is one document, whatever people are told meanwhile.
    @Test func `every command has one JSON document`() async throws {
        let site = try await CommandSite()
        try await site.source.run("INSERT INTO item VALUES (1, 'one')")
        #expect(
            try await site.expect(0, "check", "--json").list().allSatisfy { $0["severity"] as? String != "problem" })
        #expect(try await site.expect(0, "schema", "install", "--dry-run", "--json").list().first?["sql"] is [String])
        #expect(try await site.expect(3, "schema", "status", "--json").list().first?["up_to_date"] as? Bool == false)
        #expect(try #require(try await site.expect(0, "schema", "install", "--json").document()["steps"] as? Int) > 0)
        #expect(try await site.expect(0, "schema", "upgrade", "--json").document()["steps"] as? Int == 0)
        #expect(try await site.expect(0, "copy", "--json").list().count == 2)
        #expect(try await site.expect(0, "sync", "--json").list().first?["caught_up"] as? Bool == true)
        #expect(try await site.expect(0, "pause", "--json").list().first?["paused"] as? Bool == true)
        #expect(try await site.expect(0, "resume", "--json").list().first?["paused"] as? Bool == false)
        #expect(try await site.expect(0, "diff", "--json").document()["identical"] as? Bool == true)
        #expect(try await site.expect(0, "repair", "--json").document()["identical"] as? Bool == true)
        try await statusDocument(site)
        let daemon = try await site.daemon("--json")
        #expect(try await eventually { try await site.run("status").status == 0 })
        daemon.signal(SIGINT)
        #expect(try await daemon.end(within: .seconds(20)).document()["streams"] as? Int == 1)
        #expect(try #require(try await site.expect(0, "schema", "uninstall", "--json").document()["steps"] as? Int) > 0)
    }

    /// The fields that the contract names, each there though it is null.
    private func statusDocument(_ site: CommandSite) async throws {
        let status = try await site.expect(3, "status", "--json").document()
        #expect(status["cluster"] as? String == "library" && status["quarantined"] as? Int == 0)
        let nodes = try #require(status["nodes"] as? [[String: Any]])
        #expect(nodes.map { $0["name"] as? String } == ["here", "there"])
        for key in ["name", "reachable", "fenced", "version", "error"] { #expect(nodes[0].keys.contains(key)) }
        #expect(nodes[0]["error"] is NSNull && nodes[0]["reachable"] as? Bool == true)
        let syncs = try #require(status["syncs"] as? [[String: Any]])
        #expect(syncs[0]["name"] as? String == "main" && syncs[0]["state"] as? String == "idle")
        let stream = try #require((syncs[0]["streams"] as? [[String: Any]])?.first)
        for key in ["from", "to", "lag_seconds", "pending_rows", "last_applied_at", "error"] {
            #expect(stream.keys.contains(key))
        }
        #expect((status["conflicts"] as? [String: Any])?.keys.sorted() == ["held", "removed", "total"])
        let place = try #require(status["site"] as? [String: Any])
        #expect(place.keys.sorted() == ["active", "epoch", "state"] && place["active"] is NSNull)
    }
}
