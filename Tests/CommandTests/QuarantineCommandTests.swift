import Foundation
import TestSupport
import Testing

/// `quarantine list | retry | discard`, as somebody types them.
@Suite("switchback quarantine") struct QuarantineCommandTests {
    @Test func `what is kept out is listed whole, tried again and discarded`() async throws {
        let masters = try await TestMasters.make(
            schema: "CREATE TABLE person (id int PRIMARY KEY, email text CONSTRAINT one_email UNIQUE)")
        try await masters.start()
        let folder = try Program.folder(masters.yaml)
        func run(_ status: Int32, _ arguments: String...) async throws -> Program.Outcome {
            let outcome = try await Program.run(arguments, in: folder)
            #expect(outcome.status == status, "\(arguments): \(outcome.output)\(outcome.errors)")
            return outcome
        }
        #expect(try await run(0, "quarantine", "list").output == "nothing is in quarantine\n")
        try await masters.masters[0].run("INSERT INTO person VALUES (1, 'a')")
        try await masters.masters[1].run("INSERT INTO person VALUES (2, 'a')")
        _ = try await run(0, "sync")
        let listed = try await run(0, "quarantine", "list", "--json")
        let rows = try #require(try JSONSerialization.jsonObject(with: Data(listed.output.utf8)) as? [[String: Any]])
        #expect(rows.count == 2 && Set(rows.compactMap { $0["node"] as? String }) == ["m1", "m2"])
        let row = try #require(rows.first)
        #expect((row["row"] as? [String: Any])?["email"] as? String == "a" && row["origin"] as? String == "m1")
        #expect(row["constraint"] as? String == "one_email" && row["sqlstate"] as? String == "23505")
        #expect(
            try await run(0, "quarantine", "list", "--table", "public.other").output == "nothing is in quarantine\n")
        let status = try await run(3, "status", "--json")
        #expect(try status.document()["quarantined"] as? Int == 1)
        let still = try await run(3, "quarantine", "retry")
        #expect(still.output.contains("2 were in quarantine, 2 are"), "\(still.output)")
        let id = try #require(row["id"] as? String)
        #expect(try await run(0, "quarantine", "discard", id, "--dry-run").output.hasPrefix("would discard: \(id)"))
        #expect(
            try await run(2, "quarantine", "discard", "m1-999").errors.contains(
                "nothing in quarantine has the id m1-999"))
        // What was in its way goes: it is shown again.
        try await masters.masters[1].run("DELETE FROM person WHERE id = 2")
        _ = try await run(0, "sync")
        _ = try await run(0, "quarantine", "retry")
        #expect(try await masters.answers("SELECT string_agg(id::text, ' ') FROM person") == ["1", "1"])
        try await masters.masters[1].run("INSERT INTO person VALUES (3, 'b')")
        try await masters.masters[0].run("UPDATE person SET email = 'b'")
        _ = try await run(0, "sync")
        let one = try await run(0, "quarantine", "list", "--node", "m1", "--json")
        let again = try #require(try JSONSerialization.jsonObject(with: Data(one.output.utf8)) as? [[String: Any]])
        let next = try #require(again.first?["id"] as? String)
        #expect(try await run(0, "quarantine", "discard", next).output.hasPrefix("discarded: \(next)"))
        _ = try await run(0, "sync")
        #expect(try await run(0, "quarantine", "list").output == "nothing is in quarantine\n")
    }
}
