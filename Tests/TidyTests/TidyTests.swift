import Foundation
import Testing

@Suite("The tree keeps the rules of the house") struct TidyTests {
    @Test func `the tree is where it is looked for`() {
        #expect(Tree.files.contains { $0.path == "Package.swift" })
        #expect(Tree.under("Sources").count > 10)
        #expect(!Tree.under("Migrations").isEmpty)
    }

    @Test func `libpq and libcurl have one importer each`() {
        #expect(Rules.imports(Tree.files) == [])
    }

    @Test func `the list of embedded files is that of SQL, Migrations and Demo`() throws {
        let list = try #require(Tree.files.first { $0.path == "Sources/CAssets/assets.c" })
        let marker = "#embed \"../../"
        let embedded = list.lines.filter { $0.hasPrefix(marker) }.map {
            $0.dropFirst(marker.count).prefix { $0 != "\"" }
        }
        let present = ["SQL", "Migrations", "Demo"].flatMap(Tree.under).map(\.path).filter { $0.hasSuffix(".sql") }
        #expect(embedded.map(String.init).sorted() == present.sorted(), "run Scripts/embed-sql")
    }

    @Test func `every SQL file that is named exists, and every one is used`() {
        let names = Tree.under("SQL").map { $0.path.dropFirst("SQL/".count).dropLast(".sql".count) }
        #expect(Rules.sqlNames(Tree.under("Sources"), names: Set(names.map(String.init))) == [])
    }

    @Test func `SQL of more than a line is in SQL`() {
        #expect(Rules.multilineSQL(Tree.under("Sources")) == [])
    }

    @Test func `SQL files say at their head what they take and do`() {
        #expect(Rules.headers((Tree.under("SQL") + Tree.under("Demo")).filter { $0.path.hasSuffix(".sql") }) == [])
    }

    @Test func `migrations are numbered without gaps`() {
        #expect(Rules.migrationNumbers(Tree.under("Migrations").map(\.path)) == [])
    }

    @Test func `what the compiler cannot check says why it is safe`() {
        #expect(Rules.unexplainedUnsafety(Tree.files.filter { !$0.lies(in: "Tests/TidyTests") }) == [])
    }

    @Test func `nothing is left as a note of work to do`() {
        #expect(Rules.promises(Tree.files) == [])
    }

    @Test func `no source file is long`() {
        #expect(Rules.length(Tree.under("Sources").filter { !$0.lies(in: "Sources/CAssets") }) == [])
    }

    @Test func `no file names a path of one machine`() {
        #expect(Rules.machinePaths(Tree.files) == [])
    }
}
