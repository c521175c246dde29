import Failover
import Foundation
import Glibc
import Postgres
import Sites
import TestSupport
import Testing

/// The daemon itself, with its checks, its watch and its streams. Nobody says that the site is to move.
@Suite("The daemon moves the site and brings it back by itself (P5, P11)", .serialized) struct CalmTests {
    private static let calm = 3.0

    /// The primary is well while a file is not there.
    private static func more(_ folder: String) -> String {
        """
          failback: { after: 3s }
          limits: { lost: 1s, node: 5s }
        health:
          every: 200ms
          recheck: 100ms
          fall: 2
          rise: 2
          observer: here
          checks:
            - { name: first page, site: primary, exec: { command: [\(folder)/page] } }
            - { name: second page, site: secondary, exec: { command: [/bin/true] } }
        """
    }

    private static func make(_ folder: String) async throws -> TestSite {
        let page = folder + "/page"
        try "#!/bin/sh\n[ -e \(folder)/down ] && exit 2\nexit 0\n".write(
            toFile: page, atomically: false, encoding: .utf8)
        chmod(page, 0o755)
        let site = try await TestSite.make(schema: SiteTests.schema, rows: SiteTests.rows, more: more(folder))
        try await site.start()
        try site.yaml.replacing("mode: manual", with: "mode: automatic").write(
            toFile: folder + "/switchback.yaml", atomically: false, encoding: .utf8)
        return site
    }

    /// Where the site is, as `status` tells it.
    private static func state(_ folder: String) async throws -> String? {
        let outcome = try await Program.run(["status", "--json"], in: folder)
        let value = try? JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        let place = (value as? [String: Any])?["site"] as? [String: Any]
        return place?["state"] as? String
    }

    @Test func `it goes back when the old site has been well for as long as is wanted, with every row`() async throws {
        let folder = try Program.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let site = try await Self.make(folder)
        let daemon = try await RunningProgram(["run"], in: folder)
        do { try await Self.tell(site, folder) } catch {
            daemon.signal(SIGKILL)
            let end = try? await daemon.end()
            Issue.record("\(end?.errors.suffix(4000) ?? "")")
            throw error
        }
        daemon.signal(SIGTERM)
        let end = try await daemon.end()
        #expect(end.status == 0)
        for line in [
            "failover begins by itself: primary is down",
            "failback begins by itself: primary has been well for long enough",
        ] { #expect(end.errors.contains(line), "\(end.errors.suffix(4000))") }
        try await site.catchUp()
        try await site.expectEqual()
        let rows = try await site.secondary.rows("SELECT v FROM item WHERE v <> 'first' ORDER BY id").map { $0[0] }
        #expect(Set(rows) == ["before", "while away", "home again"])
        try await Self.expectCalm(site)
    }

    private static func tell(_ site: TestSite, _ folder: String) async throws {
        try #require(
            try await eventually {
                try await Program.run(["why"], in: folder).output.contains("primary is up")
            })
        try await site.primary.run("INSERT INTO item (v) VALUES ('before')")
        #expect(FileManager.default.createFile(atPath: folder + "/down", contents: nil))
        try #require(try await eventually { try await Self.state(folder) == "away" })
        try await site.secondary.run("INSERT INTO item (v) VALUES ('while away')")
        #expect(try await site.primary.failure("DELETE FROM item")?.sqlState == "25006")
        try FileManager.default.removeItem(atPath: folder + "/down")
        try #require(try await eventually { try await Self.state(folder) == "home" })
        try await site.primary.run("INSERT INTO item (v) VALUES ('home again')")
        #expect(try await site.secondary.failure("DELETE FROM item")?.sqlState == "25006")
        let why = try await Program.run(["why"], in: folder)
        #expect(why.output.contains("the site is at primary: the failback"), "\(why)")
        #expect(why.output.contains("(by itself: primary has been well for long enough)"), "\(why)")
    }

    /// Two plans, and between the end of the one and the beginning of the other the time that is wanted.
    private static func expectCalm(_ site: TestSite) async throws {
        let setup = try SiteSetup(site.cluster, logger: TestPair.logger)
        let entries = try await setup.parts.journal.read().journal.entries
        let plans = entries.filter { $0.event == .planned }
        #expect(plans.map { $0.record?.kind } == [.failover, .failback], "\(plans)")
        let away = try #require(entries.first { $0.event == .finished })
        let back = try #require(plans.last)
        #expect(back.at - away.at >= calm, "\(away) \(back)")
    }
}
