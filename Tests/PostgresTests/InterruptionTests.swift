import Foundation
import LocalCluster
import Postgres
import Testing

extension DatabaseTests {
    @Suite("Interruptions") struct InterruptionTests {
        @Test("a deadline ends the statement, in the server too, and the connection goes on")
        func deadline() async throws {
            try await withConnection { connection in
                let error = try await databaseError {
                    _ = try await connection.run(deadline: .milliseconds(200)) { try $0.query("SELECT pg_sleep(600)") }
                }
                #expect(error.kind == .deadline)
                let running = try await connection.run { session in
                    try session.query(
                        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(600)%' AND state = 'active'"
                    )
                }
                #expect(running[0, 0] == "0")
                #expect(await !connection.isBroken)
            }
        }

        @Test("cancelling the task ends whatever runs, and the connection goes on", arguments: 0..<5)
        func cancel(kind: Int) async throws {
            try await withConnection { connection in
                try await connection.run { try $0.execute("CREATE TEMP TABLE t (s text); LISTEN nothing") }
                let task = Task {
                    try await connection.run { session in
                        switch kind {
                        case 0: try session.execute("SELECT pg_sleep(600)")
                        case 1: _ = try session.pipeline { for _ in 0..<10 { $0.query("SELECT pg_sleep(600)") } }
                        case 2:
                            _ = try session.copyOut("COPY (SELECT generate_series(1, 10000000000)) TO STDOUT") { _ in }
                        case 3: _ = try session.copyIn("COPY t FROM STDIN") { while true { try $0.write("x\n") } }
                        default: _ = try session.waitForNotification(timeout: .seconds(600))
                        }
                    }
                }
                try await Task.sleep(for: .milliseconds(150))
                task.cancel()
                let error = try await databaseError { try await task.value }
                #expect(error.kind == .cancelled)
                let answerConnection = try await connection.run { try $0.query("SELECT count(*) FROM t")[0, 0] }
                #expect(answerConnection == "0")
            }
        }

        @Test("a cancelled transaction can still be rolled back, and keeps the connection")
        func cancelledTransaction() async throws {
            try await withConnection { connection in
                let task = Task {
                    try await connection.run { session in
                        try session.transaction { try session.execute("SELECT pg_sleep(600)") }
                    }
                }
                try await Task.sleep(for: .milliseconds(100))
                task.cancel()
                let cancelled = try await databaseError { try await task.value }
                #expect(cancelled.kind == .cancelled)
                #expect(try await connection.run { $0.inTransaction } == false)
            }
        }

        @Test("a task that was cancelled before starts nothing")
        func cancelledBefore() async throws {
            try await withConnection { connection in
                let task = Task {
                    while !Task.isCancelled { await Task.yield() }
                    return try await connection.run { try $0.query("SELECT 1")[0, 0] }
                }
                task.cancel()
                let cancelled = try await databaseError { _ = try await task.value }
                #expect(cancelled.kind == .cancelled)
            }
        }

        @Test("a cancellation that comes late never hits the next statement")
        func lateCancel() async throws {
            try await withConnection { connection in
                for round in 0..<900 {
                    let task = Task { try await connection.run { try $0.query("SELECT 1")[0, 0] } }
                    // Spread over the statement's life: before, during, after.
                    if round % 3 == 0 { await Task.yield() }
                    if round % 3 == 1 { usleep(UInt32(round % 200)) }
                    task.cancel()
                    _ = try? await task.value
                    let answerConnection = try await connection.run { try $0.query("SELECT 2")[0, 0] }
                    #expect(answerConnection == "2")
                }
            }
        }

        @Test("a peer that falls silent is noticed by the deadline, and the connection closed")
        func silentPeer() async throws {
            let server = try await TestServer.shared
            let proxy = try TCPProxy.start(to: server.port)
            defer { proxy.stop() }
            try await withConnection(ConnectionSettings(dsn: server.dsn(port: proxy.port))) { connection in
                let usable = try await isUsable(connection)
                #expect(usable)
                proxy.stall()
                let error = try await databaseError {
                    _ = try await connection.run(deadline: .milliseconds(200)) { try $0.query("SELECT 1") }
                }
                #expect(error.kind == .deadline)
                #expect(await connection.isBroken && !connection.isOpen)
                let next = try await databaseError { _ = try await connection.run { try $0.query("SELECT 1") } }
                #expect(next.kind == .connectionLost)
            }
        }

        @Test("a copy whose sender falls silent ends by its deadline, and the receiver goes on")
        func silentSender() async throws {
            let server = try await TestServer.shared
            let proxy = try TCPProxy.start(to: server.port)
            defer { proxy.stop() }
            try await withConnection { target in
                try await target.run { try $0.execute("CREATE TEMP TABLE t (n int)") }
                try await withConnection(ConnectionSettings(dsn: server.dsn(port: proxy.port))) { source in
                    let error = try await databaseError {
                        try await copyBetween(
                            from: source, "COPY (SELECT generate_series(1, 1000000000)) TO STDOUT", to: target,
                            "COPY t FROM STDIN", deadline: .seconds(1), onBytes: { _ in proxy.stall() })
                    }
                    #expect(error.kind == .deadline)
                    #expect(await source.isBroken)
                }
                let answerTarget = try await target.run { try $0.query("SELECT count(*) FROM t")[0, 0] }
                #expect(answerTarget == "0")
            }
        }

        @Test("a connection that is cut is reported as lost")
        func cut() async throws {
            let server = try await TestServer.shared
            let proxy = try TCPProxy.start(to: server.port)
            defer { proxy.stop() }
            try await withConnection(ConnectionSettings(dsn: server.dsn(port: proxy.port))) { connection in
                async let answer = databaseError { try await connection.run { try $0.execute("SELECT pg_sleep(600)") } }
                try await Task.sleep(for: .milliseconds(100))
                proxy.cut()
                let error = try await answer
                #expect(error.kind == .connectionLost)
                #expect(await connection.isBroken)
            }
        }

        @Test("a session that the server ends says why, busy or idle")
        func terminated() async throws {
            try await withConnection { killer in
                for isBusy in [true, false] {
                    try await withConnection { victim in
                        let pid = try await victim.run { $0.backendPID }
                        async let answer = databaseError {
                            try await victim.run { session in
                                if isBusy { try session.execute("SELECT pg_sleep(600)") }
                                while true { _ = try session.waitForNotification(timeout: .seconds(60)) }
                            }
                        }
                        try await Task.sleep(for: .milliseconds(100))
                        _ = try await killer.run { try $0.query("SELECT pg_terminate_backend($1)", ["\(pid)"]) }
                        let error = try await answer
                        #expect(error.sqlState == "57P01" && error.isConnectionFailure)
                        #expect(await victim.isBroken)
                    }
                }
            }
        }
    }
}
