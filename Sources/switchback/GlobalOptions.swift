import ArgumentParser
import Foundation
import Logging
import Postgres
import Replication
import Settings

/// Options that every command takes.
struct GlobalOptions: ParsableArguments {
    @Option(
        name: .long, help: ArgumentHelp("The configuration file.", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    var config: String?

    @Flag(name: .long, help: "One JSON document on standard output; text for people goes to standard error.")
    var json = false

    @Flag(name: [.customShort("v"), .long], help: "Tell more of what is going on.")
    var verbose = false

    /// The configuration, typed and checked; connection strings by libpq.
    func settings() throws -> Settings {
        try Settings.load(path: config, environment: ProcessInfo.processInfo.environment) { dsn in
            do throws(PostgresError) { try ConnectionSettings(dsn: dsn).validate() } catch {
                return (error.message, error.hint ?? "see the libpq documentation on connection strings")
            }
            return nil
        }
    }

    func cluster() throws -> Cluster { Cluster(try settings()) }

    var console: Output { Output(json: json) }

    /// Writes to standard error, a line an event: what somebody should know, or all that goes on.
    var logger: Logger { LineLog.logger(verbose ? .debug : .notice, style: .command) }

    /// For the daemon, which tells what goes on as it comes.
    var daemonLogger: Logger {
        LineLog.logger(verbose ? .debug : .info, style: .daemon(ProcessInfo.processInfo.environment))
    }

    /// Whether `--json` is among arguments that may not make sense otherwise.
    static func wantJSON(_ arguments: [String]) -> Bool { arguments.prefix { $0 != "--" }.contains("--json") }

    /// Options of the program, given before the command as the contract has it, moved behind it, where the parser looks
    /// for them: `switchback --config FILE status` is `switchback status --config FILE`.
    static func moved(_ arguments: [String]) -> [String] {
        let (before, rest) = split(arguments)
        guard let command = rest.first, !command.hasPrefix("-") else { return arguments }
        // The options belong to the innermost command.
        var words = [command]
        if CommandNames.verbs[command] != nil || command == "help", rest.count > 1, !rest[1].hasPrefix("-") {
            words.append(rest[1])
        }
        return words + (command == "help" ? [] : before) + rest.dropFirst(words.count)
    }

    /// The program's options at the beginning, and what follows them.
    static func split(_ arguments: [String]) -> (before: [String], rest: [String]) {
        var rest = arguments[...]
        while let first = rest.first, first.hasPrefix("-") {
            switch first {
            case "--config" where rest.count > 1: rest = rest.dropFirst(2)
            case "--json", "--verbose", "-v": rest = rest.dropFirst()
            default:
                guard first.hasPrefix("--config=") else {
                    return (Array(arguments.prefix(upTo: rest.startIndex)), Array(rest))
                }
                rest = rest.dropFirst()
            }
        }
        return (Array(arguments.prefix(upTo: rest.startIndex)), Array(rest))
    }
}
