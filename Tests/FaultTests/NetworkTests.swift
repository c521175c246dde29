import LocalCluster
import Postgres
import Replication
import Settings
import TestSupport
import Testing

/// P2 and P6: a network that fails in whatever way delays a stream and costs it nothing else; it comes back by itself.
@Suite("Networks that fail") struct NetworkTests {
    private static let items = "CREATE TABLE item (id int PRIMARY KEY, note text)"

    enum Side: CaseIterable, Sendable { case source, target }
    enum Silence: CaseIterable, Sendable { case both, toServer, toClient }

    /// A pair whose engine reaches one side through a proxy, and notices soon that a server says nothing.
    private func pair(_ side: Side, schema: String = items) async throws -> (TestPair, TCPProxy, Cluster) {
        let server = try await TestServers.shared.server(side == .source ? "source" : "target")
        let proxy = try TCPProxy.start(to: server.port)
        let through: (TestDatabase) -> String = { $0.server.dsn(database: $0.name, port: proxy.port) }
        let pair = try await TestPair.make(
            schema: schema, sourceDSN: side == .source ? through : nil, targetDSN: side == .target ? through : nil)
        return (pair, proxy, Cluster(pair.cluster.settings, doubtAfter: .milliseconds(300)))
    }

    /// Runs an engine that is quick to doubt while the body runs.
    private func withEngine<R: Sendable>(
        _ pair: TestPair, _ cluster: Cluster, _ reasons: ReasonBox = ReasonBox(), _ body: () async throws -> R
    ) async throws -> R {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for stream in pair.streams {
                group.addTask {
                    try await StreamRunner(stream: stream, cluster: cluster, logger: TestPair.logger) {
                        reasons.take($0)
                    }.run()
                }
            }
            let result = try await body()
            group.cancelAll()
            return result
        }
    }

    private func arrives(_ id: Int, _ target: TestDatabase) async throws -> Bool {
        try await eventually { try await target.value("SELECT count(*) FROM item WHERE id = \(id)") == "1" }
    }

    @Test(arguments: Side.allCases, Silence.allCases)
    func `a peer that falls silent without closing is noticed, and the stream comes back`(
        side: Side, silence: Silence
    ) async throws {
        let (pair, proxy, cluster) = try await pair(side)
        try await pair.start()
        let reasons = ReasonBox()
        try await withEngine(pair, cluster, reasons) {
            try await pair.source.run("INSERT INTO item VALUES (1)")
            #expect(try await arrives(1, pair.target))
            switch silence {
            case .both: proxy.stall()
            case .toServer: proxy.halfStall(.toServer)
            case .toClient: proxy.halfStall(.toClient)
            }
            try await pair.source.run("INSERT INTO item VALUES (2)")
            #expect(try await eventually { reasons.contains("said nothing") }, "\(reasons.all)")
            proxy.resume()
            try await pair.source.run("INSERT INTO item VALUES (3)")
            #expect(try await arrives(3, pair.target))
        }
        try await pair.expectEqual()
    }

    @Test(arguments: Side.allCases)
    func `a connection that is cut again and again loses nothing and leaves nothing behind`(side: Side) async throws {
        let seed = testSeed()
        let (pair, proxy, _) = try await pair(side, schema: Bank.schema)
        try await pair.source.run(Bank.opens)
        try await pair.start()
        let load = Load(database: pair.source, clients: 3, seed: seed, work: Bank.work)
        try await pair.withDaemon { daemon in
            try await pair.source.run("UPDATE account SET id = id")
            let before = try await pair.cursor("batch")
            #expect(try await eventually { try await pair.cursor("batch") != before })
            let batch = try await pair.cursor("batch")
            let files = try #require(daemon.openFiles)
            _ = try await load.run {
                for _ in 0..<12 {
                    proxy.cut()
                    try await Task.sleep(for: .milliseconds(20))
                    try proxy.restore()
                    try await Task.sleep(for: .milliseconds(150))
                }
            }
            #expect(try await eventually { try await pair.cursor("batch") != batch })
            try await pair.catchUp()
            #expect(try await eventually { daemon.openFiles ?? 0 <= files + 4 }, "\(files), \(daemon.openFiles ?? 0)")
        }
        try await pair.expectEqual(nil, "seed \(seed)")
        let left = try await eventually {
            try await pair.source.value(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'switchback%'"
            ) == "0"
        }
        #expect(left, "connections were left behind")
    }

    @Test func `a slow network delays and changes nothing`() async throws {
        let (pair, proxy, _) = try await pair(.target, schema: Bank.schema)
        try await pair.source.run(Bank.opens)
        try await pair.start()
        let load = Load(database: pair.source, clients: 3, seed: testSeed(), work: Bank.work)
        let watcher = Watcher(database: pair.target, look: Bank.imbalance)
        proxy.delay(each: .milliseconds(40))
        let ((_, report), _) = try await load.run {
            try await watcher.run {
                try await pair.withEngine { try await Task.sleep(for: .seconds(3)) }
            }
        }
        proxy.delay(each: .zero)
        #expect(report.wrongs.isEmpty)
        try await pair.catchUp()
        try await pair.expectEqual()
    }

    @Test(arguments: Side.allCases)
    func `a server that is stuck while its kernel answers is noticed, and a batch under way comes again`(
        side: Side
    ) async throws {
        let server = try await TestServers.own("stuck")
        do {
            let pair = try await TestPair.make(
                schema: Self.items, sourceServer: side == .source ? server : nil,
                targetServer: side == .target ? server : nil)
            try await pair.start()
            let cluster = Cluster(pair.cluster.settings, doubtAfter: .milliseconds(300))
            let reasons = ReasonBox()
            try await withEngine(pair, cluster, reasons) {
                try await pair.source.run("INSERT INTO item VALUES (0)")
                #expect(try await arrives(0, pair.target))
                try await pair.source.run(
                    "INSERT INTO item SELECT g, repeat('x', 200) FROM generate_series(1, 30000) AS g")
                // In the middle of a large batch, or a little before or after it.
                try await Task.sleep(for: .milliseconds(60))
                try await server.freeze()
                if side == .target { try await pair.source.run("INSERT INTO item VALUES (40000)") }
                #expect(try await eventually { !reasons.all.isEmpty })
                try await server.resume()
                try await pair.source.run("INSERT INTO item VALUES (50000)")
                #expect(try await arrives(50000, pair.target))
            }
            try await pair.expectEqual()
        } catch {
            await server.destroy()
            throw error
        }
        await server.destroy()
    }

    @Test func `a server that works, or waits for a lock, is not taken for a silent one`() async throws {
        let pair = try await TestPair.make(schema: Self.items)
        try await pair.start()
        let cluster = Cluster(pair.cluster.settings, doubtAfter: .milliseconds(200))
        let reasons = ReasonBox()
        let holder = try await pair.target.connect()
        try await holder.run { try $0.execute("BEGIN; LOCK TABLE item") }
        try await withEngine(pair, cluster, reasons) {
            try await pair.source.run("INSERT INTO item VALUES (1)")
            let isWaiting = try await eventually {
                try await pair.target.value(
                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name LIKE 'switchback%' AND datname = current_database()"
                ) == "1"
            }
            #expect(isWaiting)
            // It is asked after several times meanwhile.
            try await Task.sleep(for: .milliseconds(1500))
            #expect(reasons.all.isEmpty)
            try await holder.run { try $0.execute("ROLLBACK") }
            #expect(try await arrives(1, pair.target))
        }
        await holder.close()
    }

    @Test func `a server that has no connection left for the question is not taken for a silent one`() async throws {
        let database = try await TestDatabase.make(in: try await TestServers.shared.server("source"))
        let role = "single_\(database.name)"
        try await database.run("CREATE ROLE \(role) LOGIN CONNECTION LIMIT 1")
        let connection = try await Connection.open(
            ConnectionSettings(
                dsn: database.server.dsn(database: database.name, user: role), doubtAfter: .milliseconds(150)))
        let answer = try await connection.run { try $0.query("SELECT 'here' FROM pg_sleep(1)")[0, 0] }
        #expect(answer == "here")
        await connection.close()
    }
}
