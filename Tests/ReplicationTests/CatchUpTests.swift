import Foundation
import Glibc
import LocalCluster
import Model
import Postgres
import Replication
import TestSupport
import Testing

/// `sync` brings receivers up to what was committed before the call, neither less nor more, and says why when it cannot (P7).
@Suite("Sync, pause and resume") struct CatchUpTests {
    private static let schema = "CREATE TABLE item (id int PRIMARY KEY, v int)"

    @Test(arguments: [false, true]) func `what was committed before the call is there after it`(
        withDaemon: Bool
    ) async throws {
        let pair = try await TestPair.make(schema: Self.schema, targets: 2)
        let folder = try Program.folder(pair.yaml)
        try await pair.start()
        let daemon = withDaemon ? try await RunningProgram(["run"], in: folder) : nil
        for round in 1...3 {
            try await pair.source.run(
                "INSERT INTO item SELECT g, \(round) FROM generate_series(\(round) * 10000, \(round) * 10000 + 1400) AS g"
            )
            let sync = try await Program.run(["sync", "--json"], in: folder)
            #expect(sync.status == 0, "\(sync.errors)")
            try await pair.expectEqual()
            struct Line: Decodable {
                let sync, from, to: String
                let caughtUp: Bool
                let reason: String?
            }
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            let lines = try decoder.decode([Line].self, from: Data(sync.output.utf8))
            #expect(lines.map(\.to) == ["target", "target2"] && lines.allSatisfy { $0.caughtUp && $0.reason == nil })
        }
        daemon?.signal(SIGTERM)
        if let daemon { #expect(try await daemon.end().status == 0) }
    }

    /// A transaction that is open at the call is not waited for, and one that comes after it is nobody's business.
    @Test func `the goal is what was committed before the call, and nothing else`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.start()
        let open = try await pair.source.connect()
        try await open.run { try $0.execute("BEGIN; INSERT INTO item VALUES (-1, 0)") }
        try await pair.source.run("INSERT INTO item VALUES (-2, 0)")
        let load = WriteLoad(database: pair.source, seed: 1) { random in
            "INSERT INTO item VALUES (\(random.number(1...2_000_000_000)), 0)"
        }
        // It ends although the source never rests.
        _ = try await load.during { try await pair.catchUp(timeout: .seconds(60)) }
        #expect(try await pair.target.value("SELECT string_agg(id::text, ',') FROM item WHERE id < 0") == "-2")
        try await open.run { try $0.execute("COMMIT") }
        await open.close()
        try await pair.catchUp()
        try await pair.expectEqual()
    }

    @Test func `when the time is up it says what is still on its way`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        let folder = try Program.folder(pair.yaml)
        try await pair.start()
        let blocker = try await pair.target.connect()
        try await blocker.run { try $0.execute("BEGIN; LOCK TABLE item IN EXCLUSIVE MODE") }
        try await pair.source.run("INSERT INTO item VALUES (1, 1), (2, 2)")
        let sync = try await Program.run(["sync", "--timeout", "2"], in: folder)
        #expect(sync.status == 3)
        #expect(sync.output.contains("main: source → target: not caught up: 2 rows are still on the way"))
        await blocker.close()
        #expect(try await Program.run(["sync", "--timeout", "60"], in: folder).status == 0)
        for wrong in ["0", "-1", "nan"] {
            #expect(try await Program.run(["sync", "--timeout=\(wrong)"], in: folder).status == 2)
        }
        #expect(try await Program.run(["sync", "none"], in: folder).status == 2)
    }

    @Test func `a node that is down is named, and the other streams are brought up`() async throws {
        let server = try await TestServers.own("target")
        let pair = try await TestPair.make(schema: Self.schema, targets: 2, targetServer: server)
        let folder = try Program.folder(
            pair.yaml.replacing("dbname='\(pair.target.name)'", with: "dbname='\(pair.target.name)' connect_timeout=5"))
        try await pair.start()
        try await pair.source.run("INSERT INTO item VALUES (1, 1)")
        try await pair.targets[1].run("ALTER DATABASE \(pair.target.name) ALLOW_CONNECTIONS false")
        // Without a time limit: what only a person can mend is not waited for.
        let sync = try await Program.run(["sync"], in: folder)
        #expect(sync.status == 3)
        #expect(sync.output.contains("main: source → target: not caught up: cannot reach node target ("))
        #expect(sync.output.contains("main: source → target2: caught up"))
        #expect(try await pair.targets[1].value("SELECT v FROM item") == "1")
        await server.destroy()
    }

    @Test func `a source that is down is named`() async throws {
        let server = try await TestServers.own("source")
        let pair = try await TestPair.make(schema: Self.schema, sourceServer: server)
        let folder = try Program.folder(pair.yaml)
        try await pair.start()
        try await server.stop(mode: .fast)
        let sync = try await Program.run(["sync"], in: folder)
        #expect(sync.status == 1)
        #expect(sync.errors.contains("cannot reach node source ("))
        await server.destroy()
    }

    @Test func `a stream that needs somebody's hand is told at once`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        let folder = try Program.folder(pair.yaml)
        let bare = try await Program.run(["sync"], in: folder)
        #expect(bare.status == 2 && bare.errors.contains("schema install"))
        try await pair.install()
        let none = try await Program.run(["sync"], in: folder)
        #expect(none.status == 3 && none.output.contains("the stream was not begun: run \"switchback copy main\""))
        try await pair.source.run("INSERT INTO item VALUES (1, 1)")
        try await pair.target.run("ALTER TABLE item ADD CONSTRAINT c CHECK (v > 1)")
        await #expect(throws: CopyFailed.self) { _ = try await FirstCopyTests.copy(pair) }
        let copying = try await Program.run(["sync"], in: folder)
        #expect(copying.status == 3 && copying.output.contains("the first copy was begun and has not finished"))
        try await pair.target.run("ALTER TABLE item DROP CONSTRAINT c")
        _ = try await FirstCopyTests.copy(pair)
        #expect(try await Program.run(["pause"], in: folder).status == 0)
        let paused = try await Program.run(["sync"], in: folder)
        #expect(paused.status == 3 && paused.output.contains("\"switchback resume main\" lets it go on"))
        #expect(try await Program.run(["resume"], in: folder).status == 0)
        try await pair.source.run("ALTER TABLE item ADD COLUMN more int; INSERT INTO item VALUES (5, 5, 5)")
        let stopped = try await Program.run(["sync"], in: folder)
        #expect(stopped.status == 3 && stopped.output.contains("column more of public.item exists at source"))
        try await pair.target.run("ALTER TABLE item ADD COLUMN more int")
        #expect(try await Program.run(["sync"], in: folder).status == 0)
        try await pair.expectEqual()
    }

    @Test func `a sync waits for a first copy that is under way`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.source.run("INSERT INTO item SELECT g, 0 FROM generate_series(1, 1000) AS g")
        try await pair.install()
        let gate = try await Gate(pair.target, table: "item", row: "NEW.id = 500")
        async let copying = FirstCopyTests.copy(pair, jobs: 1)
        #expect(try await gate.isReached())
        let catchUp = CatchUp(pair.cluster, logger: TestPair.logger)
        let early = try await catchUp.run(pair.streams, timeout: .seconds(1))
        #expect(early.map(\.isCaughtUp) == [false] && early[0].reason == "the first copy is under way")
        async let waiting = catchUp.run(pair.streams, timeout: nil)
        await gate.open()
        _ = try await copying
        #expect(try await waiting.map(\.isCaughtUp) == [true])
        try await pair.expectEqual()
    }

    // MARK: - Pause and resume

    @Test func `a pause outlives the daemon and holds for whoever carries the stream`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        let folder = try Program.folder(pair.yaml)
        try await pair.start()
        let first = try await RunningProgram(["run"], in: folder)
        #expect(try await eventually { try await StatusTests.status(pair).state == "streaming" })
        let pause = try await Program.run(["pause", "main", "--json"], in: folder)
        #expect(pause.status == 0 && pause.output.contains("\"paused\" : true"))
        try await pair.source.run("INSERT INTO item VALUES (1, 1)")
        first.signal(SIGKILL)
        _ = try await first.end()
        let second = try await RunningProgram(["run"], in: folder)
        #expect(
            try await eventually {
                try await pair.target.value(
                    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'switchback main' AND datname = current_database())"
                ) == "t"
            })
        #expect(try await Program.run(["sync", "--timeout", "2"], in: folder).status == 3)
        #expect(try await pair.target.value("SELECT count(*) FROM item") == "0")
        #expect(try await StatusTests.status(pair).state == "paused")
        #expect(try await Program.run(["resume", "main"], in: folder).status == 0)
        #expect(try await eventually { try await pair.target.value("SELECT count(*) FROM item") == "1" })
        second.signal(SIGTERM)
        #expect(try await second.end().status == 0)
    }

    /// Symptom: to pause a stream failed while a batch of more than a minute was applied. Cause: the batch has the cursor's row
    /// locked. The command waits now, and says what for.
    @Test func `a pause waits for the batch that is being applied`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        let folder = try Program.folder(pair.yaml)
        try await pair.start()
        let gate = try await Gate(pair.target, table: "item", row: "NEW.id = 1")
        try await pair.withEngine {
            try await pair.source.run("INSERT INTO item VALUES (1, 1)")
            #expect(try await gate.isReached())
            let pause = try await RunningProgram(["pause"], in: folder)
            #expect(
                try await eventually {
                    try await pair.target.value(
                        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'switchback control' AND wait_event_type = 'Lock' AND datname = current_database() AND clock_timestamp() - query_start > interval '1 s')"
                    ) == "t"
                })
            // Longer than it waits for the lock in one go.
            try await Task.sleep(for: .seconds(2))
            await gate.open()
            let outcome = try await pause.end()
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("a batch is being applied; it is finished first"))
            #expect(try await pair.target.value("SELECT count(*) FROM item") == "1", "that batch")
            #expect(try await StatusTests.status(pair).state == "paused")
        }
    }

    @Test func `a receiver that is down does not keep the others from being paused`() async throws {
        let pair = try await TestPair.make(schema: Self.schema, targets: 2)
        let folder = try Program.folder(pair.yaml)
        let early = try await Program.run(["pause"], in: folder)
        #expect(early.status == 1 && early.errors.contains("was not begun"))
        try await pair.start()
        try await pair.targets[1].run("ALTER DATABASE \(pair.target.name) ALLOW_CONNECTIONS false")
        let pause = try await Program.run(["pause"], in: folder)
        #expect(pause.status == 1)
        #expect(pause.errors.contains("cannot reach node target ("))
        #expect(pause.output.contains("main: source → target2: paused"))
        #expect(try await pair.targets[1].value("SELECT paused FROM switchback.cursor") == "t")
    }
}
