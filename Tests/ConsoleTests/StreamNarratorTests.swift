import Console
import Model
import Replication
import Testing

/// What the daemon's log says of a stream: what happened, and not every batch of it (P7).
@Suite("The stream's story") struct StreamNarratorTests {
    private let start = ContinuousClock.now
    private let snapshot = Snapshot(xmin: 1, xmax: 1)

    /// Lets a narrator hear events at so many seconds from the start.
    private func story(_ events: [(Double, StreamEvent)]) -> [String?] {
        var narrator = StreamNarrator(now: start)
        return events.map { narrator.hear($1, now: start + .seconds($0)) }
    }

    @Test func `a stream that begins, catches up and goes on`() {
        let told = story([
            (1, .applied(rows: 1000, batch: 1)), (2, .applied(rows: 500, batch: 2)), (3, .caughtUp(snapshot)),
            (4, .caughtUp(snapshot)), (5, .applied(rows: 1, batch: 3)), (6, .caughtUp(snapshot)),
        ])
        #expect(told == ["started; carrying what has gathered", nil, "caught up: 1,500 rows carried", nil, nil, nil])
    }

    @Test func `one that has nothing to carry`() {
        #expect(story([(0, .caughtUp(snapshot)), (1, .caughtUp(snapshot))]) == ["started; nothing to carry", nil])
    }

    @Test func `what it waits for is told by itself; that it goes on is told here`() {
        let told = story([
            (0, .caughtUp(snapshot)), (1, .waiting("node b does not answer", hint: nil)),
            (9, .applied(rows: 7, batch: 2)), (9, .caughtUp(snapshot)), (10, .waiting("again", hint: nil)),
            (11, .caughtUp(snapshot)),
        ])
        #expect(
            told == [
                "started; nothing to carry", nil, "goes on; carrying what has gathered", "caught up: 7 rows carried",
                nil,
                "goes on; nothing to carry",
            ])
    }

    @Test func `a large batch is told by itself`() {
        let told = story([
            (0, .caughtUp(snapshot)), (1, .applied(rows: 9_999, batch: 1)), (2, .applied(rows: 60_000, batch: 2)),
        ])
        #expect(told == ["started; nothing to carry", nil, "carried 60,000 rows in one batch"])
    }

    @Test func `while it is behind it tells how it comes on, and later only now and then`() {
        let told = story([
            (0, .applied(rows: 10, batch: 1)), (9, .applied(rows: 10, batch: 2)), (11, .applied(rows: 10, batch: 3)),
            (12, .applied(rows: 10, batch: 4)), (13, .caughtUp(snapshot)), (300, .applied(rows: 1, batch: 5)),
            (312, .applied(rows: 1, batch: 6)), (700, .caughtUp(snapshot)),
        ])
        #expect(told[2] == "carried 30 rows in 3 batches in the last 11 s")
        #expect(told[4] == "caught up: 40 rows carried")
        #expect(told[5] == nil && told[6] == "carried 12 rows in 3 batches in the last 5 min")
        #expect(told[7] == nil, "nothing was carried, so there is nothing to tell")
    }
}
