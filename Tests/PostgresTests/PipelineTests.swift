import Postgres
import Testing

extension DatabaseTests {
    @Suite("Pipelines") struct PipelineTests {
        @Test("the results come in order, one for each statement, and preparing has none")
        func order() async throws {
            try await withConnection { connection in
                try await connection.run { session in
                    try session.execute("CREATE TEMP TABLE t (n int, s text)")
                    let results = try session.pipeline { pipeline in
                        pipeline.prepareIfNeeded("insert", "INSERT INTO t VALUES ($1, $2)")
                        for n in 1...100 { pipeline.prepared("insert", ["\(n)", n % 2 == 0 ? nil : "s\(n)"]) }
                        pipeline.query("SELECT count(*), count(s) FROM t WHERE n <= $1", ["50"])
                    }
                    #expect(results.count == 101)
                    #expect(results[0].affectedRows == 1)
                    #expect(results[100][0, 0] == "50" && results[100][0, 1] == "25")
                    // Known now, to the pipeline and to the session alike.
                    let again = try session.pipeline { pipeline in
                        pipeline.prepareIfNeeded("insert", "INSERT INTO t VALUES ($1, $2)")
                        pipeline.prepared("insert", ["0", nil])
                        pipeline.prepareIfNeeded("insert", "DELETE FROM t WHERE n = $1")
                        pipeline.prepared("insert", ["0"])
                    }
                    #expect(again.map(\.affectedRows) == [1, 1])
                    #expect(try session.queryPrepared("insert", ["7"]).affectedRows == 1)
                    #expect(try session.pipeline { _ in }.isEmpty)
                }
            }
        }

        @Test("values go from one result into statements as they are, NULLs too")
        func passThrough() async throws {
            try await withConnection { connection in
                try await connection.run { session in
                    let source = try session.query(
                        "VALUES ('k', '1', '2', '3'), ('k', NULL, '', 'ä\\'), ('k', '4', repeat('x', 100000), NULL)")
                    let results = try session.pipeline { pipeline in
                        pipeline.prepareIfNeeded(
                            "echo", "SELECT $1::text, $2::text, $3::text, $4::text, $5::text, $6::text")
                        pipeline.prepared("echo", of: source, rows: [1, 2], columns: 1..<4)
                    }
                    let long = String(repeating: "x", count: 100_000)
                    #expect((0..<6).map { results[0][0, $0] } == [nil, "", "ä\\", "4", long, nil])
                }
            }
        }

        @Test("an error in the middle undoes the whole pipeline, and the connection goes on")
        func errorInTheMiddle() async throws {
            try await withConnection { connection in
                try await connection.run { session in
                    try session.execute("CREATE TEMP TABLE t (n int PRIMARY KEY)")
                    do {
                        _ = try session.pipeline { pipeline in
                            for n in [1, 2, 2, 3] { pipeline.query("INSERT INTO t VALUES ($1)", ["\(n)"]) }
                            pipeline.prepareIfNeeded("late", "SELECT 1")
                        }
                        Issue.record("nothing was thrown")
                    } catch let error as PostgresError {
                        #expect(error.sqlState == "23505")
                    }
                    #expect(try session.query("SELECT count(*) FROM t")[0, 0] == "0")
                    // What came after the error was not prepared, and the session knows.
                    try session.prepare("late", "SELECT 1")
                    #expect(try session.queryPrepared("late", [])[0, 0] == "1")
                }
            }
        }

        @Test("a body that throws, and a parameter that cannot be sent, leave nothing behind")
        func bodyThrows() async throws {
            try await withConnection { connection in
                try await connection.run { session in
                    try session.execute("CREATE TEMP TABLE t (n int)")
                    do {
                        _ = try session.pipeline { pipeline in
                            pipeline.query("INSERT INTO t VALUES (1)")
                            throw TestError("no")
                        }
                        Issue.record("nothing was thrown")
                    } catch is TestError {}
                    do {
                        _ = try session.pipeline { pipeline in
                            pipeline.query("INSERT INTO t VALUES (1)")
                            pipeline.query("SELECT $1", ["a\0"])
                            pipeline.query("INSERT INTO t VALUES (2)")
                        }
                        Issue.record("nothing was thrown")
                    } catch let error as PostgresError {
                        #expect(error.kind == .misuse)
                    }
                    #expect(try session.query("SELECT count(*) FROM t")[0, 0] == "0")
                }
            }
        }

        @Test("fifty megabytes each way do not lock both sides up")
        func bothWays() async throws {
            try await withConnection { connection in
                let received = try await connection.run(deadline: .seconds(120)) { session in
                    let text = String(repeating: "x", count: 500_000)
                    let results = try session.pipeline { pipeline in
                        for _ in 0..<100 { pipeline.query("SELECT $1::text", [text]) }
                    }
                    return results.reduce(0) { $0 + $1.byteCount(0, 0) }
                }
                #expect(received == 50_000_000)
            }
        }
    }
}
