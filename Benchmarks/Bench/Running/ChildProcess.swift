import Foundation

/// A process that was started, until it has ended.
///
/// It begins with no signal blocked. Foundation's `Process` passes on what the starting thread blocks, which for threads
/// of Swift's tasks is nearly everything: pgbench then never hears its alarm, and goes on for ever.
final class ChildProcess: Sendable {
    /// The files that it reads from and writes to, and where it works.
    struct Place {
        var input = "/dev/null"
        /// A descriptor to read from instead; it stays the caller's.
        var inputDescriptor: Int32?
        let output: String
        let errors: String
        let folder: String
    }

    let processID: Int32
    private let ended: Shared<Bool>
    private let end: Task<Int32, Never>

    /// Starts a program that is found on `PATH`, in a process group of its own.
    init(_ arguments: [String], environment: [String: String], _ place: Place) throws {
        let processID = try Self.spawn(arguments, environment, place)
        self.processID = processID
        let ended = Shared(false)
        self.ended = ended
        let stream = AsyncStream<Int32>.makeStream()
        // A thread of its own, for it blocks.
        Thread.detachNewThread {
            var state = siginfo_t()
            while waitid(P_PID, id_t(processID), &state, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
            // Marked before it is reaped: until then its number is not another's.
            let status = ended.change { ended in
                ended = true
                var status: Int32 = 0
                while waitpid(processID, &status, 0) < 0 && errno == EINTR {}
                return status
            }
            stream.continuation.yield(status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F)
            stream.continuation.finish()
        }
        // Detached: the end is waited for also when the task that asked is cancelled.
        end = Task.detached { await stream.stream.first { _ in true } ?? -1 }
    }

    var isRunning: Bool { !ended.value }

    /// Waits for its end. The exit status, or 128 and the number of the signal that ended it.
    func status() async -> Int32 { await end.value }

    /// Signals it and all that it started in its group; nobody once it has ended.
    func signal(_ number: Int32) {
        let processID = processID
        ended.change { ended in
            if !ended { kill(-processID, number) }
        }
    }

    private static func spawn(
        _ arguments: [String], _ environment: [String: String], _ place: Place
    ) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let descriptor = place.inputDescriptor {
            posix_spawn_file_actions_adddup2(&actions, descriptor, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, place.input, O_RDONLY, 0)
        }
        let write = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 1, place.output, write, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, place.errors, write, 0o600)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))

        // The folder is entered by env, for what would do it here is hidden from Swift.
        let command = ["/usr/bin/env", "--chdir=\(place.folder)", "--"] + arguments
        var words = command.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var processID: pid_t = 0
        let status = posix_spawn(&processID, command[0], &actions, &attributes, &words, &variables)
        guard status == 0 else {
            throw ProgramRun.Failed(description: "could not run \(arguments[0]): \(String(cString: strerror(status)))")
        }
        return processID
    }
}
