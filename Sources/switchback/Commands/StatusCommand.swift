import ArgumentParser
import Console
import Replication

/// How things are.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show nodes and streams: lag in seconds and rows, and why one does not move.",
        discussion: "Asks the nodes themselves; no daemon needs to run. Exit status 3 when something is not well.")

    @OptionGroup var options: GlobalOptions
    @Flag(help: "Show it again every second until Ctrl-C.") var watch = false

    func run() async throws {
        let reader = StatusReader(try options.cluster())
        while true {
            let report: StatusReport
            do { report = try await reader.read() } catch {
                // Ctrl-C is how one stops watching.
                if watch && Task.isCancelled { return }
                throw error
            }
            if options.json {
                try options.console.result(report)
            } else {
                if watch { Output.write("\u{1B}[H\u{1B}[2J") }
                Output.write(StatusText.render(report))
            }
            guard watch else {
                if !report.isWell { throw ExitCode(Failure.Status.answerIsNo.rawValue) }
                return
            }
            do { try await Task.sleep(for: .seconds(1)) } catch { return }
        }
    }
}
