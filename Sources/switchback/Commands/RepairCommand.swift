import ArgumentParser
import Model
import Replication
import Settings

/// Makes receivers equal to their source where they differ.
struct RepairCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair", abstract: "Make receivers equal to their source where they differ.",
        discussion: """
            What only the receiver has, or has otherwise, is kept in its history first; then the stream carries the source's \
            state of just these rows. --dry-run shows what differs, as diff does.

            Between several sources --from names the one that is right. With --by-stamps each row is decided by itself: all nodes \
            get the version with the highest stamp that any source knows, a deletion being one. Rows of which no stamp is known \
            any more are named and left as they are.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The sync; all when left out.") var sync: String?
    @Option(help: ArgumentHelp("The node that is right.", valueName: "node")) var from: String?
    @Option(help: ArgumentHelp("Only this table; may be given again.", valueName: "schema.table")) var table: [String] =
        []
    @Flag(help: "Take of each row the version with the highest stamp that any source knows.") var byStamps = false
    @Flag(help: "Show what would be mended and change nothing.") var dryRun = false

    func validate() throws {
        guard from != nil && byStamps else { return }
        throw ValidationError("--from and --by-stamps are two answers to one question: give one of them")
    }

    func run() async throws {
        let cluster = try options.cluster()
        if byStamps { return try await StampRepairRun(cluster, sync, table, options, isDry: dryRun).run() }
        var streams = try cluster.streams(of: sync)
        if let from {
            streams = streams.filter { $0.source == from }
            guard !streams.isEmpty else {
                throw WrongUsage("\(from) is not a source of that sync", hint: "a target is mended from its source")
            }
        } else {
            for sync in cluster.settings.syncs
            where sync.isMultiMaster && streams.contains(where: { $0.sync == sync.name }) {
                let right = try await RightNode(cluster).present(of: sync)
                streams.removeAll { $0.sync == sync.name && $0.source != right }
            }
        }
        let (differences, hasFailed) = try await DiffCommand.overStreams(streams) { try await repair($0, cluster) }
        if !table.isEmpty && differences.isEmpty && !hasFailed {
            throw WrongUsage("no table of the sync is called \(table.joined(separator: " or "))")
        }
        let wrong = differences.filter { !$0.isIdentical }
        for difference in wrong {
            let place = "\(difference.stream), \(difference.table)"
            let count = difference.missing + difference.extra + difference.different
            let isMended = !dryRun && difference.problem == nil
            if let problem = difference.problem { options.console.say("\(place): \(problem)") }
            if count > 0 {
                options.console.say(
                    "\(place): \(count) rows \(isMended ? "mended" : dryRun ? "would be mended" : "differ") (\(difference.missing) missing, \(difference.extra) extra, \(difference.different) different)"
                )
            }
        }
        if wrong.isEmpty && !hasFailed {
            options.console.say("nothing to mend: \(differences.count) tables are identical")
        }
        try options.console.result(
            DiffCommand.Result(
                identical: wrong.isEmpty && !hasFailed, tables: differences.map(DiffCommand.Line.init)))
        if hasFailed { throw ExitCode(Failure.Status.failed.rawValue) }
        // What was mended is mended; what could not be looked at is not.
        if wrong.contains(where: { dryRun || $0.problem != nil }) {
            throw ExitCode(Failure.Status.answerIsNo.rawValue)
        }
    }

    private func repair(_ stream: StreamID, _ cluster: Cluster) async throws -> [TableDifference] {
        let differ = Differ(stream: stream, cluster: cluster)
        let include = DiffCommand.filter(table)
        let reporter = ProgressReporter(options.console)
        defer { reporter.end() }
        let progress: @Sendable (TableName, Int, Int) -> Void = { table, number, total in
            reporter.show("\(stream): \(number)/\(total) \(table)")
        }
        guard !dryRun else { return try await differ.run(include: include, progress: progress) }
        let found = try await differ.repair(reason: "repair", include: include, progress: progress)
        reporter.end()
        guard found.contains(where: { !$0.isIdentical && $0.isCompared }) else { return found }
        let results = try await CatchUp(cluster, logger: options.logger).run([stream], timeout: nil, allTables: false)
        guard results.allSatisfy(\.isCaughtUp) else {
            throw AnswerIsNo(
                "\(stream): the rows are set out to be carried, and it does not move: \(results.first?.reason ?? "")"
            )
        }
        return found
    }
}
