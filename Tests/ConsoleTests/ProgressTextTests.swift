import Console
import Testing

@testable import Replication

@Suite("Numbers as people read them") struct ProgressTextTests {
    @Test func `counts have their thousands apart`() {
        #expect(
            [0, 7, 999, 1000, 1_234_567, -1234].map { ProgressText.count($0) } == [
                "0", "7", "999", "1,000", "1,234,567", "-1,234",
            ])
        #expect(ProgressText.count(1, "row") == "1 row" && ProgressText.count(2000, "row") == "2,000 rows")
    }

    @Test func `durations are in the unit that suits them`() {
        let durations: [Duration] = [
            .milliseconds(7), .milliseconds(999), .seconds(2.55), .seconds(45), .seconds(125), .seconds(8000),
        ]
        #expect(durations.map(ProgressText.duration) == ["7 ms", "999 ms", "2.5 s", "45 s", "2 min", "2 h"])
    }

    @Test func `bars and columns`() {
        #expect(ProgressText.bar(0, width: 4) == "░░░░" && ProgressText.bar(0.5, width: 4) == "██░░")
        #expect(ProgressText.bar(7, width: 4) == "████" && ProgressText.bar(-1, width: 4) == "░░░░")
        #expect(ProgressText.columns([0, 4, 8]) == "▁▄█" && ProgressText.columns([]) == "")
        #expect(ProgressText.columns([0, 0]) == "▁▁" && ProgressText.columns([9, 1, 8, 4], width: 2) == "█▄")
    }

    @Test func `progress has a rate, and an estimate while that says something`() {
        var progress = CopyProgress()
        progress.tables = 4
        progress.tablesDone = 1
        progress.rows = 3000
        progress.bytesDone = 25
        progress.bytesTotal = 100
        progress.bytesSent = 20_000
        progress.elapsed = .seconds(2)
        #expect(
            ProgressText.line(progress)
                == "██████░░░░░░░░░░░░░░░░░░ 25 %, 1/4 tables, 3,000 rows, 1,500 rows/s, 10 kB/s, 6.0 s left")
        progress.bytesDone = 100
        #expect(!ProgressText.line(progress).contains("left"))
    }
}
