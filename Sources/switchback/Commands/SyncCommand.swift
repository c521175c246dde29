import ArgumentParser
import Replication

/// Brings every receiver up to what was committed before the call.
struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Bring every receiver up to what was committed before the call, then exit.",
        discussion: "Works with and without a daemon running. Exit status 3 when the time is up before all is there.")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The sync; all when left out.") var sync: String?
    @Option(help: ArgumentHelp("Give up after so long.", valueName: "seconds")) var timeout: Double?

    private struct Line: Encodable {
        let sync: String
        let from: String
        let to: String
        let caughtUp: Bool
        let rows: Int
        let reason: String?
    }

    func run() async throws {
        if let timeout, !(timeout > 0 && timeout < 1e9) {
            throw WrongUsage("--timeout takes a number of seconds greater than zero")
        }
        let cluster = try options.cluster()
        let results = try await CatchUp(cluster, logger: options.logger)
            .run(try cluster.streams(of: sync), timeout: timeout.map { .seconds($0) })
        for result in results {
            let stream = result.stream
            if result.isCaughtUp {
                options.console.say("\(stream): caught up")
            } else {
                options.console.say("\(stream): not caught up: \(result.reason ?? "the time was up")")
            }
        }
        try options.console.result(
            results.map {
                Line(
                    sync: $0.stream.sync, from: $0.stream.source, to: $0.stream.receiver, caughtUp: $0.isCaughtUp,
                    rows: $0.rows, reason: $0.reason)
            })
        if !results.allSatisfy(\.isCaughtUp) { throw ExitCode(Failure.Status.answerIsNo.rawValue) }
    }
}
