public import Logging
import Synchronization

/// A log that is kept, to be looked through.
public final class NoteLog: Sendable {
    private let lines = Mutex<[String]>([])

    public init() {}

    /// Everything that was said, each with its level before it.
    public var all: [String] { lines.withLock { $0 } }

    public var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: NoteLog
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { log.lines.withLock { $0.append("\(event.level): \(event.message)") } }
    }
}
