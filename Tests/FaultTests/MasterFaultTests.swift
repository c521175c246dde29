import LocalCluster
import Postgres
import Replication
import TestSupport
import Testing

/// What is promised of one source holds between several: no half of a transaction is ever seen, nothing is applied twice, whatever is
/// killed, and a node that is not what it was is noticed (P2, P3, P4, P8).
@Suite("Several sources under faults (P2, P3, P4, P8)") struct MasterFaultTests {
    /// Masters that write all the time, and somebody who looks at each of them, while a body runs; they must come to the same.
    private func underLoad(
        _ masters: TestMasters, _ seed: UInt64, _ body: @Sendable @escaping () async throws -> Void
    ) async throws {
        var run: @Sendable () async throws -> Void = body
        for (index, node) in masters.masters.enumerated() {
            let load = Load(
                database: node, clients: 2, seed: seed &+ UInt64(index), pause: .milliseconds(5),
                work: SharedBank.work(branch: index))
            let watcher = Watcher(database: node, pause: .milliseconds(20), look: SharedBank.imbalance)
            let inner = run
            run = {
                let ((_, report), account) = try await load.run { try await watcher.run { try await inner() } }
                #expect(report.wrongs.isEmpty, "m\(index + 1), seed \(seed)")
                #expect(account.done > 20 && report.looks > 10, "m\(index + 1), seed \(seed): \(account)")
            }
        }
        try await run()
        try await masters.catchUp()
        try await masters.catchUp()
        try await masters.expectEqual("seed \(seed)")
        for node in masters.nodes {
            let wrong = try await node.session(SharedBank.imbalance)
            #expect(wrong == nil, "seed \(seed)")
        }
    }

    private func bank() async throws -> TestMasters {
        let settings = ["max_prepared_transactions": "20"]
        let masters = try await TestMasters.make(
            schema: SharedBank.schema, rows: SharedBank.opens, masters: 2, targets: 1, sync: SharedBank.rules,
            servers: [
                try await TestServers.shared.server("source", settings: settings),
                try await TestServers.shared.server("target", settings: settings),
            ])
        try await masters.start()
        return masters
    }

    @Test func `streams that are killed at every point of their work lose nothing and show no half of a batch`()
        async throws
    {
        let seed = testSeed()
        var random = SeededRandom(seed)
        let order = CrashPoint.ofStreams.shuffled(using: &random).map { ($0, random.number(1...4)) }
        let masters = try await bank()
        try await underLoad(masters, seed) {
            for (point, passes) in order {
                let daemon = try await Daemon.start(
                    masters.yaml, environment: ["SWITCHBACK_CRASH_AT": "\(point.rawValue):\(passes)"])
                let outcome = try await daemon.outcome()
                #expect(outcome.status == 128 + 9, "\(point): \(outcome.errors)")
            }
        }
    }

    @Test func `two daemons, of which one after the other is killed, count nothing twice`() async throws {
        let seed = testSeed()
        var random = SeededRandom(seed)
        let pauses = (0..<6).map { _ in random.number(200...1500) }
        let masters = try await bank()
        try await underLoad(masters, seed) {
            var daemons = [try await Daemon.start(masters.yaml), try await Daemon.start(masters.yaml)]
            for pause in pauses {
                try await Task.sleep(for: .milliseconds(pause))
                try await daemons.removeFirst().kill()
                daemons.append(try await Daemon.start(masters.yaml))
            }
            for daemon in daemons { try await daemon.stop() }
        }
    }

    /// A master that is restored has forgotten writes that the others have, and gives their numbers to others: nothing goes to it or comes
    /// from it until it has been made the same again, and then nobody has lost what the others had.
    @Test func `a master that is restored from an older backup is noticed, and comes back by what is said`()
        async throws
    {
        let server = try await TestServers.own("restored-master")
        do { try await restore(server) } catch {
            await server.destroy()
            throw error
        }
        await server.destroy()
    }

    private func restore(_ server: LocalCluster) async throws {
        let other = try await TestServers.shared.server("source")
        let masters = try await TestMasters.make(
            schema: "CREATE TABLE item (id int PRIMARY KEY, note text)",
            rows: "INSERT INTO item VALUES (1, 'old'), (2, 'old')",
            servers: [other, server])
        try await masters.start()
        let backup = try await Backup.take(server)
        let (first, second) = (masters.masters[0], masters.masters[1])
        try await second.run("INSERT INTO item VALUES (10, 'theirs'); UPDATE item SET note = 'theirs' WHERE id = 1")
        try await first.run("INSERT INTO item VALUES (11, 'ours')")
        try await masters.catchUp()
        try await backup.restore()
        for id in 20..<40 { try await second.run("INSERT INTO item VALUES (\(id), 'after')") }
        let sync = try await Daemon.command(["sync", "--timeout", "60"], masters.yaml)
        let text = sync.output + sync.errors
        #expect(sync.status == 3, "\(text)")
        #expect(text.contains("restored from an older backup"), "\(text)")
        // Whichever stream tells it, it is m2 that is to be made equal.
        #expect(text.contains("\"switchback copy main --from m1 --to m2 --repair\""), "\(text)")
        #expect(!text.contains("--from m2 --to m1"), "\(text)")
        #expect(try await first.value("SELECT count(*) FROM item WHERE note = 'after'") == "0")
        let mended = try await Daemon.command(["copy", "--from", "m1", "--to", "m2", "--repair"], masters.yaml)
        #expect(mended.status == 0, "\(mended.output) \(mended.errors)")
        try await second.run("INSERT INTO item VALUES (50, 'again')")
        try await first.run("INSERT INTO item VALUES (51, 'again')")
        try await masters.catchUp()
        try await masters.expectEqual()
        for (id, note) in [(1, "theirs"), (10, "theirs"), (11, "ours"), (50, "again"), (51, "again")] {
            #expect(try await second.value("SELECT note FROM item WHERE id = \(id)") == note, "row \(id)")
        }
        // What it took after it was restored is not lost: it is shown, or in the history.
        let kept = try await masters.masters[1].value(
            "SELECT count(*) FROM (SELECT id::text FROM item WHERE note = 'after' UNION SELECT row_values[1] FROM switchback.history WHERE row_values[2] = 'after') AS k"
        )
        #expect(kept == "20")
    }
}
