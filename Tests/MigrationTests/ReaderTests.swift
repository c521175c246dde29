import LocalCluster
import Model
import Postgres
import Settings
import TestSupport
import Testing

@testable import Migration

/// Reads catalogues from real servers: all that is there, and what to do where it is not as it should be.
@Suite("Reading a Bucardo control database") struct ReaderTests {
    /// A control database with a fixture in it.
    private func control(_ sql: String = "") async throws -> TestDatabase {
        let database = try await TestDatabase.make(in: TestServers.shared.server("source"))
        try await database.run(try BucardoFixture.catalogue())
        try await database.run(
            BucardoFixture.library(
                databases: ("a", "b"), hosts: ("db1", "db2"), ports: (5432, 5433), password: "geheim"))
        if !sql.isEmpty { try await database.run(sql) }
        return database
    }

    private func failure(_ dsn: String) async -> BucardoError? {
        await #expect(throws: BucardoError.self) { try await BucardoReader.read(dsn: dsn) }
    }

    @Test func `a small one, whole`() async throws {
        let database = try await control()
        let catalogue = try await BucardoReader.read(dsn: database.dsn)
        var expected = BucardoCatalogue()
        expected.version = "5.6.0"
        expected.databases = [("raleigh", "db1", "5432", "a"), ("durham", "db2", "5433", "b")].map {
            BucardoCatalogue.Database(
                name: $0.0, host: $0.1, port: $0.2, database: $0.3, user: "postgres", hasPassword: true)
        }
        // Rows of one moment come by their names.
        expected.databases.reverse()
        expected.groups = [Catalogues.group("sites", ["raleigh": "source", "durham": "target"])]
        expected.relations = [Catalogues.relation(1, "item"), Catalogues.relation(2, "note")]
        expected.relgroups = [.init(name: "tables", relations: [1, 2])]
        expected.syncs = [.init(name: "library", relgroup: "tables", group: "sites")]
        expected.settings = catalogue.settings
        #expect(catalogue == expected)
        #expect(
            catalogue.settings.map(\.name) == [
                "bucardo_initial_version", "bucardo_version", "default_conflict_strategy", "log_level",
            ])
        #expect(!"\(catalogue)".contains("geheim"))
        let settings = try MigratedConfiguration(catalogue).settings()
        #expect(settings.syncs[0].sources == ["raleigh"] && settings.syncs[0].targets == ["durham"])
    }

    @Test func `every kind of thing arrives`() async throws {
        let database = try await control(
            """
            SET search_path = bucardo;
            UPDATE db SET dbconn = 'sslmode=require', dbservice = 's', pgpass = '/p', status = 'stalled', makedelta = true,
                server_side_prepares = false, dbdsn = 'dbi:Pg:x', dbtype = 'mysql', dbhost = NULL, dbport = NULL,
                dbuser = NULL, dbpass = '' WHERE name = 'durham';
            INSERT INTO dbgroup VALUES ('empty');
            UPDATE dbmap SET role = 'fullcopy' WHERE db = 'durham';
            UPDATE goat SET pkey = 'a|b', autokick = false, conflict_strategy = 'c', makedelta = 'on', rebuild_index = 1,
                ghost = true, strict_checking = false, delta_bypass = true WHERE id = 1;
            UPDATE goat SET pkey = NULL WHERE id = 2;
            INSERT INTO goat (db, schemaname, tablename, reltype, pkey) VALUES ('raleigh', 'public', 'seq', 'sequence', '');
            UPDATE herdmap SET priority = 2 WHERE goat = 2;
            UPDATE sync SET stayalive = false, kidsalive = false, conflict_strategy = 'durham', copyextra = 'x',
                deletemethod = 'truncate', autokick = false, checktime = '10 min', status = 'inactive', rebuild_index = 1,
                priority = 3, analyze_after_copy = false, vacuum_after_copy = true, strict_checking = false,
                overdue = '5 min', expired = '1 hour', track_rates = true, onetimecopy = 2, lifetime = '1 day', maxkicks = 7,
                isolation_level = 'serializable';
            INSERT INTO customcode (name, whenrun, src_code) VALUES ('c', 'conflict', 'geheim'), ('d', 'exception', 'x');
            INSERT INTO customcode_map (code, sync, goat, active) VALUES (1, 'library', NULL, true), (1, NULL, 2, true),
                (1, NULL, 1, false);
            INSERT INTO customname (goat, newname, db, sync) VALUES (1, 'n', 'durham', 'library'), (2, 'm', NULL, NULL);
            INSERT INTO customcols (goat, clause, db, sync) VALUES (1, 'SELECT a', 'durham', 'library'), (2, 'SELECT b', NULL, NULL);
            INSERT INTO bucardo_custom_trigger (goat, trigger_name, trigger_type, trigger_body, trigger_level)
                VALUES (1, 't', 'delta', 'x', 'ROW');
            UPDATE bucardo_config SET setting = 'debug' WHERE name = 'log_level';
            UPDATE bucardo_config SET setting = 'geheim' WHERE name = 'email_auth_pass';
            INSERT INTO bucardo_config (name, setting, type, item) VALUES ('isolation_level', 'serializable', 'sync', 'library');
            ALTER TABLE sync ADD colour text
            """)
        let catalogue = try await BucardoReader.read(dsn: database.dsn)
        let durham = try #require(catalogue.databases.first { $0.name == "durham" })
        #expect(
            durham
                == .init(
                    name: "durham", kind: "mysql", dsn: .init("dbi:Pg:x"), database: "b",
                    words: .init("sslmode=require"),
                    service: "s", passwordFile: "/p", status: "stalled", preparesAtServer: false, makesDeltas: true))
        #expect(
            catalogue.groups == [
                .init(name: "empty"), Catalogues.group("sites", ["raleigh": "source", "durham": "fullcopy"]),
            ])
        #expect(
            catalogue.relations == [
                .init(
                    id: 1, database: "raleigh", name: TableName(schema: "public", table: "item"), key: ["a", "b"],
                    autokick: false,
                    conflictStrategy: "c", makesDeltas: "on", rebuildsIndex: true, isGhost: true, isStrict: false,
                    bypassesDeltas: true), Catalogues.relation(2, "note", key: nil),
                .init(
                    id: 3, database: "raleigh", name: TableName(schema: "public", table: "seq"), isSequence: true,
                    key: []),
            ])
        #expect(catalogue.relgroups == [.init(name: "tables", relations: [1, 2], hasPriorities: true)])
        #expect(
            catalogue.syncs == [
                .init(
                    name: "library", relgroup: "tables", group: "sites", status: "inactive", conflictStrategy: "durham",
                    autokick: false, checkInterval: "00:10:00", rebuildsIndex: true, isStrict: false, oneTimeCopy: 2,
                    deleteMethod: "truncate", copyExtra: "x", isolationLevel: "serializable", overdue: "00:05:00",
                    expired: "01:00:00", lifetime: "1 day", kicksMax: 7, staysAlive: false, kidsStayAlive: false,
                    analyzes: false, vacuums: true, priority: 3, tracksRates: true)
            ])
        #expect(
            catalogue.customCode == [
                .init(name: "c", moment: "conflict", syncs: ["library"]),
                .init(name: "c", moment: "conflict", isActive: false, relations: [1]),
                .init(name: "c", moment: "conflict", relations: [2]), .init(name: "d", moment: "exception"),
            ])
        #expect(
            catalogue.customNames == [
                .init(relation: 1, name: "n", database: "durham", sync: "library"),
                .init(relation: 2, name: "m", database: nil, sync: nil),
            ])
        #expect(
            catalogue.customColumns == [
                .init(relation: 1, clause: "SELECT a", database: "durham", sync: "library"),
                .init(relation: 2, clause: "SELECT b", database: nil, sync: nil),
            ])
        #expect(catalogue.customTriggers == [.init(relation: 1, name: "t", kind: "delta")])
        #expect(catalogue.settings.contains(.init(name: "log_level", value: "debug", original: "normal")))
        #expect(
            catalogue.settings.contains(
                .init(name: "isolation_level", value: "serializable", kind: "sync", item: "library")))
        #expect(catalogue.unknownColumns == ["sync.colour"])
        #expect(!"\(catalogue)".contains("geheim"))
    }

    @Test func `columns that later versions brought may be missing`() async throws {
        let database = try await control(
            """
            ALTER TABLE bucardo.db DROP dbdsn; ALTER TABLE bucardo.sync DROP isolation_level;
            ALTER TABLE bucardo.bucardo_config DROP defval; ALTER TABLE bucardo.dbgroup DROP about;
            ALTER TABLE bucardo.goat RENAME conflict_strategy TO standard_conflict;
            UPDATE bucardo.goat SET standard_conflict = 'c'
            """)
        let catalogue = try await BucardoReader.read(dsn: database.dsn)
        #expect(catalogue.unknownColumns.isEmpty)
        #expect(catalogue.relations.map(\.conflictStrategy) == ["c", "c"])
        #expect(catalogue.settings.allSatisfy { $0.original == nil })
        _ = try MigratedConfiguration(catalogue)
    }

    @Test func `it reads as a role that may read and nothing else, and changes nothing`() async throws {
        let database = try await control()
        let role = "reader_\(database.name)"
        try await database.run(
            "CREATE ROLE \(role) LOGIN; GRANT USAGE ON SCHEMA bucardo TO \(role); GRANT SELECT ON ALL TABLES IN SCHEMA bucardo TO \(role)"
        )
        let dsn = database.server.dsn(database: database.name, user: role)
        #expect(try await BucardoReader.read(dsn: dsn).syncs.count == 1)
        try await database.run("REVOKE SELECT ON bucardo.sync FROM \(role)")
        let error = await failure(dsn)
        #expect(error?.message.contains("permission denied for table sync") == true)
        #expect(error?.hint.contains("SELECT on its tables") == true)
        try await database.run("DROP OWNED BY \(role); DROP ROLE \(role)")
    }

    // MARK: Errors

    @Test func `no Bucardo there, and one that is replicated`() async throws {
        let database = try await TestDatabase.make(in: TestServers.shared.server("source"))
        let none = await failure(database.dsn)
        guard case .noCatalogue(let address, isReplicated: false) = none else {
            Issue.record("\(none.map { "\($0)" } ?? "no error")")
            return
        }
        #expect(address.contains("dbname=\(database.name)"))
        try await database.run("CREATE SCHEMA bucardo; CREATE TABLE bucardo.bucardo_delta_names (sync text)")
        guard case .noCatalogue(_, isReplicated: true) = await failure(database.dsn) else {
            Issue.record("a replicated database was taken for another")
            return
        }
    }

    @Test func `a catalogue of another version names what it lacks`() async throws {
        let old = try await control(
            "ALTER TABLE bucardo.sync DROP dbs CASCADE; DROP TABLE bucardo.dbmap; UPDATE bucardo.bucardo_config SET setting = '4.5.0' WHERE name = 'bucardo_version'"
        )
        #expect(await failure(old.dsn) == .otherVersion("4.5.0", missing: ["dbmap", "sync.dbs"]))
        try await old.run("ALTER TABLE bucardo.bucardo_config RENAME setting TO value")
        #expect(
            await failure(old.dsn) == .otherVersion("", missing: ["bucardo_config.setting", "dbmap", "sync.dbs"]))
    }

    @Test func `a server that does not answer, or does not let us in`() async throws {
        let server = try await TestServers.shared.server("source")
        for dsn in ["host=127.0.0.1 port=1 dbname=bucardo password=geheim", server.dsn(database: "nosuch")] {
            guard case .unreachable(let address, let reason) = await failure(dsn) else {
                Issue.record("\(dsn) was reached")
                continue
            }
            #expect(address.contains("host=127.0.0.1") && !reason.isEmpty && !(address + reason).contains("geheim"))
        }
        let error = await #expect(throws: PostgresError.self) { try await BucardoReader.read(dsn: "nosuch=1") }
        #expect(error?.kind == .badConnectionSettings)
    }
}
