import Postgres

/// Commit after commit on one row.
struct HotRow: Sendable {
    let commits: Int

    /// How long a server may take to count what it did: an idle session's counts are passed on after ten seconds.
    static let countingDelay = Duration.seconds(11)
    private static let updates =
        "SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'pgbench_tellers'"

    func run(_ stage: Stage) async throws -> [String: Double] {
        let tid = 2
        var before = 0.0
        if let target = stage.target {
            try await Task.sleep(for: Self.countingDelay)
            before = try await target.number(Self.updates)
        }
        // Balances that the last value is not among.
        let loop =
            "FOR i IN 1..\(commits) LOOP UPDATE pgbench_tellers SET tbalance = -i WHERE tid = \(tid); COMMIT; END LOOP"
        let took = try await stage.source.time("DO $$ BEGIN \(loop); END $$")
        var figures = ["source_s": took.seconds]
        let arrival = try await stage.arrival(
            of: "SELECT tbalance = -\(commits) FROM pgbench_tellers WHERE tid = \(tid)", since: .now,
            every: .milliseconds(5), what: "the row's last state")
        guard let arrival, let target = stage.target else { return figures }
        figures["arrive_s"] = arrival.seconds
        try await Task.sleep(for: Self.countingDelay)
        figures["travels"] = try await target.number(Self.updates) - before
        return figures
    }
}
