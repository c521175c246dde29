import Subprocess
import SystemPackage

/// A program outside of Switchback: a check, a hook, a mover of files.
///
/// It runs in a session of its own, so that it and what it starts can be ended together, with nothing of this process's
/// open files and, unless given, with nothing on standard input. What it prints goes to files without a name, not to
/// pipes: a hook that starts a daemon and ends has ended, though the daemon still holds its output open.
public struct ExternalProgram: Sendable, Hashable {
    /// The program, by path or by name (looked up in PATH), and its arguments. Everybody on the machine can read them:
    /// secrets belong into ``environment`` or ``input``.
    public var command: [String]
    /// Variables on top of this process's own; nil takes one away.
    public var environment: [String: String?]
    /// The working folder; nil for this process's own.
    public var folder: String?
    /// What it reads on standard input.
    public var input: String

    /// Describes a program. Nothing is run yet.
    public init(
        _ command: [String], environment: [String: String?] = [:], folder: String? = nil, input: String = ""
    ) {
        self.command = command
        self.environment = environment
        self.folder = folder
        self.input = input
    }

    /// How a program ended.
    public enum Ending: Sendable, Hashable {
        /// By itself, with this status.
        case exited(Int32)
        /// By a signal, of this number.
        case killed(signal: Int32)
        /// It was ended because its time was up, or because whoever waited for it was cancelled.
        case stopped
        /// Nothing could be learnt of its end, for this reason.
        case unknown(String)

        /// As a shell has it: 128 and the signal's number where one ended it; 124 when its time was up.
        public var status: Int32 {
            switch self {
            case .exited(let status): status
            case .killed(let signal): 128 + signal
            case .stopped: 124
            case .unknown: -1
            }
        }
    }

    /// What a program printed, and how it ended.
    public struct Outcome: Sendable {
        public let ending: Ending
        /// Standard output; bytes that are no UTF-8 are replaced.
        public let output: String
        /// Standard error, likewise.
        public let errors: String
        /// From its start to its end.
        public let elapsed: Duration
    }

    /// Runs the program to its end.
    ///
    /// - Parameters:
    ///   - limit: how long it may take; past it, it and all it started get SIGTERM and then, after `grace`, SIGKILL.
    ///   - grace: how long it may take to end when it is told to.
    ///   - outputBytesMax: how much of each stream is kept: its beginning. The rest is dropped.
    /// - Throws: ``ExternalProgramError`` when it cannot be started.
    public func run(
        limit: Duration, grace: Duration = .seconds(2), outputBytesMax: Int = 1 << 20
    ) async throws -> Outcome {
        let started = try await start(grace: grace, outputBytesMax: outputBytesMax)
        return await started.outcome(within: limit)
    }

    /// Starts the program and returns while it runs.
    ///
    /// - Throws: ``ExternalProgramError`` when it cannot be started.
    public func start(
        grace: Duration = .seconds(2), outputBytesMax: Int = 1 << 20
    ) async throws -> StartedProgram {
        try await StartedProgram.start(self, grace: grace, outputBytesMax: outputBytesMax)
    }

    func configuration(grace: Duration) -> Configuration {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: grace),
            .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .seconds(1)),
        ]
        let name = command.first ?? ""
        var changes: [Environment.Key: String?] = [:]
        for (key, value) in environment { changes[Environment.Key(rawValue: key)!] = value }
        return Configuration(
            executable: name.contains("/") ? .path(FilePath(name)) : .name(name),
            arguments: Arguments(Array(command.dropFirst())),
            environment: .inherit.updating(changes), workingDirectory: folder.map { FilePath($0) },
            platformOptions: options)
    }
}

/// A program could not be started.
public struct ExternalProgramError: Error, Hashable, CustomStringConvertible {
    /// Which, and why.
    public let description: String
}
