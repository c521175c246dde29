import LocalCluster

/// Many replicated tables: what idling costs, and how long one changed row among them takes.
struct ManyTables: Sendable {
    let tables: Int

    func run(_ stage: Stage) async throws -> [String: Double] {
        try await Task.sleep(for: .seconds(10))
        var figures = try await idle(stage)
        guard let target = stage.target else { return figures }
        let tables = tables
        let latency = Latency(
            source: stage.source, targets: [target], rows: max(20, stage.sizes.latencyRows / 2),
            patience: .seconds(60),
            // Far apart, and each a table that was not touched for a while.
            change: { turn in ("t\(turn * 7919 % tables + 1)", "id", "n") })
        figures.merge(Latency.figures(try await latency.run())) { $1 }
        figures["max_ms"] = nil
        return figures
    }

    private func idle(_ stage: Stage) async throws -> [String: Double] {
        let engines = stage.engine.roots()
        let servers = [stage.servers.source, stage.servers.target].compactMap(\.postmasterPID)
        let before = ProcessTable.now()
        let start = ContinuousClock.now
        try await Task.sleep(for: .seconds(stage.sizes.idleSeconds))
        let after = ProcessTable.now()
        let elapsed = (ContinuousClock.now - start).seconds
        let share = { (roots: [Int32]) in max(0, after.seconds(roots) - before.seconds(roots)) / elapsed * 100 }
        return [
            "idle_engine_pct": share(engines), "idle_servers_pct": share(servers),
            "idle_pct": share(engines) + share(servers),
        ]
    }
}
