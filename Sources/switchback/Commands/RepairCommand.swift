import ArgumentParser
import Model
import Replication

/// Makes receivers equal to their source where they differ.
struct RepairCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair", abstract: "Make receivers equal to their source where they differ.",
        discussion: """
            What only the receiver has, or has otherwise, is kept in its history first; then the stream carries the source's \
            state of just these rows. --dry-run shows what differs, as diff does.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The sync; all when left out.") var sync: String?
    @Option(help: ArgumentHelp("The node that is right.", valueName: "node")) var from: String?
    @Option(help: ArgumentHelp("Only this table; may be given again.", valueName: "schema.table")) var table: [String] =
        []
    @Flag(help: "Show what would be mended and change nothing.") var dryRun = false

    func run() async throws {
        let cluster = try options.cluster()
        let output = options.console
        let wanted = Set(table)
        let include: @Sendable (TableName) -> Bool = {
            wanted.isEmpty || wanted.contains("\($0)") || wanted.contains("\($0.schema).\($0.table)")
        }
        var streams = try cluster.streams(of: sync)
        if let from {
            streams = streams.filter { $0.source == from }
            guard !streams.isEmpty else {
                throw WrongUsage("\(from) is not a source of that sync", hint: "a target is mended from its source")
            }
        }
        var differences: [TableDifference] = []
        for stream in streams {
            let differ = Differ(stream: stream, cluster: cluster)
            if dryRun {
                differences += try await differ.run(include: include)
                continue
            }
            let found = try await differ.repair(reason: "repair", include: include) { difference, number, total in
                output.progress("\(stream): \(number)/\(total) \(difference.table)")
            }
            output.endProgress()
            differences += found
            guard found.contains(where: { !$0.isIdentical }) else { continue }
            let results = try await CatchUp(cluster, logger: options.logger).run([stream], timeout: nil)
            guard results.allSatisfy(\.isCaughtUp) else {
                throw AnswerIsNo(
                    "\(stream): the rows are set out to be carried, and it does not move: \(results.first?.reason ?? "")"
                )
            }
        }
        if !wanted.isEmpty && differences.isEmpty {
            throw WrongUsage("no table of the sync is called \(table.joined(separator: " or "))")
        }
        let wrong = differences.filter { !$0.isIdentical }
        for difference in wrong {
            let count = difference.missing + difference.extra + difference.different
            output.say(
                "\(difference.stream), \(difference.table): \(count) rows \(dryRun ? "would be mended" : "mended") (\(difference.missing) missing, \(difference.extra) extra, \(difference.different) different)"
            )
        }
        if wrong.isEmpty { output.say("nothing to mend: \(differences.count) tables are identical") }
        try output.result(
            DiffCommand.Result(identical: wrong.isEmpty, tables: differences.map(DiffCommand.Line.init)))
        if dryRun && !wrong.isEmpty { throw ExitCode(Failure.Status.answerIsNo.rawValue) }
    }
}
