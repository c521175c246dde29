import Model
import Postgres
import Replication
import TestSupport
import Testing

/// Partitions that come and go while their table is copied: rows come and go with them that no trigger saw (P2).
@Suite("First copy of partitioned tables") struct PartitionCopyTests {
    /// The partitions' names are in the order of their copy.
    private static let schema = """
        CREATE TABLE event (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
        CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM (0) TO (1000);
        CREATE TABLE event_2 PARTITION OF event FOR VALUES FROM (1000) TO (2000);
        CREATE TABLE event_3 PARTITION OF event FOR VALUES FROM (2000) TO (3000);
        CREATE TABLE event_4 PARTITION OF event FOR VALUES FROM (3000) TO (4000);
        """
    private static let rows = "INSERT INTO event SELECT g, 'e' || g FROM generate_series(0, 3999) AS g"

    @Test func `partitions are attached, detached and dropped while their table is copied`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.source.run(Self.rows)
        try await pair.target.run("CREATE TABLE event_5 PARTITION OF event FOR VALUES FROM (4000) TO (5000)")
        try await pair.install()
        let gate = try await Gate(pair.target, table: "event", row: "NEW.id = 1500")
        async let copying = FirstCopyTests.copy(pair, jobs: 1)
        #expect(try await gate.isReached())
        try await pair.source.run(
            """
            CREATE TABLE event_5 (id int PRIMARY KEY, note text);
            INSERT INTO event_5 SELECT g, 'attached' FROM generate_series(4000, 4499) AS g;
            ALTER TABLE event ATTACH PARTITION event_5 FOR VALUES FROM (4000) TO (5000);
            ALTER TABLE event DETACH PARTITION event_1;
            DROP TABLE event_4;
            INSERT INTO event VALUES (4800, 'inserted');
            """)
        await gate.open()
        let report = try await copying
        #expect(report.tables.map(\.kind) == [.copied])
        try await pair.catchUp()
        try await pair.expectEqual(["event"])
        #expect(try await pair.target.value("SELECT count(*) FROM event") == "2501")
    }

    @Test func `a partition that was dropped between two runs takes its rows with it`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.source.run(Self.rows)
        try await pair.install()
        try await pair.target.run("ALTER TABLE event ADD CONSTRAINT small CHECK (id < 3500)")
        await #expect(throws: CopyFailed.self) { _ = try await FirstCopyTests.copy(pair, jobs: 1) }
        try await pair.target.run("ALTER TABLE event DROP CONSTRAINT small")
        try await pair.source.run("DROP TABLE event_1; DROP TABLE event_4")
        _ = try await FirstCopyTests.copy(pair)
        try await pair.catchUp()
        try await pair.expectEqual(["event"])
        #expect(try await pair.target.value("SELECT count(*) FROM event") == "2000")
    }

    @Test func `a partition without a counterpart names the table, and the copy goes on once it is there`()
        async throws
    {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.source.run(
            "CREATE TABLE event_5 PARTITION OF event FOR VALUES FROM (4000) TO (5000); INSERT INTO event VALUES (4001, 'x')"
        )
        try await pair.install()
        do {
            _ = try await FirstCopyTests.copy(pair)
            Issue.record("the copy went through")
        } catch let failed as CopyFailed {
            #expect(failed.description.contains("copying public.event failed"))
            #expect(failed.description.contains("no partition of relation \"event\" found for row"))
        }
        try await pair.target.run("CREATE TABLE event_5 PARTITION OF event FOR VALUES FROM (4000) TO (5000)")
        _ = try await FirstCopyTests.copy(pair)
        try await pair.catchUp()
        try await pair.expectEqual(["event"])
    }
}
