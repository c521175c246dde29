import Glibc
import LocalCluster
import Logging
import Model
import Postgres
import Replication
import TestSupport
import Testing

/// A first copy that is ended in the middle, by whatever, goes on where it was (P2, P9).
@Suite("First copy, interrupted") struct CopyInterruptionTests {
    /// Twelve thousand rows over so many blocks that the program's chunks of 32 MB are several: a row a page.
    private static let spread = """
        CREATE TABLE item (id int PRIMARY KEY, name text, pad text) WITH (fillfactor = 10);
        ALTER TABLE item ALTER pad SET STORAGE PLAIN;
        """
    private static let fill =
        "INSERT INTO item SELECT g, 'n' || g, repeat('x', 1000) FROM generate_series(1, 14000) AS g"
    /// In the last chunk.
    private static let late = "NEW.id = 13900"

    private static let schema = "CREATE TABLE item (id int PRIMARY KEY, name text)"
    private static let rows = "INSERT INTO item SELECT g, 'n' || g FROM generate_series(1, 10000) AS g"

    /// Chunks that are done, and the rows in them.
    private func done(_ pair: TestPair) async throws -> (chunks: Int, rows: Int) {
        let answer = try await pair.target.rows(
            "SELECT count(*), coalesce(sum(rows), 0) FROM switchback.copy_chunk WHERE rows IS NOT NULL")
        return (Int(answer[0][0] ?? "") ?? -1, Int(answer[0][1] ?? "") ?? -1)
    }

    /// The identifiers of the transactions that wrote the rows: rows that were copied again have others.
    private func writers(_ pair: TestPair, _ condition: String) async throws -> String {
        try await pair.target.value(
            "SELECT md5(string_agg(id || ':' || xmin::text, ',' ORDER BY id)) FROM item WHERE \(condition)") ?? ""
    }

    @Test(arguments: [SIGKILL, SIGINT, SIGTERM]) func `the program is ended in the middle of a chunk and goes on`(
        signal: Int32
    ) async throws {
        let pair = try await TestPair.make(schema: Self.spread)
        let folder = try Program.folder(pair.yaml)
        try await pair.source.run(Self.fill)
        try await pair.install()
        let gate = try await Gate(pair.target, table: "item", row: Self.late)
        let copy = try await RunningProgram(["copy", "--jobs", "1"], in: folder)
        #expect(try await gate.isReached())
        let before = try await done(pair)
        #expect(before.chunks >= 2 && before.rows > 1000)
        let untouched = "id < 4000 AND id % 100 <> 0"
        let writersBefore = try await writers(pair, untouched)

        // Written while it is down: the stream brings it.
        copy.signal(signal)
        let outcome = try await copy.end()
        if signal == SIGKILL {
            #expect(outcome.status == 128 + SIGKILL)
        } else {
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("interrupted; the same command goes on where main: source → target was"))
        }
        await gate.open()
        try await pair.source.run(
            "UPDATE item SET name = 'later' WHERE id % 100 = 0; DELETE FROM item WHERE id = 13901")

        let again = try await Program.run(["copy", "--json"], in: folder)
        #expect(again.status == 0, "\(again.errors)")
        #expect(again.errors.contains("caught up"))
        #expect(try await writers(pair, untouched) == writersBefore, "these were not copied again")
        try await pair.expectEqual()
    }

    @Test func `chunks that are done are not copied again`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.source.run(Self.rows)
        try await pair.install()
        try await pair.target.run("ALTER TABLE item ADD CONSTRAINT small CHECK (id < 9000)")
        await #expect(throws: CopyFailed.self) { _ = try await FirstCopyTests.copy(pair, jobs: 1) }
        let before = try await done(pair)
        #expect(before.chunks > 5 && before.rows > 5000)
        let writersBefore = try await writers(pair, "id < 5000")
        try await pair.target.run("ALTER TABLE item DROP CONSTRAINT small")
        let report = try await FirstCopyTests.copy(pair)
        #expect(report.rowsCopied == 10_000 - before.rows)
        #expect(report.tables.map(\.rows) == [10_000])
        #expect(try await writers(pair, "id < 5000") == writersBefore)
        try await pair.catchUp()
        try await pair.expectEqual()
    }

    @Test func `a table that cannot be copied is named with the reason, and the others are copied`() async throws {
        let pair = try await TestPair.make(
            schema: Self.schema + "; CREATE TABLE other (id int PRIMARY KEY); CREATE TABLE third (id int PRIMARY KEY)")
        let folder = try Program.folder(pair.yaml)
        try await pair.source.run(Self.rows + "; INSERT INTO other VALUES (1), (2); INSERT INTO third VALUES (3)")
        try await pair.install()
        try await pair.target.run("ALTER TABLE other ADD CONSTRAINT only_one CHECK (id = 1)")
        let failed = try await Program.run(["copy"], in: folder)
        #expect(failed.status == 1)
        #expect(failed.errors.contains("copying public.other failed"))
        #expect(failed.errors.contains("only_one"))
        #expect(failed.errors.contains("run \"switchback copy main\" again"))
        #expect(try await pair.target.value("SELECT count(*) FROM item") == "10000")
        #expect(try await pair.target.value("SELECT count(*) FROM third") == "1")

        try await pair.target.run("ALTER TABLE other DROP CONSTRAINT only_one")
        let again = try await Program.run(["copy"], in: folder)
        #expect(again.status == 0, "\(again.errors)")
        try await pair.expectEqual()
    }

    /// A table that was rewritten after part of it was copied: its rows are in other blocks now, and chunks by block would
    /// miss some and double others.
    @Test func `a table rewritten between two runs is copied from its beginning`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.source.run(Self.rows + "; DELETE FROM item WHERE id < 3000")
        try await pair.install()
        try await pair.target.run("ALTER TABLE item ADD CONSTRAINT small CHECK (id < 9000)")
        await #expect(throws: CopyFailed.self) { _ = try await FirstCopyTests.copy(pair, jobs: 1) }
        try await pair.target.run("ALTER TABLE item DROP CONSTRAINT small")
        try await pair.source.session { try $0.execute("VACUUM FULL item") }
        let report = try await FirstCopyTests.copy(pair)
        #expect(report.tables.map(\.rows) == [7001])
        try await pair.expectEqual()
    }

    @Test func `a second copy of the same stream is refused`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        let folder = try Program.folder(pair.yaml)
        try await pair.source.run(Self.rows)
        try await pair.install()
        let gate = try await Gate(pair.target, table: "item", row: "NEW.id = 5000")
        async let first = FirstCopyTests.copy(pair, jobs: 1)
        #expect(try await gate.isReached())
        let second = try await Program.run(["copy"], in: folder)
        #expect(second.status == 1)
        #expect(second.errors.contains("another copy of main: source → target is under way"))
        await gate.open()
        #expect(try await first.rowsCopied == 10_000)
        try await pair.catchUp()
        try await pair.expectEqual()
    }

    @Test(arguments: ["source", "target"]) func `either server is killed in the middle`(which: String) async throws {
        let servers = [try await TestServers.own("source"), try await TestServers.own("target")]
        let pair = try await TestPair.make(
            schema: Self.schema, sourceServer: servers[0], targetServer: servers[1])
        try await pair.source.run(Self.rows)
        try await pair.install()
        let gate = try await Gate(pair.target, table: "item", row: "NEW.id = 9000")
        let copy = Task { try await FirstCopyTests.copy(pair, jobs: 1) }
        #expect(try await gate.isReached())
        let server = which == "source" ? servers[0] : servers[1]
        try await server.kill9()
        await gate.open()
        await #expect(throws: (any Error).self) { _ = try await copy.value }
        try await server.start()
        let before = try await done(pair)
        try await pair.source.run("UPDATE item SET name = 'later' WHERE id % 100 = 0")
        let report = try await FirstCopyTests.copy(pair)
        #expect(report.rowsCopied == 10_000 - before.rows)
        try await pair.catchUp()
        try await pair.expectEqual()
        for server in servers { await server.destroy() }
    }

    /// `copy --repair` after the source was replaced begins the stream anew. Had it ended between telling the receiver and
    /// fixing the new snapshot, the old cursor would have been taken for good, although its deltas may be gone.
    @Test func `a copy that ended before it had begun the stream anew begins it anew`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.source.run(Self.rows)
        try await pair.start()
        try await pair.target.run(
            "UPDATE switchback.cursor SET state = 'copying', batch = batch + 1, source_system_identifier = ''")
        let before = try await pair.target.value("SELECT snapshot::text FROM switchback.cursor")
        try await pair.source.run("INSERT INTO item VALUES (20000, 'new')")
        let report = try await FirstCopyTests.copy(pair)
        #expect(report.tables.map(\.kind) == [.refused], "one row is not there")
        #expect(try await pair.target.value("SELECT snapshot::text FROM switchback.cursor") != before)
        #expect(try await FirstCopyTests.copy(pair, .repair).tables.map(\.kind) == [.repaired])
        try await pair.catchUp()
        try await pair.expectEqual()
    }

    @Test func `an unfinished copy from another source is not gone on with`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.source.run(Self.rows)
        try await pair.install()
        try await pair.target.run("ALTER TABLE item ADD CONSTRAINT small CHECK (id < 9000)")
        await #expect(throws: CopyFailed.self) { _ = try await FirstCopyTests.copy(pair, jobs: 1) }
        try await pair.target.run("ALTER TABLE item DROP CONSTRAINT small")
        try await pair.target.run("UPDATE switchback.cursor SET source_system_identifier = '1'")
        await #expect(throws: StreamStopped.self) { _ = try await FirstCopyTests.copy(pair) }
        #expect(try await FirstCopyTests.copy(pair, .replace).tables.map(\.kind) == [.copied])
        try await pair.catchUp()
        try await pair.expectEqual()
    }
}
