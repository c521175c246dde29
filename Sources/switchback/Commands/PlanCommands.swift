import ArgumentParser
import Console
import Failover
import Foundation
import Replication
import Sites

/// Moves the site away from a place that is lost.
struct FailoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failover", abstract: "Move the site to the other place because the active one is lost.",
        discussion: """
            The lost site is fenced as far as it can be reached, and otherwise the moment it reappears; what it took and never sent \
            is merged by rule then. Without --yes the plan is shown and nothing is done. \(PlanOptions.text)
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var plan: PlanOptions

    func run() async throws { try await PlanRun(options, plan, .failover).run() }
}

/// Moves the site while both places are well.
struct SwitchoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "switchover", abstract: "Move the site to the other place while both are well, with no row lost.",
        discussion: """
            Writes stop for a moment, within failover.freeze_budget; past it everything is undone. Without --yes the plan is shown \
            and nothing is done. \(PlanOptions.text)
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var plan: PlanOptions

    func run() async throws { try await PlanRun(options, plan, .switchover).run() }
}

/// Brings the site back to where it belongs.
struct FailbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failback", abstract: "Bring the site back to the place where it belongs, with no row lost.",
        discussion: """
            What the old site had taken and never sent is listed and merged by rule; both are compared; then writes stop for a \
            moment, within failover.freeze_budget. Past it everything is undone. With failover.failback.mode: overlap they never \
            stop. Without --yes the plan is shown and nothing is done. \(PlanOptions.text)
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var plan: PlanOptions

    func run() async throws { try await PlanRun(options, plan, .failback).run() }
}

/// What commands that run plans take.
struct PlanOptions: ParsableArguments {
    /// What is to be done with a plan that stopped.
    enum Verb: String, ExpressibleByArgument, CaseIterable {
        case resume
        case abort
    }

    static let text = """
        A plan that stopped or was cut off is gone on with by "resume" and undone by "abort". Exit status 1 when it was undone by \
        itself or stopped.
        """

    @Argument(help: "What to do with a plan that stopped: resume goes on, abort undoes it.") var verb: Verb?
    @Flag(help: "Show the plan and what it would come to; change nothing.") var dryRun = false
    @Flag(help: "Do it.") var yes = false
    @Flag(help: "With abort: end the plan and leave everything as it is now.") var leave = false
}

/// One call of such a command.
struct PlanRun {
    let options: GlobalOptions
    let plan: PlanOptions
    let kind: PlanKind

    init(_ options: GlobalOptions, _ plan: PlanOptions, _ kind: PlanKind) {
        self.options = options
        self.plan = plan
        self.kind = kind
    }

    func run() async throws {
        if plan.dryRun && plan.yes { throw WrongUsage("--dry-run and --yes exclude each other") }
        if plan.leave && plan.verb != .abort { throw WrongUsage("--leave goes with abort") }
        let setup = try SiteSetup(try options.cluster(), logger: options.logger)
        let output = options.console
        let orchestrator = setup.orchestrator { progress in
            if let line = PlanText.line(progress) { Output.writeError(line + "\n") }
        }
        do { try await run(setup, orchestrator, output) } catch {
            await setup.deliver()
            throw error
        }
        await setup.deliver()
    }

    private func run(_ setup: SiteSetup, _ orchestrator: Orchestrator, _ output: Output) async throws {
        if let verb = plan.verb { return try await takeUp(verb, setup, orchestrator, output) }
        let made = try await orchestrator.plan(
            kind, mode: setup.returnMode, id: PlanID.make(kind), cause: "ordered on the command line")
        guard plan.yes else { return try await show(made, orchestrator, output) }
        try finish(try await Self.whole(made.command) { try await orchestrator.run(made, isOrdered: true) }, output)
    }

    private func show(_ made: Plan, _ orchestrator: Orchestrator, _ output: Output) async throws {
        let outlook = await orchestrator.outlook(of: made)
        output.put(PlanText.render(made, outlook))
        try output.result(PlanDocument(made, outlook))
        guard plan.dryRun else {
            throw WrongUsage("nothing was done", hint: "\"\(made.command) --yes\" runs the plan")
        }
    }

    private func takeUp(
        _ verb: PlanOptions.Verb, _ setup: SiteSetup, _ orchestrator: Orchestrator, _ output: Output
    ) async throws {
        let standing = try await orchestrator.standing()
        guard let run = standing.run, standing.state == .moving || standing.state == .stopped else {
            throw StepFailure("no plan waits to be gone on with", hint: "\"switchback why\" tells where the site is")
        }
        guard run.plan.kind == kind else {
            throw WrongUsage(
                "the plan that waits is a \(run.plan.kind.rawValue)",
                hint: "\"\(run.plan.command) \(verb.rawValue) --yes\"")
        }
        guard plan.yes else {
            output.put("\(run.plan.kind.rawValue) \(run.plan.id) is at \(run.step.name.rawValue)\n")
            try output.result(WaitingDocument(plan: run.plan.id, kind: kind.rawValue, step: run.step.name.rawValue))
            if plan.dryRun { return }
            throw WrongUsage("nothing was done", hint: "\"\(run.plan.command) \(verb.rawValue) --yes\" does it")
        }
        let leaves = plan.leave
        let report = try await Self.whole(run.plan.command) {
            switch verb {
            case .resume: try await orchestrator.resume()
            case .abort: leaves ? try await orchestrator.abandon() : try await orchestrator.abort()
            }
        }
        try finish(report, output, mayBeUndone: verb == .abort)
    }

    /// Whoever ends the command is told how to go on.
    private static func whole(_ command: String, _ body: () async throws -> RunReport) async throws -> RunReport {
        do { return try await body() } catch is CancellationError {
            throw Interrupted(rest: "\"\(command) resume --yes\" goes on, \"\(command) abort --yes\" undoes it")
        }
    }

    private func finish(_ report: RunReport, _ output: Output, mayBeUndone: Bool = false) throws {
        output.put(PlanText.render(report))
        try output.result(ReportDocument(report))
        if report.outcome == .done || (mayBeUndone && report.outcome == .undone) { return }
        throw ExitCode(Failure.Status.failed.rawValue)
    }

    private struct WaitingDocument: Encodable {
        let plan: String
        let kind: String
        let step: String
    }
}
