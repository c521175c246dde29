import Foundation
import Postgres
import Replication
import Synchronization
import TestSupport
import Testing

/// Two engines that carry the same streams between sources do no harm: nothing is counted twice, nothing comes twice, and nodes do not come to differ (P4, P8).
@Suite("Two engines between masters (P4, P8)") struct RivalEngineTests {
    private static let schema = """
        CREATE TABLE item (id int PRIMARY KEY, name text, total bigint NOT NULL DEFAULT 0);
        CREATE TABLE entry (id int PRIMARY KEY, note text);
        """
    private static let rows = "INSERT INTO item SELECT g, 'first', 100 FROM generate_series(1, 5) AS g"
    private static let counters = "    overrides: { public.item: { counters: [total] } }"

    /// What was acknowledged to applications, and what was applied by each engine.
    private final class Tally: Sendable {
        let added = Mutex<[Int: Int]>([:])
        let entries = Mutex(0)
        let applied = Mutex<[Int: Int]>([:])
    }

    /// Every engine is told that it alone carries a stream: what keeps two apart otherwise does not count.
    private static let leaseForAll = """
        ALTER FUNCTION pg_catalog.pg_try_advisory_lock(integer, integer) RENAME TO try_advisory_lock_as_it_is;
        CREATE FUNCTION pg_catalog.pg_try_advisory_lock(integer, integer) RETURNS boolean LANGUAGE sql VOLATILE AS
            'SELECT $1 = 1398227524 OR pg_catalog.try_advisory_lock_as_it_is($1, $2)';
        """

    /// Counts how often each row of a table is inserted by an engine.
    private static let witness = """
        CREATE SCHEMA witness;
        CREATE TABLE witness.inserted (id int);
        CREATE FUNCTION witness.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO witness.inserted VALUES (NEW.id); RETURN NULL;
        END $$;
        CREATE TRIGGER witness AFTER INSERT ON public.entry FOR EACH ROW EXECUTE FUNCTION witness.note();
        ALTER TABLE public.entry ENABLE REPLICA TRIGGER witness;
        """

    /// Carries all streams as one engine does.
    private static func engine(_ number: Int, _ masters: TestMasters, _ tally: Tally) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for stream in masters.streams {
                group.addTask {
                    try await StreamRunner(stream: stream, cluster: masters.cluster, logger: TestPair.logger) { event in
                        if case .applied = event { tally.applied.withLock { $0[number, default: 0] += 1 } }
                    }.run()
                }
            }
            try await group.waitForAll()
        }
    }

    private static func write(to node: TestDatabase, _ index: Int, _ seed: UInt64, _ tally: Tally) async throws {
        try await node.session { session in
            var random = SeededRandom(seed)
            let clock = ContinuousClock()
            let (end, last) = (clock.now + .seconds(4), clock.now + .seconds(30))
            var number = 0
            // The second may be waiting when the first goes.
            while clock.now < end || clock.now < last && tally.applied.withLock({ $0.count }) < 2 {
                number += 1
                let (key, amount) = (random.number(1...5), random.number(-5...20))
                do {
                    try session.execute(
                        "UPDATE item SET name = 'm\(index) \(number)', total = total + \(amount) WHERE id = \(key)")
                    tally.added.withLock { $0[key, default: 0] += amount }
                } catch let error as PostgresError where error.sqlState == "40P01" {
                    // A stream that locked in another order had this one give way.
                }
                try session.execute("INSERT INTO entry VALUES (\(index * 100_000 + number), 'm\(index)')")
                tally.entries.withLock { $0 += 1 }
                usleep(UInt32(random.number(2000...12000)))
            }
        }
    }

    @Test func `without a lease, too, two engines apply every batch once`() async throws {
        let seed = testSeed()
        let masters = try await CommonMasters.shared.started(
            schema: Self.schema, rows: Self.rows, targets: 1, sync: Self.counters)
        for node in masters.nodes { try await node.run(Self.leaseForAll + Self.witness) }
        let tally = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            // The second comes in the midst of it, and the first goes before the end: whichever gives way, both have carried something.
            group.addTask {
                try await withThrowingTaskGroup(of: Void.self) { first in
                    first.addTask { try await Self.engine(1, masters, tally) }
                    first.addTask { try await Task.sleep(for: .milliseconds(2_500)) }
                    try await first.next()
                    first.cancelAll()
                }
            }
            group.addTask {
                try await Task.sleep(for: .seconds(1))
                try await Self.engine(2, masters, tally)
            }
            try await withThrowingTaskGroup(of: Void.self) { writers in
                for (index, node) in masters.masters.enumerated() {
                    writers.addTask { try await Self.write(to: node, index + 1, seed &+ UInt64(index), tally) }
                }
                try await writers.waitForAll()
            }
            group.cancelAll()
            while (try? await group.next()) != nil {}
        }
        for _ in 0..<2 { try await masters.catchUp() }

        let applied = tally.applied.withLock { $0 }
        #expect((applied[1] ?? 0) > 0 && (applied[2] ?? 0) > 0, "both have applied some: \(applied), seed \(seed)")
        let entries = tally.entries.withLock { $0 }
        for (index, node) in masters.nodes.enumerated() {
            #expect(
                try await node.value("SELECT count(*) FROM entry") == "\(entries)", "node \(index + 1), seed \(seed)")
            let own = "SELECT count(*) FROM entry WHERE note <> 'm\(index + 1)'"
            let inserted = "SELECT count(*) FROM witness.inserted"
            #expect(try await node.value(inserted) == node.value(own), "node \(index + 1), seed \(seed)")
            try await node.run("DROP SCHEMA witness CASCADE")
        }
        try await masters.expectEqual("seed \(seed)")
        let added = tally.added.withLock { $0 }
        for key in 1...5 {
            let wanted = "\(100 + (added[key] ?? 0))"
            #expect(
                try await masters.answers("SELECT total FROM item WHERE id = \(key)") == [wanted, wanted, wanted],
                "row \(key), seed \(seed)")
        }
        // Nothing that was applied was taken for a change of the node's own.
        let changes = try await masters.changes()
        for _ in 0..<2 { try await masters.catchUp() }
        #expect(try await masters.changes() == changes)
    }

    @Test func `a catch-up beside an engine agrees with it`() async throws {
        let masters = try await CommonMasters.shared.started(
            schema: Self.schema, rows: Self.rows, targets: 1, sync: Self.counters)
        try await masters.withEngine {
            for round in 1...4 {
                for (index, node) in masters.masters.enumerated() {
                    try await node.run(
                        "INSERT INTO entry VALUES (\(round * 10 + index), 'x'); UPDATE item SET total = total + 1 WHERE id = 1"
                    )
                }
                try await masters.catchUp()
                #expect(
                    try await masters.answers("SELECT count(*) FROM entry")
                        == Array(repeating: "\(2 * round)", count: 3))
                #expect(
                    try await masters.answers("SELECT total FROM item WHERE id = 1")
                        == Array(repeating: "\(100 + 2 * round)", count: 3))
            }
        }
        try await masters.catchUp()
        try await masters.expectEqual()
    }
}
