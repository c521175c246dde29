public import Failover
import Programs
public import Settings

/// The user's programs around a move: what stops a site's services, and what starts them.
public struct ProgramHooks: SiteHooks {
    let settings: HookSettings

    public init(_ settings: HookSettings) { self.settings = settings }

    private func command(_ point: HookPoint) -> [String]? {
        switch point {
        case .stop: settings.stop
        case .start: settings.start
        }
    }

    public func has(_ point: HookPoint) -> Bool { command(point) != nil }

    public func run(
        _ point: HookPoint, site: PlanSite, plan: Plan, epoch: Int, limit: Duration
    ) async throws -> String? {
        guard let command = command(point), let name = command.first else { return nil }
        let environment = [
            "SWITCHBACK_HOOK": point.rawValue, "SWITCHBACK_SITE": site.name, "SWITCHBACK_NODE": site.node,
            "SWITCHBACK_PLAN": plan.id, "SWITCHBACK_KIND": plan.kind.rawValue, "SWITCHBACK_FROM": plan.from.name,
            "SWITCHBACK_TO": plan.to.name, "SWITCHBACK_EPOCH": String(epoch),
        ]
        let outcome: ExternalProgram.Outcome
        do {
            let program = ExternalProgram(command, environment: environment.mapValues { Optional($0) })
            outcome = try await program.run(limit: limit, outputBytesMax: 1 << 16)
        } catch let error as ExternalProgramError {
            throw StepFailure(
                error.description, hint: "failover.hooks.\(point.rawValue) must name a program that can be run here")
        }
        if case .exited(0) = outcome.ending { return Self.lastLine(outcome.output) }
        let said = Self.lastLine(outcome.errors) ?? Self.lastLine(outcome.output)
        throw StepFailure(
            "\(name) \(Self.text(outcome.ending, limit))\(said.map { ": \($0)" } ?? "")",
            hint: "run it by hand, with SWITCHBACK_SITE=\(site.name)")
    }

    private static func text(_ ending: ExternalProgram.Ending, _ limit: Duration) -> String {
        switch ending {
        case .exited(let status): "ended with status \(status)"
        case .killed(let signal): "was ended by signal \(signal)"
        case .stopped: "did not end within \(limit.text), and was ended"
        case .unknown(let why): "ended in a way that could not be learnt: \(why)"
        }
    }

    private static func lastLine(_ text: String) -> String? {
        text.split(whereSeparator: \.isNewline).last.map { String($0.prefix(200)) }
    }
}
