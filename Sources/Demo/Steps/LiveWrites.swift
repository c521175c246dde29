import Console
import Postgres

extension DemoStep {
    /// People at work, and how far durham is behind.
    static let liveWrites = DemoStep(title: "run: what people do at raleigh shows at durham") { stage in
        let workload = Workload(.node(try stage.nodes.raleigh), stage.ledger)
        let before = stage.carried.value
        stage.canary.latencies.change { $0 = Latencies() }
        let clock = ContinuousClock()
        let began = clock.now
        stage.screen.say(
            "\(workload.writers) writers submit, review, correct, withdraw and fetch items:")
        try await workload.run {
            while clock.now - began < stage.options.liveWrites {
                try await Task.sleep(for: .milliseconds(100))
                showLag(stage, workload, since: began, carried: stage.carried.value - before)
            }
        }
        let elapsed = clock.now - began
        let latencies = stage.canary.latencies.value
        stage.figures.change { report in
            report.live.seconds = seconds(elapsed)
            report.live.writers = workload.writers
            report.live.transactions = workload.count.value.transactions
            report.live.statements = workload.count.value.statements
            report.live.rows = stage.carried.value - before
            report.lag.samples = latencies.samples.count
            report.lag.p50Ms = DemoReport.milliseconds(latencies.quantile(0.5))
            report.lag.p95Ms = DemoReport.milliseconds(latencies.quantile(0.95))
            report.lag.maxMs = DemoReport.milliseconds(latencies.quantile(1))
        }
        let live = stage.figures.value.live
        stage.screen.endLive()
        stage.screen.say(
            "\(ProgressText.count(live.transactions, "transaction")), \(ProgressText.count(live.statements, "statement")),"
                + " \(ProgressText.count(live.rows)) rows carried in \(ProgressText.duration(elapsed))")
        stage.screen.say(
            "from a commit at raleigh until it shows at durham: \(DemoSummary.lag(stage.figures.value.lag))")
    }

    private static func showLag(
        _ stage: DemoStage, _ workload: Workload, since began: ContinuousClock.Instant, carried: Int
    ) {
        let recent = stage.canary.latencies.value.samples.suffix(48)
        let lags = recent.map { DemoReport.milliseconds($0) }
        let now = lags.suffix(3)
        let lag = now.isEmpty ? "…" : "\(Int((now.reduce(0, +) / Double(now.count)).rounded())) ms"
        let elapsed = Int(seconds(ContinuousClock.now - began).rounded())
        let done = workload.count.value
        stage.screen.live(
            "\(pad("\(elapsed) s", 4))  \(pad(ProgressText.count(done.transactions), 6)) transactions"
                + "  \(pad(ProgressText.count(carried), 7)) rows carried  lag \(pad(lag, 6))  \(ProgressText.columns(lags))",
            plain: true)
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
