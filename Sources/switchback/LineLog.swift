import Foundation
import Glibc
import Logging

/// Log lines on standard error: for a command's user, for a file, or for systemd's journal.
struct LineLog: LogHandler {
    enum Style: Sendable, Equatable {
        /// `switchback: warning: …`
        case command
        /// With date, time and level in front.
        case timed
        /// With the level as the journal reads it; it has a clock of its own.
        case journal

        /// The daemon's style: whether its standard error leads to the journal is said by systemd, with the file's numbers.
        static func daemon(_ environment: [String: String]) -> Style {
            var state = stat()
            guard let stream = environment["JOURNAL_STREAM"], fstat(STDERR_FILENO, &state) == 0 else { return .timed }
            return stream == "\(state.st_dev):\(state.st_ino)" ? .journal : .timed
        }
    }

    let style: Style
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    static func logger(_ level: Logger.Level, style: Style) -> Logger {
        Logger(label: "switchback") { _ in LineLog(style: style, logLevel: level) }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        Output.writeError(
            Self.line(style, event.level, "\(event.message)", all.mapValues { "\($0)" }, at: Date()))
    }

    /// One line: the stream in front of the message, unless the message names it, and the hint behind it.
    static func line(
        _ style: Style, _ level: Logger.Level, _ message: String, _ metadata: [String: String], at date: Date
    ) -> String {
        var text = message
        if let stream = metadata["stream"], !message.contains(stream) { text = "\(stream): \(text)" }
        if let hint = metadata["hint"] { text += "; hint: \(hint)" }
        text = text.replacing("\n", with: " ")
        switch style {
        case .command: return "switchback: \(level >= .warning ? "\(level): " : "")\(text)\n"
        case .journal: return "<\(priority(level))>\(text)\n"
        case .timed:
            return "\(time(date)) \(level.rawValue.padding(toLength: 7, withPad: " ", startingAt: 0)) \(text)\n"
        }
    }

    /// The level as syslog counts it.
    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    private static func time(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(dateTimeSeparator: .space, includingFractionalSeconds: true))
    }
}
