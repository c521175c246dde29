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
        for statement in (finding.remedy ?? "").components(separatedBy: "; ") {
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
}
