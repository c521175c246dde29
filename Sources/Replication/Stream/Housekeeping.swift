import Assets
import Model
import Postgres
import Settings

/// What a stream does besides carrying batches: tells the source how far the receiver is, and empties delta tables.
struct Housekeeping {
    private let clock = ContinuousClock()
    /// The batch that the source was told of.
    private var toldBatch: Int64
    /// The batch of which the receiver has on its disk that the source was told of it.
    private var confirmedBatch: Int64
    private var lastTold: ContinuousClock.Instant?
    private var lastTrim: ContinuousClock.Instant?
    private var trimmedBatch: Int64 = -1
    private var lastHistoryTrim: ContinuousClock.Instant?
    /// Before this, rows that are kept out are not tried again.
    private var nextRetry: ContinuousClock.Instant?

    private static let acknowledgeEvery = Duration.seconds(1)
    private static let trimEvery = Duration.seconds(2)
    private static let trimIdleEvery = Duration.seconds(15)
    private static let trimHistoryEvery = Duration.seconds(60)
    /// Not all of a long history in one transaction.
    private static let historyAtOnce = 10_000
    /// Applications wait while rows are tried again that are kept out: that is a twentieth of the time at most, however many there are.
    private static let restBetweenRetries = 19
    /// A delta table of this size is emptied even while transactions write to it.
    private static let largeDeltaBytes = 4 << 20

    /// - Parameters:
    ///   - cursor: as the receiver has it.
    ///   - known: what the source knows.
    init(_ cursor: Cursor, _ known: SourceIdentity.Known) {
        toldBatch = known.batch
        confirmedBatch = cursor.acknowledgedBatch
    }

    /// Does what is due.
    ///
    /// - Parameter idle: nothing was found to carry just now.
    mutating func afterLook(_ loop: BatchLoop, _ cursor: Cursor, idle: Bool) async throws {
        let now = clock.now
        if lastTold.map({ now - $0 >= Self.acknowledgeEvery }) ?? true {
            // Also once more after the last batch: a source that is restored to a state before it was told of that batch
            // is recognised by our remembering that it was told.
            if cursor.batch != toldBatch {
                try await acknowledge(loop, cursor)
                lastTold = clock.now
            } else if confirmedBatch != toldBatch {
                try await flush(loop, cursor)
            }
        }
        if isTrimDue(now) {
            try await trim(loop, cursor, idle: idle)
            lastTrim = now
            trimmedBatch = toldBatch
        }
    }

    /// While batches come, now and then; when none do, once they are all told of, and rarely after that, for what a long
    /// transaction kept in use.
    private func isTrimDue(_ now: ContinuousClock.Instant) -> Bool {
        guard let lastTrim else { return true }
        return now - lastTrim >= (trimmedBatch != toldBatch ? Self.trimEvery : Self.trimIdleEvery)
    }

    /// Leaves everything told and tidy, before a stream that is to end does.
    mutating func finish(_ loop: BatchLoop, _ cursor: Cursor) async throws {
        if cursor.batch != toldBatch { try await acknowledge(loop, cursor) }
        if confirmedBatch != toldBatch { try await flush(loop, cursor) }
        nextRetry = nil
        try await trim(loop, cursor, idle: true)
    }

    /// Lets the deltas go that comparisons held whose sessions are gone, and those that a copy held for tables that have
    /// joined since.
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
        CrashPoint.flushing.reached()
        try await flush(loop, cursor)
        CrashPoint.flushed.reached()
        let stream = loop.runner.stream
        let told = try await loop.source.run(deadline: StreamRunner.stepDeadline) { session in
            let answer = try session.query(
                Assets.sql("stream/acknowledge"),
                [stream.sync, stream.receiver, cursor.snapshot.description, String(cursor.batch)])
            return answer.rowCount == 1 ? Int64(answer.int(0, 0)) : nil
        }
        CrashPoint.sourceTold.reached()
        guard let told else {
            throw StreamStopped(
                message: "\(stream.source) knows of no receiver \(stream.receiver) in sync \(stream.sync)",
                hint: "run \"switchback copy \(stream.sync) --repair\" to begin the stream anew")
        }
        // More than we have told: the stream was begun anew meanwhile, or another engine carries it.
        guard told == cursor.batch else { throw CursorMoved() }
        toldBatch = cursor.batch
    }

    /// Has the receiver write to its disk what was committed so far.
    private mutating func flush(_ loop: BatchLoop, _ cursor: Cursor) async throws {
        let stream = loop.runner.stream
        let told = toldBatch
        try await loop.receiver.run(deadline: StreamRunner.stepDeadline) { session in
            try session.transaction {
                try session.execute("SET LOCAL synchronous_commit = on")
                let ours = try session.query(
                    Assets.sql("stream/flush"), [stream.sync, stream.source, String(told), String(cursor.batch)])
                // Without a change there is nothing to commit, and nothing is flushed.
                guard ours.rowCount == 1 else { throw CursorMoved() }
            }
        }
        confirmedBatch = told
    }

    /// Empties the delta tables that all receivers have passed.
    private mutating func trim(_ loop: BatchLoop, _ cursor: Cursor, idle: Bool) async throws {
        let stream = loop.runner.stream
        try await tidyHolds(loop, cursor)
        CrashPoint.trimming.reached()
        let undecided = loop.routes.routes.values.filter { $0.masters?.rule == .hold }
        let between = loop.routes.routes.values.filter { $0.masters != nil }
        try await loop.source.run(deadline: StreamRunner.batchDeadline) { session in
            // Also where there is nothing to tell: another engine may not reach the receiver, and count the days.
            _ = try session.query(Assets.sql("membership/present"), [stream.sync, stream.receiver])
            try Self.decide(undecided, stream.sync, session)
            guard try between.isEmpty || Quarantine(sync: stream.sync).leaveWritten(between, session) else { return }
            try Trimmer.trim(session, sync: stream.sync, idle: idle, largeBytes: Self.largeDeltaBytes)
        }
        CrashPoint.trimmed.reached()
        try await trimHistory(loop)
        guard loop.routes.isMultiMaster else { return }
        try await loop.receiver.run(deadline: StreamRunner.batchDeadline) { session in
            _ = try session.query(Assets.sql("multimaster/forget_versions"), [stream.sync])
        }
        try await retry(loop)
    }

    /// Tries rows again that are kept out at the receiver.
    private mutating func retry(_ loop: BatchLoop) async throws {
        let began = clock.now
        if let nextRetry, began < nextRetry { return }
        let (sync, routes) = (loop.runner.stream.sync, Array(loop.routes.routes.values))
        try await loop.receiver.run(deadline: StreamRunner.batchDeadline) { session in
            try Quarantine(sync: sync).retry(routes, session)
        }
        nextRetry = clock.now + (clock.now - began) * Self.restBetweenRetries
    }

    /// Notes which held conflicts are decided by what was written at the source, while its delta tables still tell.
    private static func decide(_ routes: [TableRoute], _ sync: String, _ session: Session) throws {
        guard !routes.isEmpty, try session.query(Assets.sql("multimaster/has_held"), [sync]).bool(0, 0) else { return }
        for route in routes {
            guard let statement = route.decideWritten else { continue }
            _ = try session.query(statement, [sync, route.name.schema, route.name.table])
        }
    }

    /// Removes from the receiver's history what the configuration does not keep any longer.
    private mutating func trimHistory(_ loop: BatchLoop) async throws {
        let sync = loop.runner.stream.sync
        guard let keep = loop.runner.cluster.settings.syncs.first(where: { $0.name == sync })?.historyKeep,
            lastHistoryTrim.map({ clock.now - $0 >= Self.trimHistoryEvery }) ?? true
        else { return }
        let removed = try await loop.receiver.run(deadline: StreamRunner.batchDeadline) { session in
            try session.query(
                Assets.sql("multimaster/trim_history"),
                [sync, String(keep.components.seconds), String(Self.historyAtOnce)]
            ).int(0, 0)
        }
        if removed < Self.historyAtOnce { lastHistoryTrim = clock.now }
    }
}

/// The cursor is not where this engine left it: the stream was begun anew, or another engine carries it.
struct CursorMoved: Error, Sendable {}

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
        // A crash that undoes the emptying does no harm.
        try session.execute("SET synchronous_commit = off")
        for row in 0..<worth.rowCount {
            _ = try session.query(Assets.sql("stream/trim"), [worth[row, 0], worth[row, 1]])
        }
        _ = try session.query(Assets.sql("stream/trim_marks"), [sync])
        try session.execute("SET synchronous_commit = local")
    }
}
