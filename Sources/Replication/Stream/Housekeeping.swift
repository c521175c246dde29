import Assets
import Model
import Postgres

/// What a stream does besides carrying batches: tells the source how far the receiver is, empties delta tables, lets
/// sequences follow.
struct Housekeeping {
    private let clock = ContinuousClock()
    private var lastAcknowledged: (batch: Int64, at: ContinuousClock.Instant)?
    private var confirmedBatch: Int64 = 0
    private var lastTrim: ContinuousClock.Instant?
    private var trimmedBatch: Int64 = -1
    private var sequences = SequenceFollower()

    private static let acknowledgeEvery = Duration.seconds(1)
    private static let trimEvery = Duration.seconds(2)
    private static let trimIdleEvery = Duration.seconds(15)
    /// A delta table of this size is emptied even while transactions write to it.
    private static let largeDeltaBytes = 16 << 20

    /// Does what is due.
    ///
    /// - Parameter idle: nothing was found to carry just now.
    mutating func afterLook(_ loop: BatchLoop, _ cursor: Cursor, idle: Bool) async throws {
        let now = clock.now
        if cursor.batch != lastAcknowledged?.batch,
            lastAcknowledged.map({ now - $0.at >= Self.acknowledgeEvery }) ?? true
        {
            try await acknowledge(loop, cursor)
        }
        if isTrimDue(now, idle: idle) {
            try await tidyHolds(loop, cursor)
            try await trim(loop, idle: idle)
            lastTrim = now
            trimmedBatch = lastAcknowledged?.batch ?? -1
        }
        try await sequences.follow(loop, idle: idle)
    }

    /// While batches come, now and then; when none do, once they are all told of, and rarely after that, for what a long
    /// transaction kept in use.
    private func isTrimDue(_ now: ContinuousClock.Instant, idle: Bool) -> Bool {
        guard let lastTrim else { return true }
        let isNew = trimmedBatch != lastAcknowledged?.batch
        return now - lastTrim >= (isNew ? Self.trimEvery : Self.trimIdleEvery)
    }

    /// Leaves everything told and tidy, before a stream that is to end does.
    mutating func finish(_ loop: BatchLoop, _ cursor: Cursor) async throws {
        try await sequences.follow(loop, idle: false, now: true)
        try await acknowledge(loop, cursor)
        try await tidyHolds(loop, cursor)
        try await trim(loop, idle: true)
    }

    /// Lets deltas go that nobody needs any more: those that a copy held for tables that have joined since.
    private mutating func tidyHolds(_ loop: BatchLoop, _ cursor: Cursor) async throws {
        let stream = loop.runner.stream
        let isHeld = try await loop.source.run(deadline: StreamRunner.stepDeadline) { session in
            try session.query(Assets.sql("stream/tidy_holds"), [stream.sync, stream.receiver]).bool(0, 0)
        }
        guard isHeld else { return }
        // Not beside a copy: it may just have taken its hold.
        let name = FirstCopy.leaseName(stream)
        let isIdle = try await loop.receiver.run(deadline: StreamRunner.stepDeadline) { session in
            try session.query(Assets.sql("stream/lease"), [name]).bool(0, 0)
        }
        guard isIdle else { return }
        let late = try await loop.receiver.run(deadline: StreamRunner.stepDeadline) { session in
            try session.query(Assets.sql("copy/late_tables"), [stream.sync, stream.source]).int(0, 0)
        }
        if late == 0 {
            // That they have joined must be on the receiver's disk first.
            try await acknowledge(loop, cursor)
            try await loop.source.run(deadline: StreamRunner.stepDeadline) { session in
                _ = try session.query(Assets.sql("copy/release_holds"), [stream.sync, stream.receiver])
            }
        }
        try await loop.receiver.run(deadline: StreamRunner.stepDeadline) { session in
            _ = try session.query(Assets.sql("stream/end_lease"), [name])
        }
    }

    /// First the receiver's disk, then the source: a delta must not be trimmed whose batch a crash could still undo.
    private mutating func acknowledge(_ loop: BatchLoop, _ cursor: Cursor) async throws {
        let stream = loop.runner.stream
        let confirmed = confirmedBatch
        try await loop.receiver.run(deadline: StreamRunner.stepDeadline) { session in
            try session.transaction {
                try session.execute("SET LOCAL synchronous_commit = on")
                _ = try session.query(Assets.sql("stream/flush"), [stream.sync, stream.source, String(confirmed)])
            }
        }
        try await loop.source.run(deadline: StreamRunner.stepDeadline) { session in
            _ = try session.query(
                Assets.sql("stream/acknowledge"),
                [stream.sync, stream.receiver, cursor.snapshot.description, String(cursor.batch)])
        }
        confirmedBatch = cursor.batch
        lastAcknowledged = (cursor.batch, clock.now)
    }

    /// Empties the delta tables that all receivers have passed.
    private func trim(_ loop: BatchLoop, idle: Bool) async throws {
        let sync = loop.runner.stream.sync
        try await loop.source.run(deadline: StreamRunner.batchDeadline) { session in
            try Trimmer.trim(session, sync: sync, idle: idle, largeBytes: Self.largeDeltaBytes)
        }
    }
}

/// Empties delta tables at a source.
enum Trimmer {
    /// Empties those of a sync's delta tables that every receiver has passed and that nobody is using just now.
    ///
    /// - Parameters:
    ///   - idle: also those that are small and in use for new transactions.
    ///   - largeBytes: from this size also while new transactions write to them.
    static func trim(_ session: Session, sync: String, idle: Bool, largeBytes: Int) throws {
        let worth = try session.query(
            Assets.sql("stream/trimmable"), [sync, String(largeBytes), idle ? "true" : "false"])
        guard worth.rowCount > 0 else { return }
        try session.execute("SET synchronous_commit = off")
        for row in 0..<worth.rowCount {
            _ = try session.query(Assets.sql("stream/trim"), [worth[row, 0], worth[row, 1]])
        }
        try session.execute("RESET synchronous_commit")
        _ = try session.query(Assets.sql("stream/trim_marks"), [sync])
    }
}
