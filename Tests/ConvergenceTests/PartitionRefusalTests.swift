import Replication
import TestSupport
import Testing

/// Tables whose rows can be written under another table's name are not carried between sources: they are refused before anything is installed, by name, also
/// where only one node has them so, and one that becomes such a table stops the streams from that node (P1, P7).
@Suite("Partitions and children between masters (P1, P7)") struct PartitionRefusalTests {
    private static let item = "CREATE TABLE item (id int PRIMARY KEY, n int);"
    private static let plain = "CREATE TABLE part (id int, at date, PRIMARY KEY (id, at));"
    private static let partitioned = """
        CREATE TABLE part (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
        CREATE TABLE part_old PARTITION OF part FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
        CREATE TABLE part_new PARTITION OF part FOR VALUES FROM ('2020-01-01') TO (MAXVALUE);
        """
    private static let inherited = plain + "CREATE TABLE part_child () INHERITS (part);"

    static let schemas = [
        "partitioned at both": [partitioned, partitioned], "partitioned at the first": [partitioned, plain],
        "partitioned at the second": [plain, partitioned], "with a child at both": [inherited, inherited],
        "with a child at the second": [plain, inherited],
    ]

    @Test(arguments: schemas.keys.sorted()) func `they are refused by name, and what else there is goes without them`(
        _ name: String
    ) async throws {
        let masters = try await TestMasters.make(schema: Self.item)
        let schemas = try #require(Self.schemas[name])
        for (node, schema) in zip(masters.masters, schemas) { try await node.run(schema) }
        do {
            try await Installer(masters.cluster).install { _ in }
            Issue.record("it was installed")
        } catch let refused as SetupRefused {
            #expect(
                refused.description.contains("public.part cannot have several sources: it has partitions or children"))
            #expect(refused.description.contains("exclude it, or carry it in a sync of its own with one source"))
        }
        let isInstalled = "SELECT to_regnamespace('switchback') IS NOT NULL"
        #expect(try await masters.answers(isInstalled) == ["f", "f"])

        let others = try masters.with(sync: "    exclude: [\"public.part*\"]")
        try await others.start()
        for (index, node) in others.masters.enumerated() {
            try await node.run(
                "INSERT INTO item VALUES (\(index), 0); INSERT INTO part VALUES (\(index), '2010-01-01'), (\(index), '2030-01-01')"
            )
        }
        try await others.catchUp()
        #expect(try await others.answers("SELECT string_agg(id::text, ' ' ORDER BY id) FROM item") == ["0 1", "0 1"])
        #expect(
            try await others.answers("SELECT string_agg(DISTINCT id::text, ' ') FROM part") == ["0", "1"],
            "what is left out stays where it is")
    }

    @Test func `a table that becomes a partition stops what comes from its node until it is none`() async throws {
        let masters = try await TestMasters.make(schema: Self.item, rows: "INSERT INTO item VALUES (1, 0), (2, 0)")
        try await masters.start()
        let (one, two) = (masters.masters[0], masters.masters[1])
        try await one.run(
            """
            CREATE TABLE root (LIKE item INCLUDING ALL) PARTITION BY RANGE (id);
            ALTER TABLE root ATTACH PARTITION item FOR VALUES FROM (MINVALUE) TO (MAXVALUE);
            UPDATE item SET n = 1 WHERE id = 1;
            """)
        let stopped = try await masters.tryToCatchUp([masters.stream(0, 1)], within: .seconds(4))
        #expect(
            stopped.first?.reason?.contains("public.item at m1 is now a partition of public.root") == true, "\(stopped)"
        )
        #expect(try await two.value("SELECT n FROM item WHERE id = 1") == "0")
        try await two.run("UPDATE item SET n = 2 WHERE id = 2")
        try await one.run("ALTER TABLE root DETACH PARTITION item; DROP TABLE root")
        for _ in 0..<2 { try await masters.catchUp() }
        try await masters.expectEqual()
        #expect(try await masters.answers("SELECT string_agg(n::text, ' ' ORDER BY id) FROM item") == ["1 2", "1 2"])
    }
}
