import ArgumentParser
import Foundation
import Settings
import Testing

@testable import switchback

/// What the documents tell people to type, to read and to expect is there.
@Suite("README and the documents for operators") struct DocumentTests {
    private static let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: top.appendingPathComponent(path), encoding: .utf8)
    }

    private static let documents = [
        "README.md", "Docs/Operations.md", "Docs/FromBucardo.md", "Docs/Conflicts.md", "Docs/Health.md",
        "Docs/DNS.md", "Docs/Failover.md", "Docs/Files.md",
    ]

    /// What stands in backticks, and the lines that are shown as code, without their comments.
    private static func code(_ document: String) throws -> [String] {
        let text = try text(document)
        let inline = text.matches(of: /`([^`\n]+)`/).map { String($0.1) }
        let lines = text.components(separatedBy: "\n").filter { $0.hasPrefix("    ") }.map { line in
            line.components(separatedBy: " #")[0].trimmingCharacters(in: .whitespaces)
        }
        return inline + lines
    }

    @Test(arguments: documents) func `every command that is shown can be given`(_ document: String) throws {
        let commands = try Self.code(document).filter { $0.hasPrefix("switchback ") }
        #expect(commands.count > 4)
        for command in commands {
            let arguments = command.replacing("…", with: "main").split(separator: " ").dropFirst().map(String.init)
            do {
                try CommandNames.check(arguments)
                _ = try Switchback.parseAsRoot(GlobalOptions.moved(arguments))
            } catch {
                #expect(Switchback.exitCode(for: error) == .success, "\(command): \(error)")
            }
        }
    }

    @Test(arguments: documents.prefix(2)) func `everything that is to be made can be made`(_ document: String) throws {
        let makefile = try Self.text("Makefile")
        let goals = try Self.code(document).compactMap { line in
            line.firstMatch(of: /^(?:sudo )?make ([a-z]+)/).map { String($0.1) }
        }
        #expect(!goals.isEmpty)
        for goal in goals { #expect(makefile.contains("\n\(goal):"), "make \(goal)") }
    }

    @Test(arguments: documents) func `every configuration that is shown can be read`(_ document: String) throws {
        for example in try Self.text(document).components(separatedBy: "```yaml\n").dropFirst() {
            _ = try Settings.parse(example.components(separatedBy: "```")[0])
        }
    }

    /// The messages of a table, whose first column is headed `message`, without what the program fills in.
    @Test(arguments: [("Docs/Operations.md", 20), ("Docs/DNS.md", 5)])
    func `every message that is explained can be told`(
        _ document: String, _ least: Int
    ) throws {
        let sources = Self.top.appendingPathComponent("Sources")
        let names = try FileManager.default.subpathsOfDirectory(atPath: sources.path).filter { $0.hasSuffix(".swift") }
        let program = try names.map { try String(contentsOf: sources.appendingPathComponent($0), encoding: .utf8) }
            .joined().replacing("\\\"", with: "\"")
        let table = try #require(
            try Self.text(document).components(separatedBy: "| message |").dropFirst().first)
        let rows = table.components(separatedBy: "\n").dropFirst(2).prefix { $0.hasPrefix("|") }
        #expect(rows.count > least)
        for row in rows {
            let message = try #require(row.firstMatch(of: /^\| `([^`]+)` \|/)).1
            for part in message.split(separator: "…") where part.count > 4 {
                #expect(program.contains(part), "\(message)")
            }
        }
    }
}
