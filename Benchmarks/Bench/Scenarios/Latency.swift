import Foundation
import Postgres

/// One row at a time: from the return of its commit at the source to its showing at a target.
struct Latency: Sendable {
    let source: Link
    /// Where the rows are looked for, in turns.
    let targets: [Link]
    let rows: Int
    let patience: Duration
    /// The statement that changes row $1 to $2, and the query for it, for each turn; the turn's number is given.
    let change: @Sendable (Int) -> (table: String, key: String, column: String)

    /// Between one row's arrival and the next change.
    private static let pause = Duration.milliseconds(20)
    /// Between one look at the target and the next.
    private static let step: UInt32 = 200

    /// The lags in milliseconds.
    func run() async throws -> [Double] {
        // So that no value is met a second time in another run.
        let base = Int(Date().timeIntervalSince1970) % 1_000_000 * 1000
        var lags: [Double] = []
        for turn in 0..<rows {
            let value = "\(base + turn)"
            let (table, key, column) = change(turn)
            let committed = try await source.connection.run { session in
                let name = "change_\(table)"
                try session.prepare(name, "UPDATE \(table) SET \(column) = $1 WHERE \(key) = 1")
                _ = try session.queryPrepared(name, [value])
                return ContinuousClock.now
            }
            let limit = patience
            let seen = try await targets[turn % targets.count].connection.run { session -> ContinuousClock.Instant? in
                let name = "look_\(table)"
                try session.prepare(name, "SELECT \(column) FROM \(table) WHERE \(key) = 1")
                while try session.queryPrepared(name, [])[0, 0] != value {
                    if .now - committed > limit { return nil }
                    usleep(Self.step)
                }
                return .now
            }
            guard let seen else { throw ScenarioFailure("row \(turn + 1) did not arrive in \(limit)") }
            lags.append((seen - committed).seconds * 1000)
            try await Task.sleep(for: Self.pause)
        }
        return lags
    }

    static func figures(_ lags: [Double]) -> [String: Double] {
        var figures: [String: Double] = [:]
        figures["p50_ms"] = lags.percentile(0.5)
        figures["p95_ms"] = lags.percentile(0.95)
        figures["max_ms"] = lags.max()
        return figures
    }

    /// Of one row of pgbench's smallest table.
    static func ofBranches(_ source: Link, _ targets: [Link], _ sizes: Sizes) -> Latency {
        Latency(
            source: source, targets: targets, rows: sizes.latencyRows, patience: .seconds(60),
            change: { _ in ("pgbench_branches", "bid", "bbalance") })
    }
}
