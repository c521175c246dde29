import Foundation
public import Glibc
import Programs
import Synchronization

/// The `switchback` program that was built with the tests, run as a process of its own.
public struct Program: Sendable {
    /// What a run printed, and how it ended.
    public struct Outcome: Sendable {
        /// The exit status; 128 and the signal's number when a signal ended it.
        public let status: Int32
        public let output: String
        public let errors: String
    }

    /// Where the program is: beside the tests.
    public static let path: String = {
        // The test bundle is in the products' folder, and so is every executable of the package.
        let here = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let candidates = ([here] + CommandLine.arguments).flatMap { argument -> [String] in
            let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count > 2 else { return [] }
            return [parts.dropLast(), parts.dropLast(2)].map { $0.joined(separator: "/") + "/switchback" }
        }
        return candidates.first { access($0, X_OK) == 0 && !$0.hasPrefix("/usr/") } ?? "switchback"
    }()

    /// The folders that were given out. They go with this process: a test that fails half-way leaves none behind.
    private static let folders: Mutex<[String]> = {
        atexit { for path in Program.folders.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) } }
        return Mutex([])
    }()

    /// A folder of the test's own, with a configuration in it; it is gone at the end of the tests at the latest.
    public static func folder(_ yaml: String? = nil) throws -> String {
        let path = "/tmp/switchback-program-\(UInt64.random(in: 0 ... .max))"
        folders.withLock { $0.append(path) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        if let yaml { try yaml.write(toFile: path + "/switchback.yaml", atomically: false, encoding: .utf8) }
        return path
    }

    /// Runs the program to its end.
    ///
    /// - Parameters:
    ///   - folder: the working folder.
    ///   - environment: on top of this process's, without `SWITCHBACK_CONFIG`.
    public static func run(
        _ arguments: [String], in folder: String = "/tmp", environment: [String: String] = [:]
    ) async throws -> Outcome {
        let running = try await RunningProgram(arguments, in: folder, environment: environment)
        return try await running.end()
    }
}

/// A run of the program that has not ended: a daemon, or one that is to be killed.
public final class RunningProgram: Sendable {
    public let processID: pid_t
    private let started: StartedProgram

    /// Starts the program.
    public init(_ arguments: [String], in folder: String = "/tmp", environment: [String: String] = [:]) async throws {
        var changes = environment.mapValues { Optional($0) }
        if changes["SWITCHBACK_CONFIG"] == nil { changes["SWITCHBACK_CONFIG"] = .some(nil) }
        let program = ExternalProgram([Program.path] + arguments, environment: changes, folder: folder)
        started = try await program.start(outputBytesMax: 1 << 28)
        processID = started.processID
    }

    /// What it has printed on standard output until now.
    public var outputSoFar: String { started.outputSoFar }

    /// Sends it a signal.
    public func signal(_ number: Int32) { kill(processID, number) }

    /// Whether it has a handler for a signal by now, or has ended.
    public func catches(_ number: Int32) -> Bool {
        guard let caught = status("SigCgt").flatMap({ UInt64($0, radix: 16) }) else { return true }
        return caught & (1 << (number - 1)) != 0
    }

    /// The most memory that it ever had in use, in kilobytes, as the kernel noted it; nil when it has ended.
    public var peakKilobytes: Int? { status("VmHWM").flatMap { Int($0) } }

    /// What the kernel says of it under a name, without the unit; nil when it has ended.
    private func status(_ name: String) -> Substring? {
        let text = (try? String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)) ?? ""
        let words = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }?.split(
            whereSeparator: \.isWhitespace)
        return words?.dropFirst().first
    }

    /// Waits for its end; kills it when that does not come within the limit.
    public func end(within limit: Duration = .seconds(300)) async throws -> Program.Outcome {
        let outcome = await started.outcome(within: limit)
        if case .stopped = outcome.ending { throw ProgramError("\(Program.path) did not end within \(limit)") }
        return Program.Outcome(status: outcome.ending.status, output: outcome.output, errors: outcome.errors)
    }

    /// Its resident memory in bytes; nil when it has ended.
    public var residentBytes: Int? {
        guard let text = try? String(contentsOfFile: "/proc/\(processID)/statm", encoding: .utf8) else { return nil }
        let fields = text.split(separator: " ")
        return fields.count > 1 ? Int(fields[1]).map { $0 * Int(getpagesize()) } : nil
    }
}

/// The program could not be run.
public struct ProgramError: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
