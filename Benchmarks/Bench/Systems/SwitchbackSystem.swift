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

    private func config(_ site: Site) -> String { "\(site.folder)/switchback.yaml" }

    private func run(_ site: Site, _ arguments: [String]) async throws {
        try await ProgramRun.run([site.tools.switchback, "--config", config(site)] + arguments, in: site.folder)
    }
}
