import Console
import Replication

extension DemoStep {
    /// Looks at both nodes, and installs the triggers.
    static let install = DemoStep(title: "check, schema install") { stage in
        let nodes = try stage.nodes
        let findings = try await Checkup(nodes.cluster).run()
        for finding in findings where finding.severity == .problem {
            throw DemoError("\(finding.node ?? ""): \(finding.message)", hint: finding.remedy)
        }
        stage.screen.say(
            "looked at versions, grants, keys, clocks: \(ProgressText.count(findings.count, "finding")), no problem")
        let transactions = Shared(0)
        try await Installer(nodes.cluster).install { progress in
            if case .done(let node, let step, let number, let total) = progress {
                transactions.change { $0 += 1 }
                stage.screen.live("\(ProgressText.bar(Double(number) / Double(total))) \(node): \(step)")
            }
        }
        let tables = stage.figures.value.start.tables
        stage.screen.say("raleigh  triggers on \(tables) tables record which rows change")
        stage.screen.say("durham   \(tables) tables are read-only to applications")
        stage.screen.note("\(transactions.value) small transactions by an ordinary role: no superuser, no restart")
        stage.screen.say("to look on from a second terminal, from here on (and later with why and health):")
        stage.screen.command("switchback --config \(nodes.configurationFile) status --watch")
    }
}
