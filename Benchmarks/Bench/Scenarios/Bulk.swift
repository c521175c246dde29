import Postgres

/// One statement of many rows: its own time, and how long after its commit the target shows them.
struct Bulk: Sendable {
    let statement: String
    /// A condition that costs the target little, and holds when the rows are there.
    let shows: String
    /// The same beyond doubt, where the first could hold too early.
    let holds: String
    let rows: Int

    func run(_ stage: Stage) async throws -> [String: Double] {
        let took = try await stage.source.time(statement)
        let committed = ContinuousClock.now
        var figures = ["statement_s": took.seconds]
        let what = "\(rows) rows"
        guard var arrival = try await stage.arrival(of: shows, since: committed, what: what) else { return figures }
        if try await stage.target?.value("SELECT (\(holds))::text") != "true" {
            arrival = try await stage.arrival(of: "SELECT \(holds)", since: committed, what: what) ?? arrival
        }
        figures["arrive_s"] = arrival.seconds
        figures["total_s"] = (took + arrival).seconds
        return figures
    }

    static func update(_ stage: Stage) async throws -> Bulk {
        let rows = stage.sizes.updateRows
        let value = try await stage.source.number("SELECT max(abalance) + 1 FROM pgbench_accounts WHERE aid <= \(rows)")
        let stamp = Int(value)
        return Bulk(
            statement: "UPDATE pgbench_accounts SET abalance = \(stamp) WHERE aid <= \(rows)",
            shows: "SELECT bool_and(abalance = \(stamp)) FROM pgbench_accounts WHERE aid IN (1, \(rows))",
            holds: "(SELECT count(*) FROM pgbench_accounts WHERE aid <= \(rows) AND abalance = \(stamp)) = \(rows)",
            rows: rows)
    }

    static func insert(_ stage: Stage) async throws -> Bulk {
        let rows = stage.sizes.bulkRows
        // The sequence goes on from its last value, which may be beyond the last row's.
        let last = Int(
            try await stage.source.number(
                "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM pgbench_history_hid_seq"))
        let ends = "\(last + 1), \(last + rows)"
        return Bulk(
            statement:
                """
                INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) SELECT 1, 1, g, g, now() FROM \
                generate_series(1, \(rows)) AS g
                """,
            shows: "SELECT count(*) = 2 FROM pgbench_history WHERE hid IN (\(ends))",
            holds: "(SELECT count(*) FROM pgbench_history WHERE hid > \(last)) = \(rows)", rows: rows)
    }

    /// Deletes the oldest rows; where there are too few, for want of a bulk insert before, it makes them first.
    static func delete(_ stage: Stage) async throws -> Bulk {
        let rows = stage.sizes.deleteRows
        let present = Int(try await stage.source.number("SELECT count(*) FROM pgbench_history"))
        if present < rows {
            _ = try await stage.source.time(
                """
                INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) SELECT 1, 1, g, g, now() FROM \
                generate_series(1, \(rows - present)) AS g
                """
            )
            let top = Int(try await stage.source.number("SELECT max(hid) FROM pgbench_history"))
            _ = try await stage.arrival(
                of: "SELECT EXISTS (SELECT FROM pgbench_history WHERE hid = \(top))", since: .now, what: "a row")
        }
        let oldest = "SELECT hid FROM pgbench_history ORDER BY hid LIMIT \(rows)"
        let low = Int(try await stage.source.number("SELECT min(hid) FROM (\(oldest)) AS h"))
        let high = Int(try await stage.source.number("SELECT max(hid) FROM (\(oldest)) AS h"))
        return Bulk(
            statement: "DELETE FROM pgbench_history WHERE hid <= \(high)",
            shows: "SELECT count(*) = 0 FROM pgbench_history WHERE hid IN (\(low), \(high))",
            holds: "NOT EXISTS (SELECT FROM pgbench_history WHERE hid <= \(high))", rows: rows)
    }
}
