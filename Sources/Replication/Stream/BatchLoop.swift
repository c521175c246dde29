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

    private var housekeeping: Housekeeping
    private var doorbell: Doorbell
    /// What the first batch is read from; nil afterwards, when each is read from the one before.
    ///
    /// The cursor's own snapshot may include transactions whose numbers a crash of the source has since given to others:
    /// those that were rolled back leave nothing in its log. What the source was told of has none of these. Reading a
    /// little more than is needed costs little, for rows travel by their state.
    private var resumeFrom: Snapshot?
    /// A batch of few rows could not be written one by one. Staged, rows can change places where one row gives up a unique
    /// value that another takes, and a value that cannot be written is named.
    private var mustStage = false
    /// So often in a row applications wrote rows of a batch while it was applied. After some times they are locked out for as long
    /// as it takes.
    private var overtakenTimes = 0
    private static let overtakenTimesMost = 3
    /// How the last batch's changes came.
    private enum Pace {
        case calm
        /// Many of them.
        case busy
        /// Many of few rows.
        case hot
    }
    private var pace = Pace.calm
    private var sequences = SequenceFollower()
    /// The last look, where it found nothing and nothing was going on.
    private var stillness: BatchHead?
    private var lockPause = Self.lockPauseLeast
    private static let lockPauseLeast = Duration.milliseconds(2)
    private static let lockPauseMost = Duration.milliseconds(100)
    private let clock = ContinuousClock()
    private var lastLookAround: ContinuousClock.Instant
    private var lastSkip: ContinuousClock.Instant

    /// While it is busy the stream gathers changes for a moment; a hundred transactions then travel as one batch.
    private static let gatherMost = Duration.milliseconds(25)
    private static let gatherLeast = Duration.milliseconds(1)
    /// At a source that is written to without a pause each batch takes processor time that its applications could use.
    private static let gatherBusy = Duration.milliseconds(40)
    /// So many changes in one batch make a source a busy one.
    private static let busyChanges = 100
    /// A row that is changed again and again is waited for, for each time that it travels is one too many: this long, and
    /// only while changes keep coming.
    private static let gatherHotMost = Duration.milliseconds(400)
    /// So many changes for each row that travelled make a batch a hot one.
    private static let hotChangesPerRow = 10
    /// With so many tables a look at all of them costs more than the question whether any transaction has begun.
    private static let manyTables = 50
    /// How often an idle stream's cursor moves over what does not concern it.
    private static let skipEvery = Duration.seconds(10)
    private static let lookAroundEvery = Duration.seconds(1)

    init(
        runner: StreamRunner, links: StreamLinks, routes: RouteTable, source: Connection, receiver: Connection,
        cursor: Cursor, known: SourceIdentity.Known
    ) {
        self.runner = runner
        self.links = links
        self.routes = routes
        self.source = source
        self.receiver = receiver
        housekeeping = Housekeeping(cursor, known)
        doorbell = Doorbell(
            isSilent: routes.sourcePreparesTransactions,
            hasCompany: runner.cluster.settings.streams.count { $0.source == runner.stream.source } > 1)
        resumeFrom = known.acknowledged
        lastLookAround = clock.now
        lastSkip = clock.now - Self.skipEvery
    }

    /// Runs until something ends the session, or the goal is reached.
    mutating func run(_ cursor: inout Cursor, goal: Snapshot?) async throws -> SessionOutcome {
        while true {
            try Task.checkCancellation()
            let began = clock.now
            let head: BatchHead
            let isIdle: Bool
            switch try await lookAgain(after: resumeFrom ?? cursor.snapshot) {
            case .empty(let found):
                head = found
                stillness = found.snapshot.isStill ? found : nil
                isIdle = true
                try await passOver(head, &cursor)
            case .small(let found, let rows):
                head = found
                isIdle = false
                guard try await applySmall(head, rows, &cursor) else { continue }
                stillness = stillnessAfter(head)
                try await doorbell.silence(at: source)
            case .large(let found):
                head = found
                isIdle = false
                let isApplied = try await applyLarge(head, &cursor)
                try await doorbell.silence(at: source)
                guard isApplied else { continue }
                stillness = stillnessAfter(head)
            case .locked:
                guard try await waitForLock(cursor) else { return .retry }
                continue
            }
            lockPause = Self.lockPauseLeast
            resumeFrom = nil
            try await housekeeping.afterLook(self, cursor, idle: isIdle)
            // A source that cannot be told of a batch gets no further, however often the batch is applied.
            links.madeProgress = true
            let isAtGoal = goal.map { head.snapshot.covers($0) } ?? false
            try await sequences.follow(self, now: isAtGoal)
            if isAtGoal {
                try await housekeeping.finish(self, cursor)
                return .goalReached
            }
            // Tables that were read from their own snapshot have joined: the routes say so no longer.
            if !routes.since.isEmpty { return .retry }
            guard try await lookAround(cursor) else { return .retry }
            if isIdle { try await doorbell.sleep(at: source) } else { try await gather(since: began) }
        }
    }

    /// Looks for what lies past a cursor. With thousands of tables a look is dear, and at an idle source the next one would
    /// find what the last one did: no transaction has begun since.
    private mutating func lookAgain(after cursor: Snapshot) async throws -> ReadBatch {
        guard let last = stillness else { return try await readBatch(after: cursor) }
        stillness = nil
        let now = try await source.run(deadline: StreamRunner.stepDeadline) { session in
            let answer = try session.query("SELECT pg_current_snapshot()::text, clock_timestamp()::text")
            return (snapshot: Snapshot(answer.text(0, 0)), clock: answer.text(0, 1))
        }
        guard now.snapshot == last.snapshot, routes.since.isEmpty else { return try await readBatch(after: cursor) }
        return .empty(last.seen(at: now.clock))
    }

    /// What the next look would find if no transaction has begun since a batch was read. Asking costs a round trip, which is
    /// more than a look at a few tables.
    private func stillnessAfter(_ head: BatchHead) -> BatchHead? {
        guard head.snapshot.isStill, routes.routes.count >= Self.manyTables else { return nil }
        return head.carried
    }

    private func readBatch(after cursor: Snapshot) async throws -> ReadBatch {
        let read = try await source.run(deadline: StreamRunner.batchDeadline) {
            [sync = runner.stream.sync, routes, mustStage] session in
            // What was rung for until now will be seen now. Left alone they would pile up while the stream is busy.
            _ = session.drainNotifications()
            return try BatchReader(sync: sync, routes: routes)
                .read(session, after: cursor, allowSmall: !mustStage && !routes.isMultiMaster)
        }
        switch read {
        case .empty, .locked: break
        case .small, .large: CrashPoint.batchRead.reached()
        }
        return read
    }

    // MARK: - Applying

    /// Moves the cursor over what does not concern the stream, now and then.
    private mutating func passOver(_ head: BatchHead, _ cursor: inout Cursor) async throws {
        let isDue = clock.now - lastSkip >= Self.skipEvery && head.snapshot != cursor.snapshot
        // The first batch also when it is empty: with it the receiver is known to be of one moment.
        if isDue || !routes.since.isEmpty || !cursor.isOfOneMoment {
            let (stream, now) = (runner.stream, cursor)
            try await Self.outliveCrash(head, of: source)
            try await receiver.run(deadline: StreamRunner.stepDeadline) { [routes] session in
                try BatchApplier(stream: stream, routes: routes).skip(head, cursor: now, on: session)
            }
            cursor = try await reloaded()
            lastSkip = clock.now
        } else if cursor.error != nil {
            try await runner.note(nil, receiver)
            cursor = try await reloaded()
        }
        runner.onEvent(.caughtUp(head.snapshot))
    }

    /// - Returns: false when the batch has to be read again, for its rows must be staged.
    private mutating func applySmall(
        _ head: BatchHead, _ rows: [(route: TableRoute, rows: QueryResult)], _ cursor: inout Cursor
    ) async throws -> Bool {
        CrashPoint.batchWritten.reached()
        let (stream, now) = (runner.stream, cursor)
        let moves = sequences.moves(for: head.sequences, routes)
        let count: Int
        do {
            count = try await receiver.run(deadline: StreamRunner.batchDeadline) { [routes] session in
                try BatchApplier(stream: stream, routes: routes)
                    .apply(rows, head, cursor: now, moves: moves, on: session)
            }
        } catch let error as PostgresError where error.isAboutData {
            mustStage = true
            return false
        }
        advance(&cursor, to: head, rows: count)
        notePace(of: head, rows: rows.reduce(0) { $0 + $1.rows.rowCount })
        return true
    }

    private mutating func notePace(of head: BatchHead, rows: Int) {
        let changes = head.candidates.reduce(0) { $0 + $1.changes.rows }
        let isHot = changes >= Self.hotChangesPerRow * max(rows, 1)
        pace = isHot ? .hot : changes >= Self.busyChanges ? .busy : .calm
    }

    /// Streams a batch of many rows from the source's open transaction into the receiver's.
    ///
    /// - Returns: false when the batch has to be read again, for its rows must be staged.
    private mutating func applyLarge(_ head: BatchHead, _ cursor: inout Cursor) async throws -> Bool {
        let applier = BatchApplier(stream: runner.stream, routes: routes)
        let moves = sequences.moves(for: head.sequences, routes)
        let now = cursor
        do {
            try await receiver.run(deadline: StreamRunner.batchDeadline) {
                try applier.begin(head, cursor: now, moves: moves, on: $0)
            }
            var rows = 0
            var late: LateWrites?
            if routes.isMultiMaster {
                (rows, late) = try await settleAll(head, applier, cursor: now)
            } else {
                for candidate in head.candidates {
                    guard let route = routes.routes[candidate.id] else { continue }
                    rows += try await carry(candidate, route, applier)
                }
            }
            CrashPoint.batchWritten.reached()
            let total = rows
            try await receiver.run(deadline: StreamRunner.batchDeadline) {
                try applier.commit(head, rows: total, on: $0)
            }
            if let late { try await receiver.run(deadline: StreamRunner.batchDeadline) { try late.sendAgain($0) } }
            try await source.run(deadline: StreamRunner.stepDeadline) { $0.rollBack() }
            mustStage = false
            overtakenTimes = 0
            advance(&cursor, to: head, rows: rows)
            notePace(of: head, rows: rows)
            return true
        } catch {
            await receiver.rollBack()
            await source.rollBack()
            if error is Overtaken {
                overtakenTimes += 1
                mustStage = overtakenTimes >= Self.overtakenTimesMost
                return false
            }
            // Rows that were inserted are there already, or clash: the stage is where that is settled.
            guard let postgres = error as? PostgresError, postgres.isAboutData, !mustStage else { throw error }
            mustStage = true
            return false
        }
    }

    /// Brings the changes of one table from the source's open transaction into the receiver's.
    ///
    /// - Throws: `StreamStopped` when the receiver refuses the rows for what they are, and staging them is of no help.
    private func carry(
        _ candidate: BatchHead.Candidate, _ route: TableRoute, _ applier: BatchApplier
    ) async throws -> Int {
        let path = ApplyPath(candidate, route, mustStage: mustStage)
        if path != .insert {
            try await receiver.run(deadline: StreamRunner.stepDeadline) { try applier.makeStages([route], on: $0) }
        }
        do {
            let rows = try await copy(candidate, route, path, applier)
            let staged = rows
            try await receiver.run(deadline: StreamRunner.batchDeadline) {
                try applier.applyStaged(path, candidate.changes, staged: staged, route, on: $0)
            }
            return rows
        } catch let error as PostgresError where error.isAboutData && path != .insert {
            throw StreamStopped(rowsOf: route.name, stream: runner.stream, error)
        }
    }

    /// Copies the changes of one table into its stage, which is there, or into the table itself.
    ///
    /// - Returns: the rows.
    private func copy(
        _ candidate: BatchHead.Candidate, _ route: TableRoute, _ path: ApplyPath, _ applier: BatchApplier,
        unless known: Knowledge? = nil
    ) async throws -> Int {
        let steering = candidate.steering.parameters
        try await source.run(deadline: StreamRunner.stepDeadline) { _ = try $0.queryPrepared("steer", steering) }
        var rows = 0
        for copy in route.copies(candidate.window, path, unless: known) {
            rows += try await copyBetween(
                from: source, copy.out, to: receiver, copy.into, deadline: StreamRunner.batchDeadline,
                onBytes: { _ in CrashPoint.batchCopying.reached() })
        }
        return rows
    }

    /// Brings a batch between masters: all tables are staged before the first is written, for from then on no other stream
    /// writes here, and nobody is to wait for a source.
    ///
    /// - Returns: the rows, and under whose keys applications can write before the batch is committed.
    private func settleAll(
        _ head: BatchHead, _ applier: BatchApplier, cursor: Cursor
    ) async throws -> (rows: Int, late: LateWrites?) {
        var staged: [TableRoute] = []
        var rows = 0
        let known = try await knownAtReceiver()
        let mastered = head.candidates.compactMap { self.routes.routes[$0.id] }.filter { $0.masters != nil }
        try await receiver.run(deadline: StreamRunner.stepDeadline) { try applier.makeStages(mastered, on: $0) }
        for candidate in head.candidates {
            guard let route = routes.routes[candidate.id] else { continue }
            if route.masters == nil {
                rows += try await carry(candidate, route, applier)
                continue
            }
            guard !candidate.whole && !candidate.truncated else {
                throw StreamStopped(
                    message:
                        "changes of \(route.name) at \(runner.stream.source) may have passed unseen, while its capture was off",
                    hint:
                        "run \"switchback diff \(runner.stream.sync)\", mend what differs, and \"switchback copy \(runner.stream.sync)\""
                )
            }
            do {
                rows += try await copy(candidate, route, .merge, applier, unless: known)
            } catch let error as PostgresError where error.isAboutData && mustStage {
                throw StreamStopped(rowsOf: route.name, stream: runner.stream, error)
            }
            staged.append(route)
        }
        let isAlone = mustStage
        let routes = staged
        // The one waits for the source's disk while the other writes at the receiver.
        let source = source
        async let isSafe: Void = Self.outliveCrash(head, of: source)
        let late: LateWrites?
        do {
            late = try await receiver.run(deadline: StreamRunner.batchDeadline) { session in
                try MultiMasterApplier(applier, head, cursor: cursor, routes, isAlone: isAlone, session).apply(routes)
            }
        } catch {
            _ = try? await isSafe
            throw error
        }
        try await isSafe
        return (rows, late)
    }

    /// What the receiver has seen, in a sync with links: rows that are no news to it need not travel.
    private func knownAtReceiver() async throws -> Knowledge? {
        guard routes.hasLinks else { return nil }
        let stream = runner.stream
        return try await receiver.run(deadline: StreamRunner.stepDeadline) { session in
            KnowledgeOfAll(rows: try session.query(Assets.sql("multimaster/known"), [stream.sync]))?.own
                .union(.all(of: stream.receiver))
        }
    }

    /// Has the source's log on its disk as far as a batch goes, before the batch is committed at the receiver.
    ///
    /// Between masters a snapshot says what its readers have seen, and the cursors that were read with it what its node has. Both are
    /// handed on, and things are forgotten because of them. So neither may be taken back by a crash of the source, after which it
    /// would not have seen what it has told of, and would give the numbers of its last transactions to others. Where the source is
    /// busy somebody has waited for its disk since, and there is nothing to do.
    private static func outliveCrash(_ head: BatchHead, of source: Connection) async throws {
        guard let written = head.written else { return }
        try await source.run(deadline: StreamRunner.stepDeadline) { session in
            guard try !session.query(Assets.sql("stream/is_flushed"), [written]).bool(0, 0) else { return }
            // All rows have been read.
            session.rollBack()
            try session.transaction { _ = try session.query(Assets.sql("stream/flush_log")) }
        }
    }

    private func advance(_ cursor: inout Cursor, to head: BatchHead, rows: Int) {
        CrashPoint.batchCommitted.reached()
        cursor = cursor.advanced(to: head)
        runner.onEvent(.applied(rows: rows, batch: cursor.batch))
    }

    // MARK: - Between batches

    /// Lets changes gather, for about as long as the last batch took, so that a busy stream carries them together.
    private mutating func gather(since began: ContinuousClock.Instant) async throws {
        defer { pace = .calm }
        switch pace {
        case .calm: try await Task.sleep(for: max(Self.gatherLeast, min(clock.now - began, Self.gatherMost)))
        case .busy: try await Task.sleep(for: Self.gatherBusy)
        case .hot: try await gatherHot()
        }
    }

    private func gatherHot() async throws {
        let end = clock.now + Self.gatherHotMost
        var newest = try await newestTransaction()
        while clock.now < end {
            try await Task.sleep(for: Self.gatherMost)
            let now = try await newestTransaction()
            if now == newest { return }
            newest = now
        }
    }

    /// Which transaction the source will begin next.
    private func newestTransaction() async throws -> String {
        try await source.run(deadline: StreamRunner.stepDeadline) { session in
            try session.query("SELECT pg_snapshot_xmax(pg_current_snapshot())::text").text(0, 0)
        }
    }

    /// Waits a moment where somebody else has a table of the batch for himself.
    ///
    /// - Returns: false when the stream is no longer what it was.
    private mutating func waitForLock(_ cursor: Cursor) async throws -> Bool {
        try await Task.sleep(for: lockPause)
        lockPause = min(lockPause * 2, Self.lockPauseMost)
        return try await lookAround(cursor)
    }

    /// Looks now and then at what a stream does not learn from its batches.
    ///
    /// - Returns: false when the stream is no longer what it was.
    private mutating func lookAround(_ cursor: Cursor) async throws -> Bool {
        guard clock.now - lastLookAround >= Self.lookAroundEvery else { return true }
        lastLookAround = clock.now
        return try await isAsItWas(cursor)
    }

    /// Looks at what a stream does not learn from its batches: commands, and tables that have joined.
    private func isAsItWas(_ cursor: Cursor) async throws -> Bool {
        let now = try await reloaded()
        guard now.batch == cursor.batch, !now.paused, now.state == .streaming else { return false }
        let stream = runner.stream
        let joined = try await receiver.run(deadline: StreamRunner.stepDeadline) { session in
            try session.query(Assets.sql("stream/joined_count"), [stream.sync, stream.source]).int(0, 0)
        }
        return joined == routes.joinedCount
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
            errorHint: nil, errorAt: nil, begunBatch: begunBatch)
    }
}
