import Foundation
import Replication
import TestSupport
import Testing

/// Keys that two sources would both hand out are found, and what the remedy says parts them.
@Suite("Generated keys between masters") struct GeneratedKeyTests {
    @Test func `sequences that would collide are found, and the remedy parts them`() async throws {
        let masters = try await TestMasters.make(
            schema: "CREATE TABLE item (id serial PRIMARY KEY, name text)",
            rows: "INSERT INTO item (name) SELECT 'first' FROM generate_series(1, 10)", masters: 3)
        let findings = try await Checkup(masters.cluster).run()
        let finding = try #require(findings.first { $0.message.contains("item_id_seq") })
        #expect(finding.severity == .notice)
        for statement in (finding.remedy ?? "").components(separatedBy: "by hand, ")[1].components(separatedBy: "; ") {
            let parts = statement.components(separatedBy: ": ")
            let index = try #require(Int(parts[0].dropFirst("at m".count)))
            try await masters.masters[index - 1].run(parts[1])
        }
        #expect(try await !Checkup(masters.cluster).run().contains { $0.message.contains("item_id_seq") })
        try await masters.start()
        for (index, node) in masters.masters.enumerated() {
            try await node.run("INSERT INTO item (name) SELECT 'by \(index)' FROM generate_series(1, 50)")
        }
        try await masters.catchUp()
        try await masters.expectEqual()
        #expect(try await masters.answers("SELECT count(*) FROM item") == ["160", "160", "160"])
        #expect(try await masters.answers("SELECT count(*) FROM switchback.conflict") == ["0", "0", "0"])
    }

    /// Applications draw values while the sequences are parted; a second run has nothing to do; what was set is taken back.
    @Test func `an installation parts sequences that are in use, and says what it sets`() async throws {
        let masters = try await TestMasters.make(
            schema:
                "CREATE TABLE item (id serial PRIMARY KEY, name text); CREATE SEQUENCE down INCREMENT BY -1; CREATE TABLE low (id int PRIMARY KEY DEFAULT nextval('down'))",
            rows: "INSERT INTO item (name) SELECT 'first' FROM generate_series(1, 10)", masters: 3)
        let installer = Installer(masters.cluster)
        let planned = try await installer.plan(partsSequences: true).flatMap(\.steps).filter {
            $0.title.contains("hand out")
        }
        #expect(planned.count == 3 && planned.allSatisfy { $0.title.contains("item_id_seq") })
        let increments =
            "SELECT string_agg(seqincrement::text, ' ' ORDER BY seqrelid::regclass::text) FROM pg_sequence WHERE seqrelid::regclass::text IN ('item_id_seq', 'down')"
        #expect(try await masters.answers(increments) == ["-1 1", "-1 1", "-1 1"])
        let writers = masters.masters.map { node in
            Task {
                for _ in 0..<40 {
                    try await node.run("INSERT INTO item (name) SELECT 'busy' FROM generate_series(1, 5)")
                }
            }
        }
        try await installer.install(partsSequences: true) { _ in }
        for writer in writers { try await writer.value }
        #expect(try await masters.answers(increments) == ["-1 3", "-1 3", "-1 3"])
        let again = try await installer.plan(partsSequences: true).flatMap(\.steps)
        #expect(again.isEmpty, "\(again.map(\.title))")
        let drawn = try await masters.answers(
            "SELECT array_agg(nextval('item_id_seq'))::text FROM generate_series(1, 100)")
        let values = drawn.flatMap { ($0 ?? "").split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) } }
        #expect(values.count == 300 && Set(values).count == 300)
        try await installer.uninstall { _ in }
        #expect(try await masters.answers(increments) == ["-1 1", "-1 1", "-1 1"])
    }
}
