import Model
import Testing

@Suite("Patterns for tables") struct GlobTests {
    private func matches(_ pattern: String, _ schema: String, _ table: String) throws -> Bool {
        try Glob(pattern).matches(TableName(schema: schema, table: table))
    }

    @Test func `a plain name means one table of one schema`() throws {
        #expect(try matches("public.item", "public", "item"))
        #expect(try !matches("public.item", "public", "items"))
        #expect(try !matches("public.item", "public", "ite"))
        #expect(try !matches("public.item", "publi", "item"))
        #expect(try !matches("public.item", "private", "item"))
    }

    @Test func `wildcards stand in either part and anywhere in it`() throws {
        #expect(try matches("public.*", "public", "item"))
        #expect(try matches("*.item", "archive", "item"))
        #expect(try matches("*.*", "a", "b"))
        #expect(try matches("arch*_?.*_log", "archive_7", "import_log"))
        #expect(try !matches("arch*_?.*_log", "archive_77", "import_log"))
        #expect(try matches("public.*a*b*", "public", "xaxbx"))
        #expect(try !matches("public.*a*b*", "public", "xbxax"))
        #expect(try matches("public.?", "public", "é"))
        #expect(try !matches("public.??", "public", "é"))
        #expect(try matches("public.item**", "public", "item"))
    }

    @Test func `case counts, with quotes and without`() throws {
        #expect(try matches("public.Item", "public", "Item"))
        #expect(try !matches("public.Item", "public", "item"))
        #expect(try matches("public.\"Item\"", "public", "Item"))
        #expect(try !matches("public.\"Item\"", "public", "item"))
    }

    @Test func `what is in double quotes stands for itself`() throws {
        #expect(try matches("\"My Schema\".\"Order.Items\"", "My Schema", "Order.Items"))
        #expect(try matches("public.\"a*b?\"", "public", "a*b?"))
        #expect(try !matches("public.\"a*b?\"", "public", "axxbx"))
        #expect(try matches("public.\"say \"\"hi\"\"\"", "public", "say \"hi\""))
        #expect(try matches("public.\"2024 \"*", "public", "2024 Q1"))
        #expect(try matches("Größe.naïve-tab$1_x", "Größe", "naïve-tab$1_x"))
    }

    @Test func `every name that is shown to people can be used as a pattern`() throws {
        let parts = [
            "item", "Item", "two words", "a.b", "say \"hi\"", "1st", "*", "?", "50%", "ümläut", "", "a\tb", "tab'le",
        ]
        for schema in parts where !schema.isEmpty {
            for table in parts where !table.isEmpty {
                let name = TableName(schema: schema, table: table)
                // An accented letter is quoted, and may be left unquoted.
                let glob = try Glob("\(name)")
                #expect(glob.matches(name), "\(name)")
                #expect(!glob.matches(TableName(schema: schema, table: table + "x")), "\(name)")
                #expect(!glob.matches(TableName(schema: "x" + schema, table: table)), "\(name)")
            }
        }
    }

    @Test func `names are compared as Postgres does, not as Unicode does`() throws {
        #expect(try matches("public.caf\u{E9}", "public", "caf\u{E9}"))
        #expect(try !matches("public.caf\u{E9}", "public", "cafe\u{301}"))
    }

    @Test func `patterns that differ in writing only are equal`() throws {
        #expect(try Glob("public.item") == Glob("\"public\".\"item\""))
        #expect(try Glob("public.a**b") == Glob("public.a*b"))
        #expect(try Glob("public.item") != Glob("public.Item"))
        #expect(try Glob("public.*") != Glob("public.\"*\""))
        #expect(try Set([Glob("public.item"), Glob("\"public\".item")]).count == 1)
        #expect(try Glob("\"public\".item").description == "\"public\".item")
    }

    @Test(arguments: [
        ("", GlobError.isEmpty), ("item", .hasNoSchema("item")), ("*", .hasNoSchema("*")), ("a.b.c", .hasManyParts(3)),
        (".item", .hasEmptyPart), ("public.", .hasEmptyPart), (".", .hasEmptyPart), ("public.\"\"", .hasEmptyPart),
        ("public.\"item", .quoteIsOpen), ("public.\"a\"\"", .quoteIsOpen), ("public.a b", .needsQuotes(" ")),
        (" public.a", .needsQuotes(" ")), ("public.a%", .needsQuotes("%")), ("public.[ab]", .needsQuotes("[")),
        ("public.'a'", .needsQuotes("'")), ("public.a\tb", .needsQuotes("\t")), ("public.{a,b}", .needsQuotes("{")),
        ("\"a.b\"", .hasNoSchema("\"a.b\"")),
    ])
    func `what is no pattern is refused with its reason`(_ text: String, _ error: GlobError) {
        #expect(throws: error) { try Glob(text) }
        #expect(!error.description.isEmpty && !error.remedy.isEmpty)
    }

    @Test func `a refusal says what to write`() {
        #expect(GlobError.hasNoSchema("item").remedy == "write schema.table, such as public.item")
        #expect(GlobError.needsQuotes("\t").description == "has the character U+9 outside of double quotes")
        #expect(GlobError.needsQuotes(" ").description == "has a space outside of double quotes")
    }

    /// A pattern of many stars takes a backtracking matcher longer than anybody waits: 2 to the power of 30.
    @Test func `matching does not blow up`() throws {
        let name = String(repeating: "a", count: 63)
        #expect(try !matches("public." + String(repeating: "*a", count: 30) + "b", "public", name))
        #expect(try !matches("public." + String(repeating: "a*?", count: 20) + "b", "public", name))
        #expect(try matches("public." + String(repeating: "*a", count: 30), "public", name))
    }

    @Test func `matching agrees with the definition, pattern by pattern`() throws {
        // Every pattern of up to five signs over every name of up to five letters.
        let patterns = words(over: ["a", "b", "*", "?"], longest: 5)
        let names = words(over: ["a", "b"], longest: 5)
        for pattern in patterns {
            let glob = try Glob("s." + pattern)
            for name in names {
                let wanted = Self.defined(Array(pattern)[...], Array(name)[...])
                let found = glob.matches(TableName(schema: "s", table: name))
                if found != wanted { Issue.record("\(pattern) and \(name): \(found)") }
            }
        }
    }

    private func words(over letters: [String], longest: Int) -> [String] {
        var all: [String] = []
        var last = [""]
        for _ in 1...longest {
            last = last.flatMap { word in letters.map { word + $0 } }
            all += last
        }
        return all
    }

    private static func defined(_ pattern: ArraySlice<Character>, _ name: ArraySlice<Character>) -> Bool {
        guard let sign = pattern.first else { return name.isEmpty }
        let rest = pattern.dropFirst()
        if sign == "*" { return defined(rest, name) || !name.isEmpty && defined(pattern, name.dropFirst()) }
        guard let letter = name.first, sign == "?" || sign == letter else { return false }
        return defined(rest, name.dropFirst())
    }
}
