import Foundation
import LocalCluster

/// A whole run: finds the systems, and takes the plan's steps.
struct BenchRun: Sendable {
    let plan: Plan
    let tools: Tools
    let place: WorkPlace

    func run() async throws -> RunRecord {
        let installation = try plan.installation()
        guard FileManager.default.isExecutableFile(atPath: tools.pgbench) else {
            throw WrongUsage(
                description: "there is no \(tools.pgbench); Debian has it in postgresql-\(installation.major)")
        }
        let machine = Machine.current()
        let (systems, found) = try await present()
        var versions = found
        versions["Postgres"] = installation.version
        if machine.isBusy {
            Console.say("bench: this machine is not idle (load \(NumberText.fixed(machine.load, decimals: 2)))")
        }
        var record = RunRecord(
            date: Self.today(), machine: machine, versions: versions, serverSettings: Servers.settings,
            sizes: plan.sizes, rounds: plan.rounds)
        for step in plan.steps(systems) {
            let scratch = try place.subfolder()
            defer { place.remove(scratch) }
            let session = SessionRun(
                setting: step.setting, system: step.system, round: step.round, wanted: step.scenarios,
                sizes: plan.sizes, installation: installation,
                tools: Tools(binDirectory: tools.binDirectory, switchback: tools.switchback, scratch: scratch),
                tell: { Console.say(Report.line($0)) })
            let quiet = try plan.lock.map(QuietLock.init)
            record.measurements += try await session.run()
            quiet?.release()
        }
        return record
    }

    /// The systems that this machine has, with their versions. A missing one is left out, with a word about it, unless
    /// it was named.
    private func present() async throws -> ([any ReplicationSystem], [String: String]) {
        var systems: [any ReplicationSystem] = []
        var versions: [String: String] = [:]
        for system in plan.systems {
            do {
                let version = try await system.version(tools)
                if !version.isEmpty { versions[system.name] = version }
                systems.append(system)
            } catch let missing as Missing {
                if plan.areNamed {
                    throw WrongUsage(description: "\(system.name) cannot take part: \(missing); see --install-peers")
                }
                Console.say("bench: without \(system.name): \(missing)")
            }
        }
        return (systems, versions)
    }

    private static func today() -> String {
        Date().ISO8601Format(.iso8601(timeZone: .gmt).year().month().day())
    }
}
