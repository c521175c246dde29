import Foundation
import Settings
import Testing

@Suite("Docs/Configuration.md") struct DocumentationTests {
    private static let text: String = {
        let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = top.appendingPathComponent("Docs/Configuration.md")
        return (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    }()

    /// The first cells of the tables whose first column is headed `key`.
    private var documented: [String] {
        var keys: [String] = []
        var isInside = false
        for line in Self.text.components(separatedBy: "\n") {
            if line.hasPrefix("| key |") { isInside = true }
            if !line.hasPrefix("|") { isInside = false }
            guard isInside, line.hasPrefix("| `") else { continue }
            keys.append(String(line.dropFirst(3).prefix { $0 != "`" }))
        }
        return keys
    }

    /// The YAML examples.
    private var examples: [String] {
        Self.text.components(separatedBy: "```yaml\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
    }

    @Test func `every key that is known is documented, once, and no other`() {
        #expect(documented.sorted() == Keys.paths.sorted())
    }

    @Test func `every example can be read`() throws {
        let whole = try #require(examples.first)
        _ = try Settings.parse(whole)
        let sites = try #require(examples.first { $0.hasPrefix("sites:") })
        for example in examples.dropFirst() {
            let section = example.prefix { $0 != ":" }
            var text = example.replacing("\"file:/etc/switchback/tsig\"", with: "k")
            // An example shows its section; what it needs besides stands in the others.
            if section == "syncs" {
                text = (whole.components(separatedBy: "syncs:").first ?? "") + text
            } else {
                text = whole + text
            }
            if section == "failover" { text += "health: { checks: [{ sql: { node: raleigh } }] }\n" }
            if section != "sites" { text += sites.replacing("\"2001:db8::20\"", with: "198.51.100.20") }
            let settings = try Settings.parse(text)
            #expect(settings.cluster == "library")
        }
        #expect(examples.count == 8)
    }

    /// A key that is declared and never read would be accepted and ignored.
    @Test(arguments: Keys.all.flatMap { keys in keys.keys.map { (keys.place, $0.name) } })
    func `every key that is known is looked at`(_ place: String, _ name: String) throws {
        let wrong = "{ [5]: ~ }"
        let line = "\(name): \(wrong)"
        let text: String =
            switch place {
            case "": name == "cluster" ? line : "\(line)\ncluster: c"
            case "syncs.NAME": "syncs: { s: { \(line) } }"
            case "syncs.NAME.conflict": "syncs: { s: { overrides: { public.a: { conflict: { \(line) } } } } }"
            case "syncs.NAME.overrides.TABLE": "syncs: { s: { overrides: { public.a: { \(line) } } } }"
            default: nested(place, line)
            }
        let error = #expect(throws: SettingsError.self) { try Settings.parse(text) }
        let path = place.replacing("[]", with: "[1]").replacing("NAME", with: "s").replacing("TABLE", with: "public.a")
            .replacing("syncs.s.conflict", with: "syncs.s.overrides.public.a.conflict")
        let full = path.isEmpty ? name : "\(path).\(name)"
        let messages = error?.problems.map(\.message) ?? []
        // Either it is of the wrong type, or, being a mapping as it should, holds a key that is none.
        #expect(
            messages.contains {
                $0.hasPrefix(full + " ") || $0.hasSuffix(" in \(full) is not a text") || $0.hasPrefix(full + ". ")
            },
            "\(full): \(messages)")
    }

    private func nested(_ place: String, _ line: String) -> String {
        var text = "{ \(line) }"
        for part in place.replacing("NAME", with: "s").split(separator: ".").reversed() {
            if part.hasSuffix("[]") { text = "[ \(text) ]" }
            let key = part.hasSuffix("[]") ? part.dropLast(2) : part
            text = "{ \(key): \(text) }"
        }
        return text
    }
}
