/// What a scenario is called and measures.
struct ScenarioInfo: Sendable {
    let name: String
    let title: String
    /// What is done, in a sentence or two, for `--list` and the document.
    let description: String
    let figures: [Figure]

    func figure(_ name: String) -> Figure? { figures.first { $0.name == name } }
}

/// All scenarios, in the order in which they are shown.
enum Catalogue {
    /// The numbers of clients that trigger cost is measured with.
    static let clients = [1, 4, 16, 64]

    static let scenarios: [ScenarioInfo] = [
        latency, bulkUpdate, bulkInsert, bulkDelete, hotRow, paced, flatOut, triggers, notify, manyTables, copy, fanOut,
        soak, outage, failover, masters, mastersHot, files, filesPass,
    ]

    static func scenario(_ name: String) -> ScenarioInfo? { scenarios.first { $0.name == name } }

    static let latency = ScenarioInfo(
        name: "latency", title: "latency, one row",
        description: "One row at a time: from the return of its commit to its showing at the target.",
        figures: [
            Figure("p50_ms", "p50", "ms", decimals: 1, .lower), Figure("p95_ms", "p95", "ms", decimals: 1, .lower),
            Figure("max_ms", "max", "ms", decimals: 1, .lower),
        ])

    static let bulkUpdate = bulk("bulk_update", "bulk update", "One UPDATE of many rows")
    static let bulkInsert = bulk("bulk_insert", "bulk insert", "One INSERT of many rows")
    static let bulkDelete = bulk("bulk_delete", "bulk delete", "One DELETE of many rows")

    static let hotRow = ScenarioInfo(
        name: "hot_row", title: "commits on one row",
        description: "One row updated by commit after commit; the target's statistics tell how often it travelled.",
        figures: [
            Figure("source_s", "source", "s", decimals: 2, .lower),
            Figure("arrive_s", "arrival", "s", decimals: 3, .lower),
            Figure("travels", "travels", "", decimals: 0, .lower),
        ])

    static let paced = loaded(
        "paced", "paced",
        "pgbench at a pace that every system should carry; the lag is the age of the newest row shown.")
    static let flatOut = loaded(
        "flat_out", "flat out", "pgbench as fast as the source goes, with everything on one machine.")

    static let triggers = ScenarioInfo(
        name: "triggers", title: "trigger cost",
        description: "pgbench with and without triggers, turn by turn in one server, with no daemon running.",
        figures: clients.flatMap { clients in
            let who = clients == 1 ? "1 client" : "\(clients) clients"
            return [
                Figure("plain_tps_\(clients)", "\(who), without", "tps", decimals: 0, .neither),
                Figure("tps_\(clients)", "\(who), with", "tps", decimals: 0, .higher),
                Figure("ratio_\(clients)", "\(who), ratio", "", decimals: 3, .higher),
            ]
        })

    static let notify = ScenarioInfo(
        name: "notify", title: "NOTIFY cost, 64 committers",
        description:
            """
            64 committers of single rows: as they are; with a NOTIFY in each commit and somebody who listens; \
            with triggers; and with triggers and an engine that runs.
            """,
        figures: [
            Figure("plain_tps", "without", "tps", decimals: 0, .neither),
            Figure("notify_tps", "NOTIFY in each commit", "tps", decimals: 0, .higher),
            Figure("notify_ratio", "NOTIFY in each commit, ratio", "", decimals: 3, .higher),
            Figure("triggers_tps", "triggers, no engine", "tps", decimals: 0, .higher),
            Figure("triggers_ratio", "triggers, no engine, ratio", "", decimals: 3, .higher),
            Figure("engine_tps", "triggers and engine", "tps", decimals: 0, .higher),
            Figure("engine_ratio", "triggers and engine, ratio", "", decimals: 3, .higher),
            Figure("heard", "notifications a commit", "", decimals: 4, .lower),
        ])

    static let manyTables = ScenarioInfo(
        name: "many_tables", title: "many tables",
        description: "Many replicated tables: what idling costs in shares of a core, then one row changed among them.",
        figures: [
            Figure("idle_engine_pct", "idle engine", "% of a core", decimals: 2, .lower),
            Figure("idle_servers_pct", "idle servers", "% of a core", decimals: 2, .lower),
            Figure("idle_pct", "idle together", "% of a core", decimals: 2, .lower),
            Figure("p50_ms", "p50", "ms", decimals: 1, .lower), Figure("p95_ms", "p95", "ms", decimals: 1, .lower),
        ])

    static let copy = ScenarioInfo(
        name: "copy", title: "first copy",
        description:
            """
            pgbench's tables into an empty target. Without replication: pg_dump | psql with one job, pg_dump -j \
            2 and pg_restore -j 2 with two.
            """,
        figures: [
            Figure("jobs1_s", "1 job", "s", decimals: 1, .lower),
            Figure("jobs1_rows_s", "1 job, rate", "rows/s", decimals: 0, .higher),
            Figure("jobs2_s", "2 jobs", "s", decimals: 1, .lower),
            Figure("jobs2_rows_s", "2 jobs, rate", "rows/s", decimals: 0, .higher),
        ])

    static let fanOut = ScenarioInfo(
        name: "fan_out", title: "four targets",
        description:
            """
            Latency with one target, then with four; the source's statistics tell how often the changed table \
            was read for each change and target.
            """,
        figures: [
            Figure("one_p50_ms", "one target, p50", "ms", decimals: 1, .neither),
            Figure("p50_ms", "p50", "ms", decimals: 1, .lower), Figure("p95_ms", "p95", "ms", decimals: 1, .lower),
            Figure("ratio", "p50, four to one", "", decimals: 2, .lower),
            Figure("reads", "reads a change and target", "", decimals: 2, .lower),
        ])

    static let soak = ScenarioInfo(
        name: "soak", title: "long paced load",
        description:
            "Paced load for long, and what the captured changes take up at the source, at most and afterwards.",
        figures: load + [
            Figure("storage_peak_mb", "storage, most", "MB", decimals: 1, .lower),
            Figure("storage_end_mb", "storage, afterwards", "MB", decimals: 1, .lower),
        ])

    static let outage = ScenarioInfo(
        name: "outage", title: "outage of the target",
        description:
            """
            The target's server is stopped under paced load, and started again; the load goes on until all is \
            caught up.
            """,
        figures: [
            Figure("rows", "outstanding", "rows", decimals: 0, .neither),
            Figure("reconnect_s", "connected again", "s", decimals: 2, .lower),
            Figure("arrive_s", "outstanding rows there", "s", decimals: 2, .lower),
            Figure("rows_s", "catching up", "rows/s", decimals: 0, .higher),
            Figure("level_s", "lag under a second", "s", decimals: 2, .lower),
            Figure("storage_peak_mb", "storage, most", "MB", decimals: 1, .lower),
            Figure("storage_end_mb", "storage, afterwards", "MB", decimals: 1, .lower),
        ])

    static let files = ScenarioInfo(
        name: "files", title: "files, followed",
        description:
            """
            A tree of many files that a daemon watches: from the writing of one to its content at the other end; and the \
            processor time, rsync's included, at rest and under 100 changes a second. lsyncd gathers for 1 s.
            """,
        figures: [
            Figure("p50_ms", "p50", "ms", decimals: 0, .lower), Figure("p95_ms", "p95", "ms", decimals: 0, .lower),
            Figure("idle_pct", "at rest", "% of a core", decimals: 2, .lower),
            Figure("busy_pct", "100 changes a second", "% of a core", decimals: 1, .lower),
        ])

    static let filesPass = ScenarioInfo(
        name: "files_pass", title: "files, a whole pass",
        description:
            """
            A pass over a whole tree of small files in which one has changed, turn by turn with bare rsync; the first one carries \
            everything and takes the manifest.
            """,
        figures: [
            Figure("first_s", "first", "s", decimals: 1, .lower),
            Figure("rsync_s", "bare rsync", "s", decimals: 2, .neither),
            Figure("pass_s", "pass", "s", decimals: 2, .lower), Figure("ratio", "ratio", "", decimals: 3, .lower),
        ])

    static let failover = ScenarioInfo(
        name: "failover", title: "failover and failback",
        description:
            """
            Writers go where the name leads, at the pace of paced load. The primary is killed, and the site moves by itself: \
            checks every second, three failures in a row, the name at BIND. The old primary takes rows while it is cut off, \
            and a failback merges them. Then the site is moved away and brought back under load: the writers see for how long \
            nothing was acknowledged. In the end every acknowledged write must be there.
            """,
        figures: [
            Figure("dns_s", "death to DNS answer", "s", decimals: 2, .lower),
            Figure("demanded_s", "of these, demanded by the counts", "s", decimals: 2, .neither),
            Figure("beyond_s", "beyond the counts", "s", decimals: 2, .lower),
            Figure("down_s", "without writes, failover", "s", decimals: 2, .lower),
            Figure("merged_rows", "stranded rows", "rows", decimals: 0, .neither),
            Figure("merge_s", "merging them", "s", decimals: 2, .lower),
            Figure("merged_rows_s", "merged", "rows/s", decimals: 0, .higher),
            Figure("gap_s", "without writes, failback", "s", decimals: 2, .lower),
            Figure("freeze_s", "of these, between the fences", "s", decimals: 2, .lower),
            Figure("tps", "writers before", "tps", decimals: 0, .neither),
        ])

    static let masters = ScenarioInfo(
        name: "masters", title: "two sources",
        description:
            """
            Single updates as fast as they go, by one source of an ordinary sync; by the sources of two of these at once, each with a \
            table and a direction of its own; then by two sources of one sync, each on rows of its own. What is carried counts until the \
            last of it is there. Two writers wait for the same disk and share the processors.
            """,
        figures: [
            Figure("one_way_s", "one way", "changes/s", decimals: 0, .neither),
            Figure("forth_apart_s", "two ordinary syncs, forth", "changes/s", decimals: 0, .neither),
            Figure("back_apart_s", "two ordinary syncs, back", "changes/s", decimals: 0, .neither),
            Figure("forth_s", "two sources, forth", "changes/s", decimals: 0, .higher),
            Figure("back_s", "two sources, back", "changes/s", decimals: 0, .higher),
            Figure("forth_ratio", "forth, to an ordinary sync", "", decimals: 2, .higher),
            Figure("back_ratio", "back, to an ordinary sync", "", decimals: 2, .higher),
            Figure("alone_ratio", "the slower, to one way alone", "", decimals: 2, .higher),
        ])

    static let mastersHot = ScenarioInfo(
        name: "masters_hot", title: "two sources, the same hundred rows",
        description:
            """
            Both sources write the same hundred rows, a commit each, as fast as they go. The lag is that of rows which one of them \
            writes alone; in the end all must be equal.
            """,
        figures: [
            Figure("lag_p50_s", "lag p50", "s", decimals: 3, .lower),
            Figure("lag_max_s", "lag, most", "s", decimals: 3, .lower),
            Figure("drain_s", "drain", "s", decimals: 2, .lower),
            Figure("conflicts", "versions that lost", "", decimals: 0, .neither),
        ])

    /// What the engine took while a scenario ran; told for every scenario with a running engine.
    static let resources = [
        Figure("engine_mb", "resident, most", "MB", decimals: 1, .lower),
        Figure("engine_cpu_s", "processor time", "s", decimals: 2, .lower),
        Figure("source_connections", "connections at the source, most", "", decimals: 0, .lower),
        Figure("target_connections", "connections at a target, most", "", decimals: 0, .lower),
    ]

    private static let load = [
        Figure("tps", "source", "tps", decimals: 0, .higher),
        Figure("lag_p50_s", "lag p50", "s", decimals: 3, .lower),
        Figure("lag_p99_s", "lag p99", "s", decimals: 3, .lower),
        Figure("drain_s", "drain", "s", decimals: 2, .lower),
    ]

    private static func loaded(_ name: String, _ title: String, _ description: String) -> ScenarioInfo {
        ScenarioInfo(name: name, title: title, description: description, figures: load)
    }

    private static func bulk(_ name: String, _ title: String, _ description: String) -> ScenarioInfo {
        ScenarioInfo(
            name: name, title: title,
            description:
                "\(description): its own time, and from its commit's return until the target shows all of them.",
            figures: [
                Figure("statement_s", "statement", "s", decimals: 2, .lower),
                Figure("arrive_s", "arrival", "s", decimals: 2, .lower),
                Figure("total_s", "together", "s", decimals: 2, .lower),
            ])
    }
}
