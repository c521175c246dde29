import TestSupport
import Testing

/// The engine's memory does not grow with what it carries.
@Suite("Memory of the engine") struct MemoryTests {
    @Test func `five million rows that one statement changed pass through less than 64 MB`() async throws {
        let pair = try await TestPair.make(schema: "CREATE TABLE item (id int PRIMARY KEY, n int)")
        try await pair.source.run("INSERT INTO item SELECT g, 0 FROM generate_series(1, 5000000) AS g")
        try await pair.start()
        let peak = try await pair.withDaemon { daemon in
            try await pair.source.run("UPDATE item SET n = n + 1")
            let arrived = try await eventually(within: .seconds(600)) {
                try await pair.target.value("SELECT n FROM item WHERE id = 5000000") == "1"
            }
            #expect(arrived)
            return try #require(daemon.program.peakKilobytes)
        }
        #expect(peak < 64 * 1024, "\(peak / 1024) MB")
        print("five million rows: \(peak / 1024) MB resident at most")
        #expect(
            try await pair.target.value("SELECT count(*) || ' ' || min(n) || ' ' || max(n) FROM item") == "5000000 1 1")
        for database in [pair.source, pair.target] { try await database.run("DROP TABLE item") }
    }
}
