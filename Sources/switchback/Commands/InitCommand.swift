import ArgumentParser
import Foundation
import Glibc
import Migration
import Settings

/// Writes a commented configuration.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Write a commented configuration.",
        discussion: """
            It is written to --config, $SWITCHBACK_CONFIG or ./switchback.yaml. An existing file is never overwritten.

            With --from-bucardo it is made of a Bucardo's control database: its databases, syncs, tables and rules. What cannot \
            be carried over stands in it as a comment, with what to do instead. Nothing is changed there, and no password taken along.
            """)

    @OptionGroup var options: GlobalOptions
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Bucardo's control database, as a libpq connection string. Leave its password to ~/.pgpass or a service file.",
            valueName: "dsn"))
    var fromBucardo: String?

    private struct Result: Encodable { let path: String }

    private struct MigrationResult: Encodable {
        struct Line: Encodable {
            let place: String
            let was: String
            let instead: String
        }

        let path: String
        let bucardo: String
        let nodes: [String]
        let syncs: [String]
        let variables: [String]
        let notCarriedOver: [Line]

        enum CodingKeys: String, CodingKey {
            case path, bucardo, nodes, syncs, variables
            case notCarriedOver = "not_carried_over"
        }
    }

    func run() async throws {
        // The place where every other command looks first.
        let named = ProcessInfo.processInfo.environment["SWITCHBACK_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let path = options.config ?? named ?? "switchback.yaml"
        if let fromBucardo { return try await migrate(fromBucardo, to: path) }
        try Self.create(path, Settings.template)
        options.console.say("wrote \(path); change its nodes and tables to yours, then run \"\(check(path))\"")
        try options.console.result(Result(path: path))
    }

    private func check(_ path: String) -> String {
        options.config == nil ? "switchback check" : "switchback --config \(path) check"
    }

    /// Writes what a Bucardo's catalogue becomes.
    private func migrate(_ dsn: String, to path: String) async throws {
        // Said before anybody is asked; making the file says it again.
        guard access(path, F_OK) != 0 else { throw Self.refusal(path, EEXIST) }
        let catalogue = try await BucardoReader.read(dsn: dsn)
        let migrated = try MigratedConfiguration(catalogue)
        try Self.create(path, migrated.text)
        tell(migrated, path)
        try options.console.result(
            MigrationResult(
                path: path, bucardo: catalogue.version, nodes: migrated.nodes, syncs: migrated.syncs,
                variables: migrated.variables,
                notCarriedOver: migrated.remarks.map {
                    MigrationResult.Line(place: $0.place, was: $0.was, instead: $0.instead)
                }))
    }

    private func tell(_ migrated: MigratedConfiguration, _ path: String) {
        func count(_ number: Int, _ word: String) -> String { "\(number) \(word)\(number == 1 ? "" : "s")" }
        let console = options.console
        console.say("wrote \(path): \(count(migrated.nodes.count, "node")), \(count(migrated.syncs.count, "sync"))")
        if !migrated.remarks.isEmpty {
            console.say(
                "\(count(migrated.remarks.count, "thing")) could not be carried over: see the comments \"Not carried over\" in it"
            )
        }
        if !migrated.variables.isEmpty {
            console.say(
                "set \(migrated.variables.joined(separator: ", ")), or keep the passwords where libpq finds them")
        }
        console.say("then run \"\(check(path))\"; Docs/FromBucardo.md tells how to change over")
    }

    /// Makes a file that is not there yet.
    private static func create(_ path: String, _ text: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw refusal(path, errno) }
        guard let reason = write(text, to: file) else { return }
        unlink(path)
        throw Failed("\(path) could not be written: \(reason)", hint: "mend that, and try again")
    }

    private static func refusal(_ path: String, _ code: Int32) -> WrongUsage {
        let folder = (path as NSString).deletingLastPathComponent
        return switch code {
        case EEXIST:
            WrongUsage(
                "\(path) is there already, and is left as it is",
                hint: "name another file with --config, or move this one away")
        case ENOENT:
            WrongUsage("there is no folder \(folder)", hint: "make it first: mkdir -p \(folder)")
        default:
            WrongUsage(
                "\(path) cannot be written: \(String(cString: strerror(code)))", hint: "name another file with --config"
            )
        }
    }

    /// Writes all of a text and closes the file; what went wrong, or nil.
    private static func write(_ text: String, to file: Int32) -> String? {
        var bytes = Array(text.utf8)[...]
        var failure: String?
        while failure == nil && !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            if count < 0 { failure = String(cString: strerror(errno)) } else { bytes = bytes.dropFirst(count) }
        }
        if close(file) != 0 && failure == nil { failure = String(cString: strerror(errno)) }
        return failure
    }
}
