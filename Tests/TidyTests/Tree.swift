import Foundation

/// A text file of the project: its path from the top, and its lines.
struct SourceFile {
    let path: String
    let text: String

    var lines: [String] { text.components(separatedBy: "\n") }
    var isSwift: Bool { path.hasSuffix(".swift") }
    func lies(in folder: String) -> Bool { path.hasPrefix(folder + "/") }
}

/// The project's files as they lie in the checkout that this test was built from.
enum Tree {
    static let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    static let files: [SourceFile] = folders.flatMap(files(in:)) + singles.compactMap(file(at:))

    static func under(_ folder: String) -> [SourceFile] { files.filter { $0.lies(in: folder) } }

    private static let folders = [
        "Sources", "Tests", "SQL", "Migrations", "Demo", "Scripts", "Benchmarks", "Docs", ".ci",
    ]
    private static let singles = ["Package.swift", "Makefile", "README.md", ".gitignore", ".swift-format"]

    private static func file(at path: String) -> SourceFile? {
        guard let data = FileManager.default.contents(atPath: "\(top)/\(path)") else { return nil }
        return String(data: data, encoding: .utf8).map { SourceFile(path: path, text: $0) }
    }

    private static func files(in folder: String) -> [SourceFile] {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: "\(top)/\(folder)")) ?? []
        let paths = names.filter { !$0.split(separator: "/").contains(".build") }.map { "\(folder)/\($0)" }
        return paths.sorted().compactMap(file(at:))
    }
}
