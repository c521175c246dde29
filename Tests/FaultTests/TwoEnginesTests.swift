import Postgres
import TestSupport
import Testing

/// P8: two daemons over one configuration apply no batch twice, and one takes over from the other.
@Suite("Two daemons") struct TwoEnginesTests {
    @Test func `two daemons that are killed in turn write every row once and never stop for long`() async throws {
        let seed = testSeed()
        let pair = try await TestPair.make(
            schema: "CREATE TABLE item (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text)", targets: 2)
        try await pair.start()
        for target in pair.targets { try await target.run(WriteCounter.install("item")) }
        let load = Load(database: pair.source, clients: 3, seed: seed) { session, random in
            // Small batches, and now and then a large one.
            let rows = random.once(in: 60) ? 1400 : random.number(1...4)
            try session.execute("INSERT INTO item (note) SELECT 'n' FROM generate_series(1, \(rows))")
        }
        let (_, account) = try await load.run {
            var daemons = [try await Daemon.start(pair), try await Daemon.start(pair)]
            for _ in 0..<4 {
                try await expectMovement(pair)
                // The older one may carry one stream and the younger the other.
                try await daemons.removeFirst().kill()
                try await expectMovement(pair)
                daemons.append(try await Daemon.start(pair))
            }
            for daemon in daemons { try await daemon.stop() }
        }
        #expect(account.done > 20)
        try await pair.catchUp()
        try await pair.expectEqual()
        let rows = try await pair.source.value("SELECT count(*) FROM item")
        for target in pair.targets {
            #expect(try await target.value(WriteCounter.count) == rows, "rows were written again; seed \(seed)")
            let counted = try await target.value(
                "SELECT applied_rows >= (SELECT count(*) FROM item) FROM switchback.cursor")
            #expect(counted == "t")
        }
    }

    /// Expects that all streams go on.
    private func expectMovement(_ pair: TestPair) async throws {
        for target in pair.targets {
            let before = try await target.value("SELECT batch FROM switchback.cursor")
            let moves = try await eventually(within: .seconds(30)) {
                try await target.value("SELECT batch FROM switchback.cursor") != before
            }
            #expect(moves, "nobody carries \(target.name)")
        }
    }

    @Test func `an engine that stands by keeps one connection, and a paused stream too`() async throws {
        let pair = try await TestPair.make(schema: "CREATE TABLE item (id int PRIMARY KEY)")
        try await pair.start()
        let sessions =
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'switchback main' AND datname = current_database()"
        let starts =
            "SELECT string_agg(pid || ' ' || backend_start, ',' ORDER BY pid) FROM pg_stat_activity WHERE application_name = 'switchback main' AND datname = current_database()"
        try await pair.withDaemon { _ in
            #expect(try await eventually { try await pair.source.value(sessions) == "1" })
            try await pair.withDaemon { _ in
                #expect(try await eventually { try await pair.target.value(sessions) == "2" })
                // The same ones for a while, and none at the source.
                let before = try await pair.target.value(starts)
                try await Task.sleep(for: .milliseconds(1500))
                #expect(try await pair.target.value(starts) == before)
                #expect(try await pair.source.value(sessions) == "1")
            }
            let paused = try await pair.command(["pause"])
            #expect(paused.status == 0, "\(paused.errors)")
            #expect(try await eventually { try await pair.source.value(sessions) == "0" })
            try await pair.source.run("INSERT INTO item VALUES (1)")
            let resumed = try await pair.command(["resume"])
            #expect(resumed.status == 0, "\(resumed.errors)")
            #expect(try await eventually { try await pair.target.value("SELECT count(*) FROM item") == "1" })
        }
    }

    @Test func `sync beside a daemon agrees with it, and beside none does the work`() async throws {
        let pair = try await TestPair.make(schema: "CREATE TABLE item (id int PRIMARY KEY)")
        try await pair.start()
        try await pair.withDaemon { _ in
            for id in 1...5 {
                try await pair.source.run("INSERT INTO item VALUES (\(id))")
                let outcome = try await pair.command(["sync", "--timeout", "60"])
                #expect(outcome.status == 0, "\(outcome.errors)")
                #expect(try await pair.target.value("SELECT count(*) FROM item") == "\(id)")
            }
        }
        try await pair.source.run("INSERT INTO item VALUES (6)")
        let outcome = try await pair.command(["sync", "--timeout", "60"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        try await pair.expectEqual()
    }
}
