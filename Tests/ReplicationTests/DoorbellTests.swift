import Assets
import Postgres
import TestSupport
import Testing

@testable import Replication

/// An engine that sleeps is woken by the change that it waits for, and those who write pay nothing where nobody sleeps.
@Suite("The doorbell") struct DoorbellTests {
    private static let schema = "CREATE TABLE item (id int PRIMARY KEY, n int)"
    private static let insertion = "INSERT INTO item SELECT coalesce(max(id), 0) + 1 FROM item"

    /// Long enough for a notification that was sent, on a machine with other things to do.
    private static let patience = Duration.seconds(20)

    /// A session that sleeps, or would.
    private func sleeper(_ pair: TestPair) async throws -> Connection {
        let connection = try await pair.source.connect()
        try await connection.run { try $0.execute("LISTEN switchback") }
        return connection
    }

    private func arm(_ sleeper: Connection) async throws -> (ours: Bool, isArmed: Bool) {
        try await sleeper.run { session in
            let answer = try session.query(Assets.sql("stream/arm"))
            return (answer.bool(0, 0), answer.bool(0, 1))
        }
    }

    private func bells(_ sleeper: Connection, within limit: Duration = Self.patience) async throws -> Int {
        try await sleeper.run { try $0.waitForNotification(timeout: limit).count }
    }

    /// What was rung before this is heard before it: a session's notifications arrive in the order of commits.
    private func bellsUntilNow(_ sleeper: Connection, _ pair: TestPair) async throws -> Int {
        try await pair.source.run("NOTIFY switchback, 'end'")
        var heard = 0
        while true {
            let now = try await sleeper.run { try $0.waitForNotification(timeout: Self.patience) }
            guard !now.isEmpty else { return -1 }
            heard += now.count
            if now.contains(where: { $0.payload == "end" }) { return heard - 1 }
        }
    }

    @Test(arguments: [
        insertion, "UPDATE item SET n = 1", "DELETE FROM item", "TRUNCATE item", "UPDATE item SET id = id + 100",
    ]) func `every change rings for one who sleeps, once a transaction`(_ change: String) async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.source.run("INSERT INTO item VALUES (1, 1)")
        try await pair.install()
        let sleeper = try await sleeper(pair)
        #expect(try await arm(sleeper) == (true, true))
        try await pair.source.run("BEGIN; \(change); \(change); COMMIT")
        #expect(try await bellsUntilNow(sleeper, pair) == 1)
        try await pair.source.run("BEGIN; \(change); ROLLBACK")
        #expect(try await bellsUntilNow(sleeper, pair) == 0)
        await sleeper.close()
    }

    @Test func `nobody rings where nobody sleeps`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.install()
        let awake = try await sleeper(pair)
        for _ in 0..<5 { try await pair.source.run(Self.insertion) }
        #expect(try await bellsUntilNow(awake, pair) == 0)
        await awake.close()
    }

    /// The doorbell cannot be armed while a change is under way that rang nobody: nothing would tell of it when it commits.
    @Test func `nobody goes to sleep beside a change that rang nobody`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.install()
        let sleeper = try await sleeper(pair)
        let writer = try await pair.source.connect()
        try await writer.run { try $0.execute("BEGIN; \(Self.insertion)") }
        #expect(try await arm(sleeper) == (false, false))
        // A second one must not wait for anybody either.
        try await pair.source.run(Self.insertion.replacing("+ 1", with: "+ 50"))
        try await writer.run { try $0.execute("COMMIT") }
        #expect(try await arm(sleeper) == (true, true))
        #expect(try await pair.source.value("SELECT count(*) FROM item") == "2")
        for connection in [sleeper, writer] { await connection.close() }
    }

    @Test func `one arms it for all who sleep, and all are woken`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.install()
        let first = try await sleeper(pair)
        let second = try await sleeper(pair)
        #expect(try await arm(first) == (true, true))
        #expect(try await arm(second) == (false, true))
        try await pair.source.run(Self.insertion)
        #expect(try await bells(first) == 1)
        #expect(try await bells(second) == 1)
        // The one that holds it is gone, as an engine that is killed; the other can take it.
        await first.close()
        #expect(try await eventually { try await arm(second).ours })
        await second.close()
    }

    /// A transaction that has notified cannot be prepared.
    @Test func `nobody rings where transactions may be prepared, and these are prepared`() async throws {
        let server = try await TestServers.shared.server("source", settings: ["max_prepared_transactions": "10"])
        let pair = try await TestPair.make(schema: Self.schema, sourceServer: server)
        try await pair.start()
        let sleeper = try await sleeper(pair)
        #expect(try await arm(sleeper) == (true, true))
        try await pair.source.run("BEGIN; \(Self.insertion); PREPARE TRANSACTION 'prepared-\(pair.source.name)'")
        #expect(try await bellsUntilNow(sleeper, pair) == 0)
        await sleeper.close()
        try await pair.withEngine {
            try await pair.source.run("INSERT INTO item VALUES (90, 1)")
            #expect(try await eventually { try await pair.target.value("SELECT count(*) FROM item") == "1" })
            try await pair.source.run("COMMIT PREPARED 'prepared-\(pair.source.name)'")
            #expect(try await eventually { try await pair.target.value("SELECT count(*) FROM item") == "2" })
        }
    }

    /// A thousand changes, one after the other, each at a moment at which the engine may be about to fall asleep. One that
    /// rang nobody and was not looked for would wait for the poll that stands behind the doorbell.
    @Test func `a change is not slept over`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.start()
        let source = try await pair.source.connect()
        let target = try await pair.target.connect()
        let seed = testSeed()
        try await source.run { try $0.execute("INSERT INTO item VALUES (1, 0)") }
        let clock = ContinuousClock()
        let slow = try await pair.withEngine {
            var random = SeededRandom(seed)
            var slow = 0
            for round in 1...1000 {
                let began = clock.now
                try await source.run { try $0.execute("UPDATE item SET n = \(round)") }
                while try await target.run({ try $0.query("SELECT max(n) FROM item") })[0, 0] != "\(round)" {}
                if clock.now - began > Doorbell.slowPoll * 0.9 { slow += 1 }
                try await Task.sleep(for: .microseconds(random.next() % 30_000))
            }
            return slow
        }
        // The machine may stop for a second by itself, but not again and again.
        #expect(slow <= 5, "\(slow) of 1000 changes waited for the poll; seed \(seed)")
        for connection in [source, target] { await connection.close() }
    }
}
