import Postgres
import TestSupport
import Testing

/// P2 and P7: what happens to a stream's own state is noticed or does no harm, and is said.
@Suite("Damaged state") struct DamageTests {
    private static let items = "CREATE TABLE item (id int PRIMARY KEY, note text)"

    private func pair() async throws -> TestPair {
        let pair = try await TestPair.make(schema: Self.items)
        try await pair.source.run("INSERT INTO item SELECT g, 'old' FROM generate_series(1, 50) AS g")
        try await pair.start()
        try await pair.source.run("INSERT INTO item VALUES (100, 'n')")
        try await pair.catchUp()
        return pair
    }

    private func arrives(_ pair: TestPair, _ id: Int) async throws -> Bool {
        try await eventually { try await pair.target.value("SELECT count(*) FROM item WHERE id = \(id)") == "1" }
    }

    /// Expects `sync` to say no, and why, with what to run.
    private func expectNo(_ pair: TestPair, _ words: String, hint: String) async throws {
        let outcome = try await pair.command(["sync", "--timeout", "30"])
        #expect(outcome.status == 3, "\(outcome.output) \(outcome.errors)")
        let text = outcome.output + outcome.errors
        #expect(text.contains(words) && text.contains(hint), "\(text)")
    }

    @Test func `a cursor from the future skips nothing`() async throws {
        let pair = try await pair()
        try await pair.target.run("UPDATE switchback.cursor SET snapshot = '999999:999999:'")
        try await pair.source.run("INSERT INTO item VALUES (101, 'n')")
        try await pair.catchUp()
        try await pair.expectEqual()
        // It is a sound one again.
        #expect(
            try await pair.target.value(
                "SELECT pg_snapshot_xmax(snapshot)::text::bigint < 999999 FROM switchback.cursor")
                == "t")
    }

    @Test func `a cursor from the past doubles nothing`() async throws {
        let pair = try await pair()
        try await pair.target.run(WriteCounter.install("item"))
        try await pair.target.run("UPDATE switchback.cursor SET snapshot = '10:10:'")
        try await pair.source.run("INSERT INTO item VALUES (101, 'n')")
        try await pair.catchUp()
        try await pair.expectEqual()
        #expect(try await pair.target.value(WriteCounter.count) == "1")
    }

    @Test func `a cursor whose batch was set back stops the stream and can be mended`() async throws {
        let pair = try await pair()
        try await pair.target.run("UPDATE switchback.cursor SET batch = 0, acknowledged_batch = 0")
        try await pair.source.run("INSERT INTO item VALUES (101, 'n')")
        try await expectNo(pair, "older backup", hint: "switchback copy main --repair")
        let outcome = try await pair.command(["copy", "main", "--repair"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        try await pair.expectEqual()
    }

    @Test func `a cursor whose batch was set forward does no harm`() async throws {
        let pair = try await pair()
        try await pair.target.run("UPDATE switchback.cursor SET batch = 1000")
        try await pair.source.run("INSERT INTO item VALUES (101, 'n')")
        try await pair.catchUp()
        try await pair.expectEqual()
    }

    @Test func `a cursor that was deleted under a daemon is missed, and a copy begins again`() async throws {
        let pair = try await pair()
        try await pair.withDaemon { _ in
            try await pair.source.run("INSERT INTO item VALUES (101, 'n')")
            #expect(try await arrives(pair, 101))
            try await pair.target.run("DELETE FROM switchback.cursor")
            try await pair.source.run("INSERT INTO item VALUES (102, 'n')")
            try await expectNo(pair, "not begun", hint: "switchback copy main")
            #expect(try await pair.target.value("SELECT count(*) FROM item WHERE id = 102") == "0")
            let outcome = try await pair.command(["copy", "main", "--repair"])
            #expect(outcome.status == 0, "\(outcome.errors)")
            try await pair.source.run("INSERT INTO item VALUES (103, 'n')")
            #expect(try await arrives(pair, 103))
        }
        try await pair.expectEqual()
    }

    /// Symptom: after the source's record of a receiver was deleted, its deltas were trimmed and the stream never said
    /// so. Cause: an acknowledgement that found no row counted as done. Fix: it must find one.
    @Test func `a source that has forgotten a receiver trims nothing behind its back`() async throws {
        let pair = try await pair()
        try await pair.withDaemon { _ in
            try await pair.source.run("INSERT INTO item VALUES (101, 'n')")
            #expect(try await arrives(pair, 101))
            try await pair.source.run("DELETE FROM switchback.receiver")
            try await pair.source.run("INSERT INTO item VALUES (102, 'n')")
            let isSaid = try await eventually {
                try await pair.target.value("SELECT error FROM switchback.cursor")?.contains("knows of no receiver")
                    == true
            }
            #expect(isSaid)
            let outcome = try await pair.command(["copy", "main", "--repair"])
            #expect(outcome.status == 0, "\(outcome.errors)")
            try await pair.source.run("INSERT INTO item VALUES (103, 'n')")
            #expect(try await arrives(pair, 103))
        }
        try await pair.expectEqual()
    }

    @Test(arguments: ["source", "target"])
    func `a schema that is uninstalled under a daemon is said to be missing, and a new one is taken up`(
        node: String
    ) async throws {
        let pair = try await pair()
        try await pair.withDaemon { _ in
            try await pair.source.run("INSERT INTO item VALUES (101, 'n')")
            #expect(try await arrives(pair, 101))
            let database = node == "source" ? pair.source : pair.target
            // The fence's triggers hang on the schema's function.
            try await database.run("DROP SCHEMA switchback CASCADE")
            try await pair.source.run("INSERT INTO item VALUES (102, 'n')")
            let outcome = try await pair.command(["sync", "--timeout", "2"])
            #expect(outcome.status != 0)
            #expect((outcome.output + outcome.errors).contains("schema install"), "\(outcome.output) \(outcome.errors)")
            try await pair.install()
            let copied = try await pair.command(["copy", "main", "--repair"])
            #expect(copied.status == 0, "\(copied.output) \(copied.errors)")
            try await pair.source.run("INSERT INTO item VALUES (103, 'n')")
            #expect(try await arrives(pair, 103))
        }
        try await pair.expectEqual()
    }

    @Test func `a hold that a killed copy left behind goes once it is not needed`() async throws {
        let pair = try await pair()
        try await pair.source.run(
            "INSERT INTO switchback.hold (sync, receiver, reason, snapshot) SELECT sync, receiver, 'copy', acknowledged FROM switchback.receiver"
        )
        try await pair.withDaemon { _ in
            try await pair.source.run("INSERT INTO item VALUES (101, 'n')")
            #expect(
                try await eventually { try await pair.source.value("SELECT count(*) FROM switchback.hold") == "0" })
            #expect(try await eventually { try await pair.source.value(Trimming.rows) == "0" })
        }
        try await pair.expectEqual()
    }
}
