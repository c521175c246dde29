import ArgumentParser
import Logging
import Replication
import ServiceLifecycle
import Settings
import UnixSignals

/// The daemon.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Carry all streams until SIGTERM or Ctrl-C.",
        discussion: "A second one stands by and takes over when the first ends.")

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let cluster = try options.cluster()
        let logger = options.logger
        let services = cluster.settings.streams.map { stream in
            StreamService(
                runner: StreamRunner(stream: stream, cluster: cluster, logger: logger) { event in
                    Self.tell(event, stream, logger)
                })
        }
        logger.info(
            "carrying \(services.count) \(services.count == 1 ? "stream" : "streams") of \(cluster.settings.cluster)")
        let group = ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
                logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }))
        try await group.run()
        logger.info("ended")
    }

    private static func tell(_ event: StreamEvent, _ stream: StreamID, _ logger: Logger) {
        switch event {
        case .applied(let rows, let batch): logger.debug("\(stream): batch \(batch), \(rows) rows")
        case .caughtUp, .waiting: break
        }
    }
}

/// One stream as a service.
struct StreamService: Service {
    let runner: StreamRunner

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await runner.run() }
        } catch is CancellationError {
            // Asked to end: a batch that was under way is rolled back and comes again with the next start.
        }
    }
}
