import Postgres
import TestSupport
import Testing

@testable import Replication

/// P10: Postgres 15 to 18, mixed as they come.
@Suite("Versions") struct VersionTests {
    private static let samples = [
        TypeMatrix.numbers, TypeMatrix.texts, TypeMatrix.times, TypeMatrix.places, TypeMatrix.system, TypeMatrix.sets,
        TypeMatrix.userDefined,
    ].joined().filter { !$0.isOptional }

    /// The types in batches that are small enough to go row by row.
    private func expectAll(_ source: Int, _ target: Int) async throws {
        let tables = Self.samples.indices.map { "t\($0)" }
        let schema = zip(tables, Self.samples).map { table, sample in
            "\(sample.setup.isEmpty ? "" : sample.setup + "; ")CREATE TABLE \(table) (id int PRIMARY KEY, v \(sample.type), n serial)"
        }
        let pair = try await TestPair.travelling(
            schema: schema.joined(separator: ";\n"), source: source, target: target)
        let versions = ["\(source)", "\(target)"]
        #expect(try await pair.source.value("SHOW server_version")?.hasPrefix(versions[0]) == true)
        #expect(try await pair.target.value("SHOW server_version")?.hasPrefix(versions[1]) == true)
        let insert = zip(tables, Self.samples).map { table, sample in
            sample.values.enumerated().map {
                "INSERT INTO \(table) (id, v) VALUES (\($0.offset), \($0.element)::\(sample.type))"
            }
        }
        func half(_ odd: Bool, _ range: Range<Int>) -> String {
            insert[range].flatMap { $0.enumerated().filter { ($0.offset % 2 == 1) == odd }.map(\.element) }
                .joined(separator: ";\n")
        }
        try await pair.source.run(half(true, tables.indices))
        try await pair.start()
        try await pair.expectEqual(nil, "after the first copy")
        let (first, rest) = (0..<tables.count / 2, tables.count / 2..<tables.count)
        for range in [first, rest] { try await pair.change(half(false, range), on: .singleRows) }
        try await pair.expectEqual(nil, "row by row")
        let rotate = tables.map {
            "UPDATE \($0) AS t SET v = o.v FROM \($0) AS o WHERE o.id = (t.id + 1) % (SELECT count(*) FROM \($0)); DELETE FROM \($0) WHERE id > 4"
        }
        try await pair.change(rotate.joined(separator: ";\n"), on: .staged)
        try await pair.expectEqual(nil, "staged")
        #expect(try await pair.target.value("SELECT nextval('t0_n_seq') > max(n) FROM t0") == "t")
        let differences = try await Differ(stream: pair.streams[0], cluster: pair.cluster).run()
        #expect(differences.count == tables.count + 1)
        #expect(differences.filter { !$0.isIdentical }.map(\.table) == [])
    }

    private static let has18 = TestServers.has(15) && TestServers.has(18)
    private static let has16 = TestServers.has(15) && TestServers.has(16)

    @Test(.enabled(if: has18, "this machine has no server of 15 and of 18")) func `15 to 18`() async throws {
        try await expectAll(15, 18)
    }

    @Test(.enabled(if: has18, "this machine has no server of 15 and of 18")) func `18 to 15`() async throws {
        try await expectAll(18, 15)
    }

    @Test(.enabled(if: has16, "this machine has no server of 15 and of 16")) func `16 to 15`() async throws {
        try await expectAll(16, 15)
    }

    /// P5, P7: 17 made intervals infinite. An older target has no such value.
    @Test(.enabled(if: has18, "this machine has no server of 15 and of 18"))
    func `a value that an older target does not know stops the stream by name`() async throws {
        let pair = try await TestPair.travelling(
            schema: "CREATE TABLE item (id int PRIMARY KEY, span interval)", source: 18, target: 15)
        try await pair.start()
        for way in Way.allCases {
            try await pair.write("INSERT INTO item VALUES (1, 'infinity'); UPDATE item SET span = span", on: way)
            try await pair.expectStop(naming: ["rows of public.item", "type interval: \"infinity\"", "column span"])
            try await pair.source.run("UPDATE item SET span = '178000000 years'")
            try await pair.catchUp()
            try await pair.expectEqual()
            try await pair.source.run("DELETE FROM item")
            try await pair.catchUp()
        }
    }

    /// What 18 brought: columns that are computed when they are read, NOT NULL that nobody has checked, and keys that
    /// forbid overlaps, by which a row is not found again.
    @Test(.enabled(if: has18, "this machine has no server of 15 and of 18"))
    func `virtual columns, unchecked NOT NULL and keys without overlaps`() async throws {
        let pair = try await TestPair.travelling(
            schema: "CREATE TABLE item (id int PRIMARY KEY, n int)", source: 18, target: 15)
        try await pair.source.run("ALTER TABLE item ADD COLUMN twice int GENERATED ALWAYS AS (n * 2) VIRTUAL")
        try await pair.target.run("ALTER TABLE item ADD COLUMN twice int GENERATED ALWAYS AS (n * 2) STORED")
        try await pair.source.run("INSERT INTO item VALUES (1, 1)")
        try await pair.start()
        for way in Way.allCases {
            try await pair.change(
                "UPDATE item SET n = n + 1; INSERT INTO item SELECT max(id) + 1, 5 FROM item; UPDATE item SET id = id + 10",
                on: way)
            try await pair.expectEqual(nil, "\(way.rawValue)")
        }

        let tables = """
            CREATE TABLE unchecked (id int, n int); INSERT INTO unchecked VALUES (NULL, 1); CREATE UNIQUE INDEX ON unchecked (id);
            ALTER TABLE unchecked ADD CONSTRAINT given NOT NULL id NOT VALID;
            CREATE TABLE booking (room int4range, during daterange, PRIMARY KEY (room, during WITHOUT OVERLAPS))
            """
        let other = try await TestPair.travelling(schema: tables, source: 18, target: 18)
        do {
            try await other.install()
            Issue.record("it was installed")
        } catch let refused as SetupRefused {
            #expect(refused.description.contains("public.unchecked has no usable key"))
            #expect(refused.description.contains("public.booking has no usable key"))
        }
    }
}
