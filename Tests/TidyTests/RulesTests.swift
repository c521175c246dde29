import Testing

/// Each rule sees what it is there to see, and lets pass what is right.
@Suite("The rules of the house see what breaks them") struct RulesTests {
    private func swift(_ text: String, at path: String = "Sources/Model/A.swift") -> [SourceFile] {
        [SourceFile(path: path, text: text)]
    }

    @Test func `imports of C libraries`() {
        #expect(Rules.imports(swift("import Glibc\ninternal import CLibPQ\n")).count == 1)
        #expect(Rules.imports(swift("import CLibCurl", at: "Sources/Postgres/A.swift")).count == 1)
        #expect(Rules.imports(swift("import CLibPQ", at: "Sources/Postgres/A.swift")) == [])
        #expect(Rules.imports(swift("import CLibCurl", at: "Sources/HTTP/A.swift")) == [])
    }

    @Test func `SQL in strings of several lines`() {
        let quotes = "\"\"\""
        #expect(Rules.multilineSQL(swift("let a = \(quotes)\n    SELECT 1\n    \(quotes)")).count == 1)
        #expect(Rules.multilineSQL(swift("let a = \(quotes)\n    Selected\n    \(quotes)\nSELECT")) == [])
        #expect(Rules.multilineSQL(swift("let a = \"SELECT 1\"")) == [])
    }

    @Test func `unsafety without a reason`() {
        let declaration = "final class A: @unchecked Sendable {"
        #expect(Rules.unexplainedUnsafety(swift(declaration)).count == 1)
        #expect(Rules.unexplainedUnsafety(swift("/// It is safe.\n" + declaration)).count == 1)
        #expect(Rules.unexplainedUnsafety(swift("/// a\n/// unsafe\n/// b\n" + declaration)).count == 1)
        #expect(Rules.unexplainedUnsafety(swift("/// a\n/// safe because\n/// b\n@Mark\n" + declaration)) == [])
        let member = "    nonisolated(unsafe) let a: Int\n}"
        #expect(Rules.unexplainedUnsafety(swift("/// a\n/// safe\n/// b\nstruct A {\n" + member)).count == 1)
        let naming = "/// a `nonisolated(unsafe)`\n/// is safe\n/// b\nstruct A {\n"
        #expect(Rules.unexplainedUnsafety(swift(naming + member)) == [])
    }

    @Test func `notes of work to do`() {
        #expect(Rules.promises(swift("// TO" + "DO: more")).count == 1)
        #expect(Rules.promises(swift("// FIX" + "ME")).count == 1)
        #expect(Rules.promises(swift("let mastodon = 1 // to do")) == [])
    }

    @Test func `long files`() {
        #expect(Rules.length(swift("a\nb\nc\n"), linesMax: 2).count == 1)
        #expect(Rules.length(swift("a\nb\n"), linesMax: 2) == [])
    }

    @Test func `SQL without a head`() {
        let whole = "-- What it does.\n-- Takes: $1. Returns: a row.\n-- Reads: a.\n-- Writes: nothing.\nSELECT 1"
        #expect(Rules.headers(swift(whole, at: "SQL/a.sql")) == [])
        let short = "-- Takes: $1. Returns: nothing. Reads and writes: a."
        #expect(Rules.headers(swift(short, at: "SQL/a.sql")) == [])
        #expect(Rules.headers(swift("SELECT 1 -- Takes: Returns: Reads: Writes:", at: "SQL/a.sql")).count == 4)
        #expect(Rules.headers(swift("-- Takes:\n-- Returns:\n-- Reads:\n\n-- Writes:", at: "SQL/a.sql")).count == 1)
    }

    @Test func `gaps in the migrations' numbers`() {
        #expect(Rules.migrationNumbers(["Migrations/0002-b.sql", "Migrations/0001-a.sql"]) == [])
        #expect(Rules.migrationNumbers(["Migrations/0001-a.sql", "Migrations/0003-b.sql"]).count == 1)
        #expect(Rules.migrationNumbers(["Migrations/0001-a.sql", "Migrations/0001-b.sql"]).count == 1)
    }

    @Test func `paths of one machine`() {
        #expect(Rules.machinePaths(swift("let a = \"/ho" + "me/somebody/x\"")).count == 1)
        #expect(Rules.machinePaths(swift("let a = \"/tmp/x\"")) == [])
        #expect(Rules.machinePaths(swift("path: /ho" + "me/")) == [])
        #expect(Rules.machinePaths(swift("from /ho" + "me/ to /ho" + "me/somebody")).count == 1)
    }

    @Test func `names of SQL files`() {
        let names: Set = ["capture/install", "capture/remove"]
        let good = "Assets.sql(\"capture/install\") + template(\"capture/remove\")"
        #expect(Rules.sqlNames(swift(good), names: names) == [])
        #expect(Rules.sqlNames(swift("Assets.sql(\"capture/install\")"), names: names).count == 1)
        #expect(Rules.sqlNames(swift(good + "\nAssets.sql(\"other\")"), names: names).count == 1)
        #expect(Rules.sqlNames(swift(good + "\ntemplate(\"capture/instal\")"), names: names).count == 1)
    }
}
