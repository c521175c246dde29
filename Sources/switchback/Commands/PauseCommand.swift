import ArgumentParser
import Replication

/// Stops streams until they are resumed, also across restarts of the daemon.
struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Stop the streams of a sync until they are resumed.",
        discussion: "Changes go on being captured. A batch that is being applied is finished.")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The sync; all when left out.") var sync: String?

    func run() async throws {
        try await PauseCommand.set(true, sync, options)
    }

    struct Line: Encodable {
        let sync: String
        let from: String
        let to: String
        let paused: Bool
    }

    static func set(_ paused: Bool, _ sync: String?, _ options: GlobalOptions) async throws {
        let cluster = try options.cluster()
        let streams = try cluster.streams(of: sync)
        var set: [StreamID] = []
        for stream in streams {
            do {
                try await StreamControl(stream: stream, cluster: cluster).set(paused: paused) {
                    options.console.say("\(stream): a batch is being applied; it is finished first")
                }
                options.console.say("\(stream): \(paused ? "paused" : "resumed")")
                set.append(stream)
            } catch {
                // A receiver that is down does not keep the others from being paused.
                guard streams.count > 1, !Task.isCancelled else { throw error }
                Failure.tell(error)
            }
        }
        try options.console.result(
            set.map { Line(sync: $0.sync, from: $0.source, to: $0.receiver, paused: paused) })
        if set.count < streams.count { throw ExitCode(Failure.Status.failed.rawValue) }
    }
}

/// Lets paused streams go on.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Let the paused streams of a sync go on.")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The sync; all when left out.") var sync: String?

    func run() async throws {
        try await PauseCommand.set(false, sync, options)
    }
}
