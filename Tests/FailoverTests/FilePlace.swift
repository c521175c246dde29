import FileSync
import Foundation
import Replication
import Settings
import Sites
import TestSupport
import Testing

@testable import Failover

/// Two databases, and for each job a folder at either site.
struct FilePlace {
    let site: TestSite
    let folder: String
    let jobs: [String]

    var setup: SiteSetup { get throws { try SiteSetup(site.cluster, logger: TestPair.logger, here: "primary") } }

    func primary(_ job: String) -> PlanTree { PlanTree("\(folder)/\(job)/primary") }
    func secondary(_ job: String) -> PlanTree { PlanTree("\(folder)/\(job)/secondary") }

    /// A job as the daemon at a site has it: it asks the fences.
    func job(_ name: String, active: (any ActiveSiteSource)? = nil) -> FileJob {
        let source = active ?? FencedActiveSite(site.cluster)
        return FileJob.all(site.cluster.settings, here: "primary", active: source).first { $0.name == name }!
    }

    func sync(_ name: String) async throws -> MoveReport { try await job(name).mover.sync(SyncOptions()) { _ in } }

    func run(_ kind: PlanKind, _ mode: ReturnMode = .freeze, _ setup: SiteSetup? = nil) async throws -> RunReport {
        let setup = try setup ?? self.setup
        let orchestrator = setup.orchestrator()
        let plan = try await orchestrator.plan(kind, mode: mode, id: PlanID.make(kind), cause: "a test")
        return try await orchestrator.run(plan, isOrdered: true)
    }

    /// Switchback's own report, by path.
    func reported(_ job: String) async throws -> [PassReport.Done] {
        try await self.job(job).mover.report().done
    }

    /// - Parameters:
    ///   - jobs: their names, with further keys.
    ///   - failover: further lines of that section, at its indentation.
    static func make(_ jobs: [(String, String)], failover: String = "") async throws -> FilePlace {
        let folder = try Program.folder()
        let lines = jobs.map { name, keys in
            let reach = ["primary", "secondary"].map {
                "\($0): { local: true, path: \(folder)/\(name)/\($0)/ }"
            }.joined(separator: ", ")
            return
                "  \(name): { from: primary, to: secondary, path: /nowhere-switchback/, delete: true, max_deletions_percent: 100, \(keys)reach: { \(reach) } }"
        }
        let site = try await TestSite.make(
            schema: SiteTests.schema, rows: SiteTests.rows,
            more: failover + "files:\n" + lines.joined(separator: "\n"))
        try await site.start()
        let place = FilePlace(site: site, folder: folder, jobs: jobs.map(\.0))
        try site.yaml.write(toFile: folder + "/switchback.yaml", atomically: false, encoding: .utf8)
        for (name, _) in jobs {
            for tree in [place.primary(name), place.secondary(name)] { #expect(tree.files().isEmpty) }
        }
        return place
    }
}
