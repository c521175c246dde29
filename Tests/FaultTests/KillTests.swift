import LocalCluster
import TestSupport
import Testing

/// P2 and P3 under the knife: the program and the servers are killed at any moment, again and again, under load.
@Suite("Killed at any moment") struct KillTests {
    @Test func `the program can be killed at any moment`() async throws {
        let seed = testSeed()
        var random = SeededRandom(seed)
        let lives = (0..<8).map { _ in random.number(150...900) }
        let pair = try await TestPair.make(schema: Shop.schema)
        try await pair.source.run(Shop.opens)
        try await pair.start()
        let history = History(pair: pair, tables: Shop.tables)
        try await history.begin()
        let load = Load(database: pair.source, clients: 3, seed: seed, work: Shop.work)
        _ = try await load.run {
            for life in lives {
                let daemon = try await Daemon.start(pair)
                try await Task.sleep(for: .milliseconds(life))
                try await daemon.kill()
            }
        }
        try await pair.catchUp()
        try await pair.expectEqual(Shop.tables.map { "public.\($0.name)" }, "seed \(seed)")
        let batches = try await history.check()
        #expect(batches > 0)
    }

    @Test func `either server can be killed at any moment`() async throws {
        let seed = testSeed()
        let sourceServer = try await TestServers.own("knife-source")
        let targetServer = try await TestServers.own("knife-target")
        do {
            try await killServers(sourceServer, targetServer, seed)
        } catch {
            await sourceServer.destroy()
            await targetServer.destroy()
            throw error
        }
        await sourceServer.destroy()
        await targetServer.destroy()
    }

    private func killServers(_ sourceServer: LocalCluster, _ targetServer: LocalCluster, _ seed: UInt64) async throws {
        var random = SeededRandom(seed)
        let pauses = (0..<6).map { _ in random.number(200...1200) }
        let pair = try await TestPair.make(
            schema: Bank.schema, sourceServer: sourceServer, targetServer: targetServer)
        try await pair.source.run(Bank.opens)
        try await pair.start()
        let load = Load(database: pair.source, clients: 3, seed: seed, work: Bank.work)
        // Applications that trade their last transactions for speed: a crash may take those from the source, and then
        // the target must not have them either.
        let hasty = Load(
            database: pair.source, clients: 2, seed: seed &+ 1,
            parameters: [("synchronous_commit", "off"), ("deadlock_timeout", "30ms"), ("lock_timeout", "1s")],
            work: Bank.work)
        let watcher = Watcher(database: pair.target, pause: .milliseconds(10), look: Bank.imbalance)
        let ((_, report), _) = try await load.run {
            try await hasty.run {
                try await watcher.run {
                    try await pair.withDaemon { _ in
                        for (round, pause) in pauses.enumerated() {
                            try await Task.sleep(for: .milliseconds(pause))
                            let victims = [[sourceServer], [targetServer], [sourceServer, targetServer]][round % 3]
                            for victim in victims { try await victim.kill9() }
                            for victim in victims { try await victim.start() }
                        }
                        // It gets going again by itself.
                        let before = try await pair.cursor("batch")
                        #expect(try await eventually { try await pair.cursor("batch") != before })
                    }
                }
            }
        }.0
        #expect(report.wrongs.isEmpty, "seed \(seed)")
        try await pair.catchUp()
        try await pair.expectEqual(nil, "seed \(seed)")
        let wrong = try await pair.target.session(Bank.imbalance)
        #expect(wrong == nil)
    }
}
