import ArgumentParser
import Console
import Model
import Replication

/// Compares nodes while they are in use.
struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Compare the nodes of a sync while they are in use.",
        discussion: """
            Every row of every table is compared by checksums; rows that are only on their way are not called different. \
            Exit status 3 when the nodes differ.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The sync; all when left out.") var sync: String?
    @Option(help: ArgumentHelp("Only this table; may be given again.", valueName: "schema.table")) var table: [String] =
        []

    struct Line: Encodable {
        let sync: String
        let table: String
        let from: String
        let to: String
        let rows: Int?
        let missing: Int?
        let extra: Int?
        let different: Int?
        let underWay: Int?
        let samples: [String]
        /// Why it could not be compared, or is not the last word.
        let error: String?

        init(_ difference: TableDifference) {
            let isCompared = difference.isCompared
            sync = difference.stream.sync
            table = "\(difference.table)"
            from = difference.stream.source
            to = difference.stream.receiver
            rows = isCompared ? difference.rows : nil
            missing = isCompared ? difference.missing : nil
            extra = isCompared ? difference.extra : nil
            different = isCompared ? difference.different : nil
            underWay = isCompared ? difference.underWay : nil
            samples = difference.samples
            error = difference.problem
        }
    }

    struct Result: Encodable {
        let identical: Bool
        let tables: [Line]
    }

    func run() async throws {
        let cluster = try options.cluster()
        let reporter = ProgressReporter(options.console)
        defer { reporter.end() }
        let (differences, hasFailed) = try await Self.overStreams(try cluster.streams(of: sync)) { stream in
            try await Differ(stream: stream, cluster: cluster).run(
                include: Self.filter(table),
                progress: { table, number, total in
                    reporter.show("\(stream): \(number)/\(total) \(table)")
                })
        }
        reporter.end()
        if !table.isEmpty && differences.isEmpty && !hasFailed {
            throw WrongUsage("no table of the sync is called \(table.joined(separator: " or "))")
        }
        Self.tell(differences, options.console)
        let identical = !hasFailed && differences.allSatisfy(\.isIdentical)
        try options.console.result(Result(identical: identical, tables: differences.map(Line.init)))
        if hasFailed { throw ExitCode(Failure.Status.failed.rawValue) }
        if !identical { throw ExitCode(Failure.Status.answerIsNo.rawValue) }
    }

    /// The tables that were asked for, written as in SQL or plainly.
    static func filter(_ tables: [String]) -> @Sendable (TableName) -> Bool {
        let wanted = Set(tables)
        return { wanted.isEmpty || wanted.contains("\($0)") || wanted.contains("\($0.schema).\($0.table)") }
    }

    /// Works through streams. One whose nodes do not answer does not keep the others from being looked at.
    ///
    /// - Returns: what was found, and whether a stream failed; that was told already.
    static func overStreams(
        _ streams: [StreamID], _ body: (StreamID) async throws -> [TableDifference]
    ) async throws -> ([TableDifference], Bool) {
        var differences: [TableDifference] = []
        var hasFailed = false
        for stream in streams {
            do {
                differences += try await body(stream)
            } catch {
                guard streams.count > 1, !Task.isCancelled else { throw error }
                Failure.tell(error)
                hasFailed = true
            }
        }
        return (differences, hasFailed)
    }

    static func tell(_ differences: [TableDifference], _ output: Output) {
        for difference in differences where !difference.isIdentical {
            if let problem = difference.problem {
                output.say("\(difference.stream), \(difference.table): \(problem)")
            }
            guard difference.missing + difference.extra + difference.different > 0 else { continue }
            output.say(
                "\(difference.stream), \(difference.table): \(difference.missing) missing, \(difference.extra) extra, \(difference.different) different of \(ProgressText.count(difference.rows)) rows"
            )
            output.say("  such as \(difference.samples.joined(separator: " "))")
        }
        let rows = differences.reduce(0) { $0 + $1.rows }
        let underWay = differences.reduce(0) { $0 + $1.underWay }
        let wrong = differences.count { !$0.isIdentical }
        let mendable = differences.contains { !$0.isIdentical && $0.problem == nil }
        let moving = underWay > 0 ? "; \(ProgressText.count(underWay)) rows are on their way" : ""
        output.say(
            wrong == 0
                ? "identical: \(ProgressText.count(differences.count, "table")), \(ProgressText.count(rows, "row"))\(moving)"
                : "\(wrong) of \(differences.count) tables differ\(moving)\(mendable ? "; \"switchback repair\" mends them" : "")"
        )
    }
}
