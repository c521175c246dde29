import Foundation

/// The rules of the house that neither compiler nor formatter checks. Each takes files and names what breaks the rule,
/// as `path:line: reason`, so that each can be shown broken ones too.
enum Rules {
    /// A C library has one importer.
    static func imports(_ files: [SourceFile]) -> [String] {
        let homes = ["CLibPQ": "Sources/Postgres", "CLibCurl": "Sources/HTTP"]
        return files.filter(\.isSwift).flatMap { file in
            found(in: file) { line in
                let words = line.split(separator: " ")
                guard let at = words.firstIndex(of: "import"), at + 1 < words.count else { return nil }
                guard let home = homes[String(words[at + 1])], !file.lies(in: home) else { return nil }
                return "\(words[at + 1]) is imported outside \(home)"
            }
        }
    }

    /// SQL longer than a line lives in `SQL/`.
    static func multilineSQL(_ files: [SourceFile]) -> [String] {
        let verbs = ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "WITH", "MERGE"]
        return files.filter(\.isSwift).flatMap { file in
            var isInside = false
            return found(in: file) { line in
                let quotes = line.components(separatedBy: "\"\"\"").count - 1
                defer { if quotes % 2 == 1 { isInside.toggle() } }
                let first = line.trimmingCharacters(in: .whitespaces).prefix { $0.isLetter || $0 == "_" }
                guard isInside, verbs.contains(String(first)) else { return nil }
                return "SQL in a string of several lines; it belongs into SQL/"
            }
        }
    }

    /// What escapes the compiler's checks says why it is safe: three lines of comment right above, or above the type
    /// around it if that comment names `nonisolated(unsafe)`.
    static func unexplainedUnsafety(_ files: [SourceFile]) -> [String] {
        files.filter(\.isSwift).flatMap { file in
            let lines = file.lines
            return lines.indices.compactMap { index -> String? in
                let code = codePart(of: lines[index])
                guard code.contains("@unchecked Sendable") || code.contains("nonisolated(unsafe)") else { return nil }
                if explains(comment(above: index, in: lines)) { return nil }
                if let type = typeLine(around: index, in: lines) {
                    let comment = comment(above: type, in: lines)
                    if explains(comment) && comment.joined().contains("nonisolated(unsafe)") { return nil }
                }
                return "\(file.path):\(index + 1): three lines of comment right above must say why it is safe"
            }
        }
    }

    /// What is to be done is done, or is in the issues.
    static func promises(_ files: [SourceFile]) -> [String] {
        files.flatMap { file in
            found(in: file) { line in
                let words = line.split { !$0.isLetter }
                return words.contains { $0 == "TO" + "DO" || $0 == "FIX" + "ME" } ? "a note of work left undone" : nil
            }
        }
    }

    static func length(_ files: [SourceFile], linesMax: Int = 600) -> [String] {
        // Nobody reads what a script has written.
        files.filter { $0.lines.count - 1 > linesMax && !($0.lines.first ?? "").hasPrefix("// Written by Scripts/") }
            .map { "\($0.path): longer than \(linesMax) lines" }
    }

    /// A database administrator can read from its head what a SQL file takes and does.
    static func headers(_ files: [SourceFile]) -> [String] {
        files.flatMap { file in
            let header = file.lines.prefix { $0.hasPrefix("--") }.joined(separator: "\n")
            let both = header.contains("Reads and writes:") ? ["Takes:", "Returns:"] : nil
            let missing = (both ?? ["Takes:", "Returns:", "Reads:", "Writes:"]).filter { !header.contains($0) }
            return missing.map { "\(file.path): the comment at its head does not say \($0)" }
        }
    }

    static func migrationNumbers(_ paths: [String]) -> [String] {
        paths.sorted().enumerated().compactMap { index, path in
            let wanted = String(format: "Migrations/%04d-", index + 1)
            return path.hasPrefix(wanted) && path.hasSuffix(".sql") ? nil : "\(path): expected \(wanted)….sql"
        }
    }

    /// Nothing speaks of the machine that it was written on.
    static func machinePaths(_ files: [SourceFile]) -> [String] {
        let folders = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "/tmp/" + "sb"]
        return files.flatMap { file in
            found(in: file) { line in
                // The folder of all homes is no one machine's; somebody's home in it is.
                folders.first { line.contains($0) && !line.contains("." + $0) && !line.hasWholeFolder($0) }
                    .map { "a path of one machine: \($0)" }
            }
        }
    }

    /// Every SQL file that is named exists, and every one that exists is named.
    ///
    /// - Parameter names: The files' paths below `SQL/`, without `.sql`.
    static func sqlNames(_ files: [SourceFile], names: Set<String>) -> [String] {
        let folders = Set(names.compactMap { $0.contains("/") ? $0.split(separator: "/").first.map(String.init) : nil })
        var used: Set<String> = []
        var broken: [String] = []
        for file in files where file.isSwift {
            broken += found(in: file) { line in
                let literals = literals(in: line)
                used.formUnion(literals.map(\.text))
                let wrong = literals.first { literal in
                    let isName = literal.isArgumentOfSQL || isPath(literal.text, in: folders)
                    return isName && !names.contains(literal.text)
                }
                return wrong.map { "there is no SQL/\($0.text).sql" }
            }
        }
        return broken + names.subtracting(used).sorted().map { "SQL/\($0).sql: used nowhere in Sources" }
    }

    // MARK: Reading lines

    private static func found(in file: SourceFile, _ reason: (String) -> String?) -> [String] {
        file.lines.enumerated().compactMap { index, line in reason(line).map { "\(file.path):\(index + 1): \($0)" } }
    }

    private static func codePart(of line: String) -> String {
        line.components(separatedBy: "//")[0]
    }

    private static func comment(above index: Int, in lines: [String]) -> [String] {
        // Attributes of the declaration stand between it and its comment.
        var above = lines[..<index].reversed().drop { $0.trimmingCharacters(in: .whitespaces).hasPrefix("@") }
            .prefix { $0.trimmingCharacters(in: .whitespaces).hasPrefix("//") }.map { $0 }
        above.reverse()
        return above
    }

    private static func explains(_ comment: [String]) -> Bool {
        let words = comment.joined(separator: " ").lowercased().split { !$0.isLetter }
        return comment.count >= 3 && words.contains("safe")
    }

    private static func typeLine(around index: Int, in lines: [String]) -> Int? {
        let depth = lines[index].prefix { $0 == " " }.count
        return lines[..<index].lastIndex { line in
            let words = line.split(separator: " ")
            let isType = words.contains { ["class", "struct", "actor", "enum"].contains($0) }
            return isType && line.hasSuffix("{") && line.prefix { $0 == " " }.count < depth
        }
    }

    private static func isPath(_ text: String, in folders: Set<String>) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = text.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" || $0 == "/" }
        return parts.count == 2 && isPlain && !parts[1].isEmpty && folders.contains(String(parts[0]))
    }

    private static func literals(in line: String) -> [(text: String, isArgumentOfSQL: Bool)] {
        let parts = codePart(of: line).components(separatedBy: "\"")
        return stride(from: 1, to: parts.count, by: 2).map { (parts[$0], parts[$0 - 1].hasSuffix("Assets.sql(")) }
    }
}

extension String {
    /// Whether a folder is named wherever it stands, and nothing in it.
    fileprivate func hasWholeFolder(_ folder: String) -> Bool {
        components(separatedBy: folder).dropFirst().allSatisfy { rest in
            rest.first.map { !$0.isLetter && !$0.isNumber } ?? true
        }
    }
}
