import Foundation
import Settings
import Testing

@testable import Migration

/// What Docs/FromBucardo.md says of the mapping is what the mapping does.
@Suite("Docs/FromBucardo.md") struct DocumentTests {
    private static func document() throws -> String {
        let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: top.appendingPathComponent("Docs/FromBucardo.md"), encoding: .utf8)
    }

    @Test func `every strategy becomes what the table says`() throws {
        let table = try #require(
            try Self.document().components(separatedBy: "| strategy | becomes |").dropFirst().first)
        let rows = table.components(separatedBy: "\n").dropFirst(2).prefix { $0.hasPrefix("|") }
        #expect(rows.count == 9)
        for row in rows {
            let cells = try #require(row.firstMatch(of: /^\| `([^`]+)` \| `([^`]+)` \|$/), "\(row)")
            let migrated = try MigratedConfiguration(Catalogues.twoSources(String(cells.1)))
            #expect(migrated.text.contains("\n    \(cells.2)\n"), "\(row)")
            #expect(
                migrated.remarks.isEmpty == !["skip", "abort", "custom", "random"].contains { row.contains($0) },
                "\(row)")
        }
    }

    @Test func `the example is what becomes of such a catalogue`() throws {
        let example = try #require(try Self.document().components(separatedBy: "```yaml\n").dropFirst().first)
            .components(separatedBy: "```")[0]
        var catalogue = Catalogues.library()
        catalogue.databases = [
            Catalogues.database("raleigh", host: "db1.example.org"),
            Catalogues.database("boston", host: "db2.example.org"),
            .init(name: "durham", service: "library_secondary"),
        ]
        catalogue.groups = [
            Catalogues.group("library_sites", ["raleigh": "source", "boston": "source", "durham": "target"])
        ]
        catalogue.relations = [Catalogues.relation(1, "item"), Catalogues.relation(2, "Order.Items")]
        catalogue.relgroups = [.init(name: "library_tables", relations: [1, 2])]
        catalogue.syncs = [.init(name: "library", relgroup: "library_tables", group: "library_sites")]
        catalogue.customColumns = [.init(relation: 1, clause: "SELECT id, title", database: nil, sync: nil)]
        let migrated = try MigratedConfiguration(catalogue)
        func withoutProse(_ text: String) -> [String] {
            text.components(separatedBy: "\n").filter { !$0.isEmpty && !$0.hasPrefix("#") }
        }
        #expect(withoutProse(migrated.text) == withoutProse(example))
        #expect(migrated.remarks.isEmpty)
        _ = try Settings.parse(example)
    }

    @Test func `every setting that it names is told in a comment, and every one that is told is named`() throws {
        let sentence = try #require(
            try Self.document().components(separatedBy: "A sync's own settings").dropFirst().first
        )
        .components(separatedBy: "counterpart")[0]
        let named = Set(sentence.matches(of: /`([a-z_]+)`/).map { String($0.1) })
        #expect(named.count == 18)
        let told = SyncTests.settings.map(\.was).joined(separator: " ")
        for name in named { #expect(told.contains(name), "\(name)") }
        for word in told.split(whereSeparator: { !$0.isLetter && $0 != "_" }) where word.contains("_") {
            #expect(named.contains(String(word)), "\(word)")
        }
    }
}
