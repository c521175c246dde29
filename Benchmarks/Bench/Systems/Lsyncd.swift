import Foundation

/// lsyncd: inotify and rsync, files alone.
struct Lsyncd: ReplicationSystem {
    let name = "lsyncd"
    let packages = ["lsyncd"]

    func version(_ tools: Tools) async throws -> String {
        guard try await ProgramRun.outcome(["which", "lsyncd"], in: tools.scratch).status == 0 else {
            throw Missing(description: "there is no lsyncd")
        }
        let told = try await ProgramRun.outcome(["lsyncd", "--version"], in: tools.scratch)
        return (told.output + told.errors).split(whereSeparator: \.isWhitespace).last.map(String.init) ?? ""
    }

    func takesPart(in setting: Setting) -> Bool { setting == .filesWatch }

    func start(_ site: Site) async throws -> Engine { throw ScenarioFailure("\(name) moves files alone") }

    /// With a delay of a second: it gathers for 15 where nothing is said, and takes whole seconds.
    func startFiles(_ site: Site, _ trees: FileTrees) async throws -> Engine {
        let path = "\(site.folder)/lsyncd.lua"
        try """
        settings { nodaemon = true, inotifyMode = "CloseWrite or Modify" }
        sync { default.rsync, source = "\(trees.source)", target = "\(trees.target)", delay = 1, delete = true, \
        rsync = { archive = true } }
        """.write(toFile: path, atomically: false, encoding: .utf8)
        return Engine(daemons: [try Daemon("lsyncd", ["lsyncd", "-nodaemon", path], in: site.folder)])
    }
}
