import ArgumentParser
import Settings

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
        var words = GlobalOptions.split(arguments).rest[...]
        let isHelp = words.first == "help"
        if isHelp { words = words.dropFirst() }
        guard let command = words.first else {
            if isHelp { return }
            throw NoCommand(path: "switchback", commands: all, help: Switchback.helpMessage())
        }
        guard !command.hasPrefix("-") else { return }
        try check(command, among: all, after: "switchback")
        guard let verbs = verbs[command] else { return }
        guard let verb = words.dropFirst().first(where: { !$0.hasPrefix("-") }) else {
            if isHelp || words.contains(where: { ["-h", "--help", "--version"].contains($0) }) { return }
            let type = Switchback.configuration.subcommands.first { name(of: $0) == command }
            throw NoCommand(
                path: "switchback \(command)", commands: verbs,
                help: type.map { Switchback.helpMessage(for: $0) } ?? "")
        }
        try check(verb, among: verbs, after: "switchback \(command)")
    }

    private static func check(_ word: String, among names: [String], after path: String) throws {
        guard !names.contains(word) else { return }
        let nearest = Nearest.to(word, among: names).flatMap { Nearest.isAlike(word, $0) ? $0 : nil }
        throw WrongUsage(
            "there is no command \"\(path) \(word)\"",
            hint: nearest.map { "did you mean \"\(path) \($0)\"?" }
                ?? "the commands are \(names.joined(separator: ", "))")
    }

    private static func names(of configuration: CommandConfiguration) -> [String] {
        configuration.subcommands.map(name(of:))
    }

    private static func name(of command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? "\(command)".lowercased()
    }
}

/// The command line ends where a command is wanted.
struct NoCommand: Error {
    let path: String
    let commands: [String]
    /// What there is to choose from, for people.
    let help: String
}
