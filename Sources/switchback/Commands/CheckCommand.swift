import ArgumentParser
import Health
import Replication

/// Looks at configuration, connections, versions, grants, keys, clocks and tools.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract:
            "Check configuration, connections, versions, grants, keys, clocks and tools; each finding with its remedy.")

    @OptionGroup var options: GlobalOptions

    private struct Line: Encodable {
        let severity: String
        let node: String?
        let sync: String?
        let message: String
        let remedy: String?
    }

    func run() async throws {
        let cluster = try options.cluster()
        var findings = try await Checkup(cluster).run() + HealthCheckup(cluster).findings()
        findings += try await SiteFindings.look(cluster, options.logger)
        findings += await DNSFindings.look(cluster.settings)
        for finding in findings {
            let mark =
                switch finding.severity {
                case .good: "  ok      "
                case .notice: "  note    "
                case .problem: "  PROBLEM "
                }
            let place = [finding.sync, finding.node].compactMap { $0 }.joined(separator: "/")
            options.console.say(mark + (place.isEmpty ? "" : place + ": ") + finding.message)
            if let remedy = finding.remedy { options.console.say("            → " + remedy) }
        }
        let problems = findings.count { $0.severity == .problem }
        try options.console.result(
            findings.map {
                Line(
                    severity: $0.severity.rawValue, node: $0.node, sync: $0.sync, message: $0.message, remedy: $0.remedy
                )
            })
        if problems > 0 {
            options.console.say("\(problems) \(problems == 1 ? "problem" : "problems") to mend")
            throw ExitCode(Failure.Status.answerIsNo.rawValue)
        }
        options.console.say("everything is well")
    }
}
