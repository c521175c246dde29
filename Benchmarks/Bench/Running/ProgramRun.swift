import Foundation

/// A program run to its end.
enum ProgramRun {
    struct Outcome: Sendable {
        let status: Int32
        let output: String
        let errors: String
    }

    /// It could not be run, or said that it failed.
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs a program, found on `PATH`, and returns what it printed.
    ///
    /// - Parameters:
    ///   - input: What it reads; nothing when nil.
    ///   - folder: Where it works, and where its output passes through.
    /// - Throws: ``Failed`` when it does not end with status 0; `CancellationError`, after it was told to end.
    @discardableResult
    static func run(_ arguments: [String], input: String? = nil, in folder: String) async throws -> String {
        let outcome = try await outcome(arguments, input: input, in: folder)
        guard outcome.status == 0 else {
            let said = [outcome.output, outcome.errors].map { $0.suffix(1500) }.joined()
            throw Failed(
                description: "\(arguments.joined(separator: " ")) ended with status \(outcome.status): \(said)")
        }
        return outcome.output
    }

    /// Runs a program whatever it ends with.
    static func outcome(_ arguments: [String], input: String? = nil, in folder: String) async throws -> Outcome {
        let running = try RunningProcess(arguments, input: input, in: folder)
        let outcome = await withTaskCancellationHandler {
            await running.outcome()
        } onCancel: {
            running.terminate()
        }
        try Task.checkCancellation()
        return outcome
    }

    /// This process's environment without what would turn a Postgres client elsewhere.
    static let environment = ProcessInfo.processInfo.environment.filter { name, _ in
        !name.hasPrefix("PG") && name != "SWITCHBACK_CONFIG"
    }
}

/// A program that runs, its output in files until it ends.
///
/// `@unchecked Sendable` is safe because everything in it is set once in `init`, before anybody else holds it, and of
/// `Process` only the process id is used afterwards, which was read there; signals go to that id, and only as long as
/// the process has not been seen to end, so that they reach no other.
final class RunningProcess: @unchecked Sendable {
    let processID: Int32
    private let process: Process
    private let ended: Task<Int32, Never>
    private let files: [String]

    init(_ arguments: [String], input: String? = nil, in folder: String) throws {
        let name = "\(folder)/run-\(UInt64.random(in: 0 ... .max))"
        files = ["\(name).out", "\(name).err", "\(name).in"]
        for (file, text) in zip(files, ["", "", input ?? ""]) {
            guard FileManager.default.createFile(atPath: file, contents: Data(text.utf8)) else {
                throw ProgramRun.Failed(description: "could not make \(file)")
            }
        }
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["--"] + arguments
        process.environment = ProgramRun.environment
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardInput = FileHandle(forReadingAtPath: files[2])
        process.standardOutput = FileHandle(forWritingAtPath: files[0])
        process.standardError = FileHandle(forWritingAtPath: files[1])
        let stream = AsyncStream<Int32>.makeStream()
        process.terminationHandler = { process in
            let wasKilled = process.terminationReason == .uncaughtSignal
            stream.continuation.yield(process.terminationStatus + (wasKilled ? 128 : 0))
            stream.continuation.finish()
        }
        do { try process.run() } catch {
            for file in files { unlink(file) }
            throw ProgramRun.Failed(description: "could not run \(arguments[0]): \(error)")
        }
        processID = process.processIdentifier
        // Detached: the end is waited for also when the task that asked is cancelled.
        ended = Task.detached { await stream.stream.first { _ in true } ?? -1 }
    }

    /// Waits for its end.
    func outcome() async -> ProgramRun.Outcome {
        let status = await ended.value
        let texts = files.map { (try? String(contentsOfFile: $0, encoding: .utf8)) ?? "" }
        for file in files { unlink(file) }
        return ProgramRun.Outcome(status: status, output: texts[0], errors: texts[1])
    }

    var isRunning: Bool { process.isRunning }

    /// Tells it to end, and all that it started in its process group.
    func terminate() {
        guard process.isRunning else { return }
        kill(-processID, SIGTERM)
        kill(processID, SIGTERM)
    }
}
