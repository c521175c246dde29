import Foundation

/// A daemon of a system under test. It does not outlive this process: a shell stands behind it that ends it when its
/// input closes, which it does however this process ends.
///
/// `@unchecked Sendable` is safe because everything in it is set once in `init`, before anybody else holds it; of the
/// pipe only its closing is used afterwards, by `stop()`, which its one owner calls once; and `Process` is not touched
/// again but through `RunningProcess`'s own rules, by its termination handler.
final class Daemon: @unchecked Sendable {
    let name: String
    /// Where its output goes.
    let log: String
    private let pidFile: String
    private let life = Pipe()
    private let ended: Task<Void, Never>

    /// Runs a program until `stop()`.
    convenience init(_ name: String, _ arguments: [String], in folder: String) throws {
        let script = """
            "$@" </dev/null & child=$!
            echo $child >"$PIDFILE"
            cat >/dev/null
            kill -TERM $child
            ( sleep 20; kill -KILL $child ) 2>/dev/null & killer=$!
            wait $child
            kill $killer
            """
        try self.init(name, script: script, arguments, in: folder)
    }

    /// Runs a shell script that writes the daemon's process id to `$PIDFILE`, waits for the end of its input, and then
    /// ends what it started.
    init(_ name: String, script: String, _ arguments: [String] = [], in folder: String) throws {
        self.name = name
        log = "\(folder)/\(name).log"
        pidFile = "\(folder)/\(name).pid"
        unlink(pidFile)
        guard FileManager.default.createFile(atPath: log, contents: nil) else {
            throw ProgramRun.Failed(description: "could not make \(log)")
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script, "daemon"] + arguments
        process.environment = ProgramRun.environment.merging(["PIDFILE": pidFile]) { $1 }
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardInput = life
        let output = FileHandle(forWritingAtPath: log)
        process.standardOutput = output
        process.standardError = output
        let stream = AsyncStream<Void>.makeStream()
        process.terminationHandler = { _ in stream.continuation.finish() }
        do { try process.run() } catch {
            throw ProgramRun.Failed(description: "could not start \(name): \(error)")
        }
        try? life.fileHandleForReading.close()
        ended = Task.detached { for await _ in stream.stream {} }
    }

    /// The daemon's process; nil before it is known.
    var processID: Int32? {
        let text = try? String(contentsOfFile: pidFile, encoding: .utf8)
        return text.flatMap { Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    /// The end of what it printed.
    var logTail: String {
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(5).joined(separator: "\n")
    }

    /// Ends it, and waits until it has ended.
    func stop() async {
        try? life.fileHandleForWriting.close()
        await ended.value
    }
}
