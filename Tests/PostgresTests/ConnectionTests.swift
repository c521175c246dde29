import Foundation
import LocalCluster
import Postgres
import Testing

extension DatabaseTests {
    @Suite("Connections") struct ConnectionTests {
        @Test(
            "a connection string that cannot be read is refused without repeating it",
            arguments: [
                "password=s3cr3t word host=x", "postgres://u:s3cr3t@more@h/db", "postgres://u:12/s3cr3t@h/db",
                "host=x port=s3cr3t", "postgres://u:s3cr3t/x@h:5432/db", "s3cr3t", "nope=s3cr3t",
                "host=x password='s3cr3t",
            ])
        func badSettings(dsn: String) async throws {
            let settings = ConnectionSettings(dsn: dsn)
            let error = try await databaseError { try settings.validate() }
            #expect(error.kind == .badConnectionSettings)
            let opened = try await databaseError { _ = try await Connection.open(settings) }
            for text in [
                "\(error)", "\(opened)", "\(settings)", String(reflecting: settings), settings.safeDescription,
            ] {
                #expect(!text.contains("s3cr3t"))
            }
        }

        @Test("a description tells where, and never the password")
        func description() {
            let settings = ConnectionSettings(dsn: "postgresql://y:s3cr%40t@db1:5433/x?sslmode=disable")
            #expect(settings.safeDescription == "host=db1 port=5433 dbname=x user=y")
            var dumped = ""
            dump(settings, to: &dumped)
            #expect(!dumped.contains("s3cr") && !"\(settings)".contains("s3cr"))
            #expect(ConnectionSettings(dsn: "service=main user=z").safeDescription == "service=main user=z")
        }

        @Test("a wrong password is an error that shows neither it nor the right one")
        func wrongPassword() async throws {
            let server = try await TestServer.shared
            let dsn = server.dsn().replacingOccurrences(of: TestServer.password, with: "wr0ng-secret")
            let error = try await databaseError { _ = try await Connection.open(ConnectionSettings(dsn: dsn)) }
            #expect(error.kind == .connect && error.sqlState == "28P01" && error.message.contains("authentication"))
            #expect(!"\(error)".contains("wr0ng") && !"\(error)".contains(TestServer.password))
        }

        @Test("nobody listening, and a session parameter that does not exist, are told apart")
        func refusals() async throws {
            let proxy = try await TCPProxy.start(to: TestServer.shared.port)
            proxy.cut()
            let port = proxy.port
            let refused = try await databaseError {
                _ = try await Connection.open(ConnectionSettings(dsn: "host=127.0.0.1 port=\(port) user=u dbname=d"))
            }
            #expect(refused.kind == .connect && refused.isConnectionFailure)
            let unknown = try await databaseError { try await withConnection([("no_such_setting", "1")]) { _ in } }
            #expect(unknown.kind == .server && unknown.sqlState == "42704")
        }

        @Test("a server that accepts and says nothing is given up after the timeout, or when cancelled")
        func silentServer() async throws {
            let server = try await TestServer.shared
            let proxy = try TCPProxy.start(to: server.port)
            defer { proxy.stop() }
            proxy.stall()
            let dsn = server.dsn(port: proxy.port)
            let error = try await databaseError {
                _ = try await Connection.open(ConnectionSettings(dsn: dsn, connectTimeout: .milliseconds(200)))
            }
            #expect(error.kind == .connect && error.message.contains("0.2 seconds"))
            let task = Task { try await Connection.open(ConnectionSettings(dsn: dsn, connectTimeout: .seconds(600))) }
            try await Task.sleep(for: .milliseconds(100))
            task.cancel()
            let cancelled = try await databaseError { _ = try await task.value }
            #expect(cancelled.kind == .cancelled)
        }

        @Test("over TLS, a copy, a pipeline and a notification pass like without")
        func tls() async throws {
            let server = try await TestServer.shared
            let settings = ConnectionSettings(dsn: server.dsn() + " sslmode=require")
            try await withConnection(settings) { source in
                try await withConnection(settings) { target in
                    let isEncrypted = try await source.run { session in
                        try session.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").rows[0].bool(0)
                    }
                    #expect(isEncrypted == true)
                    try await target.run { try $0.execute("CREATE TEMP TABLE t (n int, s text); LISTEN news") }
                    let rows = try await copyBetween(
                        from: source, "COPY (SELECT n, repeat('x', 90) FROM generate_series(1, 300000) n) TO STDOUT",
                        to: target, "COPY t FROM STDIN", deadline: .seconds(120))
                    #expect(rows == 300_000)
                    let received = try await source.run(deadline: .seconds(120)) { session in
                        let text = String(repeating: "x", count: 100_000)
                        let results = try session.pipeline { for _ in 0..<100 { $0.query("SELECT $1::text", [text]) } }
                        return results.reduce(0) { $0 + $1.byteCount(0, 0) }
                    }
                    #expect(received == 10_000_000)
                    async let heard = target.run { try $0.waitForNotification(timeout: .seconds(60)) }
                    try await source.run { try $0.execute("NOTIFY news, 'x'") }
                    #expect(try await heard.map(\.payload) == ["x"])
                }
            }
        }

        @Test("two hundred connections leave no descriptor and no thread behind, closed or dropped")
        func noLeaks() async throws {
            func counts() throws -> (Int, Int) {
                try (
                    FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count,
                    FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
                )
            }
            let settings = ConnectionSettings(dsn: try await TestServer.shared.dsn())
            try await withConnection {
                let usable = try await isUsable($0)
                #expect(usable)
            }
            let before = try counts()
            for round in 0..<200 {
                let connection = try await Connection.open(settings)
                // A statement that is cancelled has a helper thread, which must go as well.
                if round % 20 == 0 {
                    _ = try? await connection.run(deadline: .milliseconds(1)) { try $0.execute("SELECT pg_sleep(9)") }
                }
                if round % 2 == 0 { await connection.close() }
            }
            // Other suites of the process have connections as well: fewer than a leak would leave.
            try await eventually {
                let after = try counts()
                return after.0 <= before.0 + 50 && after.1 <= before.1 + 50
            }
        }

        @Test("a closed connection answers with an error")
        func closed() async throws {
            let connection = try await Connection.open(ConnectionSettings(dsn: TestServer.shared.dsn()))
            await connection.close()
            await connection.close()
            let error = try await databaseError { _ = try await connection.run { try $0.query("SELECT 1") } }
            #expect(error.kind == .misuse)
            #expect(await connection.isBroken)
        }

        @Test("after a restart of the server, trying again with pauses connects")
        func restart() async throws {
            let server = try await TestServer.start("restart")
            do {
                try await connectAgain(to: server)
                await server.destroy()
            } catch {
                await server.destroy()
                throw error
            }
        }

        private func connectAgain(to server: LocalCluster) async throws {
            let settings = ConnectionSettings(dsn: server.dsn())
            let connection = try await Connection.open(settings)
            try await server.stop()
            let error = try await databaseError { _ = try await connection.run { try $0.query("SELECT 1") } }
            #expect(error.isConnectionFailure && error.sqlState == "57P01")
            await connection.close()
            async let started: Void = {
                try await Task.sleep(for: .milliseconds(300))
                try await server.start()
            }()
            var backoff = Backoff(first: .milliseconds(10), most: .milliseconds(200))
            var generator = SystemRandomNumberGenerator()
            var failures = 0
            try await eventually {
                do {
                    try await withConnection(settings) {
                        let usable = try await isUsable($0)
                        #expect(usable)
                    }
                    return true
                } catch let error as PostgresError where error.isConnectionFailure {
                    failures += 1
                    try await Task.sleep(for: backoff.next(using: &generator))
                    return false
                }
            }
            try await started
            #expect(failures > 0)
        }

        @Test("pauses grow to the longest, are spread from nothing, and begin again after a reset")
        func backoff() {
            var backoff = Backoff(first: .milliseconds(100), most: .seconds(1))
            var generator = SystemRandomNumberGenerator()
            var ceilings: [Duration] = []
            for attempt in 0..<8 {
                let ceiling = min(Duration.milliseconds(100) * (1 << attempt), .seconds(1))
                let pause = backoff.next(using: &generator)
                #expect(pause >= .zero && pause <= ceiling)
                ceilings.append(ceiling)
            }
            backoff.reset()
            #expect(backoff.next(using: &generator) <= .milliseconds(100))
        }
    }

    @Suite("Notifications") struct NotificationTests {
        @Test("what another session tells arrives, with its channel, text and sender")
        func arrive() async throws {
            try await withConnection { listener in
                try await withConnection { teller in
                    try await listener.run { try $0.execute("LISTEN news") }
                    async let heard = listener.run { try $0.waitForNotification(timeout: .seconds(60)) }
                    try await Task.sleep(for: .milliseconds(50))
                    let pid = try await teller.run { session in
                        try session.execute("NOTIFY news, 'ä'")
                        return session.backendPID
                    }
                    #expect(try await heard == [Notification(channel: "news", payload: "ä", pid: pid)])
                    // One that comes with another statement's answer is kept.
                    try await teller.run { try $0.execute("NOTIFY news, 'b'") }
                    try await eventually {
                        try await listener.run { session in
                            try session.execute("SELECT 1")
                            return session.drainNotifications().map(\.payload) == ["b"]
                        }
                    }
                    #expect(try await listener.run { try $0.waitForNotification(timeout: .milliseconds(10)) }.isEmpty)
                }
            }
        }

        @Test("wake ends a wait, also one that has not begun yet")
        func wake() async throws {
            try await withConnection { connection in
                connection.wake()
                #expect(try await connection.run { try $0.waitForNotification(timeout: .seconds(600)) }.isEmpty)
                async let wait = connection.run { try $0.waitForNotification(timeout: .seconds(600)) }
                try await Task.sleep(for: .milliseconds(50))
                connection.wake()
                #expect(try await wait.isEmpty)
            }
        }
    }
}
