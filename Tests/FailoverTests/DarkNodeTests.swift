import LocalCluster
import Postgres
import Replication
import Settings
import Sites
import TestSupport
import Testing

@testable import Failover

/// A node that takes packets and says nothing, as behind a line that drops them: it neither answers nor refuses.
@Suite("A node that goes dark (P8, P11)", .serialized) struct DarkNodeTests {
    /// A journal that tells each line that was written.
    private struct HeardJournal: SiteJournal {
        let inner: any SiteJournal
        let onWritten: @Sendable (JournalEntry) -> Void

        func read() async throws -> (journal: Journal, missing: [String: String]) { try await inner.read() }
        func heal() async { await inner.heal() }
        func write(_ entry: JournalEntry) async throws {
            try await inner.write(entry)
            onWritten(entry)
        }
    }

    /// Two sites, and a line to one of them that can be stalled.
    private static func make(_ node: String, _ more: String = "") async throws -> (TestSite, Cluster, TCPProxy) {
        let site = try await TestSite.make(schema: SiteTests.schema, rows: SiteTests.rows, more: more)
        try await site.start()
        let database = node == "raleigh" ? site.primary : site.secondary
        let proxy = try TCPProxy.start(to: database.server.port)
        let dsn = database.server.dsn(database: database.name, port: proxy.port)
        return (site, Cluster(try Settings.parse(site.yaml.replacing(database.dsn, with: dsn))), proxy)
    }

    /// Symptom: one dark node, and a lock that was held at the other did not count. Cause: the nodes were asked one after the other, the dark one
    /// twice, each for three seconds, and whoever asked waited no longer than that; a question that was cut off gave the other's lock
    /// up. Fix: they are asked side by side, and one that answers is enough.
    @Test(arguments: ["raleigh", "durham"])
    func `the lease is held at once while one node is dark, whichever it is`(_ dark: String) async throws {
        let (site, cluster, proxy) = try await Self.make(dark)
        defer { proxy.stop() }
        let hold = try await NodeLease(cluster, nodes: ["raleigh", "durham"]).take()
        proxy.stall()
        // Past the time after which the dark one's session is given up, and its lock asked for again.
        var times: [Duration] = []
        for _ in 1...6 {
            let began = ContinuousClock.now
            #expect(await hold.answer() == .held)
            times.append(ContinuousClock.now - began)
            // A question that nobody waits for gives nothing up.
            _ = await limited(to: .microseconds(1)) { await hold.answer() }
            try await Task.sleep(for: .seconds(1))
        }
        // One after the other they took six seconds, or three; a machine that is busy may take a moment.
        #expect((times.min() ?? .seconds(9)) < .seconds(2) && times.allSatisfy { $0 < .seconds(5) }, "\(times)")
        let plain = NodeLease(site.cluster, nodes: ["raleigh", "durham"])
        let refusal = await #expect(throws: StepFailure.self) { try await plain.take() }
        #expect(refusal?.message.contains("another orchestrator has the lease at") == true)
        proxy.resume()
        await hold.release()
        let isFree = try await eventually {
            guard let other = try? await plain.take() else { return false }
            await other.release()
            return true
        }
        #expect(isFree)
    }

    /// Symptom: the new site went dark while it was opened, and the old one stayed closed until a person came. Cause: the lease counted as silent, though
    /// the old site's node had it, and without it nobody can tell whether somebody goes on at the new site. Fix: it is held, and the
    /// run opens the old site, as `unfenced: allow` says.
    @Test func `a new site that goes dark while it is opened leaves the old one open`() async throws {
        let (site, cluster, proxy) = try await Self.make("durham", "  limits: { node: 4s, lost: 1s }")
        defer { proxy.stop() }
        var setup = try SiteSetup(cluster, logger: TestPair.logger)
        setup.parts.journal = HeardJournal(inner: setup.parts.journal) { line in
            if line.event == .begun, line.step == .promote { proxy.stall() }
        }
        let orchestrator = setup.orchestrator()
        let plan = try await orchestrator.plan(.switchover, mode: .freeze, id: "s", cause: "a test")
        let report = try await orchestrator.run(plan, isOrdered: true)
        #expect(report.outcome == .undone, "\(report)")
        #expect(report.keptSteps == [.promote], "\(report)")
        try await site.primary.run("UPDATE tally SET n = n + 1")

        // What was on its way to the dark one may arrive now; whoever comes back is fenced.
        proxy.resume()
        let guardian = Guardian(
            parts: setup.parts, limits: setup.limits, home: setup.home, other: setup.other, name: setup.name)
        let isFenced = try await eventually {
            _ = try? await guardian.look()
            return try await site.secondary.failure("DELETE FROM item")?.sqlState == "25006"
        }
        #expect(isFenced)
        #expect(try await orchestrator.standing().active == setup.home)
    }
}
