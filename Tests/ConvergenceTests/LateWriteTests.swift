import Postgres
import Replication
import TestSupport
import Testing

/// P4: what an application writes between a batch's last look and its commit, where there was no row to lock.
///
/// Symptom: two nodes differed for ever; at the one the row was deleted, at the other it was there. Cause: the write was read, and sent, before the batch was
/// committed that deletes its key, so that elsewhere the two were weighed; here the write had taken the deletion's place. Fix: such a write is
/// sent once more, as what has seen the batch.
@Suite("A write between a batch's last look and its commit (P4)") struct LateWriteTests {
    private static let schema = "CREATE TABLE item (id {type} PRIMARY KEY, name text, n int NOT NULL DEFAULT 0)"
    /// Holds up whoever applies a batch at its commit.
    private static let gate = """
        CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM pg_advisory_lock_shared(4711);
            PERFORM pg_advisory_unlock_shared(4711);
            RETURN NULL;
        END $$;
        CREATE CONSTRAINT TRIGGER gate AFTER UPDATE ON switchback.cursor DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION gate();
        ALTER TABLE switchback.cursor ENABLE ALWAYS TRIGGER gate
        """
    /// Has an engine die whenever it has looked for the write.
    private static let death = """
        CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM pg_terminate_backend(pg_backend_pid());
            RETURN NEW;
        END $$;
        CREATE TRIGGER death BEFORE UPDATE ON switchback.cursor FOR EACH ROW
            WHEN (OLD.late_since IS NOT NULL AND NEW.late_since IS NULL) EXECUTE FUNCTION die();
        ALTER TABLE switchback.cursor ENABLE ALWAYS TRIGGER death
        """
    private static let isHeldUp =
        "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'advisory' AND datname = current_database()"

    /// What the other node does to row 5, of which this one has none.
    enum Change: String, CaseIterable {
        /// It comes and goes.
        case deletion = "INSERT INTO item VALUES ({id}, 'short'); DELETE FROM item WHERE id = {id}"
        /// This one has deleted it and not been heard of; the other's is the earlier change.
        case update = "UPDATE item SET name = 'theirs' WHERE id = {id}"
    }

    private struct Story {
        let sync: String
        let change: Change
        /// The engine dies before it has looked for the write.
        var isCutOff = false
        /// The key's type.
        var type = "int"

        /// A statement with the key's type and value.
        func sql(_ text: String) -> String {
            text.replacing("{type}", with: type).replacing("{id}", with: type == "int" ? "5" : "'{5}'")
        }
    }

    /// An update that wins is not left out: its row is inserted, and waits for the writer.
    private static let stories =
        ["latest", "earliest", "merge", "{ prefer: [m2] }"].map {
            Story(sync: "    conflict: \($0)", change: .deletion)
        } + [
            Story(sync: "    conflict: latest", change: .update), Story(sync: "    conflict: merge", change: .update),
            Story(sync: "    conflict: latest", change: .deletion, isCutOff: true),
            Story(sync: "    conflict: merge", change: .update, isCutOff: true),
            Story(sync: "    links: [[m1, m2], [m2, m3]]", change: .deletion),
            Story(sync: "    conflict: latest", change: .deletion, type: "int[]"),
            Story(sync: "    conflict: merge", change: .deletion, type: "text[]"),
        ]

    @Test(arguments: stories.indices) func `is settled in one way at all nodes`(index: Int) async throws {
        let story = Self.stories[index]
        let masters = try await TestMasters.make(
            schema: story.sql(Self.schema),
            rows: story.sql(story.change == .update ? "INSERT INTO item VALUES ({id}, 'first')" : ""),
            masters: 3,
            sync: story.sync)
        try await masters.start()
        let (here, there) = (masters.masters[0], masters.masters[1])
        try await here.run(Self.gate)
        let (writer, keeper) = (try await here.connect(), try await here.connect())
        if story.change == .update {
            try await there.run(story.sql(story.change.rawValue))
            try await here.run(story.sql("DELETE FROM item WHERE id = {id}"))
        }
        let late = story.sql("BEGIN; INSERT INTO item VALUES ({id}, 'late')")
        try await writer.run { try $0.execute(late) }
        if story.change == .deletion { try await there.run(story.sql(story.change.rawValue)) }
        try await keeper.run { try $0.execute("SELECT pg_advisory_lock(4711)") }
        if story.isCutOff { try await here.run(Self.death) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await masters.carry(1, to: 0) }
            #expect(try await eventually { try await here.value(Self.isHeldUp) == "t" })
            try await writer.run { try $0.execute("COMMIT") }
            try await masters.carry(0, to: 1)
            try await keeper.run { try $0.execute("SELECT pg_advisory_unlock(4711)") }
            if story.isCutOff {
                let isOwed = "SELECT count(*) FROM switchback.cursor WHERE late_since IS NOT NULL"
                #expect(try await eventually { try await here.value(isOwed) == "1" })
                try await here.run("DROP TRIGGER death ON switchback.cursor")
            }
            try await group.waitForAll()
        }
        await writer.close()
        await keeper.close()
        for _ in 0..<3 { try await masters.catchUp() }
        try await masters.expectEqual()
        #expect(try await here.value(story.sql("SELECT name FROM item WHERE id = {id}")) == "late")
        #expect(try await masters.catchUp() == 0)
    }
}
