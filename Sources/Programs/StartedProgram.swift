import Glibc
import Subprocess
import Synchronization

/// A program that was started and may still run.
///
/// It goes on when this value is forgotten; ``stop()`` ends it.
public final class StartedProgram: Sendable {
    /// Its process id, which is its session's as well.
    public let processID: Int32
    private let output: OutputFile
    private let errors: OutputFile
    private let began: ContinuousClock.Instant
    private let ended: Task<ExternalProgram.Ending, Never>

    private init(
        processID: Int32, output: OutputFile, errors: OutputFile, began: ContinuousClock.Instant,
        ended: Task<ExternalProgram.Ending, Never>
    ) {
        self.processID = processID
        self.output = output
        self.errors = errors
        self.began = began
        self.ended = ended
    }

    static func start(
        _ program: ExternalProgram, grace: Duration, outputBytesMax: Int
    ) async throws -> StartedProgram {
        let files = try (OutputFile(bytesMax: outputBytesMax), OutputFile(bytesMax: outputBytesMax))
        let input = try InputFile(program.input)
        let began = ContinuousClock.now
        let started = AsyncStream<Result<Int32, ExternalProgramError>>.makeStream()
        let ended = Task.detached { () -> ExternalProgram.Ending in
            do {
                let result = try await run(
                    program.configuration(grace: grace),
                    input: .fileDescriptor(input.descriptor, closeAfterSpawningProcess: false),
                    output: .fileDescriptor(files.0.descriptor, closeAfterSpawningProcess: false),
                    error: .fileDescriptor(files.1.descriptor, closeAfterSpawningProcess: false)
                ) { execution in
                    // Held until here: the program has a copy of its own now.
                    withExtendedLifetime(input) {}
                    started.continuation.yield(.success(execution.processIdentifier.value))
                    started.continuation.finish()
                }
                if Task.isCancelled { return .stopped }
                return switch result.terminationStatus {
                case .exited(let status): .exited(status)
                case .signaled(let signal): .killed(signal: signal)
                }
            } catch {
                let name = program.command.first ?? "a program"
                let folder = program.folder.map { " in \($0)" } ?? ""
                // Before the start this tells why there is none; after it, nobody reads it.
                started.continuation.yield(
                    .failure(ExternalProgramError(description: "could not run \(name)\(folder): \(error)")))
                started.continuation.finish()
                return Task.isCancelled ? .stopped : .unknown("\(error)")
            }
        }
        // Detached: whoever is cancelled at this moment gets the program all the same, and can end it. Nobody else could.
        let stream = started.stream
        if let result = await Task.detached(operation: { await stream.first { _ in true } }).value {
            return StartedProgram(
                processID: try result.get(), output: files.0, errors: files.1, began: began, ended: ended)
        }
        throw ExternalProgramError(description: "could not run \(program.command.first ?? "a program"): it never began")
    }

    /// What it has printed on standard output until now.
    public var outputSoFar: String { output.text }

    /// What it has printed on standard output until now, as bytes, from a position on: to follow it, and for output that
    /// is no text.
    public func outputBytes(from start: Int = 0) -> [UInt8] { output.bytes(from: start) }

    /// What it has printed on standard error until now.
    public var errorsSoFar: String { errors.text }

    /// Sends it, and only it, a signal.
    public func signal(_ number: Int32) { kill(processID, number) }

    /// Ends it and all that it started: SIGTERM, then SIGKILL. Returns when it has ended.
    public func stop() async {
        ended.cancel()
        _ = await ended.value
    }

    /// Waits for its end as ``outcome(within:)`` does, for whoever reads its output as bytes.
    public func ending(within limit: Duration? = nil) async -> ExternalProgram.Ending {
        let ended = ended
        let alarm = limit.map { limit in
            Task.detached {
                try await Task.sleep(for: limit)
                ended.cancel()
            }
        }
        let ending = await withTaskCancellationHandler {
            await ended.value
        } onCancel: {
            ended.cancel()
        }
        alarm?.cancel()
        return ending
    }

    /// Waits for its end, and ends it when the time is up or the waiting task is cancelled.
    public func outcome(within limit: Duration? = nil) async -> ExternalProgram.Outcome {
        let ending = await ending(within: limit)
        return ExternalProgram.Outcome(
            ending: ending, output: output.text, errors: errors.text, elapsed: ContinuousClock.now - began)
    }
}
