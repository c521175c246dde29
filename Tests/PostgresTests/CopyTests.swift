import Foundation
import Testing

@testable import Postgres

extension DatabaseTests {
    @Suite("COPY") struct CopyTests {
        @Test("rows come out gathered, whole, and counted")
        func out() async throws {
            try await withConnection { connection in
                let (rows, chunks, bytes, whole) = try await connection.run { session in
                    var (chunks, bytes, whole) = (0, 0, true)
                    let rows = try session.copyOut("COPY (SELECT generate_series(1, 100000)) TO STDOUT") { chunk in
                        chunks += 1
                        bytes += chunk.count
                        whole = whole && chunk.last == UInt8(ascii: "\n")
                    }
                    return (rows, chunks, bytes, whole)
                }
                #expect(rows == 100_000 && bytes == 588_895 && whole)
                #expect(chunks < 20)
            }
        }

        @Test("rows go in and are counted, a row larger than any buffer too")
        func into() async throws {
            try await withConnection { connection in
                let (rows, length) = try await connection.run { session in
                    try session.execute("CREATE TEMP TABLE t (n int, s text)")
                    let rows = try session.copyIn("COPY t FROM STDIN") { writer in
                        for n in 1...1000 { try writer.write("\(n)\tx\n") }
                        try writer.write("0\t")
                        try writer.write(String(repeating: "y", count: 30_000_000))
                        try writer.write("\n")
                    }
                    return (rows, try session.query("SELECT length(s) FROM t WHERE n = 0")[0, 0])
                }
                #expect(rows == 1001 && length == "30000000")
            }
        }

        @Test("a receiver that throws stops the rows coming, and the connection goes on")
        func outAbort() async throws {
            try await withConnection { connection in
                do {
                    _ = try await connection.run { session in
                        try session.copyOut("COPY (SELECT generate_series(1, 100000000)) TO STDOUT") { _ in
                            throw TestError("enough")
                        }
                    }
                    Issue.record("nothing was thrown")
                } catch is TestError {}
                let usable = try await isUsable(connection)
                #expect(usable)
            }
        }

        @Test("a sender that throws, and a row that is refused, leave no row and a usable connection")
        func inAbort() async throws {
            try await withConnection { connection in
                try await connection.run { session in
                    try session.execute("CREATE TEMP TABLE t (n int)")
                    do {
                        _ = try session.copyIn("COPY t FROM STDIN") { writer in
                            for n in 0..<50_000 { try writer.write("\(n)\n") }
                            throw TestError("enough")
                        }
                        Issue.record("nothing was thrown")
                    } catch is TestError {}
                    do {
                        _ = try session.copyIn("COPY t FROM STDIN") { try $0.write("1\nx\n2\n") }
                        Issue.record("nothing was thrown")
                    } catch let error as PostgresError {
                        #expect(error.sqlState == "22P02" && error.context?.contains("line 2") == true)
                    }
                    #expect(try session.query("SELECT count(*) FROM t")[0, 0] == "0")
                }
            }
        }

        @Test("a refused row is noticed while rows are still sent, with the server's own error")
        func earlyRefusal() async throws {
            try await withConnection { connection in
                try await connection.run { try $0.execute("CREATE TEMP TABLE t (n int)") }
                let error = try await databaseError {
                    _ = try await connection.run(deadline: .seconds(60)) { session in
                        try session.copyIn("COPY t FROM STDIN") { writer in
                            try writer.write("x\n")
                            while true { try writer.write("1\n") }
                        }
                    }
                }
                #expect(error.sqlState == "22P02" && error.context?.contains("line 1") == true)
                let usable = try await isUsable(connection)
                #expect(usable)
            }
        }

        @Test("no statement runs inside a COPY of the same connection")
        func nested() async throws {
            try await withConnection { connection in
                let error = try await databaseError {
                    _ = try await connection.run { session in
                        try session.copyOut("COPY (SELECT 1) TO STDOUT") { _ in try session.execute("SELECT 1") }
                    }
                }
                #expect(error.kind == .misuse)
                let usable = try await isUsable(connection)
                #expect(usable)
            }
        }
    }

    @Suite("A copy between two connections") struct CopyBetweenTests {
        private static let query = "COPY (SELECT n, repeat('x', 90) FROM generate_series(1, 1000000) n) TO STDOUT"

        /// A table's rows of a large batch were lost when the machine was busy: the batch's copy into the stage said that
        /// it had taken none, and what is counted as none is not applied. The sender's end carried no count, and when it
        /// came second it replaced the receiver's. Each end now says which it is.
        @Test("the count is the receiver's, whichever side ends first")
        func countOfEitherOrder() async throws {
            for receiverIsLast in [false, true] {
                let rows = try await withThrowingTaskGroup(of: CopyEnd.self) { group in
                    let ends: [CopyEnd] = receiverIsLast ? [.sent, .taken(7)] : [.taken(7), .sent]
                    for (place, end) in ends.enumerated() {
                        group.addTask {
                            try await Task.sleep(for: .milliseconds(100 * place))
                            return end
                        }
                    }
                    return try await rowCount(of: &group, BytePipe(capacityBytes: 1))
                }
                #expect(rows == 7, "the receiver is last: \(receiverIsLast)")
            }
        }

        /// Two connections and a table at the second.
        private func withPair(_ body: (Connection, Connection) async throws -> Void) async throws {
            try await withConnection { source in
                try await withConnection { target in
                    try await target.run { try $0.execute("CREATE TEMP TABLE t (n int, s text)") }
                    try await body(source, target)
                    // Whatever happened, both are usable.
                    for connection in [source, target] where await !connection.isBroken {
                        await connection.rollBack()
                        let usable = try await isUsable(connection)
                        #expect(usable)
                    }
                }
            }
        }

        @Test("a million rows stream through inside open transactions, without being held in memory")
        func million() async throws {
            try await withPair { source, target in
                for connection in [source, target] { try await connection.run { try $0.execute("BEGIN") } }
                let before = residentBytes()
                let most = Counter()
                let bytes = Counter()
                let rows = try await copyBetween(from: source, Self.query, to: target, "COPY t FROM STDIN") { count in
                    bytes.add(count)
                    most.raise(to: residentBytes())
                }
                #expect(rows == 1_000_000)
                #expect(bytes.value > 95_000_000)
                #expect(most.value - before < 32 << 20)
                #expect(try await target.run { $0.inTransaction })
                let answerTarget = try await target.run { try $0.query("SELECT count(*) FROM t")[0, 0] }
                #expect(answerTarget == "1000000")
            }
        }

        @Test("either side's error ends both, and is the one that is told")
        func errors() async throws {
            try await withPair { source, target in
                let sender = try await databaseError {
                    try await copyBetween(
                        from: source,
                        "COPY (SELECT 1, (1 / (50000 - n))::text FROM generate_series(1, 90000) n) TO STDOUT",
                        to: target, "COPY t FROM STDIN")
                }
                #expect(sender.sqlState == "22012")
                let receiver = try await databaseError {
                    try await copyBetween(from: source, Self.query, to: target, "COPY missing FROM STDIN")
                }
                #expect(receiver.sqlState == "42P01")
                let row = try await databaseError {
                    try await copyBetween(
                        from: source, "COPY (SELECT 'x', n FROM generate_series(1, 10000) n) TO STDOUT", to: target,
                        "COPY t FROM STDIN")
                }
                #expect(row.sqlState == "22P02")
                let answerTarget = try await target.run { try $0.query("SELECT count(*) FROM t")[0, 0] }
                #expect(answerTarget == "0")
            }
        }

        @Test("a cancelled task ends both, while rows flow and while none come")
        func cancelled() async throws {
            try await withPair { source, target in
                for query in [Self.query, "COPY (SELECT pg_sleep(600)) TO STDOUT"] {
                    let inSQL = query == Self.query ? "COPY t FROM STDIN" : "COPY t (s) FROM STDIN"
                    let task = Task { try await copyBetween(from: source, query, to: target, inSQL) }
                    try await Task.sleep(for: .milliseconds(200))
                    task.cancel()
                    let error = try await databaseError { _ = try await task.value }
                    #expect(error.kind == .cancelled)
                }
            }
        }

        @Test("the deadline ends both, also the side that waits for the other's bytes")
        func deadline() async throws {
            try await withPair { source, target in
                let error = try await databaseError {
                    try await copyBetween(
                        from: source, "COPY (SELECT pg_sleep(600)) TO STDOUT", to: target, "COPY t (s) FROM STDIN",
                        deadline: .milliseconds(200))
                }
                #expect(error.kind == .deadline)
            }
        }

        @Test("a receiver whose session is ended frees the sender")
        func receiverEnded() async throws {
            try await withConnection { killer in
                try await withPair { source, target in
                    let pid = try await target.run { $0.backendPID }
                    let flowing = Counter()
                    let error = try await databaseError {
                        try await withThrowingTaskGroup(of: Void.self) { group in
                            group.addTask {
                                try await copyBetween(
                                    from: source, Self.query, to: target, "COPY t FROM STDIN",
                                    onBytes: { flowing.add($0) })
                            }
                            try await eventually { flowing.value > 0 }
                            _ = try await killer.run { try $0.query("SELECT pg_terminate_backend($1)", ["\(pid)"]) }
                            try await group.waitForAll()
                        }
                    }
                    #expect(error.isConnectionFailure, "\(error)")
                    #expect(await target.isBroken)
                }
            }
        }
    }

    @Suite("The byte pipe") struct BytePipeTests {
        @Test("bytes come out as they went in, through a pipe smaller than they are", arguments: [1, 7, 4096])
        func order(capacity: Int) async throws {
            let pipe = BytePipe(capacityBytes: capacity)
            let sent = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            Thread.detachNewThread {
                do {
                    for start in stride(from: 0, to: sent.count, by: 1000) {
                        try sent[start..<start + 1000].withUnsafeBytes { try pipe.write($0) }
                    }
                    pipe.finish()
                } catch {
                    pipe.fail(error)
                }
            }
            var received: [UInt8] = []
            while try pipe.read(into: { received += $0 }) {}
            #expect(received == sent)
            #expect(throws: PostgresError.self) { try [1 as UInt8].withUnsafeBytes { try pipe.write($0) } }
        }

        @Test("a failure wakes a reader that waits, and the first one counts")
        func failure() async throws {
            let pipe = BytePipe()
            Thread.detachNewThread {
                usleep(50_000)
                pipe.fail(TestError("first"))
                pipe.fail(TestError("second"))
            }
            do {
                _ = try pipe.read { _ in }
                Issue.record("nothing was thrown")
            } catch let error as TestError {
                #expect(error.description == "first")
            }
        }
    }
}

/// Resident memory of this process.
func residentBytes() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
}
