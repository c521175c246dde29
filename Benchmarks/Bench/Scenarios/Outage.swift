import LocalCluster
import Postgres

/// The target's server is away under paced load, and comes back under it.
struct Outage: Sendable {
    /// Any connection to the target's database that is not a tool's: the engine is back.
    private static let connected =
        """
        SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND backend_type IN \
        ('client backend', 'logical replication worker') AND application_name NOT IN ('bench', 'psql'))
        """
    private static let top = "SELECT coalesce(max(hid), 0) FROM pgbench_history"

    func run(_ stage: Stage) async throws -> [String: Double] {
        let sizes = stage.sizes
        let seconds = sizes.outageSeconds + sizes.patienceSeconds + 60
        let load = try stage.pgbench.start(clients: Load.clients, seconds: seconds, rate: sizes.pace)
        do {
            var figures = try await underLoad(stage, load)
            load.terminate()
            _ = await load.outcome()
            let rows = Int(try await stage.source.number("SELECT count(*) FROM pgbench_history"))
            try await Link.with(stage.site.targets[0]) { link in
                let all = "SELECT count(*) = \(rows) FROM pgbench_history"
                guard try await link.poll(all, every: .milliseconds(50), for: stage.patience) != nil else {
                    throw ScenarioFailure("the last of \(rows) rows did not arrive in \(sizes.patienceSeconds) s")
                }
            }
            if let left = try await Soak.settled(stage) { figures["storage_end_mb"] = left / 1e6 }
            return figures
        } catch {
            load.terminate()
            _ = await load.outcome()
            throw error
        }
    }

    private func underLoad(_ stage: Stage, _ load: RunningProcess) async throws -> [String: Double] {
        let server = stage.servers.target
        try await Task.sleep(for: .seconds(3))
        let first = Int(try await stage.source.number(Self.top))
        try await server.stop()
        try await Task.sleep(for: .seconds(stage.sizes.outageSeconds))
        try await server.start()
        let returned = ContinuousClock.now
        let last = Int(try await stage.source.number(Self.top))
        var figures = ["rows": try await outstanding(stage, first, last)]
        figures["storage_peak_mb"] = try await stage.storage().map { $0 / 1e6 }
        try await Link.with(stage.site.targets[0]) { link in
            let connected = try await link.poll(Self.connected, every: .milliseconds(5), for: stage.patience)
            guard let connected else { throw ScenarioFailure("nothing connected to the target again") }
            let there = "SELECT max(hid) >= \(last) FROM pgbench_history"
            guard let arrived = try await link.poll(there, every: .milliseconds(10), for: stage.patience) else {
                throw ScenarioFailure("outstanding rows did not arrive in \(stage.sizes.patienceSeconds) s")
            }
            let young = "SELECT (\(Load.age(after: first))) < 1"
            guard let level = try await link.poll(young, every: .milliseconds(50), for: stage.patience) else {
                throw ScenarioFailure("the lag did not fall under a second in \(stage.sizes.patienceSeconds) s")
            }
            guard load.isRunning else { throw ScenarioFailure("the load ended before all was caught up") }
            figures["reconnect_s"] = (connected - returned).seconds
            figures["arrive_s"] = (arrived - returned).seconds
            figures["rows_s"] = (figures["rows"] ?? 0) / max((arrived - connected).seconds, 1e-3)
            figures["level_s"] = (level - returned).seconds
        }
        return figures
    }

    /// The rows that the target lacks: those of the history, and each account, teller and branch that they name once.
    private func outstanding(_ stage: Stage, _ first: Int, _ last: Int) async throws -> Double {
        try await stage.source.number(
            """
            SELECT count(*) + count(DISTINCT aid) + count(DISTINCT tid) + count(DISTINCT bid) FROM \
            pgbench_history WHERE hid > \(first) AND hid <= \(last)
            """
        )
    }
}
