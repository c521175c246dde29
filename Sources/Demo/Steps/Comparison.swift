import Console
import Replication

extension DemoStep {
    /// Every row of every table, at both nodes.
    static let comparison = DemoStep(title: "diff: every row, at both nodes") { stage in
        let nodes = try stage.nodes
        let clock = ContinuousClock()
        let began = clock.now
        let differences = try await Differ(stream: nodes.stream, cluster: nodes.cluster)
            .run(progress: { table, number, total in
                stage.screen.live(
                    "\(ProgressText.bar(Double(number) / Double(total))) \(number)/\(total) \(table)")
            })
        stage.screen.endLive()
        let rows = differences.reduce(0) { $0 + $1.rows }
        let isIdentical = differences.allSatisfy(\.isIdentical)
        stage.figures.change {
            $0.comparison.identical = isIdentical
            $0.comparison.tables = differences.count
            $0.comparison.rows = rows
            $0.comparison.seconds = seconds(clock.now - began)
        }
        for difference in differences where !difference.isIdentical {
            stage.screen.say(
                "\(difference.table): \(difference.missing) missing, \(difference.extra) extra,"
                    + " \(difference.different) different", .red)
        }
        let books = stage.books.found.value
        stage.figures.change { $0.books = books }
        if isIdentical {
            stage.screen.say(
                "identical: \(ProgressText.count(differences.count, "table")), \(ProgressText.count(rows)) rows,"
                    + " compared in \(ProgressText.duration(clock.now - began))", .green)
        }
    }
}
