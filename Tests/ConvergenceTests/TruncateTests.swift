import Postgres
import Replication
import TestSupport
import Testing

/// P1, P4: what a TRUNCATE removes that its transaction does not see. It goes by no snapshot.
@Suite("TRUNCATE and transactions that began before (P1, P4)") struct TruncateTests {
    private static func masters() async throws -> TestMasters {
        try await CommonMasters.shared.started(
            schema: "CREATE TABLE item (id int PRIMARY KEY, name text)",
            rows: "INSERT INTO item VALUES (1, 'first'), (2, 'first')")
    }

    /// Symptom: rows that a TRUNCATE had removed at one master stayed at the others for ever. Cause: a REPEATABLE READ transaction's
    /// capture saw the rows of its own snapshot, and the TRUNCATE removed those as well that were committed since. Fix: between masters
    /// it is refused there, for no query of such a transaction could tell of these rows.
    @Test(arguments: ["REPEATABLE READ", "SERIALIZABLE"]) func `one that could not tell what it removes is refused`(
        _ level: String
    ) async throws {
        let masters = try await Self.masters()
        let (one, two) = (masters.masters[0], masters.masters[1])
        let earlier = try await one.connect()
        try await earlier.run(deadline: .seconds(60)) { session in
            try session.execute("BEGIN ISOLATION LEVEL \(level); SELECT FROM item")
        }
        // One of its own, and one that came from the other.
        try await one.run("INSERT INTO item VALUES (3, 'm1')")
        try await two.run("INSERT INTO item VALUES (4, 'm2')")
        try await masters.catchUp()
        let error = await #expect(throws: PostgresError.self) {
            try await earlier.run(deadline: .seconds(60)) { try $0.execute("TRUNCATE item; COMMIT") }
        }
        #expect(error?.sqlState == "0A000" && error?.message.contains("in a \(level) transaction") == true)
        await earlier.close()
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(try await one.value("SELECT count(*) FROM item") == "4")
    }

    @Test func `one that sees what it removes takes it away everywhere`() async throws {
        let masters = try await Self.masters()
        let (one, two) = (masters.masters[0], masters.masters[1])
        let earlier = try await one.connect()
        try await earlier.run(deadline: .seconds(60)) { try $0.execute("BEGIN; SELECT FROM item") }
        try await one.run("INSERT INTO item VALUES (3, 'm1')")
        try await two.run("INSERT INTO item VALUES (4, 'm2')")
        try await masters.catchUp()
        // This one it has not heard of.
        try await two.run("INSERT INTO item VALUES (5, 'm2')")
        try await earlier.run(deadline: .seconds(60)) { try $0.execute("TRUNCATE item; COMMIT") }
        await earlier.close()
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(try await one.value("SELECT string_agg(id::text, ' ') FROM item") == "5")
    }

    /// Symptom: an application that emptied tables was ended by the server now and then, `deadlock detected`. Cause: a batch is read
    /// table by table, and the reader held the first while it waited for another that the application had. Fix: all are locked at
    /// once or none.
    @Test func `an application that empties tables is never ended because they are read`() async throws {
        let names = (1...12).map { "item\($0)" }
        let pair = try await TestPair.make(
            schema: names.map { "CREATE TABLE \($0) (id int PRIMARY KEY, name text);" }.joined(separator: "\n"))
        try await pair.start()
        let emptying = names.reversed().map { "TRUNCATE \($0);" }.joined(separator: "\n")
        let filling = names.map { "INSERT INTO \($0) VALUES (1, 'a');" }.joined(separator: "\n")
        let changing = names.map { "UPDATE \($0) SET name = name || 'b';" }.joined(separator: "\n")
        try await pair.source.run(filling)
        try await pair.withEngine {
            let application = try await pair.source.connect()
            // The application looks for a deadlock before the engine does.
            try await application.run(deadline: .seconds(60)) { try $0.execute("SET deadlock_timeout = '2ms'") }
            for _ in 1...60 {
                try await application.run(deadline: .seconds(60)) { session in
                    try session.execute(changing)
                    try session.execute("BEGIN; \(emptying)")
                    try session.execute("\(filling) COMMIT")
                }
            }
            await application.close()
            try await pair.catchUp()
        }
        try await pair.expectEqual(names)
    }
}
