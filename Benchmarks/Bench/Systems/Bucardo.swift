import Foundation

/// Bucardo: triggers, and daemons in Perl with a database of their own.
struct Bucardo: ReplicationSystem {
    let name = "bucardo"
    let packages = ["bucardo", "postgresql-plperl-15"]

    func version(_ tools: Tools) async throws -> String {
        let outcome = try await ProgramRun.outcome(["bucardo", "--version"], in: tools.scratch)
        guard outcome.status == 0 else { throw Missing(description: "there is no bucardo") }
        let library = try await ProgramRun.run(["\(tools.binDirectory)/pg_config", "--pkglibdir"], in: tools.scratch)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard FileManager.default.fileExists(atPath: "\(library)/plperl.so") else {
            throw Missing(description: "this Postgres lacks PL/Perl (\(library)/plperl.so)")
        }
        return outcome.output.split(whereSeparator: \.isWhitespace).last.map(String.init) ?? ""
    }

    func takesPart(in setting: Setting) -> Bool {
        switch setting {
        case .pair, .triggers, .endurance: true
        // A thousand tables take it minutes to begin with.
        case .manyTables, .copy, .notify, .fanOut, .site, .masters, .filesWatch, .filesPass: false
        }
    }

    func start(_ site: Site) async throws -> Engine {
        try await installCapture(site)
        let script = """
            bucardo --bucardorc '\(rc(site))' start --log-destination='\(site.folder)'
            cat bucardo.mcp.pid >"$PIDFILE" 2>/dev/null || { sleep 3; head -n 1 bucardo.mcp.pid >"$PIDFILE"; }
            cat >/dev/null
            bucardo --bucardorc '\(rc(site))' stop
            for second in 1 2 3 4 5 6 7 8 9 10; do
                kill -0 "$(head -n 1 "$PIDFILE")" 2>/dev/null || break
                sleep 1
            done
            kill -KILL "$(head -n 1 "$PIDFILE")" 2>/dev/null
            """
        return Engine(
            daemons: [try Daemon("bucardo", script: script, in: site.folder)],
            storage: Engine.storage(ofSchema: "bucardo"))
    }

    func installCapture(_ site: Site) async throws {
        for node in [site.source, site.targets[0]] {
            try await Link.with(node.sibling("postgres")) {
                try await $0.execute("CREATE ROLE bucardo SUPERUSER LOGIN PASSWORD 'bucardo'")
            }
        }
        let source = site.source
        try await Link.with(source.sibling("postgres")) {
            try await $0.execute("CREATE DATABASE bucardo OWNER bucardo")
        }
        let lines = [
            "dbhost=\(source.host)", "dbport=\(source.port)", "dbname=bucardo", "dbuser=bucardo", "dbpass=bucardo",
            "piddir=\(site.folder)", "",
        ]
        try lines.joined(separator: "\n").write(toFile: rc(site), atomically: false, encoding: .utf8)
        try await cli(
            site,
            [
                "install", "--batch", "--dbhost", source.host, "--dbport", "\(source.port)", "--dbuser", source.user,
                "--dbname", "bucardo", "--pid-dir", site.folder,
            ])
        for (name, node) in [("A", source), ("B", site.targets[0])] {
            try await cli(
                site,
                [
                    "add", "db", name, "dbname=\(node.database)", "host=\(node.host)", "port=\(node.port)",
                    "user=bucardo", "pass=bucardo",
                ])
        }
        try await cli(site, ["add", "all", "tables", "db=A", "relgroup=bench"])
        try await cli(site, ["add", "dbgroup", "oneway", "A:source", "B:target"])
        try await cli(site, ["add", "sync", "bench", "relgroup=bench", "dbs=oneway", "onetimecopy=0"])
        try await cli(site, ["set", "piddir=\(site.folder)"])
    }

    private func rc(_ site: Site) -> String { "\(site.folder)/bucardorc" }

    private func cli(_ site: Site, _ arguments: [String]) async throws {
        try await ProgramRun.run(["bucardo", "--bucardorc", rc(site)] + arguments, in: site.folder)
    }
}
