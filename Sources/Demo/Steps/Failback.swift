import Console
import Failover
import Sites

extension DemoStep {
    /// A person brings the site back, while people write.
    static let failback = DemoStep(title: "switchback failback --yes, while people write") { stage in
        let nodes = try stage.nodes
        let setup = try stage.setup
        let orchestrator = setup.orchestrator { PlanView.show($0, on: stage.screen) }
        stage.ledger.change { $0.beginPart(now: .now) }
        let plan = try await orchestrator.plan(
            .failback, mode: setup.returnMode, id: PlanID.make(.failback), cause: "ordered in the demo")
        let report = try await orchestrator.run(plan, isOrdered: true)
        stage.screen.endLive()
        guard report.outcome == .done else {
            throw DemoError("the failback did not come to its end: \(report.reason ?? "no reason is known")")
        }
        try await wait("nobody wrote at raleigh") { (stage.ledger.value.byNode["raleigh"] ?? 0) > 0 }
        let gap = stage.ledger.value.longestGap
        let (address, text) = try await nodes.site.page()
        stage.figures.change {
            $0.failback.seconds = report.seconds
            $0.failback.secondsWithoutWrites = seconds(gap)
            $0.failback.steps = DemoReport.steps(of: report)
        }
        stage.screen.say("\(NameService.name) → \(address): \(text)")
        stage.screen.say("nobody could write for \(ProgressText.duration(gap)), as the writers saw it", .green)
        try await Task.sleep(for: .milliseconds(500))
        try await stage.sendHome()
    }
}
