import Foundation
import Postgres
import TestSupport
import Testing

@testable import Replication

/// P4: values of a hundred megabytes travel, and neither they nor many rows of some size are gathered in memory.
@Suite("Large values", .serialized) struct LargeValueTests {
    @Test func `a text and a bytea of a hundred megabytes in one row`() async throws {
        let pair = try await TestPair.travelling(
            schema:
                "CREATE TABLE item (id int PRIMARY KEY, name text, body text, data bytea); ALTER TABLE item ALTER body SET STORAGE EXTERNAL"
        )
        let size = 100 << 20
        // Backslashes, line breaks and two-byte characters, and bytes that compress badly.
        try await pair.source.run(
            """
            INSERT INTO item VALUES (1, 'large', repeat(E'tab\\t new\\n slash\\\\ é \\\\. ', \(size / 20)),
                (SELECT string_agg(sha512(g::text::bytea), '') FROM generate_series(1, \(size / 64 + 1)) AS g))
            """)
        #expect(
            try await pair.source.value("SELECT least(octet_length(body), octet_length(data)) >= \(size) FROM item")
                == "t")
        let digest = "SELECT string_agg(concat_ws(' ', id, name, md5(body), md5(data)), ',' ORDER BY id) FROM item"
        func expectSame(_ comment: Comment) async throws {
            #expect(try await pair.target.value(digest) == pair.source.value(digest), comment)
        }
        try await pair.start()
        try await expectSame("after the first copy")
        // Few rows, and yet too large to be written row by row.
        try await pair.change("UPDATE item SET body = 'Ä' || body, data = data || '\\x00'", on: .staged)
        try await expectSame("changed")
        try await pair.change("UPDATE item SET body = '', data = ''", on: .singleRows)
        try await expectSame("emptied")
    }

    /// A row of moderate size goes row by row; many of them do not.
    @Test func `batches are measured by their bytes as well`() async throws {
        let pair = try await TestPair.travelling(
            schema:
                "CREATE TABLE item (id int PRIMARY KEY, body text); ALTER TABLE item ALTER body SET STORAGE EXTERNAL")
        try await pair.source.run("INSERT INTO item SELECT g, repeat('x', 50000) FROM generate_series(1, 40) AS g")
        try await pair.start()
        try await pair.change("UPDATE item SET body = body || 'y' WHERE id = 1", on: .singleRows)
        try await pair.change("UPDATE item SET body = body || 'z'", on: .staged)
        try await pair.expectEqual()
    }
}
