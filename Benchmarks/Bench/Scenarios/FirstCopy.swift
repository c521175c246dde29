/// Everything into an empty target, with one job and with two.
struct FirstCopy: Sendable {
    func run(_ system: any ReplicationSystem, _ site: Site, _ servers: Servers) async throws -> [String: Double] {
        let rows = try await Link.with(site.source) { link in
            var rows = 0.0
            for table in site.tables { rows += try await link.number("SELECT count(*) FROM \(table)") }
            return rows
        }
        var figures: [String: Double] = [:]
        for jobs in [1, 2] {
            try await prepare(site)
            try await servers.checkpoint()
            let took = try await system.copy(site, jobs: jobs)
            let difference = try await Equality.difference(
                site.tables, site.source, site.targets, patience: .seconds(30))
            if let difference { throw ScenarioFailure(difference) }
            figures["jobs\(jobs)_s"] = took.seconds
            figures["jobs\(jobs)_rows_s"] = rows / max(took.seconds, 1e-9)
        }
        return figures
    }

    /// Makes the target anew, with the tables and without rows.
    private func prepare(_ site: Site) async throws {
        let target = site.targets[0]
        try await Link.with(target.sibling("postgres")) {
            try await $0.execute("DROP DATABASE IF EXISTS \(target.database) WITH (FORCE)")
        }
        try await site.dataset.copy(site.source, to: [target], tools: site.tools, schemaOnly: true)
    }
}
