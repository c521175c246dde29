import Foundation
import Postgres

/// Two sources of one table that take writes at the same time: rows of their own, or the same hundred.
struct Masters: Sendable {
    let site: Site
    let sizes: Sizes

    private static let table = "pgbench_accounts"
    private static let secondTable = "bench_back"
    private static let hotRows = 100
    private var patience: Duration { .seconds(sizes.patienceSeconds) }
    private var nodes: [Node] { [site.source, site.targets[0]] }

    // MARK: - Rows of their own

    /// As many single updates as go, carried by an ordinary sync; by two of these at once, each with a table and a direction of its
    /// own; and by one sync of two sources, each writing rows of its own.
    ///
    /// Two writers share this machine's processors and its disk: the second figure is what they leave each other.
    func apart() async throws -> [String: Double] {
        let half = sizes.accounts / 2
        let forth = 2...half
        let back = (half + 2)...sizes.accounts
        let alone = try await running([Sync("bench")]) { try await carried(from: 0, Self.table, forth) }
        let apart = try await withSecondTable {
            try await running([Sync("bench"), Sync("back", of: Self.secondTable, from: "two", to: "one")]) {
                async let one = carried(from: 0, Self.table, forth)
                async let other = carried(from: 1, Self.secondTable, back)
                return try await [one, other]
            }
        }
        let both = try await running([Self.masters]) {
            async let one = carried(from: 0, Self.table, forth)
            async let other = carried(from: 1, Self.table, back)
            return try await [one, other]
        }
        try await prove()
        return [
            "one_way_s": alone, "forth_apart_s": apart[0], "back_apart_s": apart[1], "forth_s": both[0],
            "back_s": both[1],
            "forth_ratio": both[0] / apart[0], "back_ratio": both[1] / apart[1],
            "alone_ratio": min(both[0], both[1]) / alone,
        ]
    }

    private func withSecondTable<R: Sendable>(_ body: () async throws -> R) async throws -> R {
        for node in nodes {
            try await Link.with(node) {
                try await $0.execute(
                    "CREATE TABLE \(Self.secondTable) (LIKE \(Self.table) INCLUDING ALL); INSERT INTO \(Self.secondTable) SELECT * FROM \(Self.table)"
                )
            }
        }
        let result = try await body()
        for node in nodes { try await Link.with(node) { try await $0.execute("DROP TABLE \(Self.secondTable)") } }
        return result
    }

    /// Writes for a while and waits until the last of it has arrived.
    ///
    /// - Returns: how many changes a second were there then, from the first one's writing on.
    private func carried(from: Int, _ table: String, _ rows: ClosedRange<Int>) async throws -> Double {
        let start = ContinuousClock.now
        let commits = try await Link.with(nodes[from]) { link in
            let sum =
                "SELECT sum(abalance) FROM \(table) WHERE aid BETWEEN \(rows.lowerBound) AND \(rows.upperBound)"
            let before = try await link.number(sum)
            try await link.execute(Self.updates(table, rows, seconds: sizes.seconds))
            return try await link.number(sum) - before
        }
        let mark = try await mark(from: from, table, row: rows.lowerBound - 1)
        return commits / (mark.arrived - start).seconds
    }

    /// Single updates of rows by chance, a commit each. Which row it is to be is drawn once: in a condition, random() is asked
    /// again for each row of the table.
    private static func updates(_ table: String, _ rows: ClosedRange<Int>, seconds: Int) -> String {
        """
        DO $$ DECLARE until timestamptz := clock_timestamp() + interval '\(seconds) s'; drawn int; BEGIN \
        WHILE clock_timestamp() < until LOOP \
        drawn := \(rows.lowerBound) + floor(random() * \(rows.count))::int; \
        UPDATE \(table) SET abalance = abalance + 1 WHERE aid = drawn; \
        COMMIT; END LOOP; END $$
        """
    }

    /// Writes a row at one end and waits until the other shows it.
    private func mark(from: Int, _ table: String = table, row: Int) async throws -> (
        written: ContinuousClock.Instant, arrived: ContinuousClock.Instant
    ) {
        let value = Int.random(in: 1...1_000_000_000)
        try await Link.with(nodes[from]) {
            try await $0.execute("UPDATE \(table) SET filler = '\(value)' WHERE aid = \(row)")
        }
        let written = ContinuousClock.now
        let arrived = try await Link.with(nodes[1 - from]) {
            try await $0.poll(
                "SELECT EXISTS (SELECT FROM \(table) WHERE aid = \(row) AND btrim(filler) = '\(value)')",
                every: .milliseconds(10), for: patience)
        }
        guard let arrived else {
            throw ScenarioFailure("a row did not arrive in \(sizes.patienceSeconds) s")
        }
        return (written, arrived)
    }

    // MARK: - The same rows

    /// Both write the same hundred rows as fast as they can. A row that nobody else writes tells how far behind the streams are.
    func together() async throws -> [String: Double] {
        let figures = try await running([Self.masters]) {
            let isOver = Shared(false)
            let hot = 1...Self.hotRows
            let seconds = sizes.seconds * 3
            async let found = lags { isOver.value }
            async let first: Void = Link.with(nodes[0]) {
                try await $0.execute(Self.updates(Self.table, hot, seconds: seconds))
            }
            async let second: Void = Link.with(nodes[1]) {
                try await $0.execute(Self.updates(Self.table, hot, seconds: seconds))
            }
            _ = try await (first, second)
            isOver.change { $0 = true }
            let ended = ContinuousClock.now
            let measured = try await found
            for from in 0...1 { _ = try await mark(from: from, row: Self.hotRows + 1 + from) }
            let conflicts = try await Link.with(nodes[0]) {
                try await $0.number("SELECT count(*) FROM switchback.conflict")
            }
            return [
                "lag_p50_s": measured.percentile(0.5) ?? 0, "lag_max_s": measured.max() ?? 0,
                "drain_s": (ContinuousClock.now - ended).seconds, "conflicts": conflicts,
            ]
        }
        try await prove()
        return figures
    }

    private func lags(until isOver: () -> Bool) async throws -> [Double] {
        var lags: [Double] = []
        while !isOver() {
            let mark = try await mark(from: lags.count % 2, row: Self.hotRows + 1 + lags.count % 2)
            lags.append((mark.arrived - mark.written).seconds)
            try await Task.sleep(for: .milliseconds(200))
        }
        return lags
    }

    // MARK: - Parts

    /// A sync of one table between the two nodes.
    private struct Sync: Sendable {
        let name: String
        let table: String
        /// From where to where the first copy goes.
        let from: String
        let to: String
        let areBothSources: Bool

        init(
            _ name: String, of table: String = Masters.table, from: String = "one", to: String = "two",
            areBothSources: Bool = false
        ) {
            (self.name, self.table, self.from, self.to, self.areBothSources) = (name, table, from, to, areBothSources)
        }

        var yaml: String {
            let role = areBothSources ? "source" : "target"
            return "  \(name): { nodes: { \(from): source, \(to): \(role) }, tables: [\"public.\(table)\"] }"
        }
    }

    private static let masters = Sync("bench", areBothSources: true)

    /// Runs a body with syncs, and takes them away again.
    private func running<R: Sendable>(_ syncs: [Sync], _ body: @Sendable () async throws -> R) async throws -> R {
        let config = "\(site.folder)/masters.yaml"
        let text = """
            cluster: bench
            nodes:
              one: { dsn: "\(nodes[0].dsn)" }
              two: { dsn: "\(nodes[1].dsn)" }
            syncs:
            \(syncs.map(\.yaml).joined(separator: "\n"))

            """
        try text.write(toFile: config, atomically: false, encoding: .utf8)
        let program = [site.tools.switchback, "--config", config]
        try await ProgramRun.run(program + ["schema", "install"], in: site.folder)
        for sync in syncs {
            try await ProgramRun.run(program + ["copy", sync.name, "--from", sync.from], in: site.folder)
        }
        let daemon = try Daemon("masters", program + ["run"], in: site.folder)
        do {
            let result = try await body()
            try await ProgramRun.run(program + ["sync", "--timeout", "\(sizes.patienceSeconds)"], in: site.folder)
            await daemon.stop()
            try await ProgramRun.run(program + ["schema", "uninstall"], in: site.folder)
            return result
        } catch {
            await daemon.stop()
            throw error
        }
    }

    private func prove() async throws {
        let difference = try await Equality.difference([Self.table], nodes[0], [nodes[1]], patience: .seconds(60))
        if let difference { throw ScenarioFailure("rows differ in the end: \(difference)") }
    }
}
