import Replication
import TestSupport
import Testing

extension CrashPoint {
    /// Where a stream passes by.
    static let ofStreams: [CrashPoint] = [
        .batchRead, .batchCopying, .batchWritten, .batchCommitted, .flushing, .flushed, .sourceTold, .trimming,
        .trimmed,
    ]
}

/// P2 and P3 under the knife: the program is killed at every named point of its work, before and after each commit.
@Suite("The program killed at named points") struct CrashPointTests {
    /// Where a first copy passes by.
    private static let copyPoints: [CrashPoint] = [
        .receiverReset, .copyBegun, .chunkCopying, .chunkWritten, .chunkCommitted, .tableJoining, .tableJoined,
        .streamStarting, .streamStarted,
    ]
    /// Where a plan passes by; there are tests for these where plans are tested.
    private static let planPoints: [CrashPoint] = [.journalWriting, .journalWritten]

    @Test func `every point belongs to one of the tests`() {
        #expect(Set(CrashPoint.allCases) == Set(CrashPoint.ofStreams + Self.copyPoints + Self.planPoints))
    }

    @Test func `a stream that is killed at every point of its work loses nothing and shows no half of a batch`()
        async throws
    {
        let seed = testSeed()
        var random = SeededRandom(seed)
        let order = CrashPoint.ofStreams.shuffled(using: &random)
        let passes = order.map { _ in random.number(1...3) }
        let pair = try await TestPair.make(schema: Bank.schema)
        try await pair.source.run(Bank.opens)
        try await pair.start()
        let load = Load(database: pair.source, clients: 3, seed: seed, work: Bank.work)
        let watcher = Watcher(database: pair.target, pause: .milliseconds(10), look: Bank.imbalance)
        let ((_, report), account) = try await load.run {
            try await watcher.run {
                for (point, passes) in zip(order, passes) {
                    let daemon = try await Daemon.start(
                        pair, environment: ["SWITCHBACK_CRASH_AT": "\(point.rawValue):\(passes)"])
                    let outcome = try await daemon.outcome()
                    #expect(outcome.status == 128 + 9, "\(point): \(outcome.errors)")
                }
            }
        }
        #expect(report.wrongs.isEmpty, "seed \(seed)")
        #expect(account.done > 50 && report.looks > 20)
        try await pair.catchUp()
        try await pair.expectEqual(nil, "seed \(seed)")
        let wrong = try await pair.target.session(Bank.imbalance)
        #expect(wrong == nil)
    }

    /// Both times a copy is killed there: the first one, beside people who write, and one that begins a running stream anew.
    @Test(arguments: copyPoints)
    func `a copy that is killed can be run again, and ends equal`(point: CrashPoint) async throws {
        let seed = testSeed()
        let pair = try await TestPair.make(
            schema: Bank.schema + "CREATE TABLE item (id int PRIMARY KEY, note text);")
        try await pair.source.run(Bank.opens)
        try await pair.source.run(
            """
            INSERT INTO entry (account, amount) SELECT 1 + n / 2 % \(Bank.accounts), CASE WHEN n % 2 = 0 THEN 1 ELSE -1 END
              FROM generate_series(0, 2999) AS n;
            UPDATE account SET entries = (SELECT count(*) FROM entry WHERE account = id);
            INSERT INTO item SELECT g, 'a' FROM generate_series(1, 100) AS g
            """)
        try await pair.install()
        let load = Load(database: pair.source, clients: 2, seed: seed, work: Bank.work)
        _ = try await load.run {
            let killed = try await pair.command(["copy"], environment: ["SWITCHBACK_CRASH_AT": point.rawValue])
            #expect(killed.status == 128 + 9, "\(killed.errors)")
            let outcome = try await pair.command(["copy"])
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        try await pair.catchUp()
        try await pair.expectEqual(nil, "seed \(seed)")
        #expect(try await pair.source.value("SELECT count(*) FROM switchback.hold") == "0")
        try await Self.beginAnew(pair, point)
    }

    private static func beginAnew(_ pair: TestPair, _ point: CrashPoint) async throws {
        try await pair.source.run("INSERT INTO item SELECT g, 'b' FROM generate_series(200, 300) AS g")
        // As if the source were another cluster: the stream cannot go on from its cursor.
        try await pair.target.run("UPDATE switchback.cursor SET source_system_identifier = '1'")
        let killed = try await pair.command(
            ["copy", "--replace"], environment: ["SWITCHBACK_CRASH_AT": point.rawValue])
        #expect(killed.status == 128 + 9, "\(killed.errors)")
        try await pair.source.run("UPDATE item SET note = 'c' WHERE id % 3 = 0; DELETE FROM item WHERE id % 10 = 1")
        // It goes on by itself, or says what to run.
        var outcome = try await pair.command(["copy"])
        if outcome.status != 0 {
            #expect((outcome.output + outcome.errors).contains("--repair"), "\(outcome.output) \(outcome.errors)")
            outcome = try await pair.command(["copy", "--repair"])
        }
        #expect(outcome.status == 0, "\(outcome.errors)")
        try await pair.source.run("INSERT INTO item VALUES (1000, 'd')")
        try await pair.catchUp()
        try await pair.expectEqual()
    }
}
