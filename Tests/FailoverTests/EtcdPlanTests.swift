import Failover
import Foundation
import Glibc
import Postgres
import Programs
import Settings
import Sites
import TestSupport
import Testing

/// Whole plans on real nodes whose lease is in a real etcd.
@Suite("Plans under a lease in etcd (P8, P11)", .enabled(if: Etcd.program != nil, "etcd is not installed"), .serialized)
struct EtcdPlanTests {
    private static func make(
        _ client: String, ttl: String, _ more: String = ""
    ) async throws -> (TestSite, SiteSetup) {
        let site = try await TestSite.make(
            schema: SiteTests.schema, rows: SiteTests.rows,
            more: "  lease: { etcd: [\"\(client)\"], ttl: \(ttl) }\n\(more)")
        try await site.start()
        return (site, try SiteSetup(site.cluster, logger: TestPair.logger))
    }

    private static func run(_ setup: SiteSetup, _ kind: PlanKind) async throws -> RunReport {
        let orchestrator = setup.orchestrator()
        let plan = try await orchestrator.plan(kind, mode: .freeze, id: PlanID.make(kind), cause: "a test")
        return try await orchestrator.run(plan, isOrdered: true)
    }

    @Test func `a plan is refused while another orchestrator has the lease, and moves the site under its own`()
        async throws
    {
        try await EtcdTests.with { client, _ in
            let (site, setup) = try await Self.make(client, ttl: "3s")
            let other = EtcdLease(
                EtcdSettings(endpoints: [client], ttl: .seconds(3)), cluster: "site", holder: "another engine")
            let hold = try await other.take()
            let refused = await #expect(throws: StepFailure.self) { try await Self.run(setup, .switchover) }
            #expect(refused?.message == "another orchestrator has the lease in etcd: another engine")
            #expect(refused?.hint?.contains("switchback journal") == true)
            #expect(try await setup.parts.journal.read().journal.entries.isEmpty, "nothing was touched")
            try await site.primary.run("INSERT INTO item (v) VALUES ('while it was refused')")
            await hold.release()

            for kind in [PlanKind.switchover, .failback, .failover] {
                let report = try await Self.run(setup, kind)
                #expect(report.outcome == .done, "\(report)")
                // It was given back: the next one need not wait until its time is over.
                try await other.take().release()
            }
            #expect(try await site.primary.failure("DELETE FROM item")?.sqlState == "25006")
            try await site.secondary.run("INSERT INTO item (v) VALUES ('at durham')")
            try await site.catchUp()
            try await site.expectEqual()
        }
    }

    /// etcd stands still from the moment on when the site is being closed, and answers nobody. A transaction that is under way keeps the
    /// fence waiting until it is known that the lease is renewed no more.
    @Test func `an etcd that stands still while nobody can write undoes the plan`() async throws {
        let folder = try Program.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let script = folder + "/stop"
        try await EtcdTests.with { client, etcd in
            try "#!/bin/sh\n[ \"$SWITCHBACK_SITE\" = primary ] && kill -STOP \(etcd.processID)\nexit 0\n".write(
                toFile: script, atomically: false, encoding: .utf8)
            chmod(script, 0o755)
            let (site, setup) = try await Self.make(client, ttl: "6s", "  hooks: { stop: [\(script)] }")
            let writer = try await site.primary.connect()
            try await writer.run { try $0.execute("BEGIN; UPDATE tally SET n = 7") }
            let run = Task { try await Self.run(setup, .switchover) }
            try #require(try await eventually { try await setup.parts.nodes.look("raleigh").isClosed })
            // It is renewed every two seconds, and held for four.
            try await Task.sleep(for: .seconds(5))
            try await writer.run { try $0.execute("COMMIT") }
            await writer.close()
            let report = try await run.value
            etcd.signal(SIGCONT)
            #expect(report.outcome == .undone, "\(report)")
            #expect(report.reason == "the lease did not answer at fence, while nobody could write", "\(report)")
            #expect(report.secondsWithoutWrites ?? .infinity < 20)
            try await site.primary.run("UPDATE tally SET n = n + 1")
            #expect(try await site.secondary.failure("DELETE FROM item")?.sqlState == "25006")
            #expect(try await setup.orchestrator().standing().state == .home)
            try await site.catchUp()
            try await site.expectEqual()
        }
    }
}
