import Console

/// The demo in a few lines.
enum DemoSummary {
    static func show(_ report: DemoReport, on screen: DemoScreen) {
        screen.title("Summary")
        for (name, text) in lines(report) {
            screen.say(name + String(repeating: " ", count: max(1, 15 - name.count)) + text)
        }
        let isGood = report.isGood
        screen.say("")
        screen.say(
            isGood
                ? "identical: \(ProgressText.count(report.comparison.tables, "table")), \(ProgressText.count(report.comparison.rows)) rows, after \(ProgressText.duration(.seconds(report.seconds)))"
                : "NOT as it should be: see above", isGood ? .green : .red)
    }

    static func lines(_ report: DemoReport) -> [(String, String)] {
        let copy = report.firstCopy
        let live = report.live
        let outage = report.outage
        return [
            (
                "first copy",
                "\(ProgressText.count(copy.rows)) rows, \(ProgressText.bytes(report.start.bytes)), in \(ProgressText.duration(.seconds(copy.seconds))), while people worked"
            ),
            (
                "live writes",
                "\(ProgressText.count(live.transactions, "transaction")), \(ProgressText.count(live.statements, "statement")), \(ProgressText.count(live.rows)) rows in \(ProgressText.duration(.seconds(live.seconds)))"
            ),
            ("lag", "\(lag(report.lag)), in \(ProgressText.count(report.lag.samples, "measurement"))"),
            (
                "atomic",
                "the totals of 3 tables balanced at durham in \(ProgressText.count(report.books.looks - report.books.wrong)) of \(ProgressText.count(report.books.looks, "look"))"
            ),
            ("read-only", "a write at durham was refused with SQLSTATE \(report.refusal.sqlstate)"),
            (
                "schema change",
                "stopped with the name of the column, went on \(ProgressText.duration(.seconds(report.schemaChange.resumedAfterSeconds))) after it was there"
            ),
            (
                "outage",
                "\(ProgressText.count(outage.pendingRows)) rows waited for durham, and were there \(ProgressText.duration(.seconds(outage.caughtUpAfterSeconds))) after its return"
            ),
        ] + siteLines(report)
    }

    private static func siteLines(_ report: DemoReport) -> [(String, String)] {
        let failover = report.failover
        let time = { (seconds: Double) in ProgressText.duration(.seconds(seconds)) }
        return [
            (
                "failover",
                "the name led to durham \(time(failover.nameMovedAfterSeconds)) after raleigh's death; no writes for \(time(failover.secondsWithoutWrites))"
            ),
            (
                "stranded",
                "\(ProgressText.count(failover.strandedTransactions, "transaction")), \(ProgressText.count(report.returned.strandedRows)) rows: merged when raleigh was back"
            ),
            (
                "failback",
                "\(time(report.failback.seconds)) while people wrote; no writes for \(time(report.failback.secondsWithoutWrites))"
            ),
            (
                "nothing lost",
                "of \(ProgressText.count(report.proof.transactions)) acknowledged transactions \(ProgressText.count(report.proof.missing)) are missing"
            ),
        ] + filesLine(report)
    }

    private static func filesLine(_ report: DemoReport) -> [(String, String)] {
        guard let files = report.files else { return [("files", "left out: rsync is not installed")] }
        return [
            (
                "files",
                "\(ProgressText.count(files.uploaded, "upload")), \(ProgressText.count(files.missing.count)) missing; \(files.rescued.count) that raleigh alone had when it died were rescued"
            )
        ]
    }

    static func lag(_ lag: DemoReport.Lag) -> String {
        func text(_ milliseconds: Double) -> String { ProgressText.duration(.milliseconds(milliseconds)) }
        return "p50 \(text(lag.p50Ms)), p95 \(text(lag.p95Ms)), max \(text(lag.maxMs))"
    }
}

extension DemoReport {
    /// Whether everything that the demo shows was so.
    public var isGood: Bool {
        comparison.identical && books.wrong == 0 && books.looks > 0 && refusal.sqlstate == "25006" && proof.holds
            && files?.holds != false
    }
}
