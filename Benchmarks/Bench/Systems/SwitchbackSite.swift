import Foundation
import LocalCluster

/// Switchback over a site and its standby: what its configuration says, its commands, its daemon.
struct SwitchbackSite: Sendable {
    /// Where the name leads: the primary's address, and the secondary's.
    static let addresses = ["127.0.0.11", "127.0.0.12"]
    /// A site is down after so many failures, so far apart.
    static let fall = 3
    static let everySeconds = 1.0

    let site: Site
    private let config: String

    /// - Parameter line: by which the source is reached, so that it can be cut off.
    init(_ site: Site, line: TCPProxy, names: NameServer) throws {
        self.site = site
        config = "\(site.folder)/site.yaml"
        let source = site.source
        let text = """
            cluster: bench
            nodes:
              source: { dsn: "host=\(line.host) port=\(line.port) user=\(source.user) dbname=\(source.database)" }
              target: { dsn: "\(site.targets[0].dsn)" }
            syncs:
              bench: { nodes: { source: source, target: target }, tables: ["public.*"] }
            sites:
              primary:   { node: source, address: \(Self.addresses[0]) }
              secondary: { node: target, address: \(Self.addresses[1]) }
            health:
              every: \(Int(Self.everySeconds))s
              timeout: 2s
              fall: \(Self.fall)
              rise: 1
              checks: [{ sql: { node: source } }, { sql: { node: target } }]
            dns:
              provider: { rfc2136: { server: "\(names.address)", zone: \(NameServer.zone), key: "file:\(names.keyFile)" } }
              servers: ["\(names.address)"]
              records: [{ name: \(NameServer.name), type: A, ttl: 1s }]
            failover: { mode: automatic }

            """
        try text.write(toFile: config, atomically: false, encoding: .utf8)
    }

    /// What a plan's run came to, as `--json` tells it.
    struct PlanResult: Decodable, Sendable {
        struct Step: Decodable, Sendable {
            let step: String
            let seconds: Double?
        }

        let outcome: String
        let reason: String?
        let steps: [Step]
        let secondsWithoutWrites: Double?
        let mergedRows: Int?
    }

    func run(_ arguments: String...) async throws { _ = try await output(arguments) }

    /// Runs a plan to its end.
    ///
    /// - Throws: ``ScenarioFailure`` when it was not done.
    func plan(_ kind: String) async throws -> PlanResult {
        let outcome = try await ProgramRun.outcome(
            [site.tools.switchback, "--config", config, kind, "--yes", "--json"], in: site.folder)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard outcome.status == 0, let result = try? decoder.decode(PlanResult.self, from: Data(outcome.output.utf8))
        else {
            throw ScenarioFailure("the \(kind) was not done: \((outcome.errors + outcome.output).suffix(1500))")
        }
        return result
    }

    func daemon(_ name: String) throws -> Daemon {
        try Daemon(name, [site.tools.switchback, "--config", config, "run"], in: site.folder)
    }

    private func output(_ arguments: [String]) async throws -> String {
        try await ProgramRun.run([site.tools.switchback, "--config", config] + arguments, in: site.folder)
    }
}
