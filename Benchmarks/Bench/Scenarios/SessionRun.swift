import Foundation
import LocalCluster

/// One system in one setting: fresh servers, the data, the system, the scenarios, the comparison, and away with it all.
struct SessionRun: Sendable {
    let setting: Setting
    let system: any ReplicationSystem
    let round: Int
    /// The scenarios of the setting that are wanted.
    let wanted: [ScenarioInfo]
    let sizes: Sizes
    let installation: PostgresInstallation
    let tools: Tools
    /// Takes each measurement as it is made.
    let tell: @Sendable (Measurement) -> Void

    /// The measurements. What goes wrong with the system is in them; only being cancelled is thrown.
    func run() async throws -> [Measurement] {
        var measurements: [Measurement] = []
        do {
            let servers = try await Servers.start(installation, in: "\(tools.scratch)/servers")
            do {
                try await on(servers, &measurements)
            } catch {
                await servers.destroy()
                throw error
            }
            await servers.destroy()
        } catch {
            if Task.isCancelled { throw CancellationError() }
            for info in wanted where !measurements.contains(where: { $0.scenario == info.name }) {
                add(
                    Measurement(round: round, system: system.name, scenario: info.name, failure: "\(error)"),
                    &measurements)
            }
        }
        return measurements
    }

    private func on(_ servers: Servers, _ measurements: inout [Measurement]) async throws {
        let dataset = setting.dataset(sizes)
        let source = Node(cluster: servers.source, database: "bench")
        let names = (1...setting.targets).map { $0 == 1 ? "bench" : "bench\($0)" }
        let targets = names.map { Node(cluster: servers.target, database: $0) }
        let site = Site(source: source, targets: targets, dataset: dataset, tools: tools)
        try await dataset.load(source, tools: tools)
        switch setting {
        case .copy:
            let figures = try await FirstCopy().run(system, site, servers)
            add(measurement(Catalogue.copy, figures), &measurements)
        case .triggers, .notify:
            try await dataset.copy(source, to: targets, tools: tools)
            try await withPlain(site, servers, &measurements)
        case .filesWatch, .filesPass:
            try await dataset.copy(source, to: targets, tools: tools)
            try await files(site, &measurements)
        case .fanOut:
            try await dataset.copy(source, to: targets, tools: tools)
            let one = try await running(site.towards(1), servers) { try await FanOut().latencies($0).percentile(0.5) }
            try await again(site)
            try await scenarios(site, servers, one: one, &measurements)
        case .site:
            try await dataset.copy(source, to: targets, tools: tools)
            let figures = try await SiteMove(site: site, servers: servers, sizes: sizes).run()
            add(measurement(Catalogue.failover, figures), &measurements)
        case .masters:
            try await dataset.copy(source, to: targets, tools: tools)
            try await masters(Masters(site: site, sizes: sizes), servers, &measurements)
        case .pair, .manyTables, .endurance:
            try await dataset.copy(source, to: targets, tools: tools)
            try await scenarios(site, servers, one: nil, &measurements)
        }
    }

    /// Two sources; each scenario has a sync of its own.
    private func masters(_ masters: Masters, _ servers: Servers, _ measurements: inout [Measurement]) async throws {
        for info in wanted {
            try await servers.checkpoint()
            let figures = try await info.name == Catalogue.masters.name ? masters.apart() : masters.together()
            add(measurement(info, figures), &measurements)
        }
    }

    /// Files, followed or gone over whole.
    private func files(_ site: Site, _ measurements: inout [Measurement]) async throws {
        guard setting == .filesWatch else {
            let trees = try FileTrees(files: sizes.passedFiles, in: tools.scratch, tools: tools)
            let pass = FilePass(trees: trees) { try await system.passFiles(site, trees) }
            return add(measurement(Catalogue.filesPass, try await pass.run()), &measurements)
        }
        let trees = try FileTrees(files: sizes.watchedFiles, in: tools.scratch, tools: tools)
        let engine = try await system.startFiles(site, trees)
        do {
            let figures = try await FileWatch(trees: trees, sizes: sizes).run(engine)
            await engine.stop()
            add(measurement(Catalogue.files, figures), &measurements)
        } catch {
            await engine.stop()
            throw error
        }
    }

    /// Makes source and targets equal again, and as nothing was ever installed there.
    private func again(_ site: Site) async throws {
        for target in site.targets {
            try await Link.with(target.sibling("postgres")) {
                try await $0.execute("DROP DATABASE \(target.database) WITH (FORCE)")
            }
        }
        try await Link.with(site.source.sibling("postgres")) {
            try await $0.execute("DROP DATABASE \(site.source.database) WITH (FORCE)")
        }
        try await site.dataset.load(site.source, tools: tools)
        try await site.dataset.copy(site.source, to: site.targets, tools: tools)
    }

    /// Trigger cost and notification cost: a database with triggers, and one without beside it.
    private func withPlain(_ site: Site, _ servers: Servers, _ measurements: inout [Measurement]) async throws {
        let plain = site.source.sibling("plain")
        try await Link.with(site.source.sibling("postgres")) {
            try await $0.execute("CREATE DATABASE plain TEMPLATE \(site.source.database)")
        }
        try await system.installCapture(site)
        try await servers.checkpoint()
        let benches = [site.source, plain].map {
            PgBench(program: tools.pgbench, node: $0, folder: tools.scratch)
        }
        if setting == .triggers {
            let cost = TriggerCost(with: benches[0], without: benches[1], seconds: sizes.seconds)
            add(measurement(Catalogue.triggers, try await cost.run(servers)), &measurements)
        } else {
            let cost = NotifyCost(
                plain: benches[1], triggered: benches[0], seconds: sizes.seconds, accounts: sizes.accounts,
                start: {
                    let engine = try await system.start(site)
                    try await waitUntilRunning(engine, site)
                    return engine
                }, folder: tools.scratch)
            add(measurement(Catalogue.notify, try await cost.run()), &measurements)
        }
    }

    /// Runs the wanted scenarios over a running system, compares the rows in the end, and takes figures back where
    /// they differ.
    private func scenarios(
        _ site: Site, _ servers: Servers, one: Double?, _ measurements: inout [Measurement]
    ) async throws {
        let found = try await running(site, servers) { stage -> [Measurement] in
            var found: [Measurement] = []
            var stuck: String?
            for info in wanted {
                let measurement: Measurement
                if let stuck {
                    measurement = self.measurement(info, [:]).failed(stuck)
                } else {
                    // What the last one left would have autovacuum at work, and the planner in the dark, during this one.
                    for node in [site.source] + site.targets {
                        try await Link.with(node) { try await $0.execute("VACUUM (ANALYZE)") }
                    }
                    try await servers.checkpoint()
                    measurement = try await measure(info, stage, one: one)
                }
                tell(measurement)
                found.append(measurement)
                // One failure does not spoil the others, unless nothing moves any more.
                if measurement.failure != nil && stuck == nil { stuck = try await reasonOfStandstill(stage) }
            }
            guard system.replicates else { return found }
            let difference = try await Equality.difference(
                site.tables, site.source, site.targets, patience: .seconds(60))
            guard let difference else { return found }
            let lost = found.map { $0.failed("rows differ in the end: \(difference)") }
            for measurement in lost { tell(measurement) }
            return lost
        }
        measurements += found
    }

    /// Why nothing arrives any more; nil when something does.
    private func reasonOfStandstill(_ stage: Stage) async throws -> String? {
        guard system.replicates else { return nil }
        do {
            try await waitUntilRunning(stage.engine, stage.site)
            return nil
        } catch {
            if Task.isCancelled { throw CancellationError() }
            return "\(error)"
        }
    }

    private func measure(_ info: ScenarioInfo, _ stage: Stage, one: Double?) async throws -> Measurement {
        do {
            // Counting connections is work for the servers, which are to idle there.
            let watch = Watch(
                engine: stage.engine, source: stage.site.source, target: stage.site.targets[0],
                countsConnections: setting != .manyTables)
            let (figures, resources) = try await watch.during {
                try await self.figures(info, stage, one: one)
            }
            return measurement(info, figures.merging(resources) { own, _ in own })
        } catch {
            if Task.isCancelled { throw CancellationError() }
            return Measurement(round: round, system: system.name, scenario: info.name, failure: "\(error)")
        }
    }

    private func figures(_ info: ScenarioInfo, _ stage: Stage, one: Double?) async throws -> [String: Double] {
        switch info.name {
        case Catalogue.latency.name:
            guard let target = stage.target else { return [:] }
            return Latency.figures(try await Latency.ofBranches(stage.source, [target], sizes).run())
        case Catalogue.bulkUpdate.name: return try await Bulk.update(stage).run(stage)
        case Catalogue.bulkInsert.name: return try await Bulk.insert(stage).run(stage)
        case Catalogue.bulkDelete.name: return try await Bulk.delete(stage).run(stage)
        case Catalogue.hotRow.name: return try await HotRow(commits: sizes.hotCommits).run(stage)
        case Catalogue.paced.name: return try await Load(seconds: sizes.seconds, rate: sizes.pace).run(stage)
        case Catalogue.flatOut.name: return try await Load(seconds: sizes.seconds, rate: nil).run(stage)
        case Catalogue.manyTables.name: return try await ManyTables(tables: sizes.tables).run(stage)
        case Catalogue.fanOut.name: return try await FanOut().run(stage, one: one)
        case Catalogue.soak.name: return try await Soak().run(stage)
        case Catalogue.outage.name: return try await Outage().run(stage)
        default: preconditionFailure("no scenario \(info.name) in this setting")
        }
    }

    /// Starts the system, runs a body with it, and ends it.
    private func running<R: Sendable>(
        _ site: Site, _ servers: Servers, _ body: @Sendable (Stage) async throws -> R
    ) async throws -> R {
        let engine = try await system.start(site)
        do {
            if system.replicates { try await waitUntilRunning(engine, site) }
            let result = try await Link.with(site.source) { source in
                guard system.replicates else {
                    return try await body(stage(site, servers, engine, source, nil))
                }
                return try await Link.with(site.targets[0]) { target in
                    try await body(stage(site, servers, engine, source, target))
                }
            }
            await engine.stop()
            return result
        } catch {
            await engine.stop()
            throw error
        }
    }

    private func stage(_ site: Site, _ servers: Servers, _ engine: Engine, _ source: Link, _ target: Link?) -> Stage {
        Stage(
            system: system, site: site, servers: servers, sizes: sizes, engine: engine, source: source, target: target)
    }

    /// Waits until a change of one row has come to every target.
    private func waitUntilRunning(_ engine: Engine, _ site: Site) async throws {
        let value = Int.random(in: 1...1_000_000_000)
        try await Link.with(site.source) { try await $0.execute(site.dataset.canary(value)) }
        for target in site.targets {
            let seen = try await Link.with(target) {
                try await $0.poll(
                    site.dataset.showsCanary(value), every: .milliseconds(50), for: .seconds(sizes.patienceSeconds))
            }
            guard seen != nil else {
                throw ScenarioFailure("nothing arrives at \(target.database): \(engine.logs)")
            }
        }
    }

    private func measurement(_ info: ScenarioInfo, _ figures: [String: Double]) -> Measurement {
        Measurement(round: round, system: system.name, scenario: info.name, figures: figures)
    }

    private func add(_ measurement: Measurement, _ measurements: inout [Measurement]) {
        tell(measurement)
        measurements.append(measurement)
    }
}
