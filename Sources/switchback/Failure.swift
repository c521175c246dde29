import ArgumentParser
import DNSProviders
import Demo
import Failover
import FileSync
import Glibc
import LocalCluster
import Migration
import Model
import Postgres
import Replication
import Settings

/// An error as the program tells it: what failed, what to do about it, and the exit status.
struct Failure: Sendable, Equatable {
    /// The contract's exit statuses.
    enum Status: Int32 {
        case done = 0
        /// Tried, and failed.
        case failed = 1
        /// Wrong usage or configuration; nothing was touched.
        case refused = 2
        /// Done, and the answer is no: differences, not ready, not caught up.
        case answerIsNo = 3
    }

    let message: String
    let hint: String?
    let status: Status
    /// How people are told, where that is not the message and then the hint.
    private var told: String?

    /// Judges an error by its type, at the program's edge and nowhere else.
    init(_ error: any Error) {
        switch error {
        case let refused as SetupRefused: self.init(refused)
        case let settings as SettingsError: self.init(settings)
        case let failed as Failed: self.init(failed.message, hint: failed.hint, .failed)
        case let missing as NoCommand:
            self.init(
                "\"\(missing.path)\" needs a command",
                hint: "the commands are \(missing.commands.joined(separator: ", "))", .refused)
            told = "\(message)\n\n\(missing.help)"
        case let usage as WrongUsage: self.init(usage.message, hint: usage.hint, .refused)
        case let answer as AnswerIsNo: self.init(answer.message, hint: answer.hint, .answerIsNo)
        case let stopped as StreamStopped: self.init(stopped.message, hint: stopped.hint, .failed)
        case let unreachable as NodeUnreachable:
            self.init(
                unreachable.description,
                hint: "start the server, or mend nodes.\(unreachable.node).dsn, pg_hba.conf or the network between",
                .failed)
        case let postgres as PostgresError: self.init(postgres)
        case let cluster as LocalClusterError:
            let log = cluster.log.isEmpty ? "" : "\n" + cluster.log
            self.init(cluster.message + log, hint: cluster.hint, .failed)
        case let step as StepFailure: self.init(step.message, hint: step.hint, .failed)
        case let fence as FenceError: self.init(fence.description, hint: fence.hint, .failed)
        case let demo as DemoError: self.init(demo.message, hint: demo.hint, .failed)
        case let bucardo as BucardoError: self.init(bucardo.message, hint: bucardo.hint, .failed)
        case let dns as DNSError:
            self.init(dns.message, hint: dns.hint, dns.kind == .badSettings ? .refused : .failed)
        case let plan as DNSPlanRefused: self.init(plan.message, hint: plan.hint, .refused)
        case let files as FileSyncError:
            self.init(files.message, hint: files.hint, files.kind == .failed ? .failed : .answerIsNo)
        case let failed as CopyFailed: self.init(failed.message, hint: failed.hint, .failed)
        case let interrupted as Interrupted: self.init("interrupted; \(interrupted.rest)", hint: nil, .failed)
        case is CancellationError: self.init("interrupted", hint: nil, .failed)
        default: self.init("\(error)", hint: nil, .failed)
        }
    }

    private init(_ refused: SetupRefused) {
        let lines = refused.findings.map { finding in
            let place = [finding.sync.map { "sync \($0)" }, finding.node.map { "node \($0)" }].compactMap { $0 }
            return (place.isEmpty ? "" : place.joined(separator: ", ") + ": ") + finding.message
        }
        let remedies = refused.findings.compactMap(\.remedy)
        self.init(
            lines.joined(separator: "\n"), hint: remedies.isEmpty ? nil : remedies.joined(separator: "\n"), .refused)
        told = "\(refused)"
    }

    private init(_ settings: SettingsError) {
        let file = settings.file.map { $0 + ":" } ?? ""
        let lines = settings.problems.map { problem in
            let place = problem.place.map { "\($0.line):\($0.column):" } ?? ""
            let start = settings.file == nil ? "" : file + place + " "
            return start + problem.message
        }
        self.init(
            lines.joined(separator: "\n"), hint: settings.problems.map(\.remedy).joined(separator: "\n"), .refused)
        told = "\(settings)"
    }

    private init(_ error: PostgresError) {
        var plain = error
        plain.hint = nil
        self.init(
            error.kind == .cancelled ? "interrupted" : plain.description, hint: error.hint,
            error.kind == .badConnectionSettings ? .refused : .failed)
    }

    init(_ message: String, hint: String?, _ status: Status) {
        self.message = message
        self.hint = hint
        self.status = status
    }

    /// The text for people.
    var text: String {
        if let told { return "switchback: \(told)\n" }
        return "switchback: \(message)\n" + (hint.map { "  hint: \($0)\n" } ?? "")
    }

    private struct Document: Encodable {
        let error: String
        let hint: String?
    }

    /// Tells an error that does not end the program at once.
    static func tell(_ error: any Error) { Output.writeError(Failure(error).text) }

    /// Ends the program because of an error.
    ///
    /// - Parameter json: whether the result was to be JSON; then the error is the document, unless there was one.
    static func end(_ error: any Error, json: Bool) -> Never {
        if let code = error as? ExitCode { exit(code.rawValue) }
        if isParsers(error) { endByParser(error, json: json) }
        Failure(error).end(json: json)
    }

    private func end(json: Bool) -> Never {
        Output.writeError(text)
        if json && !Output.hasResult {
            try? Output(json: true).result(Document(error: message, hint: hint))
        }
        exit(status.rawValue)
    }

    /// Help, a version, a script for completions, or wrong usage: the parser has the words for it.
    private static func endByParser(_ error: any Error, json: Bool) -> Never {
        guard Switchback.exitCode(for: error) != .success else {
            Output.write(Switchback.fullMessage(for: error) + "\n")
            exit(Status.done.rawValue)
        }
        let message = Switchback.message(for: error)
        let usage = Switchback.fullMessage(for: error).split(separator: "\n").filter { $0.hasPrefix("Usage:") }
        let hint = usage.first.map { String($0.dropFirst("Usage: ".count)) }
        Failure(lowercased(message), hint: hint.map { "usage: " + $0 }, .refused).end(json: json)
    }

    /// The parser keeps its error types to itself. It calls wrong usage by a status of its own, and help no failure.
    private static func isParsers(_ error: any Error) -> Bool {
        let code = Switchback.exitCode(for: error)
        return code == .success || code == .validationFailure
    }

    /// Our errors begin with a small letter; the parser's do not.
    private static func lowercased(_ text: String) -> String {
        text.prefix(1).lowercased() + text.dropFirst()
    }
}

/// It was done, and the answer is no: differences, not ready, not caught up.
struct AnswerIsNo: Error {
    let message: String
    let hint: String?

    init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }
}

/// Somebody ended a command that can be gone on with.
struct Interrupted: Error {
    /// How.
    let rest: String
}

/// It was tried, and could not be done.
struct Failed: Error {
    let message: String
    let hint: String?

    init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }
}

/// The command line asks for something that makes no sense here.
struct WrongUsage: Error {
    let message: String
    let hint: String?

    init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }
}
