import Foundation
import Postgres
import Programs
import TestSupport
import Testing

/// P1, P3, P4, with a schema that nobody here wrote: Zabbix's, of more than a hundred and fifty tables.
@Suite("Zabbix") struct ZabbixTests {
    private static let folder = ProcessInfo.processInfo.environment["SWITCHBACK_ZABBIX_SQL"] ?? ""
    private static var isThere: Bool { FileManager.default.fileExists(atPath: folder + "/schema.sql.gz") }

    private static func unpacked(_ name: String) async throws -> String {
        let program = ExternalProgram(["gzip", "-dc", "\(folder)/\(name).sql.gz"])
        return try await program.run(limit: .seconds(120), outputBytesMax: 1 << 28).output
    }

    /// Rows are made up for every table, and go through every kind of statement, in the order that the foreign keys allow;
    /// an engine carries them meanwhile. What is compared is no code of Switchback's.
    @Test(.enabled(if: isThere, "SWITCHBACK_ZABBIX_SQL names no folder with Zabbix's schema.sql.gz"))
    func `every table of Zabbix is changed by every kind of statement, and equal at the end`() async throws {
        let pair = try await TestPair.make(schema: try await Self.unpacked("schema"))
        for part in ["images", "data"] { try await pair.source.run(try await Self.unpacked(part)) }
        try await pair.start()
        let names = try await pair.source.tables()
        #expect(names.count > 150)
        try await pair.expectEqual(names, "after the first copy")
        let invented = try await InventedRows.read(pair.source)
        #expect(invented.tables.map(\.name).sorted() == names.sorted())
        #expect(invented.tables.allSatisfy { !$0.key.isEmpty })
        try await pair.withEngine {
            try await pair.source.session { try Self.fill(invented.tables, $0) }
            try await pair.catchUp()
            try await pair.expectEqual(names, "filled")
            try await pair.source.session { try Self.change(invented.tables, $0) }
            try await pair.catchUp()
            try await pair.expectEqual(names, "changed")
            try await pair.source.session { try Self.empty(invented.tables, $0) }
            try await pair.catchUp()
            try await pair.expectEqual(names, "emptied, and filled a little")
        }
        let (there, here) = (try await pair.target.digests(names), try await pair.source.digests(names))
        #expect(there == here)
        #expect(here.allSatisfy { $0.hasPrefix("2 ") }, "two rows in each")
    }

    /// INSERT, COPY, INSERT ON CONFLICT both ways, MERGE both ways, and a change of the key where it is the row's own.
    private static func fill(_ tables: [InventedRows.Table], _ session: Session) throws {
        for table in tables {
            let (columns, key) = (table.list(table.inserted), table.list(table.key))
            try session.execute(
                "INSERT INTO \(table.name) (\(columns)) VALUES \((1...3).map { "(\(table.values($0)))" }.joined(separator: ", "))"
            )
            let lines = (4...5).map { row in
                table.inserted.map { $0.value(row).replacing("\\", with: "\\\\").replacing("\t", with: "\\t") }
                    .joined(separator: "\t") + "\n"
            }
            let copied = try session.copyIn("COPY \(table.name) (\(columns)) FROM STDIN") { writer in
                for line in lines { try writer.write(line) }
            }
            #expect(copied == 2)
            let update = table.free.isEmpty ? table.key : table.free
            for row in [1, 6] {
                try session.execute(
                    """
                    INSERT INTO \(table.name) (\(columns)) VALUES (\(table.values(row)))
                    ON CONFLICT (\(key)) DO UPDATE SET \(table.set(update) { "excluded.\(SQLText.identifier($0.name))" })
                    """)
            }
            for row in [2, 7] {
                let condition = table.key.map { "t.\(SQLText.identifier($0.name)) = s.\(SQLText.identifier($0.name))" }
                try session.execute(
                    """
                    MERGE INTO \(table.name) AS t USING (VALUES (\(table.values(row)))) AS s (\(columns)) ON \(condition.joined(separator: " AND "))
                    WHEN MATCHED THEN UPDATE SET \(table.set(update) { "s.\(SQLText.identifier($0.name))" })
                    WHEN NOT MATCHED THEN INSERT (\(columns)) VALUES (\(table.list(table.inserted)))
                    """)
            }
            // Nobody refers to row 7 yet: its children come later.
            for (from, to) in [(7, 8), (8, 7)] {
                guard let own = table.ownKey else { continue }
                let others = table.key.filter { $0.name != own.name }.map {
                    "\(SQLText.identifier($0.name)) = \($0.literal(7))"
                }
                let condition = (others + ["\(SQLText.identifier(own.name)) = \(own.literal(from))"]).joined(
                    separator: " AND ")
                try session.execute(
                    "UPDATE \(table.name) SET \(SQLText.identifier(own.name)) = \(own.literal(to)) WHERE \(condition)")
            }
        }
    }

    /// UPDATE of all that can be updated, of references, of many rows at once; DELETE; a rolled back savepoint.
    private static func change(_ tables: [InventedRows.Table], _ session: Session) throws {
        for table in tables {
            try session.execute("BEGIN")
            for (column, row) in table.free.flatMap({ column in [1, 3].map { (column, $0) } }) {
                try session.execute(
                    "UPDATE \(table.name) SET \(SQLText.identifier(column.name)) = \(column.literal(row + 50)) WHERE \(table.isRow(row))"
                )
            }
            for row in [1, 3] where !table.empty.isEmpty {
                try session.execute(
                    "UPDATE \(table.name) SET \(table.set(table.empty) { $0.literal(row) }) WHERE \(table.isRow(row))")
            }
            try session.execute(
                "SAVEPOINT s; UPDATE \(table.name) SET \(table.set(table.key) { SQLText.identifier($0.name) })")
            try session.execute(table.name.count % 2 == 0 ? "ROLLBACK TO s" : "RELEASE s")
            try session.execute("COMMIT")
        }
        for table in tables.reversed() {
            try session.execute("DELETE FROM \(table.name) WHERE \(table.isRow(2)) OR \(table.isRow(5))")
        }
    }

    /// TRUNCATE of every table, the children first, and two rows again.
    private static func empty(_ tables: [InventedRows.Table], _ session: Session) throws {
        for table in tables.reversed() { try session.execute("TRUNCATE \(table.name) CASCADE") }
        for table in tables {
            try session.execute(
                "INSERT INTO \(table.name) (\(table.list(table.inserted))) VALUES (\(table.values(1))), (\(table.values(2)))"
            )
        }
    }
}
