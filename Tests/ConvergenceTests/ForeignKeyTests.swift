import Postgres
import Replication
import TestSupport
import Testing

/// A row that refers to another one, which is deleted elsewhere at the same time: it is kept out, the same everywhere, whole, no other
/// row waits for it, no node is left with a row that refers to nothing, and it comes back with what it refers to (P4, P5).
@Suite("Foreign keys between masters (P4, P5)") struct ForeignKeyTests {
    static let family = """
        CREATE TABLE parent (id int PRIMARY KEY, code text UNIQUE, n int);
        CREATE TABLE child (id int PRIMARY KEY, parent int CONSTRAINT has_parent REFERENCES parent ON DELETE CASCADE, n int);
        CREATE TABLE grandchild (id int PRIMARY KEY, child int NOT NULL REFERENCES child, n int);
        """
    /// Rows of two tables that can refer to one another.
    static let company = """
        CREATE TABLE department (id int PRIMARY KEY, name text UNIQUE, head int);
        CREATE TABLE employee (id int PRIMARY KEY, department int REFERENCES department, desk int UNIQUE);
        ALTER TABLE department ADD FOREIGN KEY (head) REFERENCES employee;
        """
    static let kept =
        "SELECT string_agg(table_name || ' ' || key_values[1], ', ' ORDER BY table_name, key_values[1]) FROM switchback.quarantine"

    private func shown(_ table: String) -> String { "SELECT string_agg(id::text, ' ' ORDER BY id) FROM \(table)" }

    private func expect(
        _ masters: TestMasters, _ query: String, _ wanted: String?, _ comment: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let found = try await masters.answers(query)
        #expect(
            found == Array(repeating: wanted, count: masters.nodes.count), "\(query) \(comment)",
            sourceLocation: sourceLocation)
    }

    /// Catches up again and again until nothing moves: what was kept out comes back in a later round.
    private func settle(_ masters: TestMasters, rounds: Int = 3) async throws {
        for round in 1...rounds {
            let rows = try await masters.catchUp()
            if round > 1, rows == 0 { return }
        }
    }

    @Test(arguments: [2, 3]) func `a child whose parent is deleted elsewhere is kept out until the parent is back`(
        _ count: Int
    ) async throws {
        let masters = try await TestMasters.make(
            schema: Self.family, rows: "INSERT INTO parent VALUES (1, 'a'), (2, 'b')", masters: count, targets: 1)
        try await masters.start()
        try await masters.masters[0].run("INSERT INTO child VALUES (1, 1, 7), (2, 2, 8)")
        try await masters.masters[1].run("DELETE FROM parent WHERE id = 1; INSERT INTO parent VALUES (3, 'c')")
        try await settle(masters)
        try await expect(masters, shown("parent"), "2 3")
        try await expect(masters, shown("child"), "2")
        try await expect(masters, Self.kept, "child 1")
        try await expect(
            masters, "SELECT row_values::text || ' ' || constraint_name || ' ' || sqlstate FROM switchback.quarantine",
            "{1,1,7} has_parent 23503")
        try await expect(
            masters, "SELECT rule || ' ' || loser_origin || ' ' || loser_values::text FROM switchback.conflict",
            "foreign has_parent m1 {1,1,7}")
        try await masters.masters[count - 1].run("INSERT INTO parent VALUES (1, 'again')")
        try await settle(masters)
        try await expect(masters, shown("child"), "1 2")
        try await expect(masters, Self.kept, nil)
        // It is a row like any other again.
        try await masters.masters[1].run("UPDATE child SET n = 9 WHERE id = 1")
        try await masters.catchUp()
        try await masters.expectEqual()
        try await expect(masters, "SELECT n FROM child WHERE id = 1", "9")
    }

    @Test func `what refers to a row that is kept out is kept out with it, and comes back with it`() async throws {
        let masters = try await TestMasters.make(
            schema: Self.family + """
                CREATE TABLE tree (id int PRIMARY KEY, above int REFERENCES tree, root int REFERENCES parent (id));
                CREATE TABLE leaf (id int PRIMARY KEY, tree int REFERENCES tree);
                """,
            rows: """
                INSERT INTO parent VALUES (1, 'a'), (2, 'b'); INSERT INTO child VALUES (1, 1); INSERT INTO grandchild VALUES (1, 1);
                INSERT INTO tree VALUES (1, 1);
                """, masters: 3)
        try await masters.start()
        // The grandchild is old, and everybody has seen it.
        try await masters.masters[1].run("UPDATE child SET parent = 2; DELETE FROM parent WHERE id = 1")
        try await masters.masters[0].run("UPDATE child SET n = 1")
        try await masters.masters[2].run(
            """
            INSERT INTO tree VALUES (2, 1, 1), (3, 2, NULL), (4, 4, NULL); INSERT INTO leaf VALUES (1, 3), (2, 1);
            BEGIN; INSERT INTO tree VALUES (5, NULL, 1), (6, 5, NULL); UPDATE tree SET above = 6 WHERE id = 5; COMMIT;
            """)
        try await settle(masters)
        try await expect(masters, shown("tree"), "1 4")
        try await expect(masters, shown("leaf"), "2")
        try await expect(masters, shown("child"), nil)
        try await expect(
            masters, Self.kept, "child 1, grandchild 1, leaf 1, tree 2, tree 3, tree 5, tree 6")
        try await masters.masters[2].run("INSERT INTO parent VALUES (1, 'a')")
        for _ in 0..<2 { try await settle(masters) }
        try await expect(masters, Self.kept, nil)
        try await expect(masters, shown("tree"), "1 2 3 4 5 6")
        try await expect(masters, shown("leaf"), "1 2")
        try await expect(masters, shown("grandchild"), "1")
        try await masters.expectEqual()
    }

    @Test func `a parent whose key, or what else is referred to, becomes another one leaves its children behind`()
        async throws
    {
        let masters = try await TestMasters.make(
            schema: Self.family
                + "CREATE TABLE label (id int PRIMARY KEY, code text REFERENCES parent (code) ON DELETE SET NULL);",
            rows: "INSERT INTO parent VALUES (1, 'a'), (2, 'b')")
        try await masters.start()
        try await masters.masters[0].run("INSERT INTO child VALUES (1, 1); INSERT INTO label VALUES (1, 'b')")
        try await masters.masters[1].run(
            "UPDATE parent SET id = 10 WHERE id = 1; UPDATE parent SET code = 'bb' WHERE id = 2")
        try await settle(masters)
        try await expect(masters, Self.kept, "child 1, label 1")
        try await masters.masters[0].run("UPDATE parent SET code = 'b' WHERE id = 2")
        try await masters.masters[1].run("UPDATE parent SET id = 1 WHERE id = 10")
        try await settle(masters)
        try await expect(masters, Self.kept, nil)
        try await masters.expectEqual()
    }

    /// A row that was changed is taken out of its table for others to change places, and then refused.
    @Test func `what refers to a row that a unique constraint keeps out is kept out as well`() async throws {
        let masters = try await TestMasters.make(
            schema: Self.family,
            rows: "INSERT INTO parent VALUES (1, 'a'), (2, 'b'); INSERT INTO child VALUES (1, 1), (2, 2)")
        try await masters.start()
        try await masters.masters[0].run("UPDATE parent SET code = 'c' WHERE id = 1")
        try await masters.masters[1].run("UPDATE parent SET code = 'c' WHERE id = 2")
        try await settle(masters)
        try await expect(masters, Self.kept, "child 1, parent 1")
        try await expect(masters, shown("child"), "2")
        try await masters.masters[0].run("UPDATE parent SET code = 'd' WHERE id = 2")
        try await settle(masters)
        try await expect(masters, Self.kept, nil)
        try await masters.expectEqual()
    }

    /// Symptom: what was written to a row that had been kept out and come back reached nobody, under `earliest`. Cause: of a row that came
    /// with the first copy nobody knows who wrote it, and when it was tried again a version of nobody was told, which nobody had
    /// ever seen. Fix: of such a row nothing is told.
    @Test func `a row that everybody has always had can be written again when it comes back`() async throws {
        let masters = try await TestMasters.make(
            schema: Self.family,
            rows: "INSERT INTO parent VALUES (1, 'a'), (2, 'b'); INSERT INTO child VALUES (1, 1, 0)",
            sync: "    conflict: earliest")
        try await masters.start()
        try await settle(masters)
        try await masters.masters[0].run("UPDATE parent SET code = 'c' WHERE id = 1")
        try await masters.masters[1].run("UPDATE parent SET code = 'c' WHERE id = 2")
        try await settle(masters)
        try await expect(masters, Self.kept, "child 1, parent 1")
        try await masters.masters[0].run("UPDATE parent SET code = 'd' WHERE id = 2")
        try await settle(masters)
        try await expect(masters, Self.kept, nil)
        try await masters.masters[1].run("UPDATE child SET n = 9 WHERE id = 1")
        try await settle(masters)
        try await expect(masters, "SELECT n FROM child", "9")
        try await expect(masters, "SELECT count(*) FROM switchback.version_3 WHERE origin = ''", "0")
    }

    /// Symptom: rows that refer to one another were kept out for ever at one node, though they were the later ones. Cause: where one of
    /// them was refused none of them stayed, whoever was in the way. Fix: each takes the place of what was written earlier.
    @Test func `rows in a ring take the place of an earlier one, and one that loses does not keep out the others`()
        async throws
    {
        let masters = try await TestMasters.make(
            schema: "CREATE TABLE tree (id int PRIMARY KEY, above int REFERENCES tree, seat int UNIQUE)")
        try await masters.start()
        try await masters.masters[0].run("INSERT INTO tree VALUES (9, NULL, 5)")
        try await masters.masters[1].run(
            "BEGIN; INSERT INTO tree VALUES (1, NULL, 5), (2, 1, 6); UPDATE tree SET above = 2 WHERE id = 1; COMMIT")
        try await settle(masters)
        try await expect(masters, Self.kept, "tree 9")
        try await expect(masters, shown("tree"), "1 2")
        // A ring of which one row loses, and beside it one that nothing is in the way of.
        try await masters.masters[0].run(
            """
            BEGIN; INSERT INTO tree VALUES (11, NULL, 7), (12, 11, 8); UPDATE tree SET above = 12 WHERE id = 11; COMMIT;
            BEGIN; INSERT INTO tree VALUES (21, NULL, 31), (22, 21, 32); UPDATE tree SET above = 22 WHERE id = 21; COMMIT
            """)
        try await masters.masters[1].run("INSERT INTO tree VALUES (30, NULL, 7)")
        try await settle(masters)
        try await expect(masters, Self.kept, "tree 11, tree 12, tree 9")
        try await expect(masters, shown("tree"), "1 2 21 22 30")
        try await masters.masters[0].run("DELETE FROM tree WHERE id = 30")
        try await settle(masters)
        try await expect(masters, Self.kept, "tree 9")
        try await masters.expectEqual()
    }

    /// Symptom: rows of two tables that refer to one another were shown at one node and kept out for ever at the others. Cause: each table was
    /// tried by itself, and waited for the other. Fix: they are tried together.
    @Test func `rows of two tables that refer to one another come back together`() async throws {
        let masters = try await TestMasters.make(
            schema: Self.company, masters: 3)
        try await masters.start()
        try await masters.masters[0].run(
            "BEGIN; INSERT INTO department VALUES (1, 'x', NULL); INSERT INTO employee VALUES (1, 1, 1); UPDATE department SET head = 1; COMMIT"
        )
        try await masters.carry(0, to: 2)
        try await masters.masters[1].run("INSERT INTO department VALUES (2, 'x', NULL)")
        try await masters.carry(0, to: 1)
        try await masters.carry(1, to: 0)
        try await masters.masters[1].run("UPDATE department SET name = 'y' WHERE id = 2")
        try await settle(masters, rounds: 5)
        try await expect(masters, shown("department"), "1 2")
        try await expect(masters, shown("employee"), "1")
        try await expect(masters, Self.kept, nil)
        // One of a ring loses: all of it is kept out, and nothing that it would have pushed out.
        try await masters.masters[0].run("INSERT INTO employee VALUES (8, NULL, 8)")
        try await masters.masters[1].run(
            """
            BEGIN; INSERT INTO department VALUES (3, 'z', NULL); INSERT INTO employee VALUES (3, 3, 8);
            UPDATE department SET head = 3 WHERE id = 3; COMMIT
            """)
        try await masters.masters[2].run("INSERT INTO department VALUES (4, 'z', NULL)")
        try await settle(masters, rounds: 5)
        try await expect(masters, shown("department"), "1 2 4")
        try await masters.expectEqual()
        let kept = try await masters.answers(Self.kept)
        #expect(Set(kept).count == 1, "\(kept)")
        try await masters.masters[2].run("DELETE FROM department WHERE id = 4")
        try await settle(masters, rounds: 5)
        try await expect(masters, shown("department"), "1 2 3")
        try await expect(masters, shown("employee"), "1 3")
        try await expect(masters, Self.kept, "employee 8")
    }

    /// Symptom: a row and all below it were kept out for ever at every node. Cause: a later row below it claimed a value of it, pushed it out, and
    /// had to go with it; and so again at each look. Fix: a row cannot push out what it refers to.
    @Test func `a row does not push out the one that it stands below`() async throws {
        let masters = try await TestMasters.make(
            schema: "CREATE TABLE tree (id int PRIMARY KEY, above int REFERENCES tree, name text UNIQUE)",
            rows: "INSERT INTO tree VALUES (1, NULL, 'p'), (5, 1, 'between')")
        try await masters.start()
        try await masters.masters[0].run("UPDATE tree SET name = 'x' WHERE id = 1")
        try await masters.masters[1].run("INSERT INTO tree VALUES (2, 5, 'x'), (3, 2, 'c')")
        try await settle(masters, rounds: 5)
        try await expect(masters, shown("tree"), "1 5")
        try await expect(masters, Self.kept, "tree 2, tree 3")
        try await masters.masters[0].run("UPDATE tree SET name = 'y' WHERE id = 1")
        try await settle(masters, rounds: 5)
        try await expect(masters, shown("tree"), "1 2 3 5")
        try await expect(masters, Self.kept, nil)
        try await masters.expectEqual()
    }

    /// Symptom: of two rings that claim one value neither was shown. Cause: the later one pushed the earlier one out before it was seen that it
    /// cannot stay itself. Fix: what others keep out leaves a ring first.
    @Test func `a ring that cannot stay keeps no other one out`() async throws {
        let masters = try await TestMasters.make(
            schema: Self.company, masters: 3)
        try await masters.start()
        func ring(_ id: Int, _ desk: Int) -> String {
            "BEGIN; INSERT INTO department VALUES (\(id), 'n', NULL); INSERT INTO employee VALUES (\(id), \(id), \(desk)); UPDATE department SET head = \(id) WHERE id = \(id); COMMIT"
        }
        try await masters.masters[0].run(ring(5, 1))
        try await masters.masters[1].run(ring(6, 8))
        try await masters.masters[2].run("INSERT INTO employee VALUES (8, NULL, 8)")
        try await settle(masters, rounds: 6)
        try await expect(masters, shown("department"), "5")
        try await expect(masters, shown("employee"), "5 8")
        try await expect(masters, Self.kept, "department 6, employee 6")
    }

    /// Symptom: of two rows that claim one value each node showed another, for ever. Cause: the later one was kept out for its parent, and
    /// when that came back the node where the other had been written knew nothing of it any more. Fix: it is told of as long as the
    /// row is kept out that it is in the way of.
    @Test func `a row that waits for its parent does not forget who was in its way`() async throws {
        let masters = try await TestMasters.make(
            schema: """
                CREATE TABLE parent (id int PRIMARY KEY, code text);
                CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent, seat int UNIQUE);
                """, rows: "INSERT INTO parent VALUES (1, 'a'), (2, 'b')")
        try await masters.start()
        try await masters.masters[1].run("INSERT INTO child VALUES (1, 2, 5)")
        try await masters.masters[0].run("INSERT INTO child VALUES (2, 1, 5)")
        try await masters.masters[1].run("DELETE FROM parent WHERE id = 1")
        try await settle(masters, rounds: 5)
        try await expect(masters, shown("child"), "1")
        try await expect(masters, Self.kept, "child 2")
        try await masters.masters[0].run("INSERT INTO parent VALUES (1, 'again')")
        try await settle(masters, rounds: 5)
        try await expect(masters, shown("child"), "2")
        try await expect(masters, Self.kept, "child 1")
    }

    /// Random transactions over tables that refer to one another. At rest every node shows the same rows and keeps the same ones out,
    /// no row refers to nothing, and none is kept out for nothing.
    @Test(arguments: 0..<3) func `whatever refers to what, all come to the same`(_ round: Int) async throws {
        try await whatever(round, seed: testSeed() &+ UInt64(round))
    }

    /// What failed once: see `a row that is kept out goes when one is written under its key and deleted again` and `a row that is kept out
    /// stays where one under its key had lost to it before`.
    @Test(arguments: [363_102_107, 2_781_785_912] as [UInt64]) func `what failed once at random`(_ seed: UInt64)
        async throws
    {
        try await whatever(2, seed: seed)
    }

    private func whatever(_ round: Int, seed: UInt64) async throws {
        var random = SeededRandom(seed)
        let count = random.number(2...3)
        let masters = try await TestMasters.make(
            schema: """
                CREATE TABLE parent (id int PRIMARY KEY, code int UNIQUE);
                CREATE TABLE child (id int PRIMARY KEY, parent int NOT NULL REFERENCES parent\(random.once(in: 2) ? " ON DELETE CASCADE" : ""), seat int UNIQUE);
                CREATE TABLE tree (id int PRIMARY KEY, above int REFERENCES tree, child int REFERENCES child ON DELETE SET NULL);
                """, masters: count, sync: "    conflict: \(["latest", "merge", "earliest"][round])")
        try await masters.start()
        for _ in 0..<25 {
            for _ in 0..<random.number(1...3) {
                let master = masters.masters[random.number(0...count - 1)]
                let operations = (0..<random.number(1...5)).map { _ in FamilyWrites.operation(&random) }
                let sql = "BEGIN; \(operations.joined(separator: "; ")); COMMIT"
                // What a master refuses by itself was never written.
                if let error = try await master.failure(sql) {
                    #expect(["23503", "23505"].contains(error.sqlState), "seed \(seed): \(error)")
                }
            }
            if random.once(in: 3) {
                try await masters.catchUp([masters.streams[random.number(0...masters.streams.count - 1)]])
            }
        }
        try await settle(masters, rounds: 6)
        try await masters.expectEqual("seed \(seed)")
        let kept = try await masters.answers(
            "SELECT string_agg(table_name || row_values::text, ' ' ORDER BY table_name, key_values[1]) FROM switchback.quarantine"
        )
        #expect(kept.allSatisfy { $0 == kept[0] }, "seed \(seed): \(kept)")
        try await expect(masters, Self.dangling, "0", "seed \(seed)")
        for (index, node) in masters.masters.enumerated() {
            let free = try await node.value(Self.free)
            #expect(free == nil, "m\(index + 1) keeps out what nothing is in the way of: seed \(seed)")
        }
    }

    private static let dangling = """
        SELECT (SELECT count(*) FROM child AS c WHERE NOT EXISTS (SELECT FROM parent WHERE id = c.parent))
             + (SELECT count(*) FROM tree AS c WHERE above IS NOT NULL AND NOT EXISTS (SELECT FROM tree WHERE id = c.above))
             + (SELECT count(*) FROM tree AS c WHERE child IS NOT NULL AND NOT EXISTS (SELECT FROM child WHERE id = c.child))
        """
    /// Of rows in a ring each is kept out for the others.
    private static let free = """
        SELECT string_agg(q.table_name || q.row_values::text, ' ') FROM switchback.quarantine AS q
         WHERE NOT CASE q.table_name
            WHEN 'parent' THEN EXISTS (SELECT FROM parent WHERE code = q.row_values[2]::int)
            WHEN 'child' THEN EXISTS (SELECT FROM child WHERE seat = q.row_values[3]::int)
                              OR NOT EXISTS (SELECT FROM parent WHERE id = q.row_values[2]::int)
            ELSE NOT EXISTS (SELECT FROM tree WHERE id = q.row_values[2]::int)
                 OR NOT EXISTS (SELECT FROM child WHERE id = q.row_values[3]::int) END
        """
}
