import ArgumentParser
import Console
import Demo
import Foundation
import LocalCluster

/// Shows everything, with clusters of its own.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Show it at work on two throw-away Postgres clusters.",
        discussion: """
            Makes two clusters in a temporary folder (below $TMPDIR, or /tmp), copies a database with live writes from the one to \
            the other, kills the first one, has the site move to the other and back, and proves that no acknowledged write was \
            lost, and no file that belongs to one: exit status 1 when one was. Removes all of it at the end, also after Ctrl-C. \
            Needs the server programs of Postgres, and no configuration; where BIND is installed it serves the name that moves, \
            and where rsync is not the files are left out.
            """)

    @OptionGroup var options: GlobalOptions
    @Option(help: ArgumentHelp("How long people write while the lag is shown.", valueName: "seconds")) var seconds = 5
    @Flag(help: "Leave the clusters running at the end, until Ctrl-C.") var keep = false

    private func servers() throws -> PostgresInstallation {
        do { return try .preferred() } catch let error as LocalClusterError {
            throw WrongUsage(error.message, hint: error.hint)
        }
    }

    func run() async throws {
        guard (1...3600).contains(seconds) else { throw WrongUsage("--seconds takes a number from 1 to 3600") }
        let environment = ProcessInfo.processInfo.environment
        let output = options.console
        let demo = Demo(
            options: .init(liveWrites: .seconds(seconds), keep: keep), installation: try servers(),
            terminal: output.terminal, environment: environment, write: { output.put($0) })
        var isGood = false
        try await demo.run { report in
            try output.result(report)
            isGood = report.isGood
        }
        if !isGood { throw ExitCode(Failure.Status.failed.rawValue) }
    }
}
