import Assets
import Foundation
import Testing

@Suite("Embedded SQL") struct AssetsTests {
    private static let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func onDisk() throws -> [String: String] {
        var files: [String: String] = [:]
        for folder in ["SQL", "Migrations", "Demo"] {
            let path = Self.top.appendingPathComponent(folder)
            let names = (try? FileManager.default.subpathsOfDirectory(atPath: path.path)) ?? []
            for name in names where name.hasSuffix(".sql") {
                let text = try String(contentsOf: path.appendingPathComponent(name), encoding: .utf8)
                files["\(folder)/\(name.dropLast(4))"] = text
            }
        }
        return files
    }

    @Test func `every embedded file is the one on disk, whole`() throws {
        let disk = try onDisk()
        #expect(Set(Assets.files.keys) == Set(disk.keys), "run Scripts/embed-sql")
        for (name, text) in disk { #expect(Assets.files[name] == text, "\(name)") }
    }

    @Test func `migrations come in the order of their numbers`() {
        #expect(!Assets.migrations.isEmpty)
        #expect(Assets.migrations.map(\.version) == Array(1...Assets.migrations.count))
        for migration in Assets.migrations { #expect(migration.sql == Assets.files["Migrations/\(migration.name)"]) }
    }
}
