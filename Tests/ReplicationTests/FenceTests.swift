import Postgres
import TestSupport
import Testing

/// The target is read-only to applications, whoever they are, and replication passes.
@Suite("The fence of a target") struct FenceTests {
    static let schema = """
        CREATE TABLE item (id int PRIMARY KEY, v text);
        CREATE TABLE part (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
        CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (id);
        CREATE TABLE part_1_1 PARTITION OF part_1 FOR VALUES FROM (0) TO (10);
        CREATE TABLE parent (id int PRIMARY KEY, v text);
        CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent);
        CREATE TABLE unfenced_parent (id int PRIMARY KEY, v text);
        CREATE TABLE fenced_child (PRIMARY KEY (id)) INHERITS (unfenced_parent);
        CREATE TABLE unfenced (id int PRIMARY KEY);
        CREATE TABLE refers (id int PRIMARY KEY REFERENCES unfenced ON DELETE CASCADE);
        CREATE VIEW seen AS SELECT * FROM item;
        """
    static let rows = """
        INSERT INTO item VALUES (1, 'a'); INSERT INTO part VALUES (1, 'a'); INSERT INTO parent VALUES (1, 'a');
        INSERT INTO child VALUES (1, 'a'); INSERT INTO fenced_child VALUES (1, 'a');
        INSERT INTO unfenced VALUES (1); INSERT INTO refers VALUES (1);
        """

    static let refused = [
        "INSERT INTO item VALUES (2, 'b')", "UPDATE item SET v = 'b'", "DELETE FROM item", "TRUNCATE item",
        "TRUNCATE ONLY item", "COPY item FROM PROGRAM 'echo'", "INSERT INTO seen VALUES (2, 'b')",
        "UPDATE item SET v = 'b' WHERE false", "INSERT INTO item VALUES (1, 'b') ON CONFLICT DO NOTHING",
        "INSERT INTO item VALUES (1, 'b') ON CONFLICT (id) DO UPDATE SET v = 'c'",
        "MERGE INTO item USING (SELECT 1 AS id) AS s ON s.id = item.id WHEN MATCHED THEN DELETE",
        "WITH gone AS (DELETE FROM item RETURNING *) SELECT * FROM gone",
        "INSERT INTO part VALUES (2, 'b')", "INSERT INTO part_1 VALUES (2, 'b')",
        "INSERT INTO part_1_1 VALUES (2, 'b')",
        "UPDATE part SET id = 3", "DELETE FROM part_1_1", "TRUNCATE part", "TRUNCATE part_1", "TRUNCATE part_1_1",
        "COPY part_1_1 FROM PROGRAM 'echo'", "INSERT INTO parent VALUES (2, 'b')", "UPDATE parent SET v = 'b'",
        "UPDATE ONLY parent SET v = 'b'", "DELETE FROM child", "TRUNCATE parent", "TRUNCATE ONLY child",
        "UPDATE unfenced_parent SET v = 'b'", "DELETE FROM unfenced_parent", "TRUNCATE unfenced_parent",
        "DELETE FROM unfenced", "TRUNCATE unfenced CASCADE", "BEGIN READ WRITE; DELETE FROM item; COMMIT",
        "SET default_transaction_read_only = off; DELETE FROM item",
    ]

    @Test func `every kind of write is refused with 25006 and a word of Switchback, also to the owner`() async throws {
        let pair = try await TestPair.make(
            schema: Self.schema, sync: "    exclude: [public.unfenced_parent, public.unfenced]")
        try await pair.source.run(Self.rows)
        try await pair.target.run("INSERT INTO unfenced VALUES (1)")
        try await pair.start()
        try await pair.source.run(
            "UPDATE item SET v = 'later'; INSERT INTO part VALUES (5, 'later'); UPDATE child SET v = 'later'")
        try await pair.catchUp()
        let tables = [
            "public.item", "public.part", "public.parent", "public.child", "public.fenced_child", "public.refers",
        ]
        try await pair.expectEqual(tables)
        let owner = "owner_\(pair.target.name)"
        try await pair.target.run(
            """
            CREATE ROLE \(owner) LOGIN; GRANT pg_execute_server_program TO \(owner); GRANT ALL ON SCHEMA public TO \(owner);
            DO $$ DECLARE t regclass; BEGIN
                FOR t IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') LOOP
                    EXECUTE format('ALTER TABLE %s OWNER TO \(owner)', t);
                END LOOP;
            END $$
            """)
        for user in [owner, "postgres"] {
            for statement in Self.refused {
                let error = try await pair.target.failure(statement, user: user)
                #expect(error?.sqlState == "25006", "\(user): \(statement): \(error?.message ?? "accepted")")
                #expect(error?.message.contains("Switchback") == true, "\(error?.message ?? "")")
            }
        }
        try await pair.target.run("INSERT INTO unfenced VALUES (2)", user: owner)
        try await pair.source.run("DELETE FROM item; TRUNCATE part; DELETE FROM parent")
        try await pair.catchUp()
        try await pair.expectEqual(tables)
        try await pair.target.run("REASSIGN OWNED BY \(owner) TO postgres; DROP OWNED BY \(owner); DROP ROLE \(owner)")
    }

    @Test func `the message names table, node and sync`() async throws {
        let pair = try await TestPair.make(schema: "CREATE TABLE item (id int PRIMARY KEY)")
        try await pair.install()
        let message = try await pair.target.failure("DELETE FROM item")?.message ?? ""
        for word in ["DELETE", "public.item", "Switchback", "node target", "sync main"] {
            #expect(message.contains(word), "\(message)")
        }
    }
}
