import Postgres
import Testing

/// All suites of this module, one test at a time: some count the process's threads, descriptors or memory.
@Suite(.serialized) enum DatabaseTests {}

extension DatabaseTests {
    @Suite("Queries") struct QueryTests {
        @Test("values, NULLs and affected rows come back as they were given")
        func values() async throws {
            try await withConnection { connection in
                let result = try await connection.run { session in
                    try session.query(
                        "SELECT $1::text AS a, $2::int4 AS b, $3::text AS c, true AS d", ["ä€😀'\\", "-7", nil])
                }
                #expect(result.columnNames == ["a", "b", "c", "d"])
                #expect(result[0, 0] == "ä€😀'\\")
                #expect(result.rows[0].int("b") == -7)
                #expect(result.rows[0].string("c") == nil && result.isNull(0, 2) && result.byteCount(0, 2) == 0)
                #expect(result.rows[0].bool("d") == true)
                let affected = try await connection.run { session in
                    try session.execute("CREATE TEMP TABLE t (n int); INSERT INTO t SELECT generate_series(1, 5)")
                    return try session.query("DELETE FROM t WHERE n > $1", ["2"]).affectedRows
                }
                #expect(affected == 3)
            }
        }

        @Test("text means the same whatever the database is set to")
        func standardParameters() async throws {
            try await withConnection([("TimeZone", "Europe/Lisbon"), ("session_replication_role", "replica")]) {
                connection in
                let row = try await connection.run { session in
                    try session.query(
                        """
                        SELECT current_setting('timezone'), current_setting('session_replication_role'),
                            current_setting('datestyle'), current_setting('search_path'), current_setting('client_encoding'),
                            current_setting('extra_float_digits'), current_setting('application_name')
                        """)
                }
                #expect(
                    (0..<7).map { row[0, $0] } == [
                        "Europe/Lisbon", "replica", "ISO, YMD", "pg_catalog, pg_temp", "UTF8", "3", "switchback",
                    ])
                let version = try await connection.run { ($0.serverVersion, $0.backendPID, $0.inTransaction) }
                #expect(version.0 >= 100_000 && version.1 > 0 && !version.2)
            }
        }

        @Test("an error carries every field that the server gave, and the connection goes on")
        func errorFields() async throws {
            try await withConnection { connection in
                let error = try await databaseError {
                    try await connection.run { session in
                        try session.execute("CREATE TEMP TABLE parts (n int CONSTRAINT positive CHECK (n > 0))")
                        _ = try session.query("INSERT INTO parts VALUES ($1)", ["-1"])
                    }
                }
                #expect(error.kind == .server && error.sqlState == "23514")
                #expect(
                    error.table == "parts" && error.constraint == "positive"
                        && error.schema?.hasPrefix("pg_temp") == true)
                #expect(error.detail?.contains("-1") == true)
                let raised = try await databaseError {
                    try await connection.run { session in
                        try session.execute(
                            "DO $$ BEGIN RAISE 'no' USING HINT = 'try', COLUMN = 'c', ERRCODE = 'AB123'; END $$")
                    }
                }
                #expect(
                    raised.message == "no" && raised.hint == "try" && raised.column == "c" && raised.sqlState == "AB123"
                )
                #expect(raised.context?.contains("PL/pgSQL") == true)
                let usable = try await isUsable(connection)
                #expect(usable)
            }
        }

        @Test("a NUL byte is refused, not cut off")
        func nulByte() async throws {
            try await withConnection { connection in
                let error = try await databaseError {
                    _ = try await connection.run { try $0.query("SELECT $1", ["a\0b"]) }
                }
                #expect(error.kind == .misuse && error.message.contains("parameter 1"))
                let second = try await databaseError { try await connection.run { try $0.execute("SELECT 1\0") } }
                #expect(second.kind == .misuse)
                #expect(try await connection.run { try $0.query("SELECT $1", [""])[0, 0] } == "")
            }
        }

        @Test("a parameter of a hundred megabytes passes")
        func largeParameter() async throws {
            try await withConnection { connection in
                let count = try await connection.run { session in
                    try session.query("SELECT octet_length($1)", [String(repeating: "x", count: 100_000_000)])[0, 0]
                }
                #expect(count == "100000000")
            }
        }

        @Test("a name prepared once is prepared again only for other SQL")
        func prepared() async throws {
            try await withConnection { connection in
                try await connection.run { session in
                    try session.prepare("s", "SELECT $1::int + 1")
                    try session.prepare("s", "SELECT $1::int + 1")
                    #expect(try session.queryPrepared("s", ["41"])[0, 0] == "42")
                    #expect(try session.query("SELECT count(*) FROM pg_prepared_statements")[0, 0] == "1")
                    try session.prepare("s", "SELECT $1::int + 2")
                    #expect(try session.queryPrepared("s", ["41"])[0, 0] == "43")
                    try session.deallocateAll()
                    #expect(throws: PostgresError.self) { try session.queryPrepared("s", ["1"]) }
                    try session.prepare("s", "SELECT $1::int + 2")
                    #expect(try session.queryPrepared("s", ["1"])[0, 0] == "3")
                }
            }
        }

        @Test("a transaction that throws leaves nothing, and one that ends leaves all")
        func transaction() async throws {
            try await withConnection { connection in
                try await connection.run { session in
                    try session.execute("CREATE TEMP TABLE t (n int)")
                    do {
                        try session.transaction { () throws -> Void in
                            try session.execute("INSERT INTO t VALUES (1)")
                            #expect(session.inTransaction)
                            throw TestError("no")
                        }
                        Issue.record("nothing was thrown")
                    } catch is TestError {}
                    #expect(!session.inTransaction)
                    try session.transaction { try session.execute("INSERT INTO t VALUES (2)") }
                    #expect(try session.query("SELECT string_agg(n::text, ',') FROM t")[0, 0] == "2")
                }
            }
        }

        @Test("COPY where no COPY is expected is an error that leaves the connection usable")
        func unexpectedCopy() async throws {
            try await withConnection { connection in
                try await connection.run { session in
                    try session.execute("CREATE TEMP TABLE t (n int)")
                    for sql in ["COPY t FROM STDIN", "COPY (SELECT generate_series(1, 100000)) TO STDOUT"] {
                        #expect(throws: PostgresError.self) { try session.execute(sql) }
                        #expect(throws: PostgresError.self) { try session.query(sql) }
                    }
                    #expect(throws: PostgresError.self) { try session.copyOut("SELECT 1") { _ in } }
                    #expect(throws: PostgresError.self) { try session.copyOut("COPY t FROM STDIN") { _ in } }
                    #expect(throws: PostgresError.self) { try session.copyIn("COPY t TO STDOUT") { _ in } }
                    #expect(throws: PostgresError.self) { try session.copyIn("COPY missing FROM STDIN") { _ in } }
                    #expect(try session.query("SELECT 1")[0, 0] == "1")
                }
            }
        }

        @Test(
            "quoted names and texts come back whole",
            arguments: ["", "a", "a'b", "a\"b", "a\\b", "\\'", "'\u{301}", "\"\u{301}", "ä😀"])
        func quoting(text: String) async throws {
            try await withConnection { connection in
                for mode in ["on", "off"] {
                    let sql = "SELECT \(SQLText.literal(text)) AS \(SQLText.identifier("c" + text))"
                    let result = try await connection.run { session in
                        try session.execute("SET standard_conforming_strings = \(mode)")
                        return try session.query(sql)
                    }
                    // Scalars, because a String comparison takes different ones for equal.
                    #expect(result[0, 0].map { Array($0.unicodeScalars) } == Array(text.unicodeScalars))
                    #expect(Array(result.columnName(0).unicodeScalars) == Array("c\(text)".unicodeScalars))
                }
            }
        }
    }
}
