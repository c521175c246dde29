import Model
import Postgres
import Synchronization

/// The chunks of a copy, the parts that they are of, and the routes of their tables.
struct CopyPlan: Sendable {
    var chunks: [CopyChunk] = []
    var parts: [UInt32: CopyPart] = [:]
    var routes: [TableName: TableRoute] = [:]

    mutating func add(_ more: [CopyChunk], of route: TableRoute) {
        chunks += more
        routes[route.name] = route
    }

    func bytes(_ chunk: CopyChunk) -> Int64 { parts[chunk.part]?.bytes(of: chunk) ?? 0 }
}

/// What became of a plan.
struct CopyOutcome: Sendable {
    var rows: [TableName: Int] = [:]
    var rowsCopied = 0
    /// Rows have moved between their chunks: to be copied again from the beginning.
    var rewritten: Set<TableName> = []
    /// Parts of them are gone from the source, and their rows with them.
    var shrunk: Set<TableName> = []
    /// What the receiver or the source refused.
    var failed: [TableName: PostgresError] = [:]
}

/// Counts the bytes of the chunks that are being copied. They come on the connections' threads.
final class CopyMeter: Sendable {
    private struct State {
        var inFlight: [Int: Int64] = [:]
        var sent: Int64 = 0
    }

    private let state = Mutex(State())

    func add(_ bytes: Int, job: Int) {
        state.withLock {
            $0.inFlight[job, default: 0] += Int64(bytes)
            $0.sent += Int64(bytes)
        }
    }

    /// The chunk of a job has ended.
    func end(job: Int) { state.withLock { $0.inFlight[job] = nil } }

    /// Bytes that have travelled in all, and of the chunks that are under way, by job.
    var reading: (sent: Int64, inFlight: [Int: Int64]) { state.withLock { ($0.sent, $0.inFlight) } }
}

/// Hands out chunks to the jobs of a copy and keeps account.
actor CopyDesk {
    /// What a job has to do next.
    struct Work: Sendable {
        let chunk: CopyChunk
        let part: CopyPart
        let route: TableRoute
    }

    nonisolated let meter = CopyMeter()
    private let plan: CopyPlan
    private var queue: [CopyChunk]
    private var left: [TableName: Int] = [:]
    private var underWay: [Int: CopyChunk] = [:]
    /// Bytes of finished chunks of this run at the source, and on their way.
    private var finished: (bytes: Int64, sent: Int64) = (0, 0)
    private var counts = CopyProgress()
    private(set) var outcome = CopyOutcome()
    private let clock = ContinuousClock()
    private let began: ContinuousClock.Instant

    init(_ plan: CopyPlan) {
        self.plan = plan
        began = clock.now
        // The large tables first, so that the jobs end together.
        var size: [TableName: Int64] = [:]
        for chunk in plan.chunks { size[chunk.table, default: 0] += plan.bytes(chunk) }
        queue = plan.chunks.filter { $0.rows == nil }
            .sorted {
                (size[$0.table] ?? 0, $1.table, $1.part, $1.firstBlock)
                    < (size[$1.table] ?? 0, $0.table, $0.part, $0.firstBlock)
            }
        for chunk in queue { left[chunk.table, default: 0] += 1 }
        counts.tables = plan.routes.count
        counts.tablesDone = plan.routes.count - left.count
        counts.bytesTotal = plan.chunks.reduce(0) { $0 + plan.bytes($1) }
        for chunk in plan.chunks {
            guard let rows = chunk.rows else { continue }
            counts.bytesBefore += plan.bytes(chunk)
            counts.rowsBefore += rows
            outcome.rows[chunk.table, default: 0] += rows
        }
        counts.rows = counts.rowsBefore
        counts.bytesDone = counts.bytesBefore
    }

    /// The next chunk for a job; nil when there is none left.
    func next(job: Int) -> Work? {
        while let chunk = queue.popLast() {
            let table = chunk.table
            guard !outcome.rewritten.contains(table), outcome.failed[table] == nil else { continue }
            guard let route = plan.routes[table] else { continue }
            guard let part = plan.parts[chunk.part] else {
                gone(chunk, job: job)
                continue
            }
            counts.current = table
            underWay[job] = chunk
            return Work(chunk: chunk, part: part, route: route)
        }
        return nil
    }

    /// A chunk was copied; nil when somebody else has done it.
    func done(_ chunk: CopyChunk, rows: Int?, job: Int) {
        finished.sent += meter.reading.inFlight[job] ?? 0
        finished.bytes += plan.bytes(chunk)
        end(job)
        outcome.rows[chunk.table, default: 0] += rows ?? 0
        outcome.rowsCopied += rows ?? 0
        counts.rows += rows ?? 0
        close(chunk)
    }

    /// A chunk's part is no more.
    func gone(_ chunk: CopyChunk, job: Int) {
        end(job)
        outcome.shrunk.insert(chunk.table)
        close(chunk)
    }

    /// A table has to be copied again from its beginning.
    func rewritten(_ table: TableName, job: Int) {
        end(job)
        outcome.rewritten.insert(table)
    }

    /// A table cannot be copied as things are.
    func failed(_ table: TableName, _ error: PostgresError, job: Int) {
        end(job)
        if outcome.failed[table] == nil { outcome.failed[table] = error }
    }

    private func end(_ job: Int) {
        underWay[job] = nil
        meter.end(job: job)
    }

    private func close(_ chunk: CopyChunk) {
        counts.bytesDone += plan.bytes(chunk)
        left[chunk.table, default: 1] -= 1
        if left[chunk.table] == 0 { counts.tablesDone += 1 }
    }

    /// How far it is, with what is under way: as much of a chunk as the bytes that have travelled say, at the proportion
    /// that finished chunks had.
    var progress: CopyProgress {
        var progress = counts
        let (sent, inFlight) = meter.reading
        let proportion = finished.sent > 0 && finished.bytes > 0 ? Double(finished.sent) / Double(finished.bytes) : 1
        for (job, chunk) in underWay {
            let estimate = Int64(Double(inFlight[job] ?? 0) / proportion)
            progress.bytesDone += min(plan.bytes(chunk), estimate)
        }
        progress.bytesSent = sent
        progress.elapsed = clock.now - began
        return progress
    }
}
