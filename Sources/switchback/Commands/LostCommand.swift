import ArgumentParser
import Replication
import Settings

/// Declares a node lost.
struct LostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lost", abstract: "Have the others count on a node no more: they keep nothing for it.",
        discussion: """
            A node that is away holds back the trimming of all others, for it is to find what it has missed. Once it is declared lost they \
            keep nothing for it, and take nothing from it, until it is made equal to one of them again: \
            switchback copy SYNC --from NODE --to LOST --repair. The configuration can have it happen by itself: lost_after.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The node.") var node: String
    @Argument(help: "The sync; all of the node's when left out.") var sync: String?
    @Option(help: "Why; shown to whoever asks.") var reason = "declared lost by hand"
    @Flag(help: "Do not ask.") var yes = false

    private struct Line: Encodable {
        let sync: String
        let node: String
        let at: String
        let declared: Bool
        let sentOn: Int?
        let error: String?
    }

    func run() async throws {
        let cluster = try options.cluster()
        try cluster.requireNode(node)
        _ = try cluster.streams(of: sync)
        try await Confirmation.ask(
            "Count on \(node) no more, so that it can come back by a repair only?", yes: yes, options.console)
        let verdicts = try await Membership(cluster).declareLost(node, sync: sync, reason: reason)
        guard !verdicts.isEmpty else { throw WrongUsage("nobody sends anything to \(node) in that sync") }
        for verdict in verdicts { options.console.say(line(verdict)) }
        let targets = cluster.settings.syncs.filter { settings in
            settings.isMultiMaster && !settings.targets.isEmpty && verdicts.contains { $0.sync == settings.name }
        }
        for settings in targets {
            options.console.say(
                "\(settings.name): what \(node) wrote last may have reached some and not others: \"switchback diff \(settings.name)\" tells"
            )
        }
        try options.console.result(
            verdicts.map {
                Line(
                    sync: $0.sync, node: node, at: $0.judge, declared: $0.error == nil, sentOn: $0.sentOn,
                    error: $0.error)
            })
        if verdicts.contains(where: { $0.error != nil }) { throw ExitCode(Failure.Status.failed.rawValue) }
    }

    private func line(_ verdict: Membership.Verdict) -> String {
        let head = "\(verdict.sync): \(verdict.judge) "
        if let error = verdict.error { return head + "could not be told: \(error); run this again when it answers" }
        guard let sentOn = verdict.sentOn else { return head + "had counted on \(node) no more before" }
        return head + "counts on \(node) no more" + (sentOn > 0 ? "; it sends on \(sentOn) of its rows" : "")
    }
}
