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
        let rows: Int
        let missing: Int
        let extra: Int
        let different: Int
        let underWay: Int
        let samples: [String]

        init(_ difference: TableDifference) {
            sync = difference.stream.sync
            table = "\(difference.table)"
            from = difference.stream.source
            to = difference.stream.receiver
            rows = difference.rows
            missing = difference.missing
            extra = difference.extra
            different = difference.different
            underWay = difference.underWay
            samples = difference.samples
        }
    }

    struct Result: Encodable {
        let identical: Bool
        let tables: [Line]
    }

    func run() async throws {
        let cluster = try options.cluster()
        let output = options.console
        let wanted = Set(table)
        var differences: [TableDifference] = []
        for stream in try cluster.streams(of: sync) {
            differences += try await Differ(stream: stream, cluster: cluster).run(
                include: { wanted.isEmpty || wanted.contains("\($0)") || wanted.contains("\($0.schema).\($0.table)") },
                progress: { difference, number, total in
                    output.progress("\(stream): \(number)/\(total) \(difference.table)")
                })
        }
        output.endProgress()
        if !wanted.isEmpty && differences.isEmpty {
            throw WrongUsage("no table of the sync is called \(table.joined(separator: " or "))")
        }
        Self.tell(differences, output)
        let identical = differences.allSatisfy(\.isIdentical)
        try output.result(Result(identical: identical, tables: differences.map(Line.init)))
        if !identical { throw ExitCode(Failure.Status.answerIsNo.rawValue) }
    }

    static func tell(_ differences: [TableDifference], _ output: Output) {
        for difference in differences where !difference.isIdentical {
            output.say(
                "\(difference.stream), \(difference.table): \(difference.missing) missing, \(difference.extra) extra, \(difference.different) different of \(ProgressText.count(difference.rows)) rows"
            )
            output.say("  such as \(difference.samples.joined(separator: " "))")
        }
        let rows = differences.reduce(0) { $0 + $1.rows }
        let underWay = differences.reduce(0) { $0 + $1.underWay }
        let wrong = differences.count { !$0.isIdentical }
        let moving = underWay > 0 ? "; \(ProgressText.count(underWay)) rows are on their way" : ""
        output.say(
            wrong == 0
                ? "identical: \(differences.count) tables, \(ProgressText.count(rows)) rows\(moving)"
                : "\(wrong) of \(differences.count) tables differ\(moving); \"switchback repair\" mends them")
    }
}
