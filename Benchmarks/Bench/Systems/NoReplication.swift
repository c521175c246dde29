/// No replication: what the source can do by itself.
struct NoReplication: ReplicationSystem {
    let name = "none"
    let replicates = false

    func version(_ tools: Tools) async throws -> String { "" }

    func takesPart(in setting: Setting) -> Bool {
        switch setting {
        case .pair, .manyTables, .copy: true
        case .triggers, .notify, .fanOut, .endurance, .site, .masters, .filesWatch, .filesPass: false
        }
    }

    func start(_ site: Site) async throws -> Engine { Engine() }

    /// What one would do without any replication: dump and restore. The target's tables are there already, so the
    /// restore goes into a database beside it, indexes included.
    func copy(_ site: Site, jobs: Int) async throws -> Duration {
        let target = site.targets[0]
        try await Link.with(target.sibling("postgres")) { link in
            try await link.execute("DROP DATABASE \(target.database) WITH (FORCE)")
            try await link.execute("CREATE DATABASE \(target.database)")
        }
        let tools = site.tools
        let start = ContinuousClock.now
        if jobs == 1 {
            try await tools.shell(
                "'\(tools.pgDump)' -d '\(site.source.dsn)' | '\(tools.psql)' -q -X -v ON_ERROR_STOP=1 -d '\(target.dsn)'"
            )
        } else {
            let dump = "\(site.folder)/dump"
            try await tools.shell(
                """
                rm -rf '\(dump)'; '\(tools.pgDump)' -Fd -Z0 -j \(jobs) -f '\(dump)' -d '\(site.source.dsn)' && \
                '\(tools.pgRestore)' -j \(jobs) -d '\(target.dsn)' '\(dump)' && rm -rf '\(dump)'
                """
            )
        }
        return .now - start
    }
}
