import ArgumentParser

/// The commands by name: a word that is none of them is told with the nearest.
enum CommandNames {
    static let all = names(of: Switchback.configuration)

    /// The commands that have commands of their own.
    static let verbs: [String: [String]] = Dictionary(
        uniqueKeysWithValues: Switchback.configuration.subcommands.filter { !$0.configuration.subcommands.isEmpty }.map
        {
            (name(of: $0), names(of: $0.configuration))
        })

    /// - Throws: `WrongUsage` when the first word is no command, or the second none of its.
    static func check(_ arguments: [String]) throws {
        let words = GlobalOptions.split(arguments).rest
        guard let command = words.first, !command.hasPrefix("-"), command != "help" else { return }
        try check(command, among: all, after: "switchback")
        guard let verbs = verbs[command], words.count > 1, !words[1].hasPrefix("-") else { return }
        try check(words[1], among: verbs, after: "switchback \(command)")
    }

    private static func check(_ word: String, among names: [String], after path: String) throws {
        guard !names.contains(word) else { return }
        let nearest = names.map { (name: $0, distance: distance(word, $0)) }.min { $0.distance < $1.distance }
        let isNear = nearest.map { $0.distance <= max(2, word.count / 3) } ?? false
        throw WrongUsage(
            "there is no command \"\(path) \(word)\"",
            hint: isNear
                ? "did you mean \"\(path) \(nearest?.name ?? "")\"?"
                : "the commands are \(names.joined(separator: ", "))")
    }

    private static func names(of configuration: CommandConfiguration) -> [String] {
        configuration.subcommands.map(name(of:))
    }

    private static func name(of command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? "\(command)".lowercased()
    }

    /// The fewest letters to add, drop or change, or neighbours to swap, that make one word of the other.
    static func distance(_ left: String, _ right: String) -> Int {
        let a = Array(left)
        let b = Array(right)
        var table = (0...a.count).map { row in (0...b.count).map { row == 0 ? $0 : $0 == 0 ? row : 0 } }
        guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
        for i in 1...a.count {
            for j in 1...b.count {
                var least = min(table[i - 1][j] + 1, table[i][j - 1] + 1)
                least = min(least, table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    least = min(least, table[i - 2][j - 2] + 1)
                }
                table[i][j] = least
            }
        }
        return table[a.count][b.count]
    }
}
