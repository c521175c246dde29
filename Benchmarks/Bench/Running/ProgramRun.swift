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
final class RunningProcess: Sendable {
    private let process: ChildProcess
    private let files: [String]

    init(_ arguments: [String], input: String? = nil, in folder: String) throws {
        let name = "\(folder)/run-\(UInt64.random(in: 0 ... .max))"
        files = ["\(name).out", "\(name).err", "\(name).in"]
        guard FileManager.default.createFile(atPath: files[2], contents: Data((input ?? "").utf8)) else {
            throw ProgramRun.Failed(description: "could not make \(files[2])")
        }
        let place = ChildProcess.Place(input: files[2], output: files[0], errors: files[1], folder: folder)
        do {
            process = try ChildProcess(arguments, environment: ProgramRun.environment, place)
        } catch {
            unlink(files[2])
            throw error
        }
    }

    /// Waits for its end.
    func outcome() async -> ProgramRun.Outcome {
        let status = await process.status()
        let texts = files.map { (try? String(contentsOfFile: $0, encoding: .utf8)) ?? "" }
        for file in files { unlink(file) }
        return ProgramRun.Outcome(status: status, output: texts[0], errors: texts[1])
    }

    var isRunning: Bool { process.isRunning }

    /// Tells it to end, and all that it started.
    func terminate() { process.signal(SIGTERM) }
}
