import Foundation
import Glibc
import Synchronization
import TestSupport

/// The program at a terminal of its own, as a person has it before them.
final class PseudoTerminal: Sendable {
    let process: Process
    private let master: Int32
    private let screen: Screen
    private let ended: Task<Void, Never>

    private final class Screen: Sendable {
        let bytes = Mutex<[UInt8]>([])
    }

    /// Starts the program.
    init(_ arguments: [String], in folder: String, environment: [String: String] = [:]) throws {
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        // What unlockpt and ptsname do; Glibc's module lacks them.
        var unlocked: Int32 = 0
        var number: Int32 = 0
        guard ioctl(master, 0x4004_5431, &unlocked) == 0, ioctl(master, 0x8004_5430, &number) == 0 else {
            throw POSIXError(.ENOTTY)
        }
        let slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var size = winsize(ws_row: 40, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(slave, UInt(TIOCSWINSZ), &size)
        process = Process()
        process.executableURL = URL(fileURLWithPath: Program.path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        var all = ProcessInfo.processInfo.environment
        all["TERM"] = "xterm-256color"
        all["NO_COLOR"] = nil
        process.environment = all.merging(environment) { $1 }
        let handle = FileHandle(fileDescriptor: slave, closeOnDealloc: false)
        process.standardInput = handle
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
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

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Waits for its end: the exit status, and all that was on the terminal.
    func end() async -> (status: Int32, text: String) {
        await ended.value
        process.waitUntilExit()
        return (process.terminationStatus, seenSoFar)
    }
}
