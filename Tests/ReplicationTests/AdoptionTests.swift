import Foundation
import LocalCluster
import Model
import Postgres
import Programs
import Replication
import TestSupport
import Testing

/// A receiver that holds the rows already: adopted when equal, otherwise left alone until somebody decides (P5, P7).
@Suite("Adoption") struct AdoptionTests {
    private static let schema = """
        CREATE TABLE item (id int PRIMARY KEY, name text, body text);
        CREATE TABLE log (line text);
        """
    private static let overrides = "    overrides: { public.log: { full_copy: true } }"
    private static let fill = """
        INSERT INTO item SELECT g, 'n' || g, 'b' FROM generate_series(1, 5000) AS g;
        INSERT INTO log SELECT 'l' || g FROM generate_series(1, 100) AS g;
        """

    /// Restores the source's rows at the target, as people do: with Postgres' own programs.
    private func restore(_ pair: TestPair) async throws {
        let bin = pair.source.server.installation.binDirectory
        let lines =
            "\(bin)/pg_dump --data-only --exclude-schema=switchback \"$FROM\" > \"$FILE\" && \(bin)/psql -qX -v ON_ERROR_STOP=1 -f \"$FILE\" \"$TO\" > /dev/null; rm \"$FILE\""
        let environment = [
            "FROM": pair.source.dsn, "TO": pair.target.dsn,
            "FILE": "/tmp/switchback-dump-\(UInt64.random(in: 0 ... .max))",
        ]
        let outcome = try await ExternalProgram(["/bin/sh", "-ec", lines], environment: environment).run(
            limit: .seconds(300))
        #expect(outcome.ending == .exited(0), "\(outcome.errors)")
    }

    private static let load: @Sendable (inout SeededRandom) -> String = { random in
        // The rows beyond are the tests' own.
        let id = random.number(1...4000)
        return switch random.number(0...3) {
        case 0: "UPDATE item SET name = name || '+' WHERE id = \(id)"
        case 1: "DELETE FROM item WHERE id = \(id)"
        case 2: "INSERT INTO item VALUES (\(random.number(10_000...99_999_999)), 'new', NULL)"
        default: "INSERT INTO log VALUES ('l\(id)')"
        }
    }

    @Test func `rows restored from a dump are adopted and not copied`() async throws {
        let pair = try await TestPair.make(schema: Self.schema, sync: Self.overrides)
        try await pair.source.run(Self.fill)
        try await restore(pair)
        let writers = try await pair.target.value("SELECT md5(string_agg(xmin::text, ',' ORDER BY id)) FROM item")
        try await pair.install()
        let report = try await FirstCopyTests.copy(pair)
        #expect(report.tables.map(\.kind) == [.adopted, .adopted])
        try await pair.source.run("UPDATE item SET name = 'changed' WHERE id = 1")
        try await pair.source.run("UPDATE item SET name = 'n1' WHERE id = 1")
        try await pair.catchUp()
        try await pair.expectEqual()
        #expect(
            try await pair.target.value("SELECT md5(string_agg(xmin::text, ',' ORDER BY id)) FROM item") == writers,
            "no row was written")
    }

    @Test func `rows restored from a dump under load are left alone, then mended, and only those that differ travel`()
        async throws
    {
        let seed = testSeed()
        let pair = try await TestPair.make(schema: Self.schema, sync: Self.overrides)
        let folder = try Program.folder(pair.yaml)
        try await pair.source.run(Self.fill)
        let load = WriteLoad(database: pair.source, seed: seed, statements: Self.load)
        let untouched =
            "SELECT md5(string_agg(id || ' ' || xmin::text, ',' ORDER BY id)) FROM item WHERE id BETWEEN 4501 AND 5000"
        let ((refused, writers), _) = try await load.during(sessions: 2) {
            try await pair.install()
            // The fence stands; the restore is made in replica role, as it would be before the installation.
            try await pair.target.run("ALTER DATABASE \(pair.target.name) SET session_replication_role = replica")
            try await self.restore(pair)
            try await pair.target.run("ALTER DATABASE \(pair.target.name) RESET session_replication_role")
            // Changed after the dump, and rows that the source never had.
            try await pair.source.run(
                "UPDATE item SET body = 'later' WHERE id BETWEEN 4001 AND 4400; DELETE FROM item WHERE id BETWEEN 4401 AND 4450; INSERT INTO item SELECT g, 'came later' FROM generate_series(5001, 5050) AS g"
            )
            try await pair.target.run(
                "SET session_replication_role = replica; INSERT INTO item VALUES (-1, 'stray', 'kept'); UPDATE item SET body = 'other' WHERE id = 4451"
            )
            let refused = try await Program.run(["copy"], in: folder)
            #expect(try await pair.target.value("SELECT count(*) FROM item WHERE id = -1") == "1", "left alone")
            let writers = try await pair.target.value(untouched)
            let repaired = try await Program.run(["copy", "--repair"], in: folder)
            #expect(repaired.status == 0, "\(repaired.errors)")
            return (refused, writers)
        }
        #expect(refused.status == 3)
        #expect(refused.output.contains("hold other rows and were left alone"))
        #expect(refused.output.contains("--repair"))
        try await pair.catchUp()
        try await pair.expectEqual()
        #expect(try await pair.target.value(untouched) == writers, "rows that were equal were not written")
        // What was overwritten is in the history, whole, and nothing of it that was equal.
        let history = try await pair.target.rows(
            "SELECT row_values[1]::int, row_values[2], row_values[3] FROM switchback.history WHERE table_name = 'item' AND columns = '{id,name,body}' AND (row_values[1]::int < 0 OR row_values[1]::int > 4000) AND row_values[1]::int < 10000 ORDER BY 1"
        )
        let wanted =
            [["-1", "stray", "kept"]] + (4001...4450).map { ["\($0)", "n\($0)", "b"] } + [["4451", "n4451", "other"]]
        #expect(history == wanted, "seed \(seed)")
    }

    @Test func `other rows are replaced on request, and equal tables are not`() async throws {
        let pair = try await TestPair.make(schema: Self.schema, sync: Self.overrides)
        try await pair.source.run(Self.fill)
        try await restore(pair)
        try await pair.target.run("UPDATE item SET body = 'other'")
        try await pair.install()
        let report = try await FirstCopyTests.copy(pair, .replace)
        #expect(report.tables.map(\.kind) == [.copied, .adopted])
        #expect(report.rowsCopied == 5000)
        try await pair.catchUp()
        try await pair.expectEqual()
        #expect(try await pair.target.value("SELECT count(*) FROM switchback.history") == "0")
    }

    @Test(arguments: [CopyChoice.repair, .replace])
    func `a table that has joined is mended or replaced while it is carried`(
        choice: CopyChoice
    ) async throws {
        let seed = testSeed()
        let pair = try await TestPair.make(schema: Self.schema, sync: Self.overrides)
        try await pair.source.run(Self.fill)
        try await pair.start()
        try await pair.target.run(
            "SET session_replication_role = replica; UPDATE item SET body = 'other' WHERE id % 10 = 0; DELETE FROM item WHERE id % 10 = 1; INSERT INTO item VALUES (-1, 'stray', 'kept')"
        )
        try await pair.withEngine {
            let load = WriteLoad(database: pair.source, seed: seed, statements: Self.load)
            let (report, _) = try await load.during(sessions: 2) { try await FirstCopyTests.copy(pair, choice) }
            #expect(report.tables.map(\.kind) == [choice == .repair ? .repaired : .copied, .already])
            try await pair.catchUp()
            try await pair.expectEqual()
        }
        let history = try await pair.target.value("SELECT count(*) FROM switchback.history") ?? ""
        #expect(choice == .repair ? (Int(history) ?? 0) > 100 : history == "0")
    }
}
