import ArgumentParser
import Console
import Health
import Logging
import Replication
import Settings

/// How the sites are.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Show each check, what it found, and what follows from it for each site.",
        discussion: """
            Where daemons watch, what they said last is read at the nodes. Where none does, everything is looked at now, until it is \
            known how it is. Exit status 3 when a site that is looked at is not up. With --watch it goes on until Ctrl-C, which is no \
            failure. With --observe this process is an observer: it looks and votes, and carries nothing.
            """)

    @OptionGroup var options: GlobalOptions
    @Flag(help: "Show it again and again until Ctrl-C.") var watch = false
    @Flag(help: "Look and vote until SIGTERM or Ctrl-C, for the daemons elsewhere.") var observe = false
    @Option(help: ArgumentHelp("The time between two looks with --watch.", valueName: "seconds")) var interval: Double =
        1

    func run() async throws {
        guard (0.1...86_400).contains(interval) else {
            throw WrongUsage("--interval takes a number of seconds from 0.1 to 86400")
        }
        if watch && observe { throw WrongUsage("--watch and --observe do not go together") }
        let cluster = try options.cluster()
        guard let health = cluster.settings.health else {
            throw WrongUsage(
                "the configuration has no health", hint: "add health: with its checks; Docs/Health.md tells how")
        }
        if observe { return try await observe(cluster, health) }
        let reader = HealthReader(cluster, health: health)
        if watch { return await watch(cluster, health, reader) }
        let document: HealthDocument
        if let read = await reader.read() {
            document = read
        } else {
            document = try await ownLook(cluster, health)
        }
        if options.console.json {
            try options.console.result(document)
        } else {
            Output.write(HealthText.render(document))
        }
        if !document.isWell { throw ExitCode(Failure.Status.answerIsNo.rawValue) }
    }

    /// A monitor that says nothing: a look of a person is no vote.
    private func monitor(_ cluster: Cluster, _ health: HealthSettings) -> HealthMonitor {
        HealthMonitor(
            cluster, health: health, logger: Logger(label: "switchback") { _ in SwiftLogNoOpLogHandler() })
    }

    private func ownLook(_ cluster: Cluster, _ health: HealthSettings) async throws -> HealthDocument {
        let monitor = monitor(cluster, health)
        await monitor.lookUntilSure()
        try Task.checkCancellation()
        return HealthDocument(
            await monitor.report, cluster: cluster.settings.cluster, electorate: monitor.electorate)
    }

    private func watch(_ cluster: Cluster, _ health: HealthSettings, _ reader: HealthReader) async {
        let output = options.console
        if await reader.read() != nil {
            while !Output.isAbandoned, !Task.isCancelled {
                if let document = await reader.read() {
                    show(document, output)
                } else {
                    output.say("nobody has voted for \(health.voteAge)")
                }
                do { try await Task.sleep(for: .seconds(interval)) } catch { return }
            }
            return
        }
        let monitor = monitor(cluster, health)
        await withTaskGroup { group in
            group.addTask { await monitor.run(votes: false) }
            group.addTask {
                while !Output.isAbandoned, !Task.isCancelled {
                    let report = await monitor.report
                    show(
                        HealthDocument(report, cluster: cluster.settings.cluster, electorate: monitor.electorate),
                        output)
                    do { try await Task.sleep(for: .seconds(interval)) } catch { return }
                }
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func show(_ document: HealthDocument, _ output: Output) {
        if output.json {
            Output.write(((try? JSONText.render(document, onOneLine: true)) ?? "{}") + "\n")
        } else {
            output.show(HealthText.render(document))
        }
    }

    private func observe(_ cluster: Cluster, _ health: HealthSettings) async throws {
        let logger = options.daemonLogger
        let monitor = HealthMonitor(cluster, health: health, logger: logger)
        logger.info("switchback \(Version.text) observes \(cluster.settings.cluster) as \(monitor.observer)")
        await monitor.run()
        logger.info("ended")
        try options.console.result(Observed(observer: monitor.observer))
    }

    private struct Observed: Encodable {
        let observer: String
    }
}
