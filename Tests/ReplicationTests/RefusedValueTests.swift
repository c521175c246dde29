import Model
import Postgres
import TestSupport
import Testing

@testable import Replication

/// P5, P7: a value that means something at its own node only stops the stream, and is named with its table and column.
/// It is never changed on the way.
@Suite("Values that cannot travel") struct RefusedValueTests {
    private struct Refused: Sendable {
        let type: String
        let value: String
        let words: [String]
        /// At the target, so that it can be written.
        let mend: String
    }

    /// Object identifiers by name travel as names. `oid` itself is a number, and travels as one: it means nothing at another
    /// node, and Switchback cannot know that it was meant to.
    private static let refused = [
        Refused(
            type: "regclass", value: "'public.only_here'",
            words: ["relation \"public.only_here\" does not exist", "column v"],
            mend: "CREATE TABLE only_here (id int PRIMARY KEY)"),
        Refused(
            type: "regprocedure", value: "'public.only_here(int)'",
            words: ["function", "public.only_here(integer)", "column v"],
            mend: "CREATE FUNCTION only_here(int) RETURNS int LANGUAGE sql AS 'SELECT 1'"),
        Refused(
            type: "regtype", value: "'public.only_type'",
            words: ["type \"public.only_type\" does not exist", "column v"],
            mend: "CREATE TYPE only_type AS ENUM ()"),
        Refused(
            type: "mood", value: "'new'", words: ["invalid input value for enum", "mood: \"new\"", "column v"],
            mend: "ALTER TYPE mood ADD VALUE 'new'"),
        Refused(
            type: "positive", value: "-1", words: ["domain", "positive_check"],
            mend: "ALTER DOMAIN positive DROP CONSTRAINT positive_check"),
        Refused(
            type: "small[]", value: "'{1,-1}'", words: ["small_check", "column v"],
            mend: "ALTER DOMAIN small DROP CONSTRAINT small_check"),
    ]

    @Test(arguments: Way.allCases)
    func `the stream stops by table and column, and goes on once the value can be written`(_ way: Way) async throws {
        let tables = Self.refused.enumerated().map {
            "CREATE TABLE t\($0) (id int PRIMARY KEY, other text, v \($1.type))"
        }
        let pair = try await TestPair.travelling(
            schema:
                "CREATE TYPE mood AS ENUM ('ok'); CREATE DOMAIN positive AS int; CREATE DOMAIN small AS int;\(tables.joined(separator: ";\n"))"
        )
        try await pair.target.run(
            "DROP TABLE t4, t5; DROP DOMAIN positive, small; CREATE DOMAIN positive AS int CHECK (VALUE > 0); CREATE DOMAIN small AS int CHECK (VALUE > 0); \(tables[4]); \(tables[5])"
        )
        try await pair.source.run(
            """
            CREATE SCHEMA hidden; CREATE TYPE only_type AS ENUM (); ALTER TYPE mood ADD VALUE 'new';
            CREATE FUNCTION only_here(int) RETURNS int LANGUAGE sql AS 'SELECT 1'
            """)
        // Excluded from the sync by its schema at first.
        try await pair.source.run("CREATE TABLE hidden.only_here (id int PRIMARY KEY)")
        try await pair.start()
        try await pair.source.run("ALTER TABLE hidden.only_here SET SCHEMA public")
        for (index, refused) in Self.refused.enumerated() {
            try await pair.write(
                "INSERT INTO t\(index) VALUES (1, 'x', \(refused.value)); UPDATE t\(index) SET other = 'y'", on: way)
            try await pair.expectStop(naming: ["rows of public.t\(index) cannot be carried"] + refused.words)
            #expect(try await pair.target.value("SELECT count(*) FROM t\(index)") == "0")
            try await pair.target.run(refused.mend)
            try await pair.catchUp()
            #expect(try await pair.target.digest("t\(index)") == pair.source.digest("t\(index)"))
        }
    }

    /// A value of type money is a number of the smallest unit, which lc_monetary decides: under another one the same value
    /// is another amount, and its text another value or none at all.
    @Test func `money stops where lc_monetary differs`() async throws {
        let pair = try await TestPair.make(
            schema:
                "CREATE DOMAIN price AS money; CREATE TYPE priced AS (what text, price money); CREATE TABLE plain (id int PRIMARY KEY)"
        )
        let columns = ["money", "money[]", "price", "priced"]
        for database in [pair.source, pair.target] {
            for (index, type) in columns.enumerated() {
                try await database.run("CREATE TABLE t\(index) (id int PRIMARY KEY, v \(type))")
            }
        }
        let facts = try await pair.target.session { try CatalogueReader.serverFacts($0) }
        let source = try await pair.source.session { try CatalogueReader.read($0) }
        let target = try await pair.target.session { try CatalogueReader.read($0) }
        func difference(_ locale: String, _ table: String) -> SchemaDifference? {
            var other = facts
            other.monetaryLocale = locale
            let catalogue = Catalogue(facts: other, tables: target.tables, sequences: [])
            guard let definition = source.tables.first(where: { $0.name.table == table }) else { return nil }
            let selected = SelectedTable(
                definition: definition, key: definition.keys.first, columns: definition.columns.map(\.name), filter: nil
            )
            do throws(SchemaDifference) {
                _ = try SchemaDifference.check(
                    selected, source: source, receiver: catalogue, sourceName: "source", receiverName: "target")
                return nil
            } catch { return error }
        }
        for index in columns.indices {
            let found = difference("de_DE.UTF-8", "t\(index)")
            #expect(found?.message.contains("column v of public.t\(index) holds money") == true)
            #expect(found?.message.contains("de_DE.UTF-8 at target") == true)
            #expect(difference(facts.monetaryLocale, "t\(index)") == nil)
        }
        #expect(difference("de_DE.UTF-8", "plain") == nil)
        let same =
            facts.monetaryLocale == "C" || facts.monetaryLocale == "POSIX"
            ? "POSIX" : facts.monetaryLocale.prefix { $0 != "." } + ".utf8"
        #expect(difference(String(same), "t0") == nil, "another spelling of the same one")
    }
}
