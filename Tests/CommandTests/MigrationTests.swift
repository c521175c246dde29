import Foundation
import LocalCluster
import TestSupport
import Testing

/// `init --from-bucardo`: from a Bucardo control database to a configuration that carries rows.
@Suite("A configuration made of Bucardo's catalogue") struct MigrationTests {
    /// A site whose configuration is what the program makes of a control database.
    private final class Site: Sendable {
        let source: TestDatabase
        let target: TestDatabase
        let control: TestDatabase
        let folder: String

        init(_ more: String = "", password: String? = nil) async throws {
            source = try await TestDatabase.make(in: TestServers.shared.server("source"))
            target = try await TestDatabase.make(in: TestServers.shared.server("target"))
            control = try await TestDatabase.make(in: TestServers.shared.server("source"))
            folder = try Program.folder()
            for database in [source, target] {
                try await database.run(CommandSite.schema)
                try await database.run("INSERT INTO item SELECT n, 'item ' || n FROM generate_series(1, 500) AS n")
            }
            try await control.run(try BucardoFixture.catalogue())
            try await control.run(
                BucardoFixture.library(
                    databases: (source.name, target.name), hosts: (source.server.host, target.server.host),
                    ports: (source.server.port, target.server.port), password: password))
            if !more.isEmpty { try await control.run(more) }
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        var configuration: String? { try? String(contentsOfFile: folder + "/switchback.yaml", encoding: .utf8) }

        func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> Program.Outcome {
            try await Program.run(arguments, in: folder, environment: environment)
        }
    }

    @Test func `rows that are there are adopted, and what is written from then on travels`() async throws {
        let site = try await Site()
        let made = try await site.run("init", "--from-bucardo", site.control.dsn)
        #expect(made.status == 0 && made.errors == "")
        #expect(
            made.output == """
                wrote switchback.yaml: 2 nodes, 1 sync
                then run "switchback check"; Docs/FromBucardo.md tells how to change over

                """)
        #expect(try await site.run("check").status == 0)
        #expect(try await site.run("schema", "install").status == 0)
        let copied = try await site.run("copy")
        #expect(copied.status == 0 && copied.output.contains("1 already equal"))
        try await site.source.run("INSERT INTO item VALUES (501, 'new'); DELETE FROM item WHERE id = 1")
        #expect(try await site.run("sync", "library").status == 0)
        #expect(try await site.run("diff").status == 0)
        #expect(try await site.target.value("SELECT count(*) FROM item") == "500")
    }

    /// What Bucardo leaves in a source: a table of changed keys, and a trigger that fills it, in a schema of its own.
    private static let leftovers = """
        CREATE SCHEMA bucardo;
        CREATE TABLE bucardo.delta_public_item (id int NOT NULL, txntime timestamptz NOT NULL DEFAULT now());
        CREATE FUNCTION bucardo.delta_public_item() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN
            INSERT INTO bucardo.delta_public_item (id) VALUES (coalesce(new.id, old.id));
            RETURN NULL;
        END $$;
        CREATE TRIGGER bucardo_delta AFTER INSERT OR UPDATE OR DELETE ON item
            FOR EACH ROW EXECUTE FUNCTION bucardo.delta_public_item()
        """

    /// A site that has changed over while its applications went on, as the document tells to.
    private func changedOver() async throws -> Site {
        let site = try await Site()
        try await site.source.run(Self.leftovers)
        #expect(try await site.run("init", "--from-bucardo", site.control.dsn).status == 0)
        #expect(try await site.run("check").status == 0)
        // Bucardo has been stopped.
        try await site.source.run("UPDATE item SET name = 'late' WHERE id <= 10; INSERT INTO item VALUES (501, 'new')")
        try await site.target.run("INSERT INTO item VALUES (900, 'nobody brought it back')")
        #expect(try await site.run("schema", "install").status == 0)
        let looked = try await site.run("copy")
        #expect(looked.status == 3 && looked.output.contains("public.item: 1 missing, 1 extra, 10 different"))
        #expect(try await site.run("copy", "--repair").status == 0)
        #expect(try await site.run("diff").status == 0)
        #expect(try await site.target.value("SELECT count(*) FROM switchback.history") == "11")
        return site
    }

    @Test func `what was written after Bucardo's end is mended, and its leftovers go without harm`() async throws {
        let site = try await changedOver()
        try await site.source.run("UPDATE item SET name = 'with Bucardo''s triggers' WHERE id = 20")
        #expect(try await site.run("sync").status == 0)
        try await site.source.run("SET lock_timeout = '2s'; DROP SCHEMA bucardo CASCADE")
        try await site.source.run("UPDATE item SET name = 'without' WHERE id = 21")
        #expect(try await site.run("sync").status == 0)
        #expect(try await site.run("diff").status == 0)
        #expect(try await site.target.value("SELECT name FROM item WHERE id = 21") == "without")
    }

    @Test func `on the way back Bucardo finds recorded what was written meanwhile, and targets that can be written to`()
        async throws
    {
        let site = try await changedOver()
        try await site.source.run(
            "UPDATE item SET name = 'with Switchback' WHERE id = 20; DELETE FROM item WHERE id = 30")
        #expect(try await site.run("sync").status == 0)
        #expect(try await site.run("schema", "uninstall").status == 0)
        let recorded = try await site.source.rows("SELECT DISTINCT id FROM bucardo.delta_public_item ORDER BY id")
        #expect(recorded.compactMap { $0[0] } == (1...10).map(String.init) + ["20", "30", "501"])
        try await site.target.run("DELETE FROM item WHERE id = 20; INSERT INTO item VALUES (20, 'with Switchback')")
        #expect(try await site.source.digest("item") == site.target.digest("item"))
    }

    @Test func `passwords are asked for by name, and stand nowhere`() async throws {
        let site = try await Site(password: "geheim-4711")
        let made = try await site.run("init", "--from-bucardo", site.control.dsn, "--json")
        #expect(made.status == 0)
        let document = try made.document()
        #expect(document["variables"] as? [String] == ["DURHAM_PASSWORD", "RALEIGH_PASSWORD"])
        #expect(made.errors.contains("set DURHAM_PASSWORD, RALEIGH_PASSWORD, or keep"))
        let text = try #require(site.configuration)
        for text in [text, made.output, made.errors] { #expect(!text.contains("geheim")) }
        let asked = try await site.run("status")
        #expect(asked.status == 2 && asked.errors.contains("needs the environment variable RALEIGH_PASSWORD"))
        let given = try await site.run(
            "check", environment: ["RALEIGH_PASSWORD": "geheim-4711", "DURHAM_PASSWORD": "geheim-4711"])
        #expect(given.status == 0)
        #expect(!(given.output + given.errors).contains("geheim"))
    }

    @Test func `what could not be carried over is counted and listed`() async throws {
        let site = try await Site(
            "UPDATE bucardo.sync SET autokick = false; INSERT INTO bucardo.customname (goat, newname) VALUES (1, 'public.item2')"
        )
        let made = try await site.run("init", "--from-bucardo=\(site.control.dsn)", "--json", "--config", "made.yaml")
        #expect(made.status == 0)
        let document = try made.document()
        #expect(document["path"] as? String == "made.yaml")
        #expect(document["bucardo"] as? String == "5.6.0")
        #expect((document["nodes"] as? [String])?.sorted() == ["durham", "raleigh"])
        #expect(document["syncs"] as? [String] == ["library"])
        let remarks = try #require(document["not_carried_over"] as? [[String: String]])
        #expect(remarks.map { $0["place"] } == ["syncs.library", "syncs.library.tables"])
        #expect(remarks.allSatisfy { $0["was"] != nil && $0["instead"] != nil })
        #expect(made.errors.contains("2 things could not be carried over"))
        #expect(made.errors.contains("switchback --config made.yaml check"))
        // A person is told the same on standard output.
        let told = try await site.run("init", "--from-bucardo", site.control.dsn)
        #expect(told.output.contains("2 things could not be carried over") && told.errors == "")
        #expect(
            site.configuration?.contains("Not carried over: public.item: customname called it public.item2") == true)
    }

    // MARK: Refusals

    @Test func `a file that is there is left as it is, and nobody is asked`() async throws {
        let folder = try Program.folder("mine: true\n")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let outcome = try await Program.run(["init", "--from-bucardo", "host=127.0.0.1 port=1"], in: folder)
        #expect(outcome.status == 2)
        #expect(
            outcome.errors.hasPrefix("switchback: switchback.yaml is there already, and is left as it is\n  hint: "))
        #expect(try String(contentsOfFile: folder + "/switchback.yaml", encoding: .utf8) == "mine: true\n")
    }

    @Test func `what is no Bucardo that can be read makes no file`() async throws {
        let site = try await Site("DELETE FROM bucardo.sync")
        let cases: [(dsn: String, status: Int32, says: String)] = [
            (
                "host=127.0.0.1 port=1 dbname=bucardo password=geheim", 1,
                "cannot reach Bucardo's control database (host=127.0.0.1"
            ),
            (site.source.dsn, 1, "there is no Bucardo in this database ("),
            (site.control.dsn, 1, "Bucardo's catalogue holds no sync"),
            ("nosuch=1 password=geheim", 2, "the connection string cannot be read"),
        ]
        for (dsn, status, says) in cases {
            let outcome = try await site.run("init", "--from-bucardo", dsn)
            #expect(outcome.status == status && outcome.output == "", "\(dsn): \(outcome)")
            #expect(outcome.errors.hasPrefix("switchback: \(says)"), "\(outcome.errors)")
            #expect(outcome.errors.contains("\n  hint: ") && !outcome.errors.contains("geheim"))
            let document = try await site.run("init", "--from-bucardo", dsn, "--json").document()
            #expect((document["error"] as? String)?.hasPrefix(says) == true)
            #expect(document["hint"] is String)
            #expect(site.configuration == nil)
        }
    }
}
