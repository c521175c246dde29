import Postgres
import TestSupport
import Testing

/// P2: every committed delta reaches every receiver, whatever its transaction did meanwhile.
@Suite("Transactions") struct TransactionTests {
    private static let items = "CREATE TABLE item (id int PRIMARY KEY, note text)"

    @Test func `a transaction that stays open over many batches arrives when it commits`() async throws {
        let pair = try await TestPair.make(schema: Self.items)
        try await pair.start()
        let early = try await pair.source.connect()
        try await early.run { session in
            try session.execute("BEGIN; INSERT INTO item SELECT g, 'early' FROM generate_series(1, 5) AS g")
        }
        try await pair.withEngine {
            for batch in 1...20 {
                try await pair.source.run("INSERT INTO item VALUES (\(100 + batch), 'late')")
                let arrived = try await eventually {
                    try await pair.target.value("SELECT note FROM item WHERE id = \(100 + batch)") == "late"
                }
                #expect(arrived)
                // It goes on writing, and so do others after it.
                if batch == 10 {
                    try await early.run { try $0.execute("INSERT INTO item VALUES (6, 'early')") }
                }
            }
            #expect(try await pair.target.value("SELECT count(*) FROM item WHERE id <= 6") == "0")
            try await early.run { try $0.execute("COMMIT") }
            #expect(
                try await eventually {
                    try await pair.target.value("SELECT count(*) FROM item WHERE id <= 6") == "6"
                })
        }
        await early.close()
        let batches = try await pair.target.value("SELECT batch FROM switchback.cursor").flatMap { Int($0) } ?? 0
        #expect(batches >= 20, "it did not stay open over many batches")
        try await pair.expectEqual()
    }

    @Test func `transactions arrive that commit in another order than they began`() async throws {
        let seed = testSeed()
        var random = SeededRandom(seed)
        let pair = try await TestPair.make(schema: Self.items)
        try await pair.start()
        var open: [(number: Int, connection: Connection)] = []
        for number in 0..<12 {
            let connection = try await pair.source.connect()
            try await connection.run { session in
                try session.execute("BEGIN; INSERT INTO item VALUES (\(number), 'first'); SAVEPOINT a")
                try session.execute("INSERT INTO item VALUES (\(100 + number), 'second'); RELEASE a")
            }
            open.append((number, connection))
        }
        var committed: Set<Int> = []
        while !open.isEmpty {
            let (number, connection) = open.remove(at: random.number(0...open.count - 1))
            let isTakenBack = number % 5 == 4
            try await connection.run { try $0.execute(isTakenBack ? "ROLLBACK" : "COMMIT") }
            await connection.close()
            if !isTakenBack { committed.insert(number) }
            try await pair.catchUp()
            let found = try await pair.target.rows("SELECT id FROM item WHERE id < 100 ORDER BY id")
            #expect(Set(found.compactMap { $0[0].flatMap { Int($0) } }) == committed, "seed \(seed)")
        }
        try await pair.expectEqual()
    }

    @Test func `savepoints keep what they keep and lose what they lose`() async throws {
        let pair = try await TestPair.make(schema: Self.items)
        try await pair.source.run("INSERT INTO item SELECT g, 'old' FROM generate_series(1, 20) AS g")
        try await pair.start()
        try await pair.source.run(
            """
            BEGIN;
            SAVEPOINT a;
            UPDATE item SET note = 'lost' WHERE id <= 10;
            DELETE FROM item WHERE id = 11;
            SAVEPOINT b;
            INSERT INTO item VALUES (100, 'lost');
            ROLLBACK TO a;
            UPDATE item SET note = 'kept' WHERE id = 3;
            SAVEPOINT c;
            TRUNCATE item;
            ROLLBACK TO c;
            SAVEPOINT d;
            INSERT INTO item VALUES (101, 'kept');
            RELEASE d;
            COMMIT;
            BEGIN;
            SAVEPOINT a;
            INSERT INTO item VALUES (102, 'lost');
            ROLLBACK TO a;
            COMMIT;
            """)
        try await pair.catchUp()
        try await pair.expectEqual()
        #expect(try await pair.target.value("SELECT count(*) FROM item WHERE note = 'kept'") == "2")
        // A first statement that is taken back does not keep the rest from ringing.
        try await pair.withEngine {
            try await pair.source.run(
                "BEGIN; SAVEPOINT a; DELETE FROM item; ROLLBACK TO a; INSERT INTO item VALUES (200, 'rung'); COMMIT")
            #expect(
                try await eventually { try await pair.target.value("SELECT note FROM item WHERE id = 200") == "rung" })
        }
        try await pair.expectEqual()
    }

    @Test func `rows that several transactions touch arrive as the last one left them`() async throws {
        let pair = try await TestPair.make(schema: "CREATE TABLE counter (id int PRIMARY KEY, n int NOT NULL)")
        try await pair.source.run("INSERT INTO counter SELECT g, 0 FROM generate_series(1, 5) AS g")
        try await pair.start()
        let load = Load(database: pair.source, clients: 8, seed: testSeed()) { session, random in
            try session.transaction {
                // In order, so that none waits for another in a circle.
                for id in Set((0..<3).map { _ in random.number(1...5) }).sorted() {
                    try session.execute("UPDATE counter SET n = n + 1 WHERE id = \(id)")
                }
            }
        }
        let (_, account) = try await load.run {
            try await pair.withEngine { try await Task.sleep(for: .seconds(3)) }
        }
        #expect(account.done > 50 && account.failed == 0, "\(account)")
        try await pair.catchUp()
        try await pair.expectEqual()
    }

    @Test func `a hundred committers at once lose nothing and double nothing`() async throws {
        let pair = try await TestPair.make(schema: "CREATE TABLE item (id bigint PRIMARY KEY, client int, n int)")
        try await pair.start()
        try await pair.target.run(WriteCounter.install("item"))
        let (clients, each) = (100, 20)
        try await pair.withEngine {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<clients {
                    group.addTask {
                        let connection = try await pair.source.connect()
                        for n in 0..<each {
                            try await connection.run(deadline: .seconds(120)) { session in
                                try session.execute("INSERT INTO item VALUES (\(client * 1000 + n), \(client), \(n))")
                            }
                        }
                        await connection.close()
                    }
                }
                try await group.waitForAll()
            }
            #expect(
                try await eventually {
                    try await pair.target.value("SELECT count(*) FROM item") == "\(clients * each)"
                })
        }
        try await pair.expectEqual()
        #expect(try await pair.target.value(WriteCounter.count) == "\(clients * each)", "rows were written again")
    }

    @Test func `prepared transactions arrive when they commit, however long after, and whoever carries them`()
        async throws
    {
        let server = try await TestServers.shared.server("source", settings: ["max_prepared_transactions": "20"])
        let pair = try await TestPair.make(schema: Self.items, sourceServer: server)
        try await pair.start()
        let name = pair.source.name
        func prepare(_ number: Int) async throws {
            try await pair.source.run(
                "BEGIN; INSERT INTO item VALUES (\(number), 'prepared'); SAVEPOINT a; INSERT INTO item VALUES (\(number + 1), 'prepared'); RELEASE a; PREPARE TRANSACTION '\(name)_\(number)'"
            )
        }
        for number in [10, 20, 30, 40] { try await prepare(number) }
        // Engines come and go, and batches with them, while the transactions wait.
        for round in 1...3 {
            try await pair.withEngine {
                try await pair.source.run("INSERT INTO item VALUES (\(round), 'plain')")
                #expect(
                    try await eventually {
                        try await pair.target.value("SELECT note FROM item WHERE id = \(round)") == "plain"
                    })
            }
        }
        #expect(try await pair.target.value("SELECT count(*) FROM item WHERE id >= 10") == "0")
        try await pair.source.run("COMMIT PREPARED '\(name)_20'")
        try await pair.catchUp()
        #expect(try await pair.target.value("SELECT count(*) FROM item WHERE id IN (20, 21)") == "2")
        try await pair.withEngine {
            try await pair.source.run("COMMIT PREPARED '\(name)_10'")
            try await pair.source.run("ROLLBACK PREPARED '\(name)_30'")
            #expect(
                try await eventually {
                    try await pair.target.value("SELECT count(*) FROM item WHERE id IN (10, 11)") == "2"
                })
        }
        try await pair.catchUp()
        try await pair.source.run("COMMIT PREPARED '\(name)_40'")
        try await pair.catchUp()
        try await pair.expectEqual()
        #expect(try await pair.target.value("SELECT count(*) FROM item") == "9")
    }
}

/// Counts the rows that are written at a target, by a trigger that fires in replication too.
enum WriteCounter {
    static func install(_ table: String) -> String {
        """
        CREATE SCHEMA IF NOT EXISTS audit;
        CREATE TABLE IF NOT EXISTS audit.written (at timestamptz DEFAULT clock_timestamp(), operation text);
        CREATE OR REPLACE FUNCTION audit.count_write() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO audit.written (operation) VALUES (TG_OP);
            RETURN NULL;
        END $$;
        CREATE TRIGGER count_write AFTER INSERT OR UPDATE OR DELETE ON \(table) FOR EACH ROW
            EXECUTE FUNCTION audit.count_write();
        ALTER TABLE \(table) ENABLE ALWAYS TRIGGER count_write;
        """
    }

    static let count = "SELECT count(*) FROM audit.written"
}
