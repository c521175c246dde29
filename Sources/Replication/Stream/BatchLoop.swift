import Assets
import Model
import Postgres

/// The heart of a stream: reads batches and applies them, as long as cursor, tables and connections stay what they are.
struct BatchLoop {
    let runner: StreamRunner
    let links: StreamLinks
    let routes: RouteTable
    let source: Connection
    let receiver: Connection

    private var housekeeping = Housekeeping()
    /// Nothing new came for a while: the doorbell is to wake us.
    private var armed = false
    /// A batch of few rows met a unique value that another row of it gives up; staged rows can change places.
    private var mustStage = false
    private var lastLook = ContinuousClock.now

    /// Behind the doorbell, and where there is none.
    private static let slowPoll = Duration.seconds(1)
    private static let pollWithPreparedTransactions = Duration.milliseconds(20)
    /// While it is busy the stream gathers changes for a moment; a hundred transactions then travel as one batch.
    private static let gatherMost = Duration.milliseconds(25)
    private static let gatherLeast = Duration.milliseconds(1)
    /// How often an idle stream's cursor moves over what does not concern it.
    private static let skipEvery = Duration.seconds(10)

    init(runner: StreamRunner, links: StreamLinks, routes: RouteTable, source: Connection, receiver: Connection) {
        self.runner = runner
        self.links = links
        self.routes = routes
        self.source = source
        self.receiver = receiver
    }

    /// Runs until something ends the session, or the goal is reached.
    mutating func run(_ cursor: inout Cursor, goal: Snapshot?) async throws -> SessionOutcome {
        let stream = runner.stream
        let clock = ContinuousClock()
        var lastSkip = clock.now - Self.skipEvery
        while true {
            try Task.checkCancellation()
            let began = clock.now
            let read = try await readBatch(after: cursor.snapshot)
            switch read {
            case .empty(let head):
                links.madeProgress = true
                let isDue = clock.now - lastSkip >= Self.skipEvery || !routes.since.isEmpty
                let isAtGoal = goal.map { head.snapshot.covers($0) } ?? false
                // The first batch also when it is empty: with it the receiver is known to be of one moment.
                if isDue && head.snapshot != cursor.snapshot || !routes.since.isEmpty || cursor.batch == 0 {
                    let now = cursor
                    try await receiver.run(deadline: StreamRunner.stepDeadline) { [routes] session in
                        try BatchApplier(stream: stream, routes: routes).skip(head, cursor: now, on: session)
                    }
                    cursor = try await reloaded()
                    lastSkip = clock.now
                    if !routes.since.isEmpty { return .retry(nil) }
                }
                runner.onEvent(.caughtUp(head.snapshot))
                try await housekeeping.afterLook(self, cursor, idle: true)
                if isAtGoal {
                    try await housekeeping.finish(self, cursor)
                    return .goalReached
                }
                if let end = try await lookAround(cursor) { return end }
                try await wait()
            case .small(let head, let rows):
                await disarm()
                let now = cursor
                let count: Int
                do {
                    count = try await receiver.run(deadline: StreamRunner.batchDeadline) { [routes] session in
                        try BatchApplier(stream: stream, routes: routes).apply(rows, head, cursor: now, on: session)
                    }
                } catch let error as PostgresError where error.sqlState == "23505" || error.sqlState == "23P01" {
                    if mustStage { throw error }
                    mustStage = true
                    continue
                }
                cursor = cursor.advanced(to: head)
                if let end = try await afterBatch(cursor, rows: count, head, goal) { return end }
                try await gather(since: began, clock)
            case .large(let head):
                await disarm()
                let count = try await applyLarge(head, cursor)
                mustStage = false
                cursor = cursor.advanced(to: head)
                if let end = try await afterBatch(cursor, rows: count, head, goal) { return end }
            }
        }
    }

    private mutating func afterBatch(
        _ cursor: Cursor, rows: Int, _ head: BatchHead, _ goal: Snapshot?
    ) async throws -> SessionOutcome? {
        links.madeProgress = true
        runner.onEvent(.applied(rows: rows, batch: cursor.batch))
        try await housekeeping.afterLook(self, cursor, idle: false)
        if let goal, head.snapshot.covers(goal) {
            try await housekeeping.finish(self, cursor)
            return .goalReached
        }
        // Tables that were read from their own snapshot have joined: the routes say so no longer.
        return try await routes.since.isEmpty ? lookAround(cursor) : .retry(nil)
    }

    // MARK: - Reading and applying

    private func readBatch(after cursor: Snapshot) async throws -> ReadBatch {
        try await source.run(deadline: StreamRunner.batchDeadline) { [routes, mustStage] session in
            try BatchReader(routes: routes).read(session, after: cursor, allowSmall: !mustStage)
        }
    }

    /// Streams a batch of many rows from the source's open transaction into the receiver's.
    private func applyLarge(_ head: BatchHead, _ cursor: Cursor) async throws -> Int {
        let applier = BatchApplier(stream: runner.stream, routes: routes)
        do {
            try await receiver.run(deadline: StreamRunner.batchDeadline) {
                try applier.begin(head, cursor: cursor, on: $0)
            }
            var rows = 0
            for candidate in head.candidates {
                guard let route = routes.routes[candidate.id] else { continue }
                let all = candidate.whole || route.table.isWhole
                rows += try await copyBetween(
                    from: source, "COPY (\(all ? route.allRows : route.changedRows(candidate.window))) TO STDOUT",
                    to: receiver, route.copyIntoStage, deadline: StreamRunner.batchDeadline)
                try await receiver.run(deadline: StreamRunner.batchDeadline) {
                    try applier.applyStaged(candidate, route, on: $0)
                }
            }
            let total = rows
            try await receiver.run(deadline: StreamRunner.batchDeadline) { try applier.commit(rows: total, on: $0) }
            try await source.run(deadline: StreamRunner.stepDeadline) { $0.rollBack() }
            return rows
        } catch {
            await receiver.rollBack()
            await source.rollBack()
            throw error
        }
    }

    // MARK: - Waiting

    /// Lets changes gather for about as long as the last batch took, so that a busy stream carries them together.
    private func gather(since began: ContinuousClock.Instant, _ clock: ContinuousClock) async throws {
        let spent = clock.now - began
        try await Task.sleep(for: max(Self.gatherLeast, min(spent, Self.gatherMost)))
    }

    /// Waits until something may have changed. Only returns to waiting for long once the doorbell is armed and one more
    /// look, after arming it, has found nothing.
    private mutating func wait() async throws {
        if routes.sourcePreparesTransactions {
            try await Task.sleep(for: Self.pollWithPreparedTransactions)
            return
        }
        if !armed {
            armed = try await source.run(deadline: StreamRunner.stepDeadline) { session in
                let answer = try session.query(Assets.sql("stream/arm"))
                return answer.bool(0, 0) || answer.bool(0, 1)
            }
            // Armed: look once more before sleeping. Not armed: a change that rang nobody is not committed yet.
            if !armed { try await Task.sleep(for: .milliseconds(10)) }
            return
        }
        let slowPoll = Self.slowPoll
        _ = try await source.run { try $0.waitForNotification(timeout: slowPoll) }
    }

    /// While the stream is busy nobody needs to ring, and a commit that does not ring costs less.
    private mutating func disarm() async {
        guard armed else { return }
        armed = false
        try? await source.run(deadline: StreamRunner.stepDeadline) { session in
            try session.execute("SELECT pg_advisory_unlock_all()")
            _ = session.drainNotifications()
        }
    }

    /// Looks, when it is time, at what a stream does not learn from its batches: commands, other tables, other shapes.
    private mutating func lookAround(_ cursor: Cursor) async throws -> SessionOutcome? {
        guard ContinuousClock.now - lastLook >= Self.slowPoll else { return nil }
        lastLook = .now
        let now = try await reloaded()
        guard now.batch == cursor.batch, !now.paused, now.state == .streaming else { return .retry(nil) }
        let stream = runner.stream
        let joined = try await receiver.run(deadline: StreamRunner.stepDeadline) { session in
            let rows = try session.query(Assets.sql("stream/table_states"), [stream.sync, stream.source])
            return (0..<rows.rowCount).filter { rows.text($0, 2) == "joined" }.count
        }
        let captured = try await source.run(deadline: StreamRunner.stepDeadline) { session in
            try session.query(Assets.sql("stream/captured_count"), [stream.sync]).int(0, 0)
        }
        return joined == routes.joined && captured == routes.captured ? nil : .retry(nil)
    }

    private func reloaded() async throws -> Cursor {
        let stream = runner.stream
        let cursor = try await receiver.run(deadline: StreamRunner.stepDeadline) { try Cursor.read($0, stream) }
        guard let cursor else {
            throw StreamStopped(
                message: "the cursor of \(stream) is gone", hint: "run \"switchback copy \(stream.sync)\"")
        }
        return cursor
    }
}

extension Cursor {
    /// What the cursor is after a batch was applied.
    func advanced(to head: BatchHead) -> Cursor {
        Cursor(
            snapshot: head.snapshot, batch: batch + 1, acknowledgedBatch: acknowledgedBatch, source: source,
            state: state, asOf: head.asOf, appliedAt: appliedAt, appliedRows: appliedRows, paused: paused, error: nil,
            errorHint: nil, errorAt: nil)
    }
}
