import Foundation

/// A daemon of a system under test. It does not outlive this process: a shell stands behind it that ends it when its
/// input closes, which it does however this process ends.
final class Daemon: Sendable {
    let name: String
    /// Where its output goes.
    let log: String
    private let pidFile: String
    /// How long it may take to end when it is told to, before it is killed.
    private static let patience = Duration.seconds(30)

    private let shell: ChildProcess
    /// The end of a pipe whose other end the shell reads; nil once it is closed.
    private let life: Shared<Int32?>

    /// Runs a program until `stop()`.
    convenience init(_ name: String, _ arguments: [String], in folder: String) throws {
        let script = """
            "$@" </dev/null & child=$!
            echo $child >"$PIDFILE"
            cat >/dev/null
            kill -TERM $child
            wait $child
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
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ProgramRun.Failed(description: "could not make a pipe: \(String(cString: strerror(errno)))")
        }
        defer { close(ends[0]) }
        // Nobody else is to hold the writing end: it would never close.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        do {
            shell = try ChildProcess(
                ["/bin/sh", "-c", script, "daemon"] + arguments,
                environment: ProgramRun.environment.merging(["PIDFILE": pidFile]) { $1 },
                ChildProcess.Place(inputDescriptor: ends[0], output: log, errors: log, folder: folder))
        } catch {
            close(ends[1])
            throw error
        }
        life = Shared(ends[1])
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
        life.change { life in
            if let end = life { close(end) }
            life = nil
        }
        let killer = Task {
            try await Task.sleep(for: Self.patience)
            shell.signal(SIGKILL)
        }
        _ = await shell.status()
        killer.cancel()
    }
}
