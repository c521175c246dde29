import ArgumentParser
import Console
import Replication

/// How things are.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show nodes and streams: lag in seconds and rows, and why one does not move.",
        discussion: """
            Asks the nodes themselves; no daemon needs to run. Exit status 3 when something is not well. With --watch it shows that \
            again and again until Ctrl-C, which is no failure; with --json as well, each time a document on one line.
            """)

    @OptionGroup var options: GlobalOptions
    @Flag(help: "Show it again and again until Ctrl-C.") var watch = false
    @Option(help: ArgumentHelp("The time between two looks.", valueName: "seconds")) var interval: Double = 1

    func run() async throws {
        guard (0.1...86_400).contains(interval) else {
            throw WrongUsage("--interval takes a number of seconds from 0.1 to 86400")
        }
        let cluster = try options.cluster()
        let reader = SiteStatus(cluster, logger: options.logger)
        let output = options.console
        guard watch else {
            let report = try await reader.read()
            if output.json { try output.result(report) } else { Output.write(StatusText.render(report)) }
            if !report.isWell { throw ExitCode(Failure.Status.answerIsNo.rawValue) }
            return
        }
        do {
            while !Output.isAbandoned {
                show(try await reader.read(), output)
                try await Task.sleep(for: .seconds(interval))
            }
        } catch  where Task.isCancelled {
            // Ctrl-C is how it is to end, also in the middle of a look, which then fails in its own way.
        }
    }

    private func show(_ report: StatusReport, _ output: Output) {
        if output.json {
            Output.write(((try? JSONText.render(report, onOneLine: true)) ?? "{}") + "\n")
        } else {
            output.show(StatusText.render(report))
        }
    }
}
