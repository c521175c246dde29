import ArgumentParser
import Glibc

@main
struct Switchback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "switchback",
        abstract: "Keeps a Postgres database equal in two places.",
        discussion: """
            The configuration is found at --config, $SWITCHBACK_CONFIG, ./switchback.yaml or /etc/switchback/switchback.yaml.
            Exit status: 0 done; 1 tried and failed; 2 wrong usage or configuration, nothing touched; 3 done, and the answer is no.
            """,
        version: Version.text,
        subcommands: [
            DemoCommand.self, InitCommand.self, CheckCommand.self, SchemaCommand.self, CopyCommand.self,
            RunCommand.self, SyncCommand.self, StatusCommand.self, PauseCommand.self, ResumeCommand.self,
            LostCommand.self,
            FenceCommand.self, UnfenceCommand.self, FailoverCommand.self, FailbackCommand.self, SwitchoverCommand.self,
            WhyCommand.self, JournalCommand.self, HealthCommand.self, DNSCommand.self, FilesCommand.self,
            DiffCommand.self, RepairCommand.self, ConflictsCommand.self, QuarantineCommand.self,
        ])

    @OptionGroup var options: GlobalOptions

    /// Parses and runs; every end has its exit status.
    static func main() async {
        // A reader that goes away is seen where text is written, and is no reason to end in the middle of something.
        signal(SIGPIPE, SIG_IGN)
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            try CommandNames.check(arguments)
            let ordered = GlobalOptions.moved(arguments)
            try await Interruption.run {
                // Parsed where it runs: a command is no value that could be handed from one task to another.
                var command = try parseAsRoot(ordered)
                if var asynchronous = command as? any AsyncParsableCommand {
                    try await asynchronous.run()
                } else {
                    try command.run()
                }
            }
        } catch {
            Failure.end(error, json: GlobalOptions.wantJSON(arguments))
        }
    }
}

/// The version of this program.
enum Version {
    static let text = "0.1.0"
}
