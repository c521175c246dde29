import Model

/// The chunks of a copy, the parts that they are of, and the routes of their tables.
struct CopyPlan: Sendable {
    var chunks: [CopyChunk] = []
    var parts: [UInt32: CopyPart] = [:]
    var routes: [TableName: TableRoute] = [:]

    mutating func add(_ more: [CopyChunk], of route: TableRoute) {
        chunks += more
        routes[route.name] = route
    }

    func bytes(_ chunk: CopyChunk) -> Int64 { chunk.bytes(partBlocks: parts[chunk.part]?.blocks ?? 0) }
}

/// What became of a plan.
struct CopyOutcome: Sendable {
    var rows: [TableName: Int] = [:]
    var rewritten: Set<TableName> = []
}

/// Hands out chunks to the jobs of a copy and keeps account.
actor CopyDesk {
    private let plan: CopyPlan
    private var queue: [CopyChunk]
    private var left: [TableName: Int] = [:]
    private var progress = CopyProgress()
    private(set) var outcome = CopyOutcome()
    private let clock = ContinuousClock()
    private let began: ContinuousClock.Instant
    private let onProgress: @Sendable (CopyProgress) -> Void

    init(_ plan: CopyPlan, onProgress: @escaping @Sendable (CopyProgress) -> Void) {
        self.plan = plan
        self.onProgress = onProgress
        began = clock.now
        // The large tables first, so that the jobs end together.
        var size: [TableName: Int64] = [:]
        for chunk in plan.chunks { size[chunk.table, default: 0] += plan.bytes(chunk) }
        queue = plan.chunks.filter { $0.rows == nil }
            .sorted { (size[$0.table] ?? 0, $1.firstBlock) < (size[$1.table] ?? 0, $0.firstBlock) }
        for chunk in queue { left[chunk.table, default: 0] += 1 }
        progress.tables = plan.routes.count
        progress.tablesDone = plan.routes.count - left.count
        progress.bytesTotal = plan.chunks.reduce(0) { $0 + plan.bytes($1) }
        for chunk in plan.chunks {
            guard let rows = chunk.rows else { continue }
            progress.bytesDone += plan.bytes(chunk)
            progress.rows += rows
            outcome.rows[chunk.table, default: 0] += rows
        }
    }

    /// The next chunk; nil when there is none left.
    func next() -> (CopyChunk, CopyPart?, TableRoute)? {
        while let chunk = queue.popLast() {
            if outcome.rewritten.contains(chunk.table) { continue }
            guard let route = plan.routes[chunk.table] else { continue }
            progress.current = chunk.table
            return (chunk, plan.parts[chunk.part], route)
        }
        return nil
    }

    /// A chunk was copied.
    func done(_ chunk: CopyChunk, rows: Int) {
        outcome.rows[chunk.table, default: 0] += rows
        progress.rows += rows
        progress.bytesDone += plan.bytes(chunk)
        left[chunk.table, default: 1] -= 1
        if left[chunk.table] == 0 { progress.tablesDone += 1 }
        progress.elapsed = clock.now - began
        onProgress(progress)
    }

    /// A table has to be copied again from its beginning.
    func rewritten(_ table: TableName) { outcome.rewritten.insert(table) }
}
