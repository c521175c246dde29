import Model
import Postgres
import Replication
import TestSupport
import Testing

/// Tables that come to a stream that runs: the engine takes them in by itself, at their own snapshot (P2).
@Suite("Tables that come later") struct LateTableTests {
    private static let first = "CREATE TABLE item (id int PRIMARY KEY, n int)"
    private static let second = "CREATE TABLE late (id int PRIMARY KEY, n int)"

    /// Symptom: under constant load a table that was copied later never joined. Cause: the engine looked for new tables only
    /// when it found nothing to carry. It looks every second now, whatever there is to carry.
    @Test func `a running engine takes a table in that was copied later, also when it never rests`() async throws {
        let pair = try await TestPair.make(schema: Self.first)
        try await pair.source.run("INSERT INTO item SELECT g, 0 FROM generate_series(1, 100) AS g")
        try await pair.start()
        try await pair.withEngine {
            let load = WriteLoad(database: pair.source, seed: 1) { random in
                "UPDATE item SET n = n + 1 WHERE id = \(random.number(1...100))"
            }
            _ = try await load.during(sessions: 2) {
                for database in [pair.source, pair.target] { try await database.run(Self.second) }
                try await pair.source.run("INSERT INTO late SELECT g, 0 FROM generate_series(1, 5000) AS g")
                try await pair.install()
                try await pair.source.run("UPDATE late SET n = 1 WHERE id <= 100")
                let inner = WriteLoad(database: pair.source, seed: 2) { random in
                    "UPDATE late SET n = n + 1, id = id WHERE id = \(random.number(1...5000)); INSERT INTO late VALUES (\(random.number(10_000...99_999_999)), 1)"
                }
                let (report, _) = try await inner.during(sessions: 2) { try await FirstCopyTests.copy(pair) }
                #expect(report.tables.map(\.kind) == [.already, .copied])
                try await pair.source.run("INSERT INTO late VALUES (-1, 7)")
                #expect(
                    try await eventually { try await pair.target.value("SELECT n FROM late WHERE id = -1") == "7" })
            }
            try await pair.catchUp()
            try await pair.expectEqual()
            // What the copy held is let go, or the deltas would pile up for ever.
            #expect(
                try await eventually { try await pair.source.value("SELECT count(*) FROM switchback.hold") == "0" })
        }
    }

    @Test func `a later table that holds the rows already is adopted at its own snapshot`() async throws {
        let pair = try await TestPair.make(schema: Self.first)
        try await pair.start()
        for database in [pair.source, pair.target] {
            try await database.run(
                Self.second + "; INSERT INTO late SELECT g, 0 FROM generate_series(1, 1000) AS g")
        }
        // Changed before it was captured: nothing brings it, so it is a difference.
        try await pair.source.run("UPDATE late SET n = 1 WHERE id = 5")
        try await pair.install()
        let refused = try await FirstCopyTests.copy(pair)
        #expect(refused.tables.map(\.kind) == [.already, .refused])
        #expect(refused.refused.first?.difference?.different == 1)
        // Changed since: on its way, and no difference.
        try await pair.source.run("UPDATE late SET n = 0 WHERE id = 5; UPDATE late SET n = 2 WHERE id = 6")
        let adopted = try await FirstCopyTests.copy(pair)
        #expect(adopted.tables.map(\.kind) == [.already, .adopted])
        try await pair.catchUp()
        try await pair.expectEqual()
    }

    @Test func `a sync does not call a receiver caught up that lacks a table`() async throws {
        let pair = try await TestPair.make(schema: Self.first)
        let folder = try Program.folder(pair.yaml)
        try await pair.start()
        for database in [pair.source, pair.target] { try await database.run(Self.second) }
        try await pair.install()
        try await pair.source.run("INSERT INTO late VALUES (1, 1)")
        let sync = try await Program.run(["sync", "--timeout", "30"], in: folder)
        #expect(sync.status == 3)
        #expect(sync.output.contains("not copied yet: public.late"))
        let status = try await Program.run(["status"], in: folder)
        #expect(status.status == 3)
        #expect(status.output.contains("not copied yet: public.late"))
        #expect(try await Program.run(["copy"], in: folder).status == 0)
        #expect(try await Program.run(["sync"], in: folder).status == 0)
        try await pair.expectEqual()
    }
}
