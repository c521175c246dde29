import ArgumentParser
import Glibc
import Postgres
import Replication
import Settings

/// Turns an error into a message and an exit status, at the program's edge and nowhere else.
enum Failure {
    /// The contract's exit statuses.
    enum Status: Int32 {
        case failed = 1
        case refused = 2
        case answerIsNo = 3
    }

    /// Ends the program.
    static func end(_ error: any Error) -> Never {
        if let code = error as? ExitCode { exit(code.rawValue) }
        if let (message, status) = own(error) {
            Output.writeError("switchback: \(message)\n")
            exit(status.rawValue)
        }
        // The parser's own: usage, help, version.
        let code = Switchback.exitCode(for: error)
        let text = Switchback.fullMessage(for: error)
        if code == .success {
            Output.write(text + "\n")
            exit(0)
        }
        Output.writeError(text + "\n")
        exit(Status.refused.rawValue)
    }

    /// Tells an error that does not end the program at once.
    static func tell(_ error: any Error) {
        Output.writeError("switchback: \(own(error)?.0 ?? "\(error)")\n")
    }

    /// The message and status of one of our errors; nil for the parser's.
    private static func own(_ error: any Error) -> (String, Status)? {
        switch error {
        case let refused as SetupRefused: ("\(refused)", .refused)
        case let settings as SettingsError: ("\(settings)", .refused)
        case let answer as AnswerIsNo: (answer.message, .answerIsNo)
        case let stopped as StreamStopped: ("\(stopped)", .failed)
        case let unreachable as NodeUnreachable:
            ("\(unreachable)\n  hint: start the server, or mend nodes.\(unreachable.node).dsn", .failed)
        case let failed as CopyFailed: ("\(failed)", .failed)
        case let interrupted as Interrupted: ("interrupted; \(interrupted.rest)", .failed)
        case is CancellationError: ("interrupted", .failed)
        case let postgres as PostgresError: (postgres.kind == .cancelled ? "interrupted" : "\(postgres)", .failed)
        case let usage as WrongUsage: (usage.message, .refused)
        default:
            String(describing: type(of: error)).contains("Parser") || error is ValidationError
                || error is CleanExit ? nil : unknown(error)
        }
    }

    private static func unknown(_ error: any Error) -> (String, Status)? {
        // ArgumentParser keeps its error types to itself; what it can describe is its own.
        Switchback.exitCode(for: error) == .failure && Switchback.message(for: error) == "\(error)"
            ? ("\(error)", .failed) : nil
    }
}

/// It was done, and the answer is no: differences, not ready, not caught up.
struct AnswerIsNo: Error {
    let message: String
}

/// Somebody ended a command that can be gone on with.
struct Interrupted: Error {
    /// How.
    let rest: String
}

/// The command line asks for something that makes no sense here.
struct WrongUsage: Error {
    let message: String
}
