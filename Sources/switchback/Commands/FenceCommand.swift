import ArgumentParser
import Model
import Replication
import Settings

/// Makes a node refuse what applications write.
struct FenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fence", abstract: "Refuse what applications write at a node, until it is unfenced.",
        discussion: """
            It holds at once, for every session; replication passes. The command returns when the transactions that had begun to \
            write before have ended, so that nothing more comes after it. A node that has no fence yet gets one.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The node.") var node: String
    @Option(help: "Why; shown to whoever asks.") var reason = "fenced by hand"
    @Option(help: "Seconds to wait for transactions that had begun to write.") var timeout: Double = 10
    @Flag(help: "End their sessions when half of that time is over.") var terminate = false

    struct Line: Encodable {
        let node: String
        let fenced: Bool
        let epoch: Int64
        let reason: String
        let endedSessions: Int
    }

    func run() async throws {
        guard timeout >= 0 && timeout <= 86_400 else { throw WrongUsage("--timeout takes seconds, from 0 to 86400") }
        let cluster = try options.cluster()
        try cluster.requireNode(node)
        let console = options.console
        let isNew = try await Installer(cluster).installFence(at: node) { progress in
            if case .done(let node, let step, _, _) = progress { console.say("\(node): \(step)") }
        }
        if isNew { console.say("\(node): it has a fence now, which every captured table asks") }
        let fence = NodeFence(node: node, cluster: cluster)
        let epoch = try await fence.state()?.epoch ?? 0
        let ended = try await fence.close(
            epoch: epoch, reason: reason, patience: .seconds(timeout), terminates: terminate)
        console.say(
            "\(node): fenced: applications are refused, replication passes"
                + (ended > 0 ? "; \(ended) sessions that were writing were ended" : ""))
        try console.result(Line(node: node, fenced: true, epoch: epoch, reason: reason, endedSessions: ended))
    }
}

/// Lets applications write at a node again.
struct UnfenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unfence", abstract: "Let applications write at a node again.",
        discussion: """
            Of a site and its standby one is open at a time: the other has to be fenced first. To move the site, with its files and \
            its name, use failover, switchover or failback.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The node.") var node: String
    @Option(help: "Why; shown to whoever asks.") var reason = "opened by hand"
    @Flag(help: "Also when the other node is open, or cannot be asked.") var force = false

    func run() async throws {
        let cluster = try options.cluster()
        try cluster.requireNode(node)
        let fence = NodeFence(node: node, cluster: cluster)
        guard let state = try await fence.state() else {
            throw SetupRefused([
                Finding(
                    .problem, node: node, "it has no fence that could be opened", remedy: "switchback fence \(node)")
            ])
        }
        if !force && state.isClosed { try await requireOthersClosed(cluster) }
        try await fence.open(epoch: state.epoch, reason: reason)
        options.console.say("\(node): open: applications can write")
        try options.console.result(
            FenceCommand.Line(node: node, fenced: false, epoch: state.epoch, reason: reason, endedSessions: 0))
    }

    private func requireOthersClosed(_ cluster: Cluster) async throws {
        let settings = cluster.settings
        let gated = settings.syncs.filter { settings.isGated(node, $0) }
        let others = Set(gated.flatMap(\.sources).filter { other in gated.contains { settings.isGated(other, $0) } })
        for other in others.subtracting([node]).sorted() {
            let state: NodeFence.State?
            do { state = try await NodeFence(node: other, cluster: cluster).state() } catch let error as NodeUnreachable
            {
                throw AnswerIsNo(
                    "\(node) stays fenced: whether \(other) is open cannot be asked: \(error)",
                    hint:
                        "run \"switchback failover\", which deals with that; or say --force when you know that \(other) is down"
                )
            }
            guard state?.isClosed == true else {
                throw AnswerIsNo(
                    "\(node) stays fenced: \(other) is open, and the two would be written at once",
                    hint: "run \"switchback switchover\", or first \"switchback fence \(other)\"")
            }
        }
    }
}
