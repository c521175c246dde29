import HTTP
import Model
import Replication
import Settings
import TestSupport
import Testing

@testable import Health

@Suite("The monitor") struct MonitorTests {
    private func monitor(
        _ health: String, sites: String = "", witnesses: Witnesses? = nil, nodes: [(String, String)]? = nil,
        _ probes: [String: any HealthProbe] = [:]
    ) throws -> HealthMonitor {
        let cluster = try HealthFixture.cluster(health, nodes: nodes, sites: sites)
        return HealthMonitor(
            cluster, health: cluster.settings.health!, logger: HealthFixture.logger, witnesses: witnesses
        ) { probes[$0.name] }
    }

    private static let two = """
          every: 100ms
          fall: 2
          rise: 2
          checks:
            - { tcp: { host: h, port: 1 }, name: one, timeout: 10ms }
            - { tcp: { host: h, port: 2 }, name: two }
        """

    @Test func `a look that hangs holds up no other, and none piles up behind it`() async throws {
        let (stuck, quick) = (HangingProbe(), ScriptedProbe(.up))
        let check = try HealthFixture.check("{ tcp: { host: h, port: 1 }, timeout: 10ms }")
        let loop = CheckLoop(check, stuck, isLocal: false, witnesses: Witnesses([]), grace: .milliseconds(10))
        #expect(await loop.look() == CheckResult(.unknown, "the look did not end within 0.01 seconds"))
        for _ in 0..<5 { #expect(await loop.look().reason == "the look of before has not ended yet") }
        #expect(stuck.looks == 1)
        stuck.release()
        #expect(try await eventually { await loop.look().outcome == .up })

        let other = HangingProbe()
        let monitor = try monitor(Self.two, ["one": other, "two": quick])
        let task = Task { await monitor.run(votes: false) }
        #expect(try await eventually { quick.looks > 10 && other.looks == 1 })
        #expect(await monitor.report.checks.map(\.state) == [.untried, .up])
        other.release()
        task.cancel()
        await task.value
    }

    @Test func `a site goes down, comes back and is told, as its checks do`() async throws {
        let (one, two) = (ScriptedProbe(.up), ScriptedProbe(.up))
        let monitor = try monitor(Self.two, ["one": one, "two": two])
        let changes = await monitor.changesOfSites()
        let task = Task { await monitor.run(votes: false) }
        func becomes(_ state: HealthState) async throws -> Bool {
            try await eventually { await monitor.report.site("c")?.verdict.state == state }
        }
        #expect(try await becomes(.up))
        one.find(.down)
        #expect(try await becomes(.degraded))
        two.find(.down)
        #expect(try await becomes(.down))
        let down = try #require(await monitor.report.site("c"))
        #expect(down.verdict.reason.contains("one failed") && down.verdict.reason.contains("two failed"))
        one.find(.unknown)
        two.find(.unknown)
        #expect(try await becomes(.unknown))
        one.find(.up)
        two.find(.up)
        #expect(try await becomes(.up))
        task.cancel()
        await task.value
        var story: [HealthState] = []
        for await change in changes where change.to != story.last { story.append(change.to) }
        #expect(story.contains(.down) && story.first != .down && story.last == .up)
    }

    @Test func `a silence is down only while a witness answers`() async throws {
        let silence = ScriptedProbe(.silence("nothing came back"))
        func witness(_ answers: Bool) -> Witnesses.Witness {
            .init(name: "gateway", subject: "gateway") { _ in answers }
        }
        let check = try HealthFixture.check("{ tcp: { host: h, port: 1 } }")
        func result(_ witnesses: [Witnesses.Witness], isLocal: Bool = false) async -> CheckResult {
            await CheckLoop(check, silence, isLocal: isLocal, witnesses: Witnesses(witnesses)).look()
        }
        #expect(
            await result([witness(false), witness(true)]) == CheckResult(.down, "nothing came back; gateway answers"))
        #expect(await result([witness(false)]).outcome == .unknown)
        #expect(await result([]).outcome == .unknown)
        // Who was silent is no witness.
        #expect(await result([.init(name: "h", subject: "h") { _ in true }]).outcome == .unknown)
        // Between us and what is on this machine there is no network to be cut.
        #expect(await result([], isLocal: true).outcome == .down)
    }

    @Test func `witnesses are those that are named, or all that lies elsewhere`() async throws {
        let server = try LoopbackServer { $0.waitForEnd() }
        func witnesses(_ lines: String, nodes: [(String, String)]? = nil) throws -> Witnesses {
            let cluster = try HealthFixture.cluster(lines, nodes: nodes)
            return Witnesses(cluster.settings.health!, cluster, .init())
        }
        let checks =
            "  checks: [ { http: { url: \"http://www.example.org/\" } }, { tcp: { host: 127.0.0.1, port: 9 } } ]"
        let far = [("a", "host=db1.example.org"), ("b", "host=/run/postgresql")]
        #expect(try witnesses(checks, nodes: far).all.map(\.name) == ["www.example.org:80", "node a"])
        let named = try witnesses("  witnesses: [\"127.0.0.1:\(server.port)\"]\n" + checks, nodes: far)
        #expect(named.all.map(\.name) == ["127.0.0.1:\(server.port)"])
        #expect(await named.ask(without: "x", limit: .seconds(60)) == .answer("127.0.0.1:\(server.port)"))
        // A refusal is an answer.
        let refusing = try witnesses("  witnesses: [\"127.0.0.1:\(try closedPort())\"]\n" + checks)
        #expect(await refusing.ask(without: nil, limit: .seconds(60)) != .silent)
    }

    @Test func `checks without a site follow the active one, a database's stay with its site`() async throws {
        let sites = "sites: { p: { node: a, address: 192.0.2.1 }, q: { node: b, address: 192.0.2.2 } }"
        let probes = ["page": ScriptedProbe(.down), "sql a": ScriptedProbe(.up), "far": ScriptedProbe(.up)]
        let monitor = try monitor(
            """
              every: 100ms
              fall: 1
              checks:
                - { tcp: { host: h, port: 1 }, name: page, weight: 3 }
                - { sql: { node: a } }
                - { tcp: { host: h, port: 2 }, name: far, site: q }
            """, sites: sites, probes)
        await monitor.lookUntilSure()
        func states() async -> [HealthState] { await monitor.report.sites.map(\.verdict.state) }
        #expect(await states() == [.down, .up])
        #expect(await monitor.report.sites.map(\.isActive) == [true, false])
        // What the page's check found was found of the other site.
        await monitor.setActive("q", epoch: 2)
        #expect(await states()[0] == .up)
        #expect(await states()[1] != .down)
        await monitor.lookUntilSure()
        #expect(await states() == [.up, .down])
        // What is of an earlier epoch comes too late.
        await monitor.setActive("p", epoch: 1)
        #expect(await states() == [.up, .down])
    }

    @Test func `a visit asks a site's own address for the pages, whatever the name says`() async throws {
        let server = try LoopbackServer { connection in
            let isRight = connection.request().contains("\r\nHost: www.example.invalid:")
            connection.answer(isRight ? "200 OK" : "400 Bad Request", body: "Search results")
        }
        let monitor = try monitor(
            """
              checks:
                - { http: { url: "http://www.example.invalid:\(server.port)/", contains: "Search results" }, name: page }
                - { http: { url: "http://127.0.0.1:\(server.port)/", status: 400 }, name: own, site: q }
                - { tcp: { host: h, port: 2 } }
            """, sites: "sites: { p: { node: a, address: 127.0.0.1 }, q: { node: b, address: 127.0.0.2 } }")
        let here = await monitor.visit("p")
        #expect(here.isWell && here.results.map(\.check) == ["page"], "\(here)")
        let there = await monitor.visit("q")
        #expect(!there.isWell && there.results.map(\.check) == ["page", "own"], "\(there)")
        #expect(there.results.map(\.result.outcome) == [.down, .up])
        #expect(await !monitor.visit("nowhere").isWell)
    }

    @Test func `looking until sure takes a look where it is well, and as many as it falls by where not`() async throws {
        let (well, broken) = (ScriptedProbe(.up), ScriptedProbe(.down))
        let monitor = try monitor(
            "  fall: 3\n  recheck: 100ms\n  checks: [ { tcp: { host: h, port: 1 }, name: one }, { tcp: { host: h, port: 2 }, name: two } ]",
            ["one": well, "two": broken])
        await monitor.lookUntilSure()
        #expect(well.looks == 1 && broken.looks == 3)
        #expect(await monitor.report.checks.map(\.state) == [.up, .down])
    }

    @Test func `a server that flaps makes its site neither down nor up`() async throws {
        let count = Counter()
        let server = try LoopbackServer { connection in
            _ = connection.request()
            connection.answer(count.next() % 2 == 0 ? "503 Busy" : "200 OK")
        }
        let monitor = try monitor(
            "  every: 100ms\n  fall: 3\n  checks: [ { http: { url: \"http://127.0.0.1:\(server.port)/\" } } ]")
        let reports = await monitor.reports()
        let task = Task { await monitor.run(votes: false) }
        var looks = 0
        for await report in reports {
            looks = report.checks[0].looks
            if looks >= 6 { #expect(report.sites[0].verdict.state == .degraded, "\(report)") }
            if looks >= 25 { break }
        }
        #expect(looks >= 25)
        #expect(await monitor.report.checks[0].state == .unsteady)
        task.cancel()
        await task.value
    }
}
