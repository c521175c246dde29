import Console
import Logging
import Replication

extension DemoStep {
    /// Copies all rows while people work, and lets the stream begin.
    static let firstCopy = DemoStep(title: "copy, while people go on working at raleigh") { stage in
        let nodes = try stage.nodes
        let workload = Workload(.node(nodes.raleigh), stage.ledger)
        let quiet = Logger(label: "demo") { _ in SwiftLogNoOpLogHandler() }
        let copy = FirstCopy(stream: nodes.stream, cluster: nodes.cluster, logger: quiet) { progress in
            stage.screen.live(ProgressText.line(progress))
        }
        // What durham writes once it is the active site travels back from its first row on.
        _ = try await FirstCopy(stream: nodes.backward, cluster: nodes.cluster, logger: quiet).beginWithoutCopy()
        let report = try await workload.run { try await copy.run(.refuse) }
        let rows = report.tables.reduce(0) { $0 + $1.rows }
        stage.background { try await carry(nodes, stage, quiet) }
        stage.background {
            try await StreamRunner(stream: nodes.backward, cluster: nodes.cluster, logger: quiet).run()
        }
        try await catchUp(nodes, quiet)
        stage.background { try await stage.canary.run(nodes, while: stage.isWatched) }
        stage.background { try await stage.books.run(nodes, while: stage.isWatched) }
        stage.figures.change {
            $0.firstCopy.rows = rows
            $0.firstCopy.seconds = seconds(report.elapsed)
            $0.firstCopy.transactions = workload.count.value.transactions
        }
        let rate = Int(Double(rows) / max(0.001, seconds(report.elapsed)))
        stage.screen.say(
            "\(ProgressText.count(rows)) rows in \(ProgressText.duration(report.elapsed)), \(ProgressText.count(rate)) rows/s,"
                + " beside \(ProgressText.count(workload.count.value.transactions, "transaction"))")
        stage.screen.say("what these had changed meanwhile followed; durham has caught up")
    }

    /// The daemon's part: carries the stream until the demo ends.
    private static func carry(_ nodes: DemoNodes, _ stage: DemoStage, _ logger: Logger) async throws {
        try await StreamRunner(stream: nodes.stream, cluster: nodes.cluster, logger: logger) { event in
            switch event {
            case .carrying: break
            case .applied(let rows, _):
                stage.carried.change { $0 += rows }
                stage.waiting.change { $0 = nil }
            case .caughtUp: stage.waiting.change { $0 = nil }
            case .waiting(let reason, let hint): stage.waiting.change { $0 = StreamReason(reason: reason, hint: hint) }
            }
        }.run()
    }

    /// Waits until the secondary has what the primary has now.
    static func catchUp(_ nodes: DemoNodes, _ logger: Logger, _ streams: [StreamID]? = nil) async throws {
        let results = try await CatchUp(nodes.cluster, logger: logger)
            .run(streams ?? [nodes.stream], timeout: .seconds(60))
        for result in results where !result.isCaughtUp {
            throw DemoError("\(result.stream) did not catch up: \(result.reason ?? "the time was up")")
        }
    }
}
