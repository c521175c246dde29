import ArgumentParser
import Foundation
import Logging
import Postgres
import Replication
import Settings

/// Options that every command takes.
struct GlobalOptions: ParsableArguments {
    @Option(name: .long, help: "The configuration file.", completion: .file(extensions: ["yaml", "yml"]))
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

    /// Writes to standard error, a line an event.
    var logger: Logger {
        var logger = Logger(label: "switchback") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = verbose ? .debug : .info
        return logger
    }

    /// Options of the program, given before the command as the contract has it, moved behind it, where the parser looks
    /// for them: `switchback --config FILE status` is `switchback status --config FILE`.
    static func moved(_ arguments: some Sequence<String>) -> [String] {
        var before: [String] = []
        var rest = Array(arguments)[...]
        while let first = rest.first, first.hasPrefix("-") {
            switch first {
            case "--config":
                guard rest.count > 1 else { return before + rest }
                before += rest.prefix(2)
                rest = rest.dropFirst(2)
            case "--json", "--verbose", "-v":
                before.append(first)
                rest = rest.dropFirst()
            default:
                guard first.hasPrefix("--config=") else { return before + rest }
                before.append(first)
                rest = rest.dropFirst()
            }
        }
        guard let command = rest.first else { return before }
        rest = rest.dropFirst()
        var words = [command]
        // The options belong to the innermost command.
        if ["schema", "help"].contains(command), let verb = rest.first, !verb.hasPrefix("-") {
            words.append(verb)
            rest = rest.dropFirst()
        }
        return words + (command == "help" ? [] : before) + rest
    }
}
