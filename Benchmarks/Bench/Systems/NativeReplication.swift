/// Postgres' own logical replication: the write-ahead log, no triggers.
struct NativeReplication: ReplicationSystem {
    let name = "native"

    func version(_ tools: Tools) async throws -> String { "" }

    func takesPart(in setting: Setting) -> Bool {
        switch setting {
        case .pair, .manyTables, .copy, .fanOut, .endurance: true
        case .triggers, .notify, .site, .masters, .filesWatch, .filesPass: false
        }
    }

    func start(_ site: Site) async throws -> Engine {
        try await publish(site)
        for target in site.targets { try await subscribe(target, to: site.source, options: "copy_data = false") }
        let end: @Sendable () async -> Void = {
            for target in site.targets {
                try? await Link.with(target) { try await $0.execute("DROP SUBSCRIPTION subscriber") }
            }
        }
        // What it keeps for a subscriber is the write-ahead log since the subscriber's confirmation.
        return Engine(
            storage:
                "SELECT coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)), 0) FROM pg_replication_slots",
            end: end)
    }

    func copy(_ site: Site, jobs: Int) async throws -> Duration {
        let target = site.targets[0]
        try await Link.with(target) { link in
            try await link.execute("ALTER SYSTEM SET max_sync_workers_per_subscription = \(jobs)")
            try await link.execute("SELECT pg_reload_conf()")
        }
        try await publish(site)
        let start = ContinuousClock.now
        try await subscribe(target, to: site.source, options: "copy_data = true")
        let arrived = try await Link.with(target) { link in
            let arrived = try await link.poll(
                "SELECT count(*) = \(site.tables.count) AND bool_and(srsubstate IN ('r', 's')) FROM pg_subscription_rel",
                every: .milliseconds(20), for: .seconds(1200))
            try await link.execute("DROP SUBSCRIPTION subscriber")
            return arrived
        }
        try await Link.with(site.source) { try await $0.execute("DROP PUBLICATION bench") }
        guard let arrived else { throw ScenarioFailure("the tables were not in step after 20 minutes") }
        return arrived - start
    }

    private func publish(_ site: Site) async throws {
        try await Link.with(site.source) { try await $0.execute("CREATE PUBLICATION bench FOR ALL TABLES") }
    }

    private func subscribe(_ target: Node, to source: Node, options: String) async throws {
        // The slot is named after the target: all targets of a source need different ones.
        try await Link.with(target) {
            try await $0.execute(
                """
                CREATE SUBSCRIPTION subscriber CONNECTION '\(source.dsn)' PUBLICATION bench WITH (\(options), \
                slot_name = 'bench_\(target.database)')
                """
            )
        }
    }
}
