import Foundation
import Glibc
import Subprocess
import Synchronization
import SystemPackage
import TestSupport

/// The program at a terminal of its own, as a person has it before them.
final class PseudoTerminal: Sendable {
    private let processID: Int32
    private let status: Task<Int32, any Error>
    private let master: Int32
    private let screen: Screen
    private let ended: Task<Void, Never>

    private final class Screen: Sendable {
        let bytes = Mutex<[UInt8]>([])
    }

    /// Starts the program.
    init(_ arguments: [String], in folder: String, environment: [String: String] = [:]) async throws {
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        // What unlockpt and ptsname do; Glibc's module lacks them.
        var unlocked: Int32 = 0
        var place: Int32 = 0
        guard ioctl(master, 0x4004_5431, &unlocked) == 0, ioctl(master, 0x8004_5430, &place) == 0 else {
            throw POSIXError(.ENOTTY)
        }
        let slave = open("/dev/pts/\(place)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var size = winsize(ws_row: 40, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(slave, UInt(TIOCSWINSZ), &size)
        var changes = ["TERM": "xterm-256color", "NO_COLOR": Optional<String>.none] as [Environment.Key: String?]
        for (key, value) in environment { changes[Environment.Key(rawValue: key)!] = value }
        var options = PlatformOptions()
        options.createSession = true
        let configuration = Configuration(
            executable: .path(FilePath(Program.path)), arguments: Arguments(arguments),
            environment: .inherit.updating(changes),
            workingDirectory: FilePath(folder), platformOptions: options)
        let terminal = FileDescriptor(rawValue: slave)
        let started = AsyncStream<Int32>.makeStream()
        status = Task.detached {
            defer { started.continuation.finish() }
            let result = try await run(
                configuration, input: .fileDescriptor(terminal, closeAfterSpawningProcess: false),
                output: .fileDescriptor(terminal, closeAfterSpawningProcess: false),
                error: .fileDescriptor(terminal, closeAfterSpawningProcess: false)
            ) { execution in
                _ = started.continuation.yield(execution.processIdentifier.value)
                started.continuation.finish()
            }
            return switch result.terminationStatus {
            case .exited(let status): status
            case .signaled(let signal): 128 + signal
            }
        }
        var number = Int32(-1)
        for await processID in started.stream { number = processID }
        processID = number
        close(slave)
        let descriptor = master
        let screen = Screen()
        self.screen = screen
        // A thread of its own: reading waits until the program has ended and nobody has the terminal open any more.
        let ended = AsyncStream<Void>.makeStream()
        Thread.detachNewThread {
            var bytes = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(descriptor, &bytes, bytes.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { break }
                screen.bytes.withLock { $0 += bytes.prefix(count) }
            }
            ended.continuation.finish()
        }
        self.ended = Task { for await _ in ended.stream {} }
    }

    deinit { close(master) }

    /// All that was on the terminal until now.
    var seenSoFar: String { String(decoding: screen.bytes.withLock { $0 }, as: UTF8.self) }

    func signal(_ number: Int32) { kill(processID, number) }

    /// What a person types.
    func type(_ text: String) { _ = text.withCString { write(master, $0, strlen($0)) } }

    /// Waits for its end, and kills it when that does not come: the exit status, and all that was on the terminal.
    func end(within limit: Duration = .seconds(120)) async throws -> (status: Int32, text: String) {
        let processID = processID
        let alarm = Task.detached {
            try await Task.sleep(for: limit)
            kill(-processID, SIGKILL)
        }
        defer { alarm.cancel() }
        let status = try await status.value
        await ended.value
        return (status, seenSoFar)
    }
}
