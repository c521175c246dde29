import TestSupport
import Testing

/// P4: with `where` and `columns` the target holds the part that the configuration names, and keeps its own.
@Suite("Filters and chosen columns") struct FilterTests {
    private static let filtered = """
            overrides:
              public.person: { where: "active AND \\"k1\\" > 0 AND d IS NOT NULL" }
              public.log: { where: "level >= 3 -- from three", full_copy: true }
              public.named: { columns: [id, email], where: "\\"Kind\\" = 'a'" }
        """

    /// Columns have names that the engine's own SQL uses, and mean the table's nonetheless.
    @Test func `a row that leaves the filter is deleted at the target, and one that enters it is inserted`()
        async throws
    {
        let pair = try await TestPair.travelling(
            schema: """
                CREATE TABLE person (id int PRIMARY KEY, active bool, k1 int, d text, t text);
                CREATE TABLE log (level int, line text);
                CREATE TABLE named (id int PRIMARY KEY, email text, secret text, "Kind" text)
                """, sync: Self.filtered)
        let person = "(SELECT * FROM person WHERE active AND k1 > 0 AND d IS NOT NULL)"
        let log = "(SELECT * FROM log WHERE level >= 3)"
        func expectPart(_ comment: Comment) async throws {
            #expect(try await pair.target.digest("person") == pair.source.digest(person), comment)
            #expect(try await pair.target.digest("log") == pair.source.digest(log), comment)
            let named = try await pair.source.digest(
                "(SELECT id, email FROM named WHERE \"Kind\" = 'a')", columns: "id, email")
            #expect(try await pair.target.digest("named", columns: "id, email") == named, comment)
        }
        try await pair.source.run(
            """
            INSERT INTO person SELECT g, g % 2 = 0, g % 3, CASE WHEN g % 5 > 0 THEN 'd' END, 't' FROM generate_series(1, 60) AS g;
            INSERT INTO log SELECT g % 6, 'line ' || g FROM generate_series(1, 20) AS g;
            INSERT INTO named SELECT g, 'mail ' || g, 'secret', CASE WHEN g % 2 = 0 THEN 'a' ELSE 'b' END FROM generate_series(1, 20) AS g
            """)
        try await pair.start()
        try await expectPart("after the first copy")
        for way in Way.allCases {
            try await pair.change(
                """
                UPDATE person SET active = NOT active WHERE id <= 20; UPDATE person SET t = t || '!' WHERE id > 20;
                UPDATE person SET id = id + 1000, k1 = 1 - k1 WHERE id BETWEEN 30 AND 40; DELETE FROM person WHERE id > 55;
                INSERT INTO person SELECT g, g % 2 = 0, 1, 'x' FROM generate_series(61, 70) AS g;
                UPDATE named SET "Kind" = CASE "Kind" WHEN 'a' THEN 'b' ELSE 'a' END, email = email || '!' WHERE id < 10
                """, on: way)
            try await expectPart("\(way.rawValue)")
            try await pair.write("UPDATE log SET level = (level + 1) % 6; INSERT INTO log VALUES (3, 'three')", on: way)
            try await pair.catchUp()
            try await expectPart("full copy, \(way.rawValue)")
            try await pair.source.run(
                "TRUNCATE person; INSERT INTO person SELECT g, g % 2 = 0, g % 3, 'd', 't' FROM generate_series(1, 60) AS g"
            )
            try await pair.catchUp()
            try await expectPart("truncated, \(way.rawValue)")
        }
        #expect(try await pair.target.value("SELECT count(secret) FROM named") == "0")
    }

    /// What the target has in other columns is its own, and stays, also where rows are taken out and put in again.
    @Test(arguments: Way.allCases) func `columns that do not travel keep what the target has in them`(_ way: Way)
        async throws
    {
        let pair = try await TestPair.travelling(
            schema: """
                CREATE TABLE item (
                    id int PRIMARY KEY, code int UNIQUE, n int GENERATED ALWAYS AS IDENTITY, note text, seen int NOT NULL DEFAULT 5);
                CREATE TABLE plain (id int PRIMARY KEY, code int UNIQUE, note text DEFAULT 'new')
                """,
            sync: """
                    overrides:
                      public.item: { columns: [id, code, n] }
                      public.plain: { columns: [id, code] }
                """)
        try await pair.source.run(
            "INSERT INTO item (id, code) SELECT g, g FROM generate_series(1, 6) AS g; INSERT INTO plain SELECT g, g FROM generate_series(1, 6) AS g"
        )
        try await pair.start()
        try await pair.target.run(
            "SET session_replication_role = replica; UPDATE item SET note = 'own ' || id, seen = id; UPDATE plain SET note = 'own ' || id"
        )
        // The codes change places: rows have to go and come again.
        try await pair.write(
            """
            UPDATE plain SET code = -1 WHERE id = 1; UPDATE plain SET code = 1 WHERE id = 2; UPDATE plain SET code = 2 WHERE id = 1;
            UPDATE item SET code = -1 WHERE id = 1; UPDATE item SET code = 1 WHERE id = 2; UPDATE item SET code = 2 WHERE id = 1;
            UPDATE item SET n = DEFAULT, note = 'source' WHERE id = 3; DELETE FROM plain WHERE id = 6; INSERT INTO plain VALUES (7, 7)
            """, on: way)
        try await pair.catchUp()
        #expect(
            try await pair.target.digest("item", columns: "id, code, n")
                == pair.source.digest("item", columns: "id, code, n"))
        #expect(
            try await pair.target.digest("plain", columns: "id, code")
                == pair.source.digest("plain", columns: "id, code"))
        #expect(try await pair.target.value("SELECT count(*) FROM item WHERE note = 'own ' || id AND seen = id") == "6")
        #expect(
            try await pair.target.value("SELECT string_agg(note, ',' ORDER BY id) FROM plain")
                == "own 1,own 2,own 3,own 4,own 5,new")
    }

    @Test func `a column that does not travel and that the target demands is named before anything is begun`()
        async throws
    {
        let pair = try await TestPair.make(
            schema: "CREATE TABLE item (id int PRIMARY KEY, code int, note text NOT NULL)",
            sync: "    overrides: { public.item: { columns: [id, code] } }")
        do {
            try await pair.install()
            Issue.record("it was installed")
        } catch {
            #expect("\(error)".contains("column note of public.item does not travel"), "\(error)")
        }
    }
}
