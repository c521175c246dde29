import Glibc
import LocalCluster
import Model
import Postgres
import Replication
import Synchronization
import TestSupport
import Testing

/// What a node tells others that it has seen must outlive it: a crash takes back what was not on its disk, and gives the numbers of its
/// last transactions to others (P2, P4, P5).
@Suite("What a node told before a crash (P2, P4, P5)", .serialized) struct CrashKnowledgeTests {
    /// Servers that write to their disk when something waits for it, and otherwise hardly ever.
    private static let lazy = [
        "wal_writer_delay": "10s", "wal_level": "minimal", "max_wal_senders": "0", "autovacuum": "off",
    ]
    private static let schema = "CREATE TABLE item (id int PRIMARY KEY, name text)"
    private static let rows = "INSERT INTO item VALUES (1, 'first'), (2, 'first')"

    /// Symptom: a write is lost at all nodes, and no history tells of it. Cause: a batch's snapshot included transactions that were
    /// rolled back, or committed without a wait for the disk; the source crashed, gave their numbers to writes, and whoever had
    /// applied the batch took these for writes that it had seen, and that something had superseded since. Fix: the source's log is on
    /// its disk as far as the snapshot goes before a batch is committed at its receiver.
    @Test func `a source that crashes gives no number to a write that others have seen`() async throws {
        try await FaultGround.with(2, settings: Self.lazy) { ground in
            var hasReused = false
            for _ in 0..<3 where !hasReused {
                let masters = try await TestMasters.make(
                    schema: Self.schema, rows: Self.rows, servers: ground.servers)
                try await masters.start()
                try await masters.masters[0].run("UPDATE item SET name = 'second' WHERE id = 2")
                try await masters.masters[0].session { session in
                    for _ in 0..<40 { try session.execute("BEGIN; SELECT pg_current_xact_id(); ROLLBACK") }
                }
                try await Self.carryOnce(masters, masters.stream(0, 1))
                try await ground.servers[0].restart(killing: true)
                let number = try await masters.masters[0].session { session in
                    try session.execute("BEGIN; UPDATE item SET name = 'lost' WHERE id = 1")
                    let number = try session.query("SELECT pg_current_xact_id()")[0, 0] ?? ""
                    try session.execute("COMMIT")
                    return number
                }
                hasReused =
                    try await masters.masters[1].value(
                        "SELECT pg_visible_in_snapshot('\(number)'::xid8, snapshot) FROM switchback.cursor") == "t"
                try await masters.masters[1].run("UPDATE item SET name = 'last' WHERE id = 1")
                try await masters.catchUp()
                try await masters.expectEqual()
                #expect(
                    try await masters.answers("SELECT string_agg(loser_values[2], ',') FROM switchback.conflict")
                        == ["lost", "lost"])
            }
            #expect(!hasReused, "the number of a write was in the cursor before it was made")
        }
    }

    /// Symptom: nodes differ for ever. Cause: a node told others that it had seen a version; they forgot it, for everybody had; the node
    /// crashed, had not seen it any more, and wrote over what was before. Fix: as above, for what a node has seen is in its log.
    @Test func `what a node has told that it has seen it has seen after a crash as well`() async throws {
        let lazy = try await TestServers.own("lazy", settings: Self.lazy)
        do {
            try await crashAfterTelling(lazy)
        } catch {
            await lazy.destroy()
            throw error
        }
        await lazy.destroy()
    }

    private func crashAfterTelling(_ lazy: LocalCluster) async throws {
        let shared = TestServers.shared
        let masters = try await TestMasters.make(
            schema: Self.schema, rows: Self.rows, masters: 3, sync: "    conflict: earliest",
            servers: [try await shared.server("source"), try await shared.server("target"), lazy])
        try await masters.start()
        try await masters.masters[0].run("UPDATE item SET name = 'early' WHERE id = 1")
        for (from, to) in [(0, 1), (1, 0), (1, 2), (0, 1)] { try await masters.carry(from, to: to) }
        // An engine that has applied the batch and comes no further: a session that ended would write more to the log, and push out
        // what is in it.
        try await Self.carryOnce(masters, masters.stream(0, 2)) {
            try await Self.carryOnce(masters, masters.stream(2, 1))
            // Now the second forgets what all have seen.
            try await masters.carry(0, to: 1)
            #expect(try await masters.masters[1].value("SELECT count(*) FROM switchback.version_1") == "0")
            try await lazy.restart(killing: true)
        }
        try await masters.masters[2].run("UPDATE item SET name = 'late' WHERE id = 1")
        for _ in 0..<2 { try await masters.catchUp() }
        try await masters.expectEqual()
        #expect(try await masters.answers("SELECT name FROM item WHERE id = 1") == ["late", "late", "late"])
    }

    /// How far the engine of ``carryOnce(_:_:then:)`` has come.
    private final class Engine: Sendable {
        let task = Mutex<Task<Void, any Error>?>(nil)
        let hasApplied = Mutex(false)
        let mayEnd = Mutex(false)
    }

    /// Carries a stream until it has applied something, or found that there is nothing, and stands still at that moment: before it
    /// waits for a disk, or tells the source. When the body is done it ends there.
    private static func carryOnce(
        _ masters: TestMasters, _ stream: StreamID, then body: (() async throws -> Void)? = nil
    ) async throws {
        let engine = Engine()
        // It stands on a thread of which there are as many as processors.
        if body == nil { engine.mayEnd.withLock { $0 = true } }
        let task = Task {
            try await StreamRunner(stream: stream, cluster: masters.cluster, logger: TestPair.logger) { event in
                switch event {
                case .applied, .caughtUp:
                    engine.hasApplied.withLock { $0 = true }
                    while !engine.mayEnd.withLock({ $0 }) { usleep(1000) }
                    engine.task.withLock { $0?.cancel() }
                case .carrying, .waiting: break
                }
            }.run()
        }
        engine.task.withLock { $0 = task }
        defer { engine.mayEnd.withLock { $0 = true } }
        #expect(try await eventually { engine.hasApplied.withLock { $0 } })
        try await body?()
        engine.mayEnd.withLock { $0 = true }
        _ = try? await task.value
    }
}

extension LocalCluster {
    /// Ends the server and starts it again.
    ///
    /// - Parameter killing: as a crash would end it.
    func restart(killing: Bool) async throws {
        if killing { try await kill9() } else { try await stop() }
        try await start()
    }
}
