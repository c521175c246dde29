import Assets
import Logging
import Model
import Postgres

/// Copies tables chunk by chunk, several chunks side by side.
struct TableCopier {
    let copy: FirstCopy
    let source: Connection
    let receiver: Connection

    init(_ copy: FirstCopy, source: Connection, receiver: Connection) {
        self.copy = copy
        self.source = source
        self.receiver = receiver
    }

    private var stream: StreamID { copy.stream }
    private static let progressEvery = Duration.milliseconds(200)

    /// Copies what was not copied before.
    ///
    /// - Returns: the rows of each table, and which tables could not be copied.
    func run(_ routes: [TableRoute]) async throws -> CopyOutcome {
        var total = CopyOutcome()
        var waiting = routes
        while !waiting.isEmpty {
            let plan = try await plan(waiting)
            let outcome = try await work(off: plan)
            total.rowsCopied += outcome.rowsCopied
            total.failed.merge(outcome.failed) { $1 }
            total.shrunk.formUnion(outcome.shrunk)
            var again: [TableRoute] = []
            for route in waiting where outcome.failed[route.name] == nil {
                total.rows[route.name] = outcome.rows[route.name] ?? 0
                if outcome.rewritten.contains(route.name) {
                    copy.logger.notice(
                        "\(route.name) was rewritten at \(stream.source) while it was copied; copying it again")
                    try await empty(route)
                    again.append(route)
                } else if try await hasOtherParts(route, plan, &total) {
                    again.append(route)
                }
            }
            waiting = again
        }
        for route in routes where total.failed[route.name] == nil {
            do { try await complete(route, total) } catch let error as PostgresError where error.isOfOneStatement {
                total.failed[route.name] = error
            }
        }
        return total
    }

    /// Whether partitions came while the table was copied, attached with rows that were never captured; and notes when some
    /// are gone.
    private func hasOtherParts(_ route: TableRoute, _ plan: CopyPlan, _ total: inout CopyOutcome) async throws -> Bool {
        guard route.table.definition.isPartitioned else { return false }
        let now = Set(try await parts(of: route).map(\.oid))
        let copied = Set(plan.chunks.filter { $0.table == route.name }.map(\.part))
        if !copied.isSubset(of: now) { total.shrunk.insert(route.name) }
        return !now.isSubset(of: copied)
    }

    private func complete(_ route: TableRoute, _ outcome: CopyOutcome) async throws {
        if outcome.shrunk.contains(route.name) {
            copy.logger.notice("partitions of \(route.name) are gone from \(stream.source); looking for their rows")
            let list = try RepairList()
            let diff = TableDiff(stream: stream, route: route, source: source, receiver: receiver)
            if try await diff.run(into: list).found.hasSome {
                try await Mending(stream: stream, source: source, receiver: receiver)
                    .mend(route, list, reason: "copy")
            }
        }
        // Only its owner may; without it the planner learns by autovacuum.
        do {
            try await receiver.run(deadline: StreamRunner.batchDeadline) {
                try $0.execute("ANALYZE \(route.target.name.sql)")
            }
        } catch let error as PostgresError where error.isOfOneStatement {}
    }

    private func empty(_ route: TableRoute) async throws {
        let stream = stream
        try await receiver.run(deadline: StreamRunner.batchDeadline) { session in
            try session.transaction {
                try TableEmptying(stream: stream, route: route).emptyOfOthers(session)
                try ChunkRecord.forget(session, stream, table: route.name)
            }
        }
    }

    // MARK: - Planning

    private func parts(of route: TableRoute) async throws -> [CopyPart] {
        try await source.run(deadline: StreamRunner.stepDeadline) {
            try CopyPart.read($0, table: route.sourceRelation)
        }
    }

    /// The chunks of all tables, those planned before and new ones; the parts that they are of.
    private func plan(_ routes: [TableRoute]) async throws -> CopyPlan {
        let stream = stream
        let recorded = Dictionary(
            grouping: try await receiver.run(deadline: StreamRunner.stepDeadline) { try ChunkRecord.read($0, stream) },
            by: \.table)
        var plan = CopyPlan()
        for route in routes {
            let parts = try await parts(of: route)
            for part in parts { plan.parts[part.oid] = part }
            let known = recorded[route.name] ?? []
            let knownParts = Set(known.map(\.part))
            let new = parts.filter { !knownParts.contains($0.oid) }.flatMap {
                $0.chunks(of: route.name, blocks: copy.chunkBlocks)
            }
            if !new.isEmpty {
                try await receiver.run(deadline: StreamRunner.batchDeadline) {
                    try ChunkRecord.plan($0, stream, new)
                }
            }
            plan.add(known + new, of: route)
        }
        return plan
    }

    // MARK: - Working

    private func work(off plan: CopyPlan) async throws -> CopyOutcome {
        let desk = CopyDesk(plan)
        let jobs = max(1, min(copy.jobs, plan.chunks.count { $0.rows == nil }))
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<jobs {
                group.addTask {
                    try await job(number, desk)
                    return true
                }
            }
            group.addTask {
                while true {
                    try await Task.sleep(for: Self.progressEvery)
                    copy.onProgress(await desk.progress)
                }
            }
            var running = jobs
            // The first that fails ends the others: not all of the copy before anybody hears of it.
            while running > 0, let isJob = try await group.next() { running -= isJob ? 1 : 0 }
            group.cancelAll()
        }
        copy.onProgress(await desk.progress)
        return await desk.outcome
    }

    /// Works with connections of its own.
    private func job(_ number: Int, _ desk: CopyDesk) async throws {
        let purpose = "copy \(stream.sync)"
        let source = try await copy.cluster.open(
            stream.source, purpose: purpose, parameters: Cluster.comparisonParameters)
        do {
            let receiver = try await copy.cluster.open(
                stream.receiver, purpose: purpose,
                parameters: Cluster.applyParameters + Cluster.comparisonParameters)
            do {
                try await work(number, desk, ChunkCopier(stream: stream, source: source, receiver: receiver))
                await receiver.close()
            } catch {
                await receiver.close()
                throw error
            }
            await source.close()
        } catch {
            await source.close()
            throw error
        }
    }

    private func work(_ job: Int, _ desk: CopyDesk, _ copier: ChunkCopier) async throws {
        while let work = await desk.next(job: job) {
            try Task.checkCancellation()
            let (chunk, meter) = (work.chunk, desk.meter)
            do {
                let rows = try await copier.copy(chunk, part: work.part, route: work.route) {
                    meter.add($0, job: job)
                }
                await desk.done(chunk, rows: rows, job: job)
            } catch is ChunkCopier.PartRewritten {
                await desk.rewritten(chunk.table, job: job)
            } catch is ChunkCopier.PartGone {
                await desk.gone(chunk, job: job)
            } catch let error as PostgresError where error.isOfOneStatement {
                await desk.failed(chunk.table, error, job: job)
            }
        }
    }
}
