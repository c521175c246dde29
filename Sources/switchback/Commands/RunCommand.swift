import ArgumentParser
import Console
import Failover
import FileSync
import Logging
import Replication
import Settings
import Synchronization

/// The daemon.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Carry all streams until SIGTERM or Ctrl-C.",
        discussion: """
            What goes on is told on standard error, a line an event. A second one stands by and takes over when the first ends. \
            A second signal ends it at once; nothing is lost by that.
            """)

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let cluster = try options.cluster()
        let logger = options.daemonLogger
        let streams = cluster.settings.streams
        let count = streams.count == 1 ? "1 stream" : "\(streams.count) streams"
        logger.info("switchback \(Version.text) carries \(count) of \(cluster.settings.cluster)")
        let health = HealthWatch(cluster, logger)
        let site = try SiteTeller(cluster, logger, monitor: health?.monitor)
        do {
            try await withThrowingDiscardingTaskGroup { group in
                if let health { group.addTask { await health.run() } }
                group.addTask { await FilesRunner(FilesChoice.all(cluster), logger: logger).run() }
                for stream in streams {
                    let teller = StreamTeller(stream, logger)
                    let runner = StreamRunner(stream: stream, cluster: cluster, logger: logger) { teller.tell($0) }
                    group.addTask { try await runner.run() }
                }
                if let site { group.addTask { try await site.run() } }
                group.addTask { try await NodeTeller(cluster, logger).watch.run() }
            }
        } catch is CancellationError {
            // Asked to end: a batch that was under way is rolled back and comes again with the next start.
        }
        logger.info("ended")
        try options.console.result(Result(streams: streams.count))
    }

    private struct Result: Encodable {
        let streams: Int
    }
}

/// Tells of a stream in the log.
private final class StreamTeller: Sendable {
    private let logger: Logger
    private let narrator = Mutex(StreamNarrator(now: .now))

    init(_ stream: StreamID, _ logger: Logger) {
        var logger = logger
        logger[metadataKey: "stream"] = "\(stream)"
        self.logger = logger
    }

    func tell(_ event: StreamEvent) {
        if case .applied(let rows, let batch) = event { logger.debug("batch \(batch), \(rows) rows") }
        if let text = narrator.withLock({ $0.hear(event, now: .now) }) { logger.info("\(text)") }
    }
}
