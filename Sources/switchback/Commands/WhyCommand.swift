import ArgumentParser
import Failover
import Foundation
import Replication
import Sites

/// Why the site is where it is, and what would have to happen for it to move.
struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Tell why the site is where it is, and what would have to happen for it to move.",
        discussion: "Exit status 3 when the nodes are not as the journal has it, or a plan waits for somebody.")

    @OptionGroup var options: GlobalOptions

    private struct Node: Encodable {
        let node: String
        let site: String
        let reachable: Bool
        let fenced: Bool?
        let epoch: Int?
        let reason: String?
        /// Whether it is to take writes, by the journal.
        let mayWrite: Bool
        let problem: String?
    }

    private struct Document: Encodable {
        let active: String
        let state: String
        let epoch: Int
        let because: String
        let gates: [String]
        let commands: [String]
        let nodes: [Node]
        let lease: String
    }

    func run() async throws {
        let setup = try SiteSetup(try options.cluster(), logger: options.logger)
        let orchestrator = setup.orchestrator()
        let standing = try await orchestrator.standing()
        let watch = setup.watch(onProgress: { _ in }, onEvent: { _ in })
        let gates = Self.gates(Autopilot(setup.rules).decide(try await watch.view()))
        var nodes: [Node] = []
        for site in [setup.home, setup.other] { nodes.append(await Self.look(site, standing, setup)) }
        let document = Document(
            active: standing.active.name, state: standing.state.rawValue, epoch: standing.epoch,
            because: Self.because(standing), gates: gates, commands: Self.commands(standing), nodes: nodes,
            lease: setup.parts.lease.meaning)
        tell(document)
        try options.console.result(document)
        if standing.state == .stopped || standing.state == .moving || nodes.contains(where: { $0.problem != nil }) {
            throw ExitCode(Failure.Status.answerIsNo.rawValue)
        }
    }

    private func tell(_ document: Document) {
        let output = options.console
        output.say("the site is at \(document.active): \(document.because)")
        for node in document.nodes {
            let state = node.fenced.map { $0 ? "fenced" : "takes writes" } ?? "UNREACHABLE"
            let epoch = node.epoch.map { ", epoch \($0)" } ?? ""
            output.say("  \(node.site) (\(node.node)): \(state)\(epoch)\(node.reason.map { ": \($0)" } ?? "")")
            if let problem = node.problem { output.say("    → \(problem)") }
        }
        output.say("it does not move by itself, because:")
        for gate in document.gates { output.say("  \(gate)") }
        output.say("a person can say:")
        for command in document.commands { output.say("  \(command)") }
    }

    private static func gates(_ decision: Autopilot.Decision) -> [String] {
        switch decision {
        case .stay(let gates): gates
        case .failover(let why): ["nothing keeps it: the next look of \"switchback run\" begins a failover: \(why)"]
        case .failback(let why): ["nothing keeps it: the next look of \"switchback run\" begins a failback: \(why)"]
        case .resume: ["a run was cut off; \"switchback run\" goes on with it"]
        }
    }

    private static func because(_ standing: Standing) -> String {
        guard let run = standing.run else { return "no plan was ever run, and it belongs there" }
        let plan = run.plan
        switch standing.state {
        case .home, .away:
            let how = run.phase == .done ? "brought it there" : "was undone"
            return "the \(plan.kind.rawValue) \(plan.id) \(how) (\(plan.cause))"
        case .moving:
            return
                "the \(plan.kind.rawValue) \(plan.id) to \(plan.to.name) is under way or was cut off, at \(run.step.name.rawValue)"
        case .stopped:
            let why = run.reason.map { ": \($0.message)" } ?? ""
            return "the \(plan.kind.rawValue) \(plan.id) to \(plan.to.name) stopped at \(run.step.name.rawValue)\(why)"
        }
    }

    private static func commands(_ standing: Standing) -> [String] {
        switch standing.state {
        case .home: ["switchback switchover --dry-run", "switchback failover --dry-run"]
        case .away: ["switchback failback --dry-run", "switchback failover --dry-run"]
        case .moving, .stopped:
            ["resume --yes", "abort --yes", "abort --leave --yes"].map { "\(standing.run?.plan.command ?? "") \($0)" }
        }
    }

    private static func look(_ site: PlanSite, _ standing: Standing, _ setup: SiteSetup) async -> Node {
        let mayWrite = standing.mayWrite(at: site)
        do {
            let look = try await setup.parts.nodes.look(site.node)
            var problem: String?
            if look.isClosed, mayWrite, site == standing.active, standing.state == .home || standing.state == .away {
                problem = "it is to take writes and does not: \"switchback unfence \(site.node)\" lets it"
            } else if !look.isClosed, !mayWrite {
                problem =
                    "it takes writes and is not to: \"switchback run\" fences it, or \"switchback fence \(site.node)\" does"
            }
            return Node(
                node: site.node, site: site.name, reachable: true, fenced: look.isClosed, epoch: look.epoch,
                reason: look.reason, mayWrite: mayWrite, problem: problem)
        } catch {
            return Node(
                node: site.node, site: site.name, reachable: false, fenced: nil, epoch: nil,
                reason: (error as? StepFailure)?.message ?? "\(error)", mayWrite: mayWrite,
                problem: site == standing.active ? "the active site's node does not answer" : nil)
        }
    }
}
