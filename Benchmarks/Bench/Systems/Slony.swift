import Foundation

/// Slony-I: triggers in C, and a daemon for each node.
struct Slony: ReplicationSystem {
    let name = "slony"
    let packages = ["slony1-2-bin", "postgresql-15-slony1-2"]

    func version(_ tools: Tools) async throws -> String {
        for program in ["slonik", "slon"] {
            guard try await ProgramRun.outcome(["which", program], in: tools.scratch).status == 0 else {
                throw Missing(description: "there is no \(program)")
            }
        }
        let library = try await ProgramRun.run(["\(tools.binDirectory)/pg_config", "--pkglibdir"], in: tools.scratch)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: library)) ?? []
        guard names.contains(where: { $0.hasPrefix("slony1_funcs") }) else {
            throw Missing(description: "this Postgres lacks Slony's functions (\(library)/slony1_funcs*)")
        }
        let text = try await ProgramRun.run(["slonik", "-v"], in: tools.scratch)
        return text.split(whereSeparator: \.isWhitespace).last.map(String.init) ?? ""
    }

    func takesPart(in setting: Setting) -> Bool {
        switch setting {
        case .pair, .triggers, .manyTables, .endurance: true
        case .copy, .notify, .fanOut, .site, .masters, .filesWatch, .filesPass: false
        }
    }

    /// It insists on copying by itself, into tables without rows.
    func start(_ site: Site) async throws -> Engine {
        let target = site.targets[0]
        try await Link.with(target) { link in
            for table in site.tables { try await link.execute("TRUNCATE \(table)") }
        }
        try await installCapture(site)
        let paths = """
            store node (id=2, comment='target', event node=1);
            store path (server=1, client=2, conninfo='\(site.source.dsn)');
            store path (server=2, client=1, conninfo='\(target.dsn)');
            """
        try await slonik(site, paths)
        let daemons = try [("slon-source", site.source), ("slon-target", target)].map { name, node in
            try Daemon(name, ["slon", "-s", "200", "bench", node.dsn], in: site.folder)
        }
        let engine = Engine(daemons: daemons, storage: Engine.storage(ofSchema: "_bench"))
        do {
            try await slonik(site, "subscribe set (id=1, provider=1, receiver=2, forward=no);\n")
        } catch {
            await engine.stop()
            throw error
        }
        return engine
    }

    func installCapture(_ site: Site) async throws {
        var script = "init cluster (id=1, comment='source');\ncreate set (id=1, origin=1, comment='bench');\n"
        for (index, table) in site.tables.enumerated() {
            script += "set add table (set id=1, origin=1, id=\(index + 1), fully qualified name='public.\(table)');\n"
        }
        try await slonik(site, script)
    }

    private func slonik(_ site: Site, _ script: String) async throws {
        var head = "cluster name = bench;\nnode 1 admin conninfo='\(site.source.dsn)';\n"
        head += "node 2 admin conninfo='\(site.targets[0].dsn)';\n"
        try await ProgramRun.run(["slonik"], input: head + script, in: site.folder)
    }
}
