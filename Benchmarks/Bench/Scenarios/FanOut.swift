/// One source and four targets, beside one source and one target.
struct FanOut: Sendable {
    /// Scans of the table that the rows are changed in, however they are done: one for each change, and one for each
    /// time that something reads the changed row.
    private static let scans =
        "SELECT coalesce(seq_scan, 0) + coalesce(idx_scan, 0) FROM pg_stat_user_tables WHERE relname = 'pgbench_branches'"
    private static let changes = "SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'pgbench_branches'"

    /// The latencies alone.
    func latencies(_ stage: Stage) async throws -> [Double] {
        try await withTargets(stage) { try await Latency.ofBranches(stage.source, $0, stage.sizes).run() }
    }

    /// - Parameter one: The median with one target.
    func run(_ stage: Stage, one: Double?) async throws -> [String: Double] {
        try await withTargets(stage) { targets in
            // A server passes an idle session's counts on after ten seconds.
            try await Task.sleep(for: HotRow.countingDelay)
            let before = try await counts(stage, targets)
            var figures = Latency.figures(try await Latency.ofBranches(stage.source, targets, stage.sizes).run())
            try await Task.sleep(for: HotRow.countingDelay)
            let after = try await counts(stage, targets)
            // The changes themselves scan the source's table, once each; what is left are reads.
            let reads = after.scans - before.scans - (after.written - before.written)
            figures["reads"] = max(0, reads) / max(1, after.applied - before.applied)
            figures["max_ms"] = nil
            figures["one_p50_ms"] = one
            if let one, one > 0, let four = figures["p50_ms"] { figures["ratio"] = four / one }
            return figures
        }
    }

    private func counts(
        _ stage: Stage, _ targets: [Link]
    ) async throws -> (scans: Double, written: Double, applied: Double) {
        var applied = 0.0
        for target in targets { applied += try await target.number(Self.changes) }
        return (
            try await stage.source.number(Self.scans), try await stage.source.number(Self.changes), applied
        )
    }

    private func withTargets<R: Sendable>(_ stage: Stage, _ body: ([Link]) async throws -> R) async throws -> R {
        var links: [Link] = []
        do {
            for target in stage.site.targets { links.append(try await Link.open(target)) }
            let result = try await body(links)
            for link in links { await link.close() }
            return result
        } catch {
            for link in links { await link.close() }
            throw error
        }
    }
}
