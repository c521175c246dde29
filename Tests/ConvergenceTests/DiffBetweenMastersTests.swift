import Model
import Replication
import TestSupport
import Testing

/// Between masters both ends have changes that the other has not heard of, and a third node's may have reached only one of them. A
/// comparison called such rows different; a repair then wrote the source's older values once more, as later changes, and so had
/// applications' writes lose that were on their way. What differs is looked at again now, once all has been exchanged.
@Suite("Comparing masters that write (P4, P5)") struct DiffBetweenMastersTests {
    private static let past = "SET session_replication_role = replica; "
    private static let shown = "SELECT string_agg(id || ' ' || name, ', ' ORDER BY id) FROM item"

    private func start(_ count: Int) async throws -> TestMasters {
        let masters = try await TestMasters.make(
            schema: "CREATE TABLE item (id int PRIMARY KEY, name text)",
            rows: "INSERT INTO item SELECT g, 'old' FROM generate_series(1, 6) AS g", masters: count)
        try await masters.start()
        return masters
    }

    private func differ(_ masters: TestMasters) -> Differ {
        Differ(stream: StreamID(sync: "main", source: "m1", receiver: "m2"), cluster: masters.cluster)
    }

    /// How many rows are missing, extra, different and under way, of the one table; then what else is to be said.
    private func counts(_ found: [TableDifference]) -> [String] {
        found.map { "\($0.missing) \($0.extra) \($0.different) \($0.underWay)\($0.problem.map { " \($0)" } ?? "")" }
    }

    /// Begins something, and lets it look before the rest goes on.
    private func meanwhile<R: Sendable>(
        _ body: @escaping @Sendable () async throws -> R, rest: () async throws -> Void
    ) async throws -> R {
        async let result = body()
        try await Task.sleep(for: .seconds(1))
        try await rest()
        return try await result
    }

    @Test func `what is on its way in either direction is no difference, and what is none of that is one`() async throws
    {
        let masters = try await start(2)
        let differ = differ(masters)
        try await masters.masters[1].run(
            "UPDATE item SET name = 'second' WHERE id = 1; DELETE FROM item WHERE id = 2; INSERT INTO item VALUES (7, 'second')"
        )
        try await masters.masters[0].run("UPDATE item SET name = 'first' WHERE id = 3")
        let found = try await meanwhile(
            { try await differ.run() },
            rest: {
                try await masters.carry(1, to: 0)
                try await masters.carry(0, to: 1)
            })
        #expect(counts(found) == ["0 0 0 0"])

        try await masters.masters[1].run(
            Self.past
                + "UPDATE item SET name = 'wrong' WHERE id = 4; DELETE FROM item WHERE id = 5; INSERT INTO item VALUES (8, 'ghost')"
        )
        #expect(try await counts(differ.run()) == ["1 1 1 0"])
    }

    @Test func `what a third node wrote is no difference where only one of the two has heard of it`() async throws {
        let masters = try await start(3)
        let differ = differ(masters)
        try await masters.masters[2].run("UPDATE item SET name = 'third' WHERE id IN (1, 2)")
        try await masters.carry(2, to: 1)
        let ahead = try await meanwhile({ try await differ.run() }, rest: { try await masters.carry(2, to: 0) })
        #expect(counts(ahead) == ["0 0 0 0"])
        try await masters.masters[2].run("DELETE FROM item WHERE id IN (1, 2)")
        try await masters.carry(2, to: 0)
        let behind = try await meanwhile({ try await differ.run() }, rest: { try await masters.carry(2, to: 1) })
        #expect(counts(behind) == ["0 0 0 0"])
    }

    @Test func `a repair leaves alone what is on its way to the source`() async throws {
        let masters = try await start(2)
        let differ = differ(masters)
        try await masters.masters[1].run("UPDATE item SET name = 'second' WHERE id = 1")
        try await masters.masters[1].run(Self.past + "UPDATE item SET name = 'wrong' WHERE id = 2")
        let found = try await meanwhile(
            { try await differ.repair(reason: "a test") }, rest: { try await masters.carry(1, to: 0) })
        #expect(counts(found) == ["0 0 1 0"])
        for _ in 0..<2 { try await masters.catchUp() }
        let right = "1 second, 2 old, 3 old, 4 old, 5 old, 6 old"
        #expect(try await masters.answers(Self.shown) == [right, right])
        #expect(try await masters.answers("SELECT count(*) FROM switchback.conflict") == ["0", "0"])
    }

    /// Rows of both ends are written all the time: none of them may be called different, and the one that is must be found.
    @Test func `while both write, only what differs is called so`() async throws {
        let masters = try await start(2)
        let differ = differ(masters)
        try await masters.masters[1].run(Self.past + "UPDATE item SET name = 'wrong' WHERE id = 6")
        try await masters.withEngine {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, node) in masters.masters.enumerated() {
                    group.addTask {
                        for round in 0..<200 {
                            try await node.run("UPDATE item SET name = '\(index) \(round)' WHERE id <= 4")
                        }
                    }
                }
                for _ in 0..<3 {
                    let found = try await differ.run()
                    #expect(
                        found.map(\.different) == [1] && found.map(\.samples) == [["(6)"]]
                            && found.map(\.missing) == [0] && found.map(\.extra) == [0], "\(found)")
                }
                try await group.waitForAll()
            }
        }
    }
}
