import Model
import Postgres
import Replication
import TestSupport
import Testing

/// Repair touches the rows that differ and no others, and keeps what it overwrites (P5).
@Suite("Repair") struct RepairTests {
    private static let schema = "CREATE TABLE item (id int PRIMARY KEY, name text)"

    @Test func `a dry run shows, a repair mends only what differs, and a second one has nothing to do`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        let folder = try Program.folder(pair.yaml)
        try await pair.source.run("INSERT INTO item SELECT g, 'n' || g FROM generate_series(1, 1000) AS g")
        try await pair.start()
        try await DiffTests.meddle(
            pair,
            "UPDATE item SET name = 'wrong' WHERE id <= 10; DELETE FROM item WHERE id = 20; INSERT INTO item VALUES (-1, NULL)"
        )
        let writers = "SELECT md5(string_agg(xmin::text, ',' ORDER BY id)) FROM item WHERE id > 20"
        let before = try await pair.target.value(writers)

        let dry = try await Program.run(["repair", "--dry-run"], in: folder)
        #expect(dry.status == 3)
        #expect(dry.output.contains("12 rows would be mended (1 missing, 1 extra, 10 different)"))
        #expect(try await pair.target.value("SELECT count(*) FROM switchback.history") == "0")
        #expect(try await pair.source.value("SELECT count(*) FROM switchback.delta_1_a") == "0")

        let wrong = try await Program.run(["repair", "--from", "target"], in: folder)
        #expect(wrong.status == 2 && wrong.errors.contains("target is not a source of that sync"))
        let repair = try await Program.run(["repair", "--from", "source"], in: folder)
        #expect(repair.status == 0, "\(repair.errors)")
        #expect(repair.output.contains("12 rows mended"))
        try await pair.expectEqual()
        #expect(try await pair.target.value(writers) == before, "rows that were equal were not written")
        let history = try await pair.target.rows(
            "SELECT sync, source, schema_name, table_name, reason, columns, row_values FROM switchback.history ORDER BY row_values[1]::int"
        )
        let head = ["main", "source", "public", "item", "repair", "{id,name}"]
        #expect(history == [head + ["{-1,NULL}"]] + (1...10).map { head + ["{\($0),wrong}"] })

        let again = try await Program.run(["repair"], in: folder)
        #expect(again.status == 0 && again.output.contains("nothing to mend"))
        #expect(try await pair.target.value("SELECT count(*) FROM switchback.history") == "11")
    }

    @Test func `a repair goes through while an engine carries the stream and the source is written to`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        let folder = try Program.folder(pair.yaml)
        try await pair.source.run("INSERT INTO item SELECT g, 'n' || g FROM generate_series(1, 3000) AS g")
        try await pair.start()
        let load = WriteLoad(database: pair.source, seed: 5) { random in
            let id = random.number(1...3000)
            return switch random.number(0...2) {
            case 0: "UPDATE item SET name = name || '+' WHERE id = \(id)"
            case 1: "DELETE FROM item WHERE id = \(id)"
            default: "INSERT INTO item VALUES (\(random.number(10_000...99_999_999)), 'new')"
            }
        }
        try await pair.withEngine {
            _ = try await load.during {
                try await DiffTests.meddle(
                    pair, "DELETE FROM item WHERE id % 7 = 0; UPDATE item SET name = '?' WHERE id % 7 = 1")
                let repair = try await Program.run(["repair"], in: folder)
                #expect(repair.status == 0, "\(repair.errors)")
            }
            try await pair.catchUp()
            try await pair.expectEqual()
        }
    }

    /// More than fits into memory lists; the program's memory does not grow with them.
    @Test func `more than half a million rows are mended with flat memory`() async throws {
        let pair = try await TestPair.make(schema: "CREATE TABLE item (id int PRIMARY KEY, name text)")
        let folder = try Program.folder(pair.yaml)
        // Before the triggers are there: rows that are on their way to the target are no difference.
        try await pair.source.run("INSERT INTO item SELECT g, 'n' FROM generate_series(1, 520000) AS g")
        try await pair.start()
        try await DiffTests.meddle(
            pair,
            """
            DELETE FROM item WHERE id > 500000; UPDATE item SET name = 'x' WHERE id > 10;
            INSERT INTO item SELECT g, 'x' FROM generate_series(-10000, 0) AS g
            """)
        let repair = try await RunningProgram(["repair"], in: folder)
        let watching = Task {
            var most = 0
            while let bytes = repair.residentBytes {
                most = max(most, bytes)
                try await Task.sleep(for: .milliseconds(20))
            }
            return most
        }
        let outcome = try await repair.end()
        let most = try await watching.value
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(
            outcome.output.contains("530,000 rows mended")
                || outcome.output.contains("(20000 missing, 10001 extra, 499990 different)"))
        #expect(most > 0 && most < 100 << 20, "\(most >> 20) MB")
        print("repair of 530000 rows: \(most >> 20) MB resident at most")
        #expect(
            try await pair.target.value("SELECT count(*) || ' ' || min(id) || ' ' || max(name) FROM item")
                == "520000 1 n")
        #expect(try await pair.target.value("SELECT count(*) FROM switchback.history") == "509991")
        #expect(try await DiffTests.diff(pair).allSatisfy(\.isIdentical))
    }

    @Test func `a table without a key is mended as a whole, and its extra rows are kept`() async throws {
        let pair = try await TestPair.make(
            schema: "CREATE TABLE log (a int, b text)", sync: "    overrides: { public.log: { full_copy: true } }")
        try await pair.source.run("INSERT INTO log VALUES (1, 'x'), (1, 'x'), (2, NULL)")
        try await pair.start()
        try await DiffTests.meddle(pair, "INSERT INTO log VALUES (1, 'x'), (3, 'stray'); DELETE FROM log WHERE a = 2")
        let found = try await Differ(stream: pair.streams[0], cluster: pair.cluster).repair(reason: "repair")
        #expect(found.map { [$0.missing, $0.extra, $0.different] } == [[1, 2, 0]])
        try await pair.catchUp()
        try await pair.expectEqual()
        let kept = try await pair.target.rows("SELECT DISTINCT row_values FROM switchback.history ORDER BY 1")
        #expect(kept == [["{1,x}"], ["{3,stray}"]])
    }

    /// What does not travel would be lost with an extra row.
    @Test func `the history keeps columns that do not travel`() async throws {
        let pair = try await TestPair.make(
            schema: "CREATE TABLE item (id int PRIMARY KEY, name text, own text)",
            sync: "    overrides: { public.item: { columns: [id, name] } }")
        try await pair.start()
        try await DiffTests.meddle(pair, "INSERT INTO item VALUES (1, 'n', 'precious')")
        _ = try await Differ(stream: pair.streams[0], cluster: pair.cluster).repair(reason: "repair")
        try await pair.catchUp()
        #expect(try await pair.target.value("SELECT count(*) FROM item") == "0")
        #expect(try await pair.target.value("SELECT row_values FROM switchback.history") == "{1,n,precious}")
    }

    @Test func `a repair of a paused stream says what it waits for`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        let folder = try Program.folder(pair.yaml)
        try await pair.source.run("INSERT INTO item VALUES (1, 'a')")
        try await pair.start()
        try await DiffTests.meddle(pair, "DELETE FROM item")
        #expect(try await Program.run(["pause"], in: folder).status == 0)
        let repair = try await Program.run(["repair"], in: folder)
        #expect(repair.status == 3)
        #expect(repair.errors.contains("it is paused"))
        #expect(try await Program.run(["resume"], in: folder).status == 0)
        #expect(try await Program.run(["sync"], in: folder).status == 0)
        try await pair.expectEqual()
    }
}
