import Foundation
public import Replication

/// Tells what a stream does in few words: that it has begun, has caught up, goes on again, and now and then how much it
/// has carried. What it waits for is told by the stream itself.
public struct StreamNarrator: Sendable {
    private enum Phase {
        case starting
        /// Carries what had gathered; since when, and how much so far.
        case catchingUp(rows: Int)
        case caughtUp
        case waiting
    }

    private var phase = Phase.starting
    private var rows = 0
    private var batches = 0
    private var lastReport: ContinuousClock.Instant

    /// How often a stream that is behind tells how it comes on.
    public static let catchingUpEvery = Duration.seconds(10)
    /// How often one that is not tells what it has carried.
    public static let quietEvery = Duration.seconds(300)
    /// A batch of so many rows is told by itself.
    public static let largeRows = 10_000

    /// - Parameter now: when the stream begins.
    public init(now: ContinuousClock.Instant) { lastReport = now }

    /// Takes in an event.
    ///
    /// - Returns: what to tell of it, if anything.
    public mutating func hear(_ event: StreamEvent, now: ContinuousClock.Instant) -> String? {
        switch event {
        case .carrying: return nil
        case .applied(let count, _):
            rows += count
            batches += 1
            return afterBatch(count, now)
        case .caughtUp:
            defer { phase = .caughtUp }
            switch phase {
            case .starting: return "started; nothing to carry"
            case .waiting: return "goes on; nothing to carry"
            case .catchingUp(let count): return "caught up: \(ProgressText.count(count, "row")) carried"
            case .caughtUp: return report(now, every: Self.quietEvery)
            }
        case .waiting:
            phase = .waiting
            return nil
        }
    }

    private mutating func afterBatch(_ count: Int, _ now: ContinuousClock.Instant) -> String? {
        switch phase {
        case .starting:
            phase = .catchingUp(rows: count)
            return "started; carrying what has gathered"
        case .waiting:
            phase = .catchingUp(rows: count)
            return "goes on; carrying what has gathered"
        case .catchingUp(let before):
            phase = .catchingUp(rows: before + count)
            return report(now, every: Self.catchingUpEvery)
        case .caughtUp:
            guard count < Self.largeRows else { return "carried \(ProgressText.count(count)) rows in one batch" }
            return report(now, every: Self.quietEvery)
        }
    }

    private mutating func report(_ now: ContinuousClock.Instant, every interval: Duration) -> String? {
        guard rows > 0, now - lastReport >= interval else { return nil }
        let text =
            "carried \(ProgressText.count(rows, "row")) in \(batches == 1 ? "1 batch" : "\(ProgressText.count(batches)) batches")"
            + " in the last \(ProgressText.duration(now - lastReport))"
        rows = 0
        batches = 0
        lastReport = now
        return text
    }
}
