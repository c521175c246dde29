import ArgumentParser

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
            InitCommand.self, CheckCommand.self, SchemaCommand.self, CopyCommand.self, RunCommand.self,
            SyncCommand.self, StatusCommand.self, PauseCommand.self, ResumeCommand.self, DiffCommand.self,
            RepairCommand.self,
        ])

    @OptionGroup var options: GlobalOptions

    /// Parses and runs; every end has its exit status.
    static func main() async {
        do {
            var command = try parseAsRoot(GlobalOptions.moved(CommandLine.arguments.dropFirst()))
            if let daemon = command as? RunCommand {
                // It has its own way to end.
                try await daemon.run()
            } else if let asynchronous = command as? any AsyncParsableCommand {
                try await Interruption.cancelling {
                    var command = asynchronous
                    try await command.run()
                }
            } else {
                try command.run()
            }
        } catch {
            Failure.end(error)
        }
    }
}

/// The version of this program.
enum Version {
    static let text = "0.1.0"
}
