import LocalCluster
import Postgres
import TestSupport
import Testing

/// P2: what a crash takes from one side, the other does not keep, and is not asked for in vain.
@Suite("What a crash takes") struct DurabilityTests {
    private static let items = "CREATE TABLE item (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text)"
    /// Nothing that is committed asynchronously reaches the disk by itself for a while.
    private static let forgetful = ["wal_writer_delay": "10s", "autovacuum": "off"]

    private func withServer(_ name: String, _ body: (LocalCluster) async throws -> Void) async throws {
        let server = try await TestServers.own(name, settings: Self.forgetful)
        do { try await body(server) } catch {
            await server.destroy()
            throw error
        }
        await server.destroy()
    }

    @Test func `a receiver that crashes loses its last batches with their cursor, and the source keeps their deltas`()
        async throws
    {
        try await withServer("forgetful-target") { server in
            let pair = try await TestPair.make(schema: Self.items, targetServer: server)
            try await pair.start()
            let history = History(pair: pair, tables: [("item", "r.id::text")])
            try await history.begin()
            let state = "SELECT count(*) || ' ' || (SELECT batch FROM switchback.cursor) FROM item"
            var losses = 0
            for _ in 0..<6 {
                let before = try await pair.withEngine {
                    for _ in 0..<10 {
                        try await pair.source.run("INSERT INTO item (note) VALUES ('n')")
                        try await Task.sleep(for: .milliseconds(15))
                    }
                    let seen = try await pair.target.value(state)
                    try await server.kill9()
                    return seen
                }
                try await server.start()
                let after = try await pair.target.value(state)
                if after != before { losses += 1 }
                // What is there is a whole batch, the one that the cursor says.
                let isWhole = try await pair.target.value(
                    "SELECT w.batch = c.batch AND w.digest LIKE 'item ' || (SELECT count(*) FROM item) || ' %' FROM switchback.cursor AS c, (SELECT * FROM audit.witness ORDER BY batch DESC LIMIT 1) AS w"
                )
                #expect(isWhole == "t")
                // The source was told of nothing that is lost.
                let known = Int(try await pair.source.value("SELECT batch FROM switchback.receiver") ?? "") ?? -1
                let kept = Int(try await pair.target.value("SELECT batch FROM switchback.cursor") ?? "") ?? -2
                #expect(known <= kept)
            }
            #expect(losses > 0, "nothing was ever lost: this test shows nothing")
            try await pair.catchUp()
            try await pair.expectEqual(["public.item"])
            _ = try await history.check()
        }
    }

    /// Symptom: after a crash of the source a committed row never arrived. Cause: transactions that are rolled back leave
    /// nothing in the log, so that after a crash their numbers are given to others; a cursor that had seen the first as
    /// ended took the second for one that it had. Fix: a stream reads on from what the source was told of, which no
    /// crash takes back.
    @Test func `a transaction that is given the number of one that was rolled back before a crash arrives`()
        async throws
    {
        try await withServer("forgetful-source") { server in
            let pair = try await TestPair.make(schema: Self.items, sourceServer: server)
            try await pair.start()
            try await pair.source.run("INSERT INTO item (note) VALUES ('before')")
            // Numbers that are used up and leave no trace.
            for _ in 0..<20 { try await pair.source.run("BEGIN; SELECT pg_current_xact_id(); ROLLBACK") }
            // An engine takes them for ended, and dies before it can tell the source.
            let daemon = try await Daemon.start(pair, environment: ["SWITCHBACK_CRASH_AT": "batch-committed"])
            let outcome = try await daemon.outcome()
            #expect(outcome.status == 128 + 9, "\(outcome.errors)")
            #expect(try await pair.target.value("SELECT count(*) FROM item") == "1")
            try await server.kill9()
            try await server.start()
            let number = try await pair.source.value(
                "INSERT INTO item (note) VALUES ('after') RETURNING pg_current_xact_id()::text")
            let passed = try await pair.target.value(
                "SELECT pg_visible_in_snapshot('\(number ?? "")'::xid8, snapshot) FROM switchback.cursor")
            #expect(passed == "t", "the number was not used again: this test shows nothing")
            try await pair.catchUp()
            try await pair.expectEqual()
            #expect(try await pair.target.value("SELECT count(*) FROM item WHERE note = 'after'") == "1")
        }
    }

    /// Symptom: after a crash of the source the target kept a row that the source had lost. Cause: a transaction that
    /// commits asynchronously is seen, and carried, before it is on the disk. Fix: capture makes it wait for its disk.
    @Test func `what a source may still lose is not carried`() async throws {
        try await withServer("hasty-source") { server in
            let pair = try await TestPair.make(schema: Self.items, sourceServer: server)
            try await pair.start()
            try await pair.withEngine {
                let hasty = try await pair.source.connect(parameters: [("synchronous_commit", "off")])
                for _ in 0..<3 {
                    try await hasty.run { try $0.execute("INSERT INTO item (note) VALUES ('hasty')") }
                }
                try await hasty.run { session in
                    // What is not replicated is as hasty as it wants to be.
                    try session.execute("CREATE TEMP TABLE own AS SELECT 1; BEGIN; INSERT INTO own VALUES (2)")
                    let setting = try session.query("SHOW synchronous_commit")
                    #expect(setting[0, 0] == "off")
                    try session.execute("COMMIT")
                }
                #expect(try await eventually { try await pair.target.value("SELECT count(*) FROM item") == "3" })
                try await server.kill9()
                await hasty.close()
            }
            try await server.start()
            #expect(try await pair.source.value("SELECT count(*) FROM item") == "3")
            try await pair.catchUp()
            try await pair.expectEqual()
        }
    }
}
