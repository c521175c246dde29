import Foundation
import Postgres
import Settings
import Testing

@testable import Migration

/// Bucardo's databases become nodes, and no password comes along (P12).
@Suite("Bucardo's databases become nodes") struct NodeTests {
    private func plan(_ change: (inout BucardoCatalogue.Database) -> Void) -> NodePlan {
        var database = Catalogues.database("raleigh", host: "db1")
        change(&database)
        return NodePlan(database, name: "raleigh")
    }

    /// What becomes of a connection, and what libpq is to read of it.
    private static let connections: [(change: @Sendable (inout BucardoCatalogue.Database) -> Void, dsn: String)] = [
        ({ _ in }, "host=db1 port=5432 dbname=library user=bucardo"),
        (
            { ($0.host, $0.port, $0.database, $0.user, $0.service) = ("", "", "", "", "library_primary") },
            "service=library_primary"
        ),
        ({ ($0.host, $0.port) = ("", "") }, "dbname=library user=bucardo"),
        (
            { $0.words = Secret("sslmode=require;connect_timeout=5") },
            "host=db1 port=5432 dbname=library user=bucardo sslmode=require connect_timeout=5"
        ),
        (
            { $0.passwordFile = "/etc/bucardo/pgpass" },
            "host=db1 port=5432 dbname=library user=bucardo passfile=/etc/bucardo/pgpass"
        ),
        ({ $0.database = "my library" }, "host=db1 port=5432 dbname='my library' user=bucardo"),
        ({ $0.database = "o'neil\\x" }, "host=db1 port=5432 dbname='o\\'neil\\\\x' user=bucardo"),
        (
            { $0.dsn = Secret("dbi:Pg:db=library;host=db9;sslmode=require") },
            "dbname=library host=db9 sslmode=require user=bucardo"
        ),
        (
            {
                $0.dsn = Secret("DBI:Pg:service=primary")
                $0.user = ""
            }, "service=primary"
        ),
        ({ $0.database = "${HOME}" }, "host=db1 port=5432 dbname=$${HOME} user=bucardo"),
    ]

    @Test(arguments: connections.indices) func `a connection is said in libpq's words`(_ index: Int) throws {
        let (change, dsn) = Self.connections[index]
        let plan = plan(change)
        #expect(plan.dsn == dsn)
        #expect(plan.variables.isEmpty)
        #expect(plan.remarks.isEmpty)
        try ConnectionSettings(dsn: plan.dsn.replacing("$${", with: "${")).validate()
    }

    private static let secrets: [@Sendable (inout BucardoCatalogue.Database) -> Void] = [
        { $0.hasPassword = true }, { $0.words = Secret("password=geheim;sslmode=require") },
        { $0.words = Secret("sslmode=require password = 'geh eim\\'' ") },
        { $0.dsn = Secret("dbi:Pg:dbname=library;host=db1;password=geheim") },
        { $0.dsn = Secret("dbi:Pg:dbname=library;host=db1;pass=geheim;") },
    ]

    @Test(arguments: secrets.indices) func `a password becomes a variable, and is in no text`(_ index: Int) throws {
        var catalogue = Catalogues.library()
        Self.secrets[index](&catalogue.databases[0])
        let migrated = try MigratedConfiguration(catalogue)
        #expect(migrated.variables == ["RALEIGH_PASSWORD"])
        #expect(migrated.text.contains("password='${RALEIGH_PASSWORD}'"))
        #expect(migrated.text.contains("  # Bucardo kept its password in a table: set RALEIGH_PASSWORD.\n  raleigh:\n"))
        let everything = "\(catalogue)\(migrated)"
        #expect(!everything.contains("geh"))
        #expect(throws: SettingsError.self) { try Settings.parse(migrated.text) }
        let dsn = try Settings.parse(migrated.text, environment: ["RALEIGH_PASSWORD": "o\\'x"]).nodes[0].dsn.value
        #expect(dsn.contains("password='o\\'x'"))
        try ConnectionSettings(dsn: dsn).validate()
    }

    @Test func `each secret has its variable`() throws {
        var catalogue = Catalogues.library()
        catalogue.databases[0].hasPassword = true
        catalogue.databases[0].words = Secret("sslpassword=geheim")
        catalogue.databases[1].hasPassword = true
        let migrated = try MigratedConfiguration(catalogue)
        #expect(migrated.variables == ["RALEIGH_SSLPASSWORD", "RALEIGH_PASSWORD", "DURHAM_PASSWORD"])
        #expect(!"\(catalogue)\(migrated)".contains("geheim"))
        _ = try migrated.settings()
    }

    @Test func `words that libpq does not know are told and left out`() {
        let plan = plan { $0.words = Secret("sslmode=require;pg_server_prepare=0;foo") }
        #expect(plan.dsn.hasSuffix("user=bucardo sslmode=require"))
        #expect(plan.remarks.map(\.was) == ["libpq does not know what stood in its connection: pg_server_prepare, foo"])
        let port = self.plan { $0.port = "five" }
        #expect(port.dsn == "host=db1 dbname=library user=bucardo")
        #expect(port.remarks.count == 1)
    }

    @Test func `a connection of which nothing is left becomes a variable`() throws {
        var catalogue = Catalogues.library()
        catalogue.databases[1] = BucardoCatalogue.Database(name: "durham", dsn: Secret("dbi:Pg:"))
        let migrated = try MigratedConfiguration(catalogue)
        #expect(migrated.variables == ["DURHAM_DSN"])
        let settings = try Settings.parse(migrated.text, environment: ["DURHAM_DSN": "dbname=x"])
        #expect(settings.nodes[1].dsn.value == "dbname=x")
    }

    @Test func `a database that is no Postgres is told and is no node`() throws {
        var catalogue = Catalogues.library()
        catalogue.databases.append(BucardoCatalogue.Database(name: "shop", kind: "mysql", database: "shop"))
        catalogue.groups[0].members.append(.init(database: "shop", role: "target"))
        let migrated = try MigratedConfiguration(catalogue)
        #expect(migrated.nodes == ["raleigh", "durham"])
        #expect(try migrated.settings().syncs[0].targets == ["durham"])
        #expect(migrated.remarks(at: "nodes.shop").first?.hasPrefix("shop is of the kind mysql → ") == true)
        #expect(
            migrated.remarks(at: "syncs.library.nodes").first?.hasPrefix("shop was a target and is no Postgres → ")
                == true)
    }

    @Test func `an inactive database stands commented out, and can be used`() throws {
        var catalogue = Catalogues.library()
        catalogue.databases.append(Catalogues.database("boston", host: "db3"))
        catalogue.databases[2].status = "inactive"
        catalogue.groups[0].members.append(.init(database: "boston", role: "target"))
        let migrated = try MigratedConfiguration(catalogue)
        #expect(migrated.nodes == ["raleigh", "durham"])
        #expect(try migrated.settings().nodes.count == 2)
        #expect(migrated.remarks(at: "nodes.boston").count == 1)
        #expect(migrated.remarks(at: "syncs.library.nodes").count == 1)
        #expect(
            try Settings.parse(migrated.withUse(of: "boston")).nodes.map(\.name) == ["raleigh", "durham", "boston"])
    }

    @Test func `a stalled database, one behind a pooler and one that nobody uses are told`() throws {
        #expect(plan { $0.status = "stalled" }.remarks.count == 1)
        #expect(plan { $0.makesDeltas = true }.remarks.first?.was.hasPrefix("makedelta was on") == true)
        #expect(plan { $0.preparesAtServer = false }.remarks.first?.instead.contains("past the pooler") == true)
        var catalogue = Catalogues.library()
        catalogue.databases.append(Catalogues.database("boston", host: "db3"))
        let migrated = try MigratedConfiguration(catalogue)
        #expect(migrated.text.contains("\n  # No sync in use has it. Take the # away"))
        #expect(migrated.nodes == ["raleigh", "durham"])
        #expect(try migrated.settings().nodes.count == 2)
        #expect(try Settings.parse(migrated.withUse(of: "boston")).nodes.count == 3)
    }

    @Test func `names that a configuration does not take are changed, and told`() throws {
        let long = String(repeating: "a", count: 70)
        var names = NameBook()
        #expect(names.name(for: "raleigh_1") == "raleigh_1")
        #expect(names.name(for: "my site") == "my_site")
        #expect(names.name(for: "my:site") == "my_site_2")
        #expect(names.name(for: "my site") == "my_site")
        #expect(names.name(for: long).count == 58)
        #expect(names.name(for: long + "b") == String(repeating: "a", count: 58) + "_2")
        #expect(names.name(for: "") == "_")
        #expect(names.name(for: "-x") == "_x")
        #expect(
            NameBook.variable("1.größe", "DSN") == "_1_GR_SSE_DSN"
                || NameBook.variable("1.größe", "DSN") == "_1_GR__E_DSN")
        var catalogue = Catalogues.library()
        catalogue.databases[0].name = long
        catalogue.groups[0].members[0].database = long
        let migrated = try MigratedConfiguration(catalogue)
        #expect(migrated.text.contains("# Bucardo called it \(long)."))
        #expect(try migrated.settings().syncs[0].sources == [String(repeating: "a", count: 58)])
    }
}
