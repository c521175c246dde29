import Postgres

/// pgbench at the source; the lag is the age of the newest row of it that the target shows.
struct Load: Sendable {
    let seconds: Int
    /// Transactions a second; as many as go when nil.
    let rate: Int?

    private static let step = Duration.milliseconds(50)
    /// At the beginning there are no rows to tell a lag by.
    private static let warmUp = Duration.seconds(2)
    static let clients = 4

    /// The age of the newest row of this run, in seconds; null where none has come. Rows come in nearly the order of
    /// their keys, so the last few hold the newest. By way of the index, whatever the planner thinks of how rows lie in the
    /// table: a scan of all of it would take longer than what is measured, and the processors from those who are.
    static func age(after start: Int) -> String {
        """
        SELECT extract(epoch FROM clock_timestamp() - max(mtime)) FROM \
        (SELECT mtime FROM pgbench_history WHERE hid > \(start) ORDER BY hid DESC LIMIT 50) AS newest
        """
    }

    /// Counts rows above a key, which tells when all of a run are there.
    private static func count(after start: Int) -> String {
        "SELECT count(*) FROM pgbench_history WHERE hid > \(start)"
    }

    func run(_ stage: Stage, alongside: @Sendable () async throws -> Void = {}) async throws -> [String: Double] {
        let start = Int(try await stage.source.number("SELECT coalesce(max(hid), 0) FROM pgbench_history"))
        let running = try stage.pgbench.start(clients: Self.clients, seconds: seconds, rate: rate)
        let lags: [Double]
        do {
            lags = try await sample(stage, running, start, alongside)
        } catch {
            running.terminate()
            _ = await running.outcome()
            throw error
        }
        let ended = ContinuousClock.now
        let outcome = await running.outcome()
        var figures = ["tps": try PgBench.parse(outcome.output + outcome.errors).tps]
        guard stage.target != nil else { return figures }
        let rows = Int(try await stage.source.number(Self.count(after: start)))
        let drain = try await stage.arrival(
            of: "SELECT (\(Self.count(after: start))) = \(rows)", since: ended, what: "the last of \(rows) rows")
        figures["drain_s"] = drain?.seconds
        figures["lag_p50_s"] = lags.percentile(0.5)
        figures["lag_p99_s"] = lags.percentile(0.99)
        return figures
    }

    /// Looks at the lag until pgbench has ended.
    private func sample(
        _ stage: Stage, _ running: RunningProcess, _ start: Int, _ alongside: @Sendable () async throws -> Void
    ) async throws -> [Double] {
        let began = ContinuousClock.now
        var lags: [Double] = []
        while running.isRunning {
            if let target = stage.target {
                let age = try await target.value(Self.age(after: start)).flatMap { Double($0) }
                let elapsed = ContinuousClock.now - began
                if elapsed > Self.warmUp { lags.append(age ?? elapsed.seconds) }
            }
            try await alongside()
            try await Task.sleep(for: Self.step)
        }
        return lags
    }
}
