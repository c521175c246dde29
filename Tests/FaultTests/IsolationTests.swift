import LocalCluster
import TestSupport
import Testing

/// P6: a node that is down or slow delays only its own streams, and catches up by itself when it returns.
@Suite("Targets that are away or slow") struct IsolationTests {
    private static let items = "CREATE TABLE item (id int PRIMARY KEY, note text)"
    private static let deltas =
        "SELECT sum(pg_table_size(delta_a) + pg_table_size(delta_b)) FROM switchback.replicated_table"

    /// A source with two targets, the second of which is reached through a proxy.
    private func pair(schema: String = items) async throws -> (TestPair, TCPProxy) {
        let server = try await TestServers.shared.server("target")
        let proxy = try TCPProxy.start(to: server.port)
        // The databases are asked for in order.
        let number = Counter()
        let pair = try await TestPair.make(
            schema: schema, targets: 2,
            targetDSN: { number.next() == 1 ? $0.dsn : $0.server.dsn(database: $0.name, port: proxy.port) })
        return (pair, proxy)
    }

    @Test func `a target that is away gets everything when it returns, and the other does not wait for it`()
        async throws
    {
        let (pair, proxy) = try await pair()
        try await pair.start()
        try await pair.withDaemon { _ in
            proxy.cut()
            for id in 1...20 {
                try await pair.source.run(
                    "INSERT INTO item SELECT \(id) * 1000 + g, 'x' FROM generate_series(1, 50) AS g")
                let arrived = try await eventually {
                    try await pair.targets[0].value("SELECT count(*) FROM item WHERE id / 1000 = \(id)") == "50"
                }
                #expect(arrived)
            }
            #expect(try await pair.targets[1].value("SELECT count(*) FROM item") == "0")
            // Nothing was trimmed that it needs.
            let kept = try await pair.source.value(
                "SELECT count(*) FROM switchback.receiver WHERE receiver = 'target2' AND acknowledged_at < now()")
            #expect(kept == "1")
            #expect(try await pair.source.value(Self.deltas) != "0")
            try proxy.restore()
            let returned = try await eventually {
                try await pair.targets[1].value("SELECT count(*) FROM item") == "1000"
            }
            #expect(returned)
            // And what was kept for it goes.
            #expect(try await eventually { try await pair.source.value(Trimming.rows) == "0" })
        }
        try await pair.expectEqual()
    }

    @Test func `a target that is slow does not slow the other`() async throws {
        let (pair, proxy) = try await pair()
        try await pair.start()
        try await pair.withDaemon { _ in
            proxy.delay(each: .milliseconds(300))
            for id in 1...15 {
                try await pair.source.run("INSERT INTO item VALUES (\(id))")
                let arrived = try await eventually {
                    try await pair.targets[0].value("SELECT count(*) FROM item WHERE id = \(id)") == "1"
                }
                #expect(arrived)
            }
            let batches = try await pair.targets.asyncMap {
                Int(try await $0.value("SELECT batch FROM switchback.cursor") ?? "") ?? 0
            }
            #expect(batches[0] > batches[1], "the first target took as few batches as the slow one")
            proxy.delay(each: .zero)
            let caughtUp = try await eventually {
                try await pair.targets[1].value("SELECT count(*) FROM item") == "15"
            }
            #expect(caughtUp)
        }
        try await pair.expectEqual()
    }

    @Test func `a server that is down from the start keeps no other target waiting`() async throws {
        let (pair, proxy) = try await pair()
        try await pair.start()
        proxy.cut()
        try await pair.source.run("INSERT INTO item VALUES (1)")
        try await pair.withDaemon { _ in
            let arrived = try await eventually {
                try await pair.targets[0].value("SELECT count(*) FROM item") == "1"
            }
            #expect(arrived)
            let status = try await pair.command(["status", "--json"])
            #expect(status.status == 3)
            #expect(status.output.contains("\"unreachable\""), "\(status.output)")
            try proxy.restore()
            let returned = try await eventually {
                try await pair.targets[1].value("SELECT count(*) FROM item") == "1"
            }
            #expect(returned)
        }
    }
}
