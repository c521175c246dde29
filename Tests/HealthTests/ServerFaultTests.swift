import LocalCluster
import Model
import Replication
import Settings
import TestSupport
import Testing

@testable import Health

/// A site as it dies and comes back: its server killed, frozen, started again, under a monitor that goes on.
@Suite("A site that dies and comes back") struct ServerFaultTests {
    @Test func `a server that is killed or frozen takes its site down, and comes back by the rule`() async throws {
        let server = try await TestServers.own("health")
        let pair = try await TestPair.make(
            schema: "CREATE TABLE item (id int PRIMARY KEY);", sourceServer: server)
        try await pair.install()
        let cluster = try HealthFixture.cluster(
            """
              every: 200ms
              timeout: 500ms
              fall: 3
              rise: 3
              checks:
                - { sql: { node: source, write: true }, weight: 3 }
                - { sql: { node: target } }
                - { exec: { command: [/bin/true] } }
            """, nodes: [("source", pair.source.dsn), ("target", pair.target.dsn)])
        let monitor = HealthMonitor(cluster, health: cluster.settings.health!, logger: HealthFixture.logger)
        let task = Task { await monitor.run() }
        func becomes(_ state: HealthState) async throws -> Bool {
            try await eventually { await monitor.report.site("c")?.verdict.state == state }
        }
        #expect(try await becomes(.up))
        let looks = await monitor.report.checks[2].looks
        try await server.kill9()
        #expect(try await becomes(.down))
        let killed = await monitor.report
        #expect(killed.checks.map(\.state) == [.down, .up, .up], "\(killed.checks)")
        #expect(killed.checks[0].failuresInRow >= 3)
        try await server.start()
        #expect(try await becomes(.up))
        #expect(await monitor.report.checks[0].successesInRow >= 3)

        try await server.freeze()
        #expect(try await becomes(.down))
        #expect(await monitor.report.checks.dropFirst().allSatisfy { $0.state == .up })
        try await server.resume()
        #expect(try await becomes(.up))
        // The others went on all the time.
        #expect(await monitor.report.checks[2].looks > looks + 10)
        task.cancel()
        await task.value
        await server.destroy()
    }
}
