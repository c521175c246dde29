import Console
import Model
import Replication
import Settings
import TestSupport
import Testing

@testable import Health

/// Observers are monitors of their own that know nothing of each other but what stands in the nodes.
@Suite("Observers vote by way of the nodes") struct VoteTests {
    private func lines(_ observer: String, fall: Int = 1) -> String {
        """
          every: 100ms
          fall: \(fall)
          observer: \(observer)
          observers: [east, west]
          vote_age: 2s
          checks: [ { tcp: { host: h, port: 1 }, name: page } ]
        """
    }

    private func monitor(_ observer: String, _ nodes: [(String, String)], _ probe: ScriptedProbe) throws
        -> HealthMonitor
    {
        let cluster = try HealthFixture.cluster(lines(observer), nodes: nodes)
        return HealthMonitor(cluster, health: cluster.settings.health!, logger: HealthFixture.logger) { _ in probe }
    }

    private func verdict(_ monitor: HealthMonitor) async -> HealthVerdict? { await monitor.report.site("c")?.verdict }

    /// The first node is there, the second is not: one node that both can reach is enough.
    @Test func `nothing is down by one observer's word, and everything by both, though a node is lost`() async throws {
        let pair = try await TestPair.make(schema: "CREATE TABLE item (id int PRIMARY KEY);")
        try await pair.install()
        let nodes = [("source", pair.source.dsn), ("gone", "host=127.0.0.1 port=\(try closedPort()) dbname=x")]
        let (eastProbe, westProbe) = (ScriptedProbe(.down), ScriptedProbe(.up))
        let east = try monitor("east", nodes, eastProbe)
        let eastTask = Task { await east.run() }
        #expect(try await eventually { await verdict(east)?.state == .degraded })
        #expect(await verdict(east)?.reason.contains("nothing is heard of west") ?? false)

        let west = try monitor("west", nodes, westProbe)
        let westTask = Task { await west.run() }
        #expect(try await eventually { await verdict(east)?.reason.contains("west says up") ?? false })
        #expect(await verdict(east)?.state == .degraded)
        #expect(try await eventually { await verdict(west)?.state == .degraded })

        westProbe.find(.down)
        #expect(try await eventually { await verdict(east)?.state == .down })
        #expect(try await eventually { await verdict(west)?.state == .down })
        let watched = try #require(await west.report.site("c"))
        #expect(watched.agreeing == 2 && watched.asked == 2)

        // What is in the nodes is what is shown, without a word to a daemon.
        let cluster = try HealthFixture.cluster(lines("office"), nodes: nodes)
        let reader = HealthReader(cluster, health: cluster.settings.health!)
        let document = try #require(await reader.read())
        #expect(document.sites.map(\.state) == [.down] && !document.isWell && document.source == "observers")
        #expect(document.checks.map(\.observer).sorted() == ["east", "west"])
        let text = HealthText.render(document)
        #expect(text.contains("DOWN") && text.contains("east says down") && text.contains("page"), "\(text)")

        // Who falls silent agrees no longer, once his last word is too old.
        westTask.cancel()
        await westTask.value
        #expect(try await eventually { await verdict(east)?.reason.contains("nothing is heard of west") ?? false })
        #expect(await verdict(east)?.state == .degraded)
        eastTask.cancel()
        await eastTask.value
        #expect(try await eventually { await reader.read() == nil })
    }

    @Test func `a vote holds the whole of a check, and any text`() async throws {
        let pair = try await TestPair.make(schema: "CREATE TABLE item (id int PRIMARY KEY);")
        try await pair.install()
        let cluster = try HealthFixture.cluster(
            lines("east"), nodes: [("source", pair.source.dsn), ("target", pair.target.dsn)])
        let probe = ScriptedProbe(
            .told(
                CheckResult(
                    .up, "it's \"ü\"\u{0}\n", performance: [PerformanceDatum("a b", 0.5, unit: "s", minimum: 0)])))
        let monitor = HealthMonitor(cluster, health: cluster.settings.health!, logger: HealthFixture.logger) { _ in
            probe
        }
        let task = Task { await monitor.run() }
        let reader = HealthReader(cluster, health: cluster.settings.health!)
        #expect(try await eventually { await reader.read()?.checks.first?.check.outcome == .up })
        let check = try #require(await reader.read()?.checks.first?.check)
        #expect(
            check.reason == "it's \"ü\" \n"
                && check.performance == [PerformanceDatum("a b", 0.5, unit: "s", minimum: 0)])
        #expect(check.name == "page" && check.state == .up && check.looks > 0 && check.at != nil)
        for node in [pair.source, pair.target] {
            #expect(try await node.value("SELECT count(*) FROM switchback.vote") == "1")
        }
        task.cancel()
        await task.value
    }

    @Test func `an observer learns from the others which site is the active one`() async throws {
        let pair = try await TestPair.make(schema: "CREATE TABLE item (id int PRIMARY KEY);")
        try await pair.install()
        func monitor(_ name: String) throws -> HealthMonitor {
            let cluster = try HealthFixture.cluster(
                lines(name), nodes: [("source", pair.source.dsn), ("target", pair.target.dsn)],
                sites: "sites: { p: { node: source, address: 192.0.2.1 }, q: { node: target, address: 192.0.2.2 } }")
            return HealthMonitor(cluster, health: cluster.settings.health!, logger: HealthFixture.logger) { _ in
                ScriptedProbe(.up)
            }
        }
        let (east, west) = (try monitor("east"), try monitor("west"))
        let tasks = [Task { await east.run() }, Task { await west.run() }]
        #expect(try await eventually { await west.report.site("p")?.votes.count == 2 })
        #expect(await west.report.sites.map(\.isActive) == [true, false])
        await east.setActive("q", epoch: 7)
        #expect(try await eventually { await west.report.sites.map(\.isActive) == [false, true] })
        #expect(try await eventually { await west.report.site("q")?.verdict.state == .up })
        // What was told in the middle of a plan is put right at its end, which is of the same epoch.
        await east.setActive("p", epoch: 7)
        #expect(try await eventually { await west.report.sites.map(\.isActive) == [true, false] })
        for task in tasks {
            task.cancel()
            await task.value
        }
    }

    @Test func `a node without the tables says what to do, and the others go on`() async throws {
        let pair = try await TestPair.make(schema: "CREATE TABLE item (id int PRIMARY KEY);")
        let notes = NoteLog()
        let cluster = try HealthFixture.cluster(
            lines("east"), nodes: [("source", pair.source.dsn), ("target", pair.target.dsn)])
        let monitor = HealthMonitor(cluster, health: cluster.settings.health!, logger: notes.logger) { _ in
            ScriptedProbe(.up)
        }
        let task = Task { await monitor.run() }
        #expect(
            try await eventually {
                notes.all.contains { $0.contains("no votes by node source") && $0.contains("schema install") }
            })
        try await pair.install()
        #expect(try await eventually { notes.all.contains { $0.contains("votes go by node source again") } })
        #expect(notes.all.count { $0.contains("no votes by node source") } == 1)
        task.cancel()
        await task.value
    }
}
