import ArgumentParser
import Replication

/// The installer.
struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Install, upgrade, remove or show what Switchback keeps in the nodes.",
        subcommands: [Install.self, Upgrade.self, Uninstall.self, Status.self])

    struct Install: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Install, or bring an installation up to date with the configuration and the tables.")
        @OptionGroup var options: GlobalOptions
        @Flag(help: "Print the exact SQL and change nothing.") var dryRun = false
        @Flag(
            help:
                "Give sequences that hand out the same values at several sources a stride and a place of their own. Uninstalling takes it back."
        )
        var partSequences = false

        func run() async throws {
            let installer = Installer(try options.cluster())
            if dryRun {
                return try SchemaCommand.show(
                    try await installer.plan(partsSequences: partSequences), options.console)
            }
            let progress = InstallReporter(options.console)
            try await installer.install(partsSequences: partSequences) { progress.tell($0) }
            try await progress.end("installed", options.console)
        }
    }

    struct Upgrade: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run the migrations that an older installation lacks.")
        @OptionGroup var options: GlobalOptions
        @Flag(help: "Print the exact SQL and change nothing.") var dryRun = false

        func run() async throws {
            let installer = Installer(try options.cluster())
            if dryRun { return try SchemaCommand.show(try await installer.upgradePlan(), options.console) }
            let progress = InstallReporter(options.console)
            try await installer.upgrade { progress.tell($0) }
            try await progress.end("upgraded", options.console)
        }
    }

    struct Uninstall: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove everything that was installed, and leave the databases as they were found.")
        @OptionGroup var options: GlobalOptions
        @Flag(help: "Print the exact SQL and change nothing.") var dryRun = false

        func run() async throws {
            let installer = Installer(try options.cluster())
            if dryRun { return try SchemaCommand.show(try await installer.uninstallPlan(), options.console) }
            let progress = InstallReporter(options.console)
            try await installer.uninstall { progress.tell($0) }
            try await progress.end("removed", options.console)
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what is installed and what the next install would change.",
            discussion: "Exit status 3 when something would change.")
        @OptionGroup var options: GlobalOptions

        private struct Node: Encodable {
            let node: String
            let upToDate: Bool
            let changes: [String]
        }

        func run() async throws {
            let plans = try await Installer(try options.cluster()).plan()
            for (node, steps) in plans {
                options.console.say(steps.isEmpty ? "\(node): up to date" : "\(node): the next install will")
                for step in steps {
                    options.console.say("  \(step.title)")
                    if let warning = step.warning { options.console.say("    \(warning)") }
                }
            }
            try options.console.result(
                plans.map { Node(node: $0.node, upToDate: $0.steps.isEmpty, changes: $0.steps.map(\.title)) })
            if plans.contains(where: { !$0.steps.isEmpty }) { throw ExitCode(Failure.Status.answerIsNo.rawValue) }
        }
    }

    private struct PlannedStep: Encodable {
        let node: String
        let title: String
        let sql: [String]
    }

    fileprivate static func show(_ plans: [(node: String, steps: [InstallStep])], _ output: Output) throws {
        if output.json {
            return try output.result(
                plans.flatMap { plan in
                    plan.steps.map { PlannedStep(node: plan.node, title: $0.title, sql: $0.statements) }
                })
        }
        for (node, steps) in plans {
            output.say("-- node \(node): \(steps.isEmpty ? "nothing to do" : "\(steps.count) transactions")")
            for step in steps {
                output.say("\n-- \(step.title)\nBEGIN;")
                for statement in step.statements {
                    let ended = statement.hasSuffix(";") ? statement : statement + ";"
                    output.say(ended)
                }
                output.say("COMMIT;")
            }
        }
    }
}

/// Tells how an installation goes on, and counts.
final class InstallReporter: Sendable {
    private let output: Output
    private let count = Counter()

    init(_ output: Output) { self.output = output }

    func tell(_ progress: InstallProgress) {
        switch progress {
        case .done(let node, let step, let number, let total):
            count.add(1)
            output.progress("\(node): \(number)/\(total) \(step)")
        case .waiting(let node, let step):
            output.progress("\(node): \(step): waiting for transactions that use the table")
        case .warning(let node, let message):
            output.endProgress()
            output.say("\(node): \(message)")
        }
    }

    func end(_ verb: String, _ output: Output) async throws {
        output.endProgress()
        let steps = count.value
        output.say(steps == 0 ? "nothing to do" : "\(verb): \(steps) \(steps == 1 ? "step" : "steps")")
        struct Result: Encodable { let steps: Int }
        try output.result(Result(steps: steps))
    }
}
