import Model
import Settings
import Testing

@testable import Migration

/// What is written is what is read, whatever it is made of.
@Suite("Texts of a migrated configuration") struct TextTests {
    private static let names = [
        "item", "Item", "Order.Items", "with space", "quote\"mark", "o'neil", "back\\slash", "star*", "what?", "a:b",
        "a, b",
        "# no comment", "${HOME}", "$${x}", "{x}", "[x]", "&x", "*x", "!x", "%x", "@x", "`x`", "- x", "null", "true",
        "~",
        "2024", "größe", "日本", "tab\there", "line\nbreak", "line\u{2028}break", "\u{85}", "\u{7F}", " blank ", "yes",
        "e\u{301}",
    ]

    @Test(arguments: names) func `a table of any name is found again`(_ name: String) throws {
        var catalogue = Catalogues.library()
        catalogue.relations[0].name = TableName(schema: name, table: name)
        catalogue.relations[1].name = TableName(schema: "public", table: name)
        catalogue.relations[1].key = []
        let migrated = try MigratedConfiguration(catalogue)
        let sync = try migrated.settings().syncs[0]
        #expect(sync.tables[0].matches(TableName(schema: name, table: name)))
        #expect(!sync.tables[0].matches(TableName(schema: name, table: name + "x")))
        #expect(sync.tables[1].matches(TableName(schema: "public", table: name)))
        #expect(sync.overrides.count == 1)
        #expect(sync.overrides[0].pattern.matches(TableName(schema: "public", table: name)))
    }

    @Test(arguments: names) func `a column and a database of any name are found again`(_ name: String) throws {
        var catalogue = Catalogues.library()
        catalogue.databases[0].database = name
        catalogue.databases[0].service = name
        let quoted = "\"" + name.replacing("\"", with: "\"\"") + "\""
        catalogue.customColumns = [.init(relation: 1, clause: "SELECT id, \(quoted)")]
        let settings = try MigratedConfiguration(catalogue).settings()
        #expect(settings.syncs[0].overrides[0].columns == ["id", name])
        let value = name.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
        let dsn = settings.nodes[0].dsn.value
        #expect(dsn.contains("dbname='\(value)'") || dsn.contains("dbname=\(value) "), "\(name)")
    }

    @Test(arguments: names) func `whatever stands in a comment ends with its line`(_ name: String) throws {
        var catalogue = Catalogues.library()
        catalogue.customNames = [.init(relation: 1, name: name, database: nil, sync: nil)]
        catalogue.customCode = [.init(name: name, moment: name, syncs: ["library"])]
        catalogue.settings = [.init(name: name, value: name, original: "")]
        catalogue.syncs[0].copyExtra = name
        let migrated = try MigratedConfiguration(catalogue)
        #expect(migrated.remarks.count == 4)
        #expect(try migrated.settings() == MigratedConfiguration(Catalogues.library()).settings())
    }

    @Test func `lines fit a terminal, and prose is told from settings`() throws {
        var catalogue = Catalogues.library()
        catalogue.databases[0].hasPassword = true
        catalogue.syncs[0].autokick = false
        catalogue.syncs[0].isStrict = false
        catalogue.unknownColumns = (1...40).map { "sync.column_\($0)" }
        let text = try MigratedConfiguration(catalogue).text
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            #expect(line.count <= 118, "\(line)")
            #expect(line.last != " ", "\(line)")
        }
        #expect(text.hasPrefix("# Switchback's configuration, made of the catalogue of Bucardo 5.6.0"))
        #expect(text.hasSuffix("\n") && !text.hasSuffix("\n\n"))
    }

    @Test func `the whole of a small one`() throws {
        #expect(
            try MigratedConfiguration(Catalogues.library()).text == """
                # Switchback's configuration, made of the catalogue of Bucardo 5.6.0 by "switchback init".
                #
                # Look at it with "switchback check", which changes nothing. Docs/FromBucardo.md tells how to change over without
                # losing a row; Docs/Configuration.md has every key.
                #
                # Everything could be carried over.

                # The name of all of it together, in status and logs.
                cluster: library

                # The databases that take part. The role is Bucardo's, a superuser; an ordinary one is enough, and "switchback
                # check" prints the grants that it lacks.
                nodes:
                  raleigh:
                    dsn: "host=db1 port=5432 dbname=library user=bucardo"
                  durham:
                    dsn: "host=db2 port=5432 dbname=library user=bucardo"

                # Sets of tables and the nodes they live on.
                syncs:
                  # Bucardo's sync library: relgroup tables, dbgroup sites.
                  library:
                    nodes:
                      raleigh: source
                      durham: target
                    tables:
                      - public.item
                      - public.note

                """)
    }
}
