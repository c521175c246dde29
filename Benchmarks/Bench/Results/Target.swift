/// Something that Switchback is to reach, and how it is read off a run.
struct Target: Sendable {
    /// The number of the aim that it belongs to.
    let aim: Int
    let text: String
    let limit: Double
    let isCeiling: Bool
    let unit: String
    let decimals: Int
    /// The value that counts; nil where it was not measured.
    let value: @Sendable (Summary) -> Double?
    /// The scenarios that it is read from; a failure in one of them is a failure to reach it.
    let scenarios: [String]

    enum Verdict: Equatable, Sendable {
        case reached(Double)
        /// By the factor that is missing: 1.25 is a quarter too much, or, for a floor, a quarter of what there is too little.
        case missed(Double, factor: Double)
        case failed
        case notMeasured
    }

    func verdict(_ summary: Summary) -> Verdict {
        let failed = scenarios.contains { scenario in
            summary.measurements.contains {
                $0.system == Targets.subject && $0.scenario == scenario && $0.failure != nil
            }
        }
        if failed { return .failed }
        guard let value = value(summary) else { return .notMeasured }
        if isCeiling ? value <= limit : value >= limit { return .reached(value) }
        return .missed(value, factor: isCeiling ? value / limit : (value > 0 ? limit / value : .infinity))
    }

    /// The verdict in words.
    func words(_ summary: Summary) -> String {
        let unit = unit.isEmpty ? "" : " " + unit
        switch verdict(summary) {
        case .reached(let value): return "reached: \(NumberText.fixed(value, decimals: decimals))\(unit)"
        case .missed(let value, let factor):
            let much =
                factor < 2
                ? "\(NumberText.fixed((factor - 1) * 100, decimals: 0)) %"
                : "a factor of \(NumberText.fixed(factor, decimals: 1))"
            return "not reached, by \(much): \(NumberText.fixed(value, decimals: decimals))\(unit)"
        case .failed: return "FAILED"
        case .notMeasured: return "not measured"
        }
    }
}

/// All that is to be reached, in the same run on the same machine.
enum Targets {
    static let subject = "switchback"

    static let all: [Target] =
        latency + bulk + load + hotRow + triggers + manyTables + resources + copy + endurance + fanOut
        + failover + files + masters

    /// The targets with their verdicts.
    static func table(_ summary: Summary) -> TextTable {
        var table = TextTable([("aim", .right), ("to reach", .left), ("this run", .left)])
        for target in all { table.add(["\(target.aim)", target.text, target.words(summary)]) }
        return table
    }

    private static let latency = [
        ceiling(1, "latency, one row: p50 ≤ 5 ms", "latency", "p50_ms", 5, "ms", 1),
        ceiling(1, "latency, one row: p95 ≤ 15 ms", "latency", "p95_ms", 15, "ms", 1),
    ]

    private static let bulk = ["update", "insert", "delete"].flatMap { kind in
        [
            ratio(2, "bulk \(kind): arrival ≤ native's", "bulk_\(kind)", "arrive_s", to: "native", atMost: 1),
            ratio(
                2, "bulk \(kind): statement ≤ 1.3 × untriggered", "bulk_\(kind)", "statement_s", to: "none", atMost: 1.3
            ),
        ]
    }

    private static let load = [
        ratio(3, "flat out: source tps ≥ 0.85 × native's", "flat_out", "tps", to: "native", atLeast: 0.85),
        ceiling(3, "flat out: drained within 1 s", "flat_out", "drain_s", 1, "s", 2),
        ceiling(3, "flat out: lag p50 < 0.1 s", "flat_out", "lag_p50_s", 0.1, "s", 3),
        ceiling(3, "paced: lag p50 ≤ 20 ms", "paced", "lag_p50_s", 0.02, "s", 3),
        ceiling(3, "paced: lag p99 ≤ 100 ms", "paced", "lag_p99_s", 0.1, "s", 3),
    ]

    private static let hotRow = [
        ratio(4, "commits on one row: source ≤ 1.25 × untriggered", "hot_row", "source_s", to: "none", atMost: 1.25),
        ceiling(4, "commits on one row: the row travels a handful of times (≤ 10)", "hot_row", "travels", 10, "", 0),
    ]

    private static let triggers =
        Catalogue.clients.map { clients in
            floor(
                5, "trigger cost, \(clients) clients: tps ≥ 0.9 × untriggered", "triggers", "ratio_\(clients)", 0.9,
                "×", 3)
        } + [
            floor(5, "NOTIFY, 64 committers: tps with engine ≥ 0.9 × with triggers alone", "notify", 0.9, "×", 3) {
                summary in
                guard let with = summary.median("notify", "engine_tps", subject),
                    let without = summary.median("notify", "triggers_tps", subject), without > 0
                else { return nil }
                return with / without
            }
        ]

    private static let manyTables = [
        ceiling(6, "many tables: idle engine and servers < 1 % of a core", "many_tables", "idle_pct", 1, "%", 2),
        ceiling(6, "many tables: p50 ≤ 15 ms", "many_tables", "p50_ms", 15, "ms", 1),
    ]

    private static let resources = [
        most(7, "engine's resident memory < 64 MB throughout", "engine_mb", 64, "MB", 1),
        most(7, "connections at the source ≤ 2", "source_connections", 2, "", 0),
        most(7, "connections at a target ≤ 2", "target_connections", 2, "", 0),
    ]

    private static let copy = [
        ratio(
            8, "first copy, 1 job: ≥ 0.9 × the rate of pg_dump | psql", "copy", "jobs1_rows_s", to: "none", atLeast: 0.9
        ),
        floor(8, "first copy: 2 jobs faster than 1", "copy", 1, "×", 2) { summary in
            guard let two = summary.median("copy", "jobs2_rows_s", subject),
                let one = summary.median("copy", "jobs1_rows_s", subject), one > 0
            else { return nil }
            return two / one
        },
    ]

    private static let endurance = [
        floor(9, "outage: catching up at ≥ 20,000 rows/s under load", "outage", "rows_s", 20_000, "rows/s", 0),
        ceiling(9, "outage: delta storage afterwards < 50 MB", "outage", "storage_end_mb", 50, "MB", 1),
        ceiling(9, "long paced load: delta storage < 50 MB", "soak", "storage_end_mb", 50, "MB", 1),
    ]

    private static let fanOut = [
        ceiling(
            10, "four targets: the source is read once a change and target at most", "fan_out", "reads", 1.05, "", 2),
        ceiling(10, "four targets: p50 ≤ 2 × that of one", "fan_out", "ratio", 2, "×", 2),
    ]

    private static let failover = [
        ceiling(
            11, "failover: death to DNS answer < 10 s beyond the configured counts", "failover", "beyond_s", 10, "s", 2),
        ceiling(11, "failback under paced load: < 2 s without writes", "failover", "gap_s", 2, "s", 2),
    ]

    private static let files = [
        ceiling(12, "files: a change is there within 1 s (p95)", "files", "p95_ms", 1000, "ms", 0),
        ceiling(12, "files: a whole pass ≤ 1.1 × bare rsync", "files_pass", "ratio", 1.1, "×", 3),
    ]

    private static let masters = [
        floor(13, "two sources, forth: ≥ 0.7 × an ordinary sync beside another", "masters", "forth_ratio", 0.7, "×", 2),
        floor(13, "two sources, back: ≥ 0.7 × an ordinary sync beside another", "masters", "back_ratio", 0.7, "×", 2),
        floor(13, "two sources, the slower: ≥ 0.7 × an ordinary sync alone", "masters", "alone_ratio", 0.7, "×", 2),
        ceiling(13, "the same hundred rows: lag at most 2 s", "masters_hot", "lag_max_s", 2, "s", 2),
    ]

    // MARK: Kinds of targets

    private static func ceiling(
        _ aim: Int, _ text: String, _ scenario: String, _ figure: String, _ limit: Double, _ unit: String,
        _ decimals: Int
    ) -> Target {
        Target(
            aim: aim, text: text, limit: limit, isCeiling: true, unit: unit, decimals: decimals,
            value: { $0.median(scenario, figure, subject) }, scenarios: [scenario])
    }

    private static func floor(
        _ aim: Int, _ text: String, _ scenario: String, _ figure: String, _ limit: Double, _ unit: String,
        _ decimals: Int
    ) -> Target {
        floor(aim, text, scenario, limit, unit, decimals) { $0.median(scenario, figure, subject) }
    }

    private static func floor(
        _ aim: Int, _ text: String, _ scenario: String, _ limit: Double, _ unit: String, _ decimals: Int,
        _ value: @escaping @Sendable (Summary) -> Double?
    ) -> Target {
        Target(
            aim: aim, text: text, limit: limit, isCeiling: false, unit: unit, decimals: decimals, value: value,
            scenarios: [scenario])
    }

    private static func ratio(
        _ aim: Int, _ text: String, _ scenario: String, _ figure: String, to base: String, atMost limit: Double
    ) -> Target {
        Target(
            aim: aim, text: text, limit: limit, isCeiling: true, unit: "×", decimals: 2,
            value: { $0.ratio(scenario, figure, subject, to: base) }, scenarios: [scenario])
    }

    private static func ratio(
        _ aim: Int, _ text: String, _ scenario: String, _ figure: String, to base: String, atLeast limit: Double
    ) -> Target {
        Target(
            aim: aim, text: text, limit: limit, isCeiling: false, unit: "×", decimals: 2,
            value: { $0.ratio(scenario, figure, subject, to: base) }, scenarios: [scenario])
    }

    /// The highest that a figure was in any scenario and round.
    private static func most(
        _ aim: Int, _ text: String, _ figure: String, _ limit: Double, _ unit: String, _ decimals: Int
    ) -> Target {
        Target(
            aim: aim, text: text, limit: limit, isCeiling: true, unit: unit, decimals: decimals,
            value: { summary in
                summary.measurements.filter { $0.system == subject && !multiple.contains($0.scenario) }
                    .compactMap { $0.figures[figure] }.max()
            },
            scenarios: [])
    }

    /// Scenarios with several streams, whose connections are not those of one.
    private static let multiple: Set<String> = ["fan_out"]
}
