import Foundation
import Glibc
import TestSupport
import Testing

/// The real program, carrying the streams of a pair: `switchback run` in a process of its own.
struct Daemon: Sendable {
    private let folder: String
    let program: RunningProgram

    /// Starts it.
    ///
    /// - Parameter environment: such as the point where it is to die.
    static func start(_ pair: TestPair, environment: [String: String] = [:]) async throws -> Daemon {
        try await start(pair.yaml, environment: environment)
    }

    /// Starts it with a configuration.
    static func start(_ yaml: String, environment: [String: String] = [:]) async throws -> Daemon {
        let folder = try Program.folder(yaml)
        let configuration = ["SWITCHBACK_CONFIG": folder + "/switchback.yaml"]
        return Daemon(
            folder: folder,
            program: try await RunningProgram(
                ["run"], in: folder, environment: configuration.merging(environment) { $1 }))
    }

    /// Ends it as a crash would.
    @discardableResult func kill() async throws -> Program.Outcome {
        program.signal(SIGKILL)
        return try await outcome()
    }

    /// Asks it to end, and expects that it does, cleanly.
    func stop() async throws {
        // One that is still being loaded ends as the kernel has it.
        #expect(try await eventually { program.catches(SIGTERM) })
        program.signal(SIGTERM)
        let outcome = try await outcome()
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    /// Waits for its end.
    func outcome(within limit: Duration = .seconds(120)) async throws -> Program.Outcome {
        let outcome = try await program.end(within: limit)
        try? FileManager.default.removeItem(atPath: folder)
        return outcome
    }

    /// How many files and sockets it has open; nil when it has ended.
    var openFiles: Int? {
        try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(program.processID)/fd").count
    }

    /// How many threads it has; nil when it has ended.
    var threads: Int? {
        try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(program.processID)/task").count
    }
}

extension Daemon {
    /// Runs the program while the body runs, and expects it to end cleanly afterwards.
    static func with<R: Sendable>(_ yaml: String, _ body: (Daemon) async throws -> R) async throws -> R {
        let daemon = try await start(yaml)
        do {
            let result = try await body(daemon)
            try await daemon.stop()
            return result
        } catch {
            _ = try? await daemon.kill()
            throw error
        }
    }

    /// Runs a command of the program.
    static func command(
        _ arguments: [String], _ yaml: String, environment: [String: String] = [:]
    ) async throws -> Program.Outcome {
        let folder = try Program.folder(yaml)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let configuration = ["SWITCHBACK_CONFIG": folder + "/switchback.yaml"]
        return try await Program.run(arguments, in: folder, environment: configuration.merging(environment) { $1 })
    }
}

extension TestPair {
    /// Runs the program while the body runs, and expects it to end cleanly afterwards.
    func withDaemon<R: Sendable>(_ body: (Daemon) async throws -> R) async throws -> R {
        try await Daemon.with(yaml, body)
    }

    /// Runs a command of the program.
    func command(_ arguments: [String], environment: [String: String] = [:]) async throws -> Program.Outcome {
        try await Daemon.command(arguments, yaml, environment: environment)
    }

    /// The cursor of the stream to a target, as a row of text.
    func cursor(_ columns: String, of target: TestDatabase? = nil) async throws -> String? {
        try await (target ?? self.target).value(
            "SELECT ROW(\(columns))::text FROM switchback.cursor WHERE sync = 'main'")
    }
}
