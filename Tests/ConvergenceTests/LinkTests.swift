import Foundation
import LocalCluster
import Model
import Postgres
import Replication
import Settings
import TestSupport
import Testing

/// P2, P4, P5: sources that hand on what they receive, in a chain, a star and a ring.
@Suite("Sources that hand on (P2, P4, P5)") struct LinkTests {
    private static let schema = "CREATE TABLE item (id int PRIMARY KEY, name text)"
    private static let rows = "INSERT INTO item SELECT g, 'first' FROM generate_series(1, 5) AS g"
    static let chain = "    links: [[m1, m2], [m2, m3]]"

    private static func make(_ links: String, masters: Int = 3, targets: Int = 0) async throws -> TestMasters {
        try await CommonMasters.shared.started(
            schema: schema, rows: rows, masters: masters, targets: targets, sync: links)
    }

    private static let all = "SELECT string_agg(concat_ws(' ', id, name), ', ' ORDER BY id) FROM item"
    private static let conflicts =
        "SELECT string_agg(concat_ws(' ', key_values[1], winner_origin, loser_origin, loser_values[2]), ', ' ORDER BY key_values, id) FROM switchback.conflict"

    @Test func `what is written anywhere along a chain comes to its ends, with a target behind`() async throws {
        let place = try await Self.make("    links: [[m1, m2], [m2, m3], [m3, t1]]", targets: 1)
        #expect(place.streams.count == 5)
        try await place.expectEqual()
        try await place.masters[0].run("UPDATE item SET name = 'm1' WHERE id = 1; INSERT INTO item VALUES (6, 'm1')")
        try await place.masters[1].run("UPDATE item SET name = 'm2' WHERE id = 2; DELETE FROM item WHERE id = 5")
        try await place.masters[2].run("UPDATE item SET name = 'm3' WHERE id = 3")
        try await place.catchUp()
        #expect(try await place.answers(Self.all) == Array(repeating: "1 m1, 2 m2, 3 m3, 4 first, 6 m1", count: 4))
        #expect(try await place.answers(Self.conflicts) == [nil, nil, nil, nil])

        // A change that had seen one from the other end is no conflict; two that had not seen one another are.
        try await place.masters[2].run("UPDATE item SET name = 'over' WHERE id = 1")
        try await place.masters[0].run("UPDATE item SET name = 'here' WHERE id = 4")
        try await place.masters[2].run("UPDATE item SET name = 'there' WHERE id = 4; DELETE FROM item WHERE id = 6")
        try await place.catchUp()
        #expect(try await place.answers(Self.all) == Array(repeating: "1 over, 2 m2, 3 m3, 4 there", count: 4))
        #expect(try await place.answers(Self.conflicts) == Array(repeating: "4 m3 m1 here", count: 4))
        #expect(try await place.catchUp() == 0, "something comes back")
    }

    /// The deletion wins or the update does, by their stamps, and every node says so, wherever they met.
    @Test func `a deletion meets an update over the middle of a chain, and what is kept of them goes in the end`()
        async throws
    {
        let place = try await Self.make(Self.chain)
        try await place.masters[0].run("UPDATE item SET name = 'late' WHERE id = 1")
        try await place.masters[2].run("DELETE FROM item WHERE id = 1; UPDATE item SET name = 'early' WHERE id = 2")
        try await place.masters[0].run("DELETE FROM item WHERE id = 2")
        try await place.catchUp()
        try await place.expectEqual()
        #expect(try await place.answers(Self.all) == Array(repeating: "3 first, 4 first, 5 first", count: 3))
        let told = try await place.answers(Self.conflicts)
        #expect(told == Array(repeating: "1 m3 m1 late, 2 m1 m3 early", count: 3))
        try await expectNothingKept(place)
    }

    @Test func `in a ring and in a star a change crosses a link once, and quiet is quiet`() async throws {
        for links in [
            "    links: [[m1, m2], [m2, m3], [m3, m4], [m4, m1]]", "    links: [[m1, m2], [m1, m3], [m1, m4]]",
        ] {
            let place = try await Self.make(links, masters: 4)
            for (index, node) in place.masters.enumerated() {
                try await node.run("UPDATE item SET name = 'm\(index + 1)' WHERE id = \(index + 1)")
            }
            let carried = try await place.catchUp()
            try await place.expectEqual("\(links)")
            #expect(try await place.answers(Self.conflicts) == [nil, nil, nil, nil], "\(links)")
            // Each of four changes comes to three others; in a ring those that meet half-way may both come to the last.
            #expect(carried >= 12 && carried <= 16, "\(links)")
            #expect(try await place.catchUp() == 0, "\(links)")
            try await expectNothingKept(place)
        }
    }

    @Test func `one that hands on may be killed at any time: engine, connections and server`() async throws {
        let middle = try await TestServers.own("middle")
        do {
            try await carryPastKills(middle)
            await middle.destroy()
        } catch {
            await middle.destroy()
            throw error
        }
    }

    private func carryPastKills(_ middle: LocalCluster) async throws {
        let servers = [try await TestServers.shared.server("source"), middle]
        let place = try await TestMasters.make(
            schema: Self.schema, rows: Self.rows, masters: 3, sync: Self.chain, servers: servers)
        try await place.start()
        for round in 1...4 {
            try await place.withEngine {
                for (index, end) in [place.masters[0], place.masters[2]].enumerated() {
                    for number in 1...20 {
                        let id = round * 1000 + index * 100 + number
                        try await end.run("INSERT INTO item VALUES (\(id), 'x')")
                    }
                }
                // The engine ends in the middle of it.
                try await Task.sleep(for: .milliseconds(round * 20))
            }
            if round > 2 {
                try await middle.kill9()
                try await middle.start()
            }
        }
        try await place.catchUp()
        try await place.expectEqual()
        #expect(try await place.answers("SELECT count(*) FROM item") == ["165", "165", "165"])
        #expect(try await place.answers(Self.conflicts) == [nil, nil, nil])
    }

    @Test func `a node that comes to a running chain hears of what others still weigh`() async throws {
        let place = try await Self.make(Self.chain, masters: 4 - 1)
        try await place.masters[0].run("UPDATE item SET name = 'a' WHERE id = 1")
        try await place.masters[1].run("UPDATE item SET name = 'b' WHERE id = 1")
        try await place.carry(0, to: 1)
        // m3 does not know of it, and writes the row too.
        try await place.masters[2].run("UPDATE item SET name = 'c' WHERE id = 1")
        let database = try await TestDatabase.make(in: TestServers.shared.server("target"))
        try await database.run(Self.schema)
        let yaml = place.yaml.replacingOccurrences(of: "m3: source", with: "m3: source, m4: source")
            .replacingOccurrences(of: "nodes:\n  m1", with: "nodes:\n  m4: { dsn: \"\(database.dsn)\" }\n  m1")
            .replacingOccurrences(of: "[m2, m3]]", with: "[m2, m3], [m2, m4]]")
        let grown = try TestMasters(masters: place.masters + [database], targets: [], yaml: yaml)
        try await Installer(grown.cluster).install { _ in }
        let back = StreamID(sync: "main", source: "m4", receiver: "m2")
        let there = StreamID(sync: "main", source: "m2", receiver: "m4")
        _ = try await FirstCopy(stream: back, cluster: grown.cluster, logger: TestPair.logger).beginWithoutCopy()
        _ = try await FirstCopy(stream: there, cluster: grown.cluster, logger: TestPair.logger).run(.refuse)
        try await grown.catchUp()
        try await grown.expectEqual()
        #expect(try await grown.answers("SELECT name FROM item WHERE id = 1") == Array(repeating: "c", count: 4))
        #expect(
            try await grown.answers("SELECT count(*) FROM switchback.conflict") == Array(repeating: "2", count: 4))
        try await expectNothingKept(grown)
    }

    @Test func `what cannot be proven is refused`() async throws {
        let place = try await Self.make(Self.chain)
        await #expect(throws: SetupRefused.self) {
            try await Membership(place.cluster).declareLost("m3", sync: nil, reason: "gone")
        }
        // A table that comes later.
        for node in place.nodes { try await node.run("CREATE TABLE late (id int PRIMARY KEY)") }
        try await Installer(place.cluster).install { _ in }
        await #expect(throws: SetupRefused.self) {
            _ = try await FirstCopy(stream: place.streams[0], cluster: place.cluster, logger: TestPair.logger).run(
                .refuse)
        }
        // The same without its links.
        let mesh = try TestMasters(
            masters: place.masters, targets: [], yaml: place.yaml.replacingOccurrences(of: Self.chain, with: ""))
        try await place.masters[0].run("DELETE FROM item WHERE id = 1")
        let results = try await CatchUp(mesh.cluster, logger: TestPair.logger).run(
            mesh.streams.filter { $0.source == "m1" && $0.receiver == "m2" }, timeout: .seconds(4),
            allTables: false)
        #expect(results.allSatisfy { !$0.isCaughtUp && $0.reason?.contains("links") == true }, "\(results)")
    }

    /// The versions, deletions among them, and the deltas go once all sources are known to have seen them.
    private func expectNothingKept(_ place: TestMasters) async throws {
        let kept =
            "SELECT (SELECT count(*) FROM switchback.version_1) + (SELECT count(*) FROM switchback.delta_1_a) + (SELECT count(*) FROM switchback.delta_1_b)"
        let wanted = Array(repeating: Optional("0"), count: place.masters.count)
        var found: [String?] = []
        for _ in 0..<12 {
            _ = try await place.carryEach()
            found = try await place.answers(kept)
            if found == wanted { break }
        }
        #expect(found == wanted, "something is kept")
    }
}
