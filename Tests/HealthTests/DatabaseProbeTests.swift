import LocalCluster
import Model
import Postgres
import Replication
import Settings
import TestSupport
import Testing

@testable import Health

@Suite("Looks at databases") struct DatabaseProbeTests {
    private static let schema = "CREATE TABLE item (id int PRIMARY KEY, name text);"

    private func look(_ check: String, _ pair: TestPair, timeout: String = "60s") async throws -> CheckFinding {
        let cluster = try HealthFixture.cluster(
            "  checks: [ { sql: { node: source } } ]",
            nodes: [("source", pair.source.dsn), ("target", pair.target.dsn)])
        let sql = try HealthFixture.cluster(
            "  timeout: \(timeout)\n  checks: [ { sql: { \(check) } } ]",
            nodes: [("source", pair.source.dsn), ("target", pair.target.dsn)]
        ).settings.health!.checks[0]
        guard case .sql(let kind) = sql.kind else { return .unknown("no sql") }
        return await SQLProbe(check: kind, cluster: cluster, observer: "test", timeout: sql.timeout).look()
    }

    @Test func `it answers, takes writes, and says when it does not`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        #expect(try await look("node: source", pair).outcome == .up)
        let bare = try await look("node: source, write: true", pair)
        #expect(bare.outcome == .unknown && bare.reason.contains("schema install"), "\(bare)")
        try await pair.install()
        for _ in 0..<3 {
            let written = try await look("node: source, write: true", pair)
            #expect(
                written.outcome == .up && written.result?.performance.map(\.label) == ["connect", "write"], "\(written)"
            )
        }
        #expect(
            try await pair.source.value("SELECT number FROM switchback.health_canary WHERE observer = 'test'") == "3")
        // The target refuses what applications write; its server is as well as the source's.
        #expect(try await look("node: target, write: true", pair).outcome == .up)
        // Somebody keeps the row: whoever writes waits, and that is not well.
        let other = try await pair.source.connect()
        try await other.run { session in
            try session.execute("BEGIN; SELECT FROM switchback.health_canary FOR UPDATE")
        }
        let stuck = try await look("node: source, write: true", pair, timeout: "500ms")
        #expect(stuck.outcome == .down, "\(stuck)")
        await other.close()
        // Nobody may write any more.
        try await pair.source.run(
            "REVOKE ALL ON switchback.health_canary FROM postgres; CREATE RULE no AS ON INSERT TO switchback.health_canary DO INSTEAD NOTHING"
        )
        #expect(try await look("node: source, write: true", pair).outcome != .up)
    }

    @Test func `who does not take us for who we are is unknown, who is not there is down`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        func look(_ dsn: String) async throws -> CheckFinding {
            let cluster = try HealthFixture.cluster(
                "  checks: [ { sql: { node: a } } ]", nodes: [("a", dsn), ("b", pair.target.dsn)])
            return try await HealthFixture.look("{ sql: { node: a } }", cluster: cluster)
        }
        let server = pair.source.server
        #expect(try await look(server.dsn(database: "nowhere")).outcome == .unknown)
        #expect(try await look(server.dsn(database: "postgres", user: "nobody")).outcome == .unknown)
        #expect(try await look("host=127.0.0.1 port=\(try closedPort()) dbname=x").outcome == .down)
        let mute = try LoopbackServer { $0.waitForEnd() }
        let silent = try await HealthFixture.look(
            "{ sql: { node: a } }", timeout: "300ms",
            cluster: try HealthFixture.cluster(
                "  checks: [ { sql: { node: a } } ]",
                nodes: [("a", "host=127.0.0.1 port=\(mute.port) dbname=x"), ("b", pair.target.dsn)]))
        #expect(silent.result == nil, "\(silent)")
    }

    @Test func `how far a node is behind decides`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.start()
        func look(_ check: String) async throws -> CheckFinding {
            let checked = try HealthFixture.cluster(
                "  checks: [ { sql: { node: target, \(check) } } ]",
                nodes: [("source", pair.source.dsn), ("target", pair.target.dsn)]
            ).settings.health!.checks[0]
            guard case .sql(let sql) = checked.kind else { return .unknown("no sql") }
            return await SQLProbe(check: sql, cluster: pair.cluster, observer: "test", timeout: .seconds(60)).look()
        }
        #expect(try await look("max_pending_rows: 0").outcome == .up)
        let up = try await look("max_lag: 1h")
        #expect(
            up.outcome == .up && up.result?.performance.map(\.label) == ["connect", "query", "lag", "pending_rows"],
            "\(up)")
        try await pair.source.run("INSERT INTO item SELECT n, 'x' FROM generate_series(1, 10) AS n")
        let behind = try await look("max_pending_rows: 9")
        #expect(behind.outcome == .down && behind.reason.contains("10 rows"), "\(behind)")
        #expect(try await look("max_pending_rows: 10").outcome == .up)
        #expect(try await eventually { try await look("max_lag: 1ms").outcome == .down })
        try await pair.catchUp()
        #expect(try await look("max_lag: 1ms, max_pending_rows: 0").outcome == .up)
        // Nothing ends at the source: nothing can be said.
        let none = try HealthFixture.check("{ sql: { node: a, max_lag: 1s } }")
        guard case .sql(let sql) = none.kind else { return }
        #expect(SQLProbe.judge([], sql).outcome == .unknown)
    }
}
