import Postgres
import TestSupport
import Testing

@testable import Replication

/// P2, P6: deltas are kept for as long as a receiver, a comparison or a copy needs them, and no longer.
@Suite("Trimming") struct TrimTests {
    private static let schema = "CREATE TABLE item (id int PRIMARY KEY, n int); CREATE TABLE other (id int PRIMARY KEY)"

    /// How many rows the delta tables of the source hold.
    private func deltas(_ pair: TestPair) async throws -> Int {
        let tables = try await pair.source.rows(
            "SELECT unnest(ARRAY[delta_a, delta_b])::regclass::text FROM switchback.replicated_table")
        let parts = tables.compactMap { $0.first ?? nil }.map { "SELECT count(*) AS rows FROM \($0)" }
        let query = "SELECT sum(rows) FROM (\(parts.joined(separator: " UNION ALL "))) AS parts"
        return Int(try await pair.source.value(query) ?? "") ?? -1
    }

    @Test func `deltas go once the receiver has them`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.start()
        for round in 1...3 {
            try await pair.source.run(
                "INSERT INTO item SELECT g, 0 FROM generate_series(\(round) * 100, \(round) * 100 + 9) AS g; UPDATE item SET n = n + 1; TRUNCATE other"
            )
            #expect(try await deltas(pair) > 0)
            try await pair.catchUp()
            #expect(try await deltas(pair) == 0)
            #expect(try await pair.source.value("SELECT count(*) FROM switchback.mark") == "0")
        }
        try await pair.expectEqual()
    }

    @Test func `a receiver that is behind keeps what it has not seen, and nothing else`() async throws {
        let pair = try await TestPair.make(schema: Self.schema, targets: 2)
        try await pair.start()
        func carry(_ number: Int) async throws {
            let stream = pair.streams[number]
            let results = try await CatchUp(pair.cluster, logger: TestPair.logger).run(
                [stream], timeout: .seconds(60), allTables: false)
            for result in results { #expect(result.isCaughtUp) }
        }
        try await pair.source.run("INSERT INTO item VALUES (1, 1)")
        try await carry(0)
        let kept = try await deltas(pair)
        #expect(kept > 0)
        try await pair.source.run("UPDATE item SET n = 2; INSERT INTO other VALUES (1)")
        try await carry(0)
        #expect(try await deltas(pair) > kept)
        try await carry(1)
        #expect(try await deltas(pair) == 0)
        try await pair.expectEqual()
    }

    /// `horizon(id)` compared a hold's own `id` with the table's, for an `id` without the function's name means a column
    /// first. A hold then counted for the table that happened to have its number, and deltas that a comparison or a late
    /// copy still needed were trimmed. Qualified, it counts for every table of its sync.
    @Test func `a hold keeps the deltas of every table of its sync`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.start()
        // As a comparison does, with a number that no table has.
        let comparison = try await pair.source.connect()
        try await comparison.run { session in
            try session.execute("SELECT setval(pg_get_serial_sequence('switchback.hold', 'id'), 4710)")
            try session.execute(
                "INSERT INTO switchback.hold (sync, receiver, reason, snapshot) SELECT sync, receiver, 'diff', acknowledged FROM switchback.receiver"
            )
            try session.execute("SELECT pg_advisory_lock(1398227525, 4711)")
        }
        try await pair.source.run("INSERT INTO item VALUES (1, 1); INSERT INTO other VALUES (1)")
        try await pair.catchUp()
        #expect(try await deltas(pair) == 2)
        // Its session ends, and nobody has to let go of anything.
        await comparison.close()
        try await pair.catchUp()
        #expect(try await deltas(pair) == 0)
    }

    @Test func `a transaction that stays open keeps its own deltas and no others for long`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.start()
        let open = try await pair.source.connect()
        try await open.run { try $0.execute("BEGIN; INSERT INTO other VALUES (1)") }
        try await pair.source.run("INSERT INTO item SELECT g, 0 FROM generate_series(1, 100) AS g")
        try await pair.withEngine {
            #expect(
                try await eventually {
                    let delta = try await pair.source.rows(
                        "SELECT unnest(ARRAY[delta_a, delta_b])::regclass::text FROM switchback.replicated_table WHERE table_name = 'item'"
                    ).compactMap { $0.first ?? nil }
                    for table in delta
                    where try await pair.source.value("SELECT count(*) FROM \(table)") != "0" { return false }
                    return true
                })
            try await open.run { try $0.execute("COMMIT") }
            #expect(try await eventually { try await pair.target.value("SELECT count(*) FROM other") == "1" })
        }
        await open.close()
        try await pair.catchUp()
        #expect(try await deltas(pair) == 0)
        try await pair.expectEqual()
    }
}
