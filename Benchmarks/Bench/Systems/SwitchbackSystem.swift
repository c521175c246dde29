import Foundation

/// Switchback, the program that was built beside this one.
struct SwitchbackSystem: ReplicationSystem {
    let name = "switchback"

    func version(_ tools: Tools) async throws -> String {
        guard FileManager.default.isExecutableFile(atPath: tools.switchback) else {
            throw Missing(
                description:
                    "there is no \(tools.switchback): swift build -c release --product switchback, or SWITCHBACK_BIN")
        }
        return try await ProgramRun.run([tools.switchback, "--version"], in: tools.scratch)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func takesPart(in setting: Setting) -> Bool { true }

    func start(_ site: Site) async throws -> Engine {
        try await installCapture(site)
        try await run(site, ["copy"])
        return Engine(
            daemons: [
                try Daemon("switchback", [site.tools.switchback, "--config", config(site), "run"], in: site.folder)
            ],
            storage: Engine.storage(ofSchema: "switchback"))
    }

    func installCapture(_ site: Site) async throws {
        var text = "cluster: bench\nnodes:\n  source: { dsn: \"\(site.source.dsn)\" }\n"
        let names = site.targets.indices.map { "target\($0 + 1)" }
        for (name, target) in zip(names, site.targets) { text += "  \(name): { dsn: \"\(target.dsn)\" }\n" }
        let roles = ["source: source"] + names.map { "\($0): target" }
        text += "syncs:\n  bench:\n    nodes: { \(roles.joined(separator: ", ")) }\n    tables: [\"public.*\"]\n"
        try text.write(toFile: config(site), atomically: false, encoding: .utf8)
        try await run(site, ["schema", "install"])
    }

    func copy(_ site: Site, jobs: Int) async throws -> Duration {
        try await installCapture(site)
        let start = ContinuousClock.now
        try await run(site, ["copy", "--jobs", "\(jobs)"])
        let took = ContinuousClock.now - start
        try await run(site, ["schema", "uninstall"])
        return took
    }

    /// The whole program, with a stream of its own at rest.
    func startFiles(_ site: Site, _ trees: FileTrees) async throws -> Engine {
        try await installCapture(site)
        try await run(site, ["copy"])
        try addFiles(site, trees, watch: true)
        return Engine(
            daemons: [
                try Daemon("switchback", [site.tools.switchback, "--config", config(site), "run"], in: site.folder)
            ])
    }

    func passFiles(_ site: Site, _ trees: FileTrees) async throws {
        if !FileManager.default.fileExists(atPath: config(site)) {
            try await installCapture(site)
            try addFiles(site, trees, watch: false)
        }
        try await run(site, ["files", "sync", "tree"])
    }

    private func addFiles(_ site: Site, _ trees: FileTrees, watch: Bool) throws {
        var text = try String(contentsOfFile: config(site), encoding: .utf8)
        text += """
            sites:
              one: { node: source, address: 192.0.2.1 }
              two: { node: target1, address: 192.0.2.2 }
            files:
              tree: { from: one, to: two, path: \(trees.source)/, delete: true, watch: \(watch), reach: { one: { local: true }, \
            two: { local: true, path: \(trees.target)/ } } }

            """
        try text.write(toFile: config(site), atomically: false, encoding: .utf8)
    }

    private func config(_ site: Site) -> String { "\(site.folder)/switchback.yaml" }

    private func run(_ site: Site, _ arguments: [String]) async throws {
        try await ProgramRun.run([site.tools.switchback, "--config", config(site)] + arguments, in: site.folder)
    }
}
