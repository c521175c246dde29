import Foundation
import Glibc
import Postgres
import Synchronization

/// A throw-away Postgres cluster: data in a temp folder, a unix socket there, and a free TCP port. A watchdog process
/// stops it and removes the folder when this process ends, however it ends.
final class TestServer: Sendable {
    /// The one that the suites share; nobody stops it in between.
    static let shared = Result { try TestServer() }

    static let binaries = "/usr/lib/postgresql/15/bin"
    static let password = "correct-horse-battery"

    let folder: String
    let port: UInt16
    /// Held open for as long as the process lives: the watchdog reads from its other end.
    private let lifeline: Int32

    init() throws {
        var template = Array("/tmp/pgtests-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestError("no temp folder") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // The cluster belongs to another user when the tests run as root.
        chmod(folder, 0o777)
        port = try freePort()
        lifeline = try Self.startWatchdog(folder)
        let passwordFile = folder + "/password"
        try Self.password.write(toFile: passwordFile, atomically: false, encoding: .utf8)
        try Self.asServerUser([
            "\(Self.binaries)/initdb", "-D", folder + "/data", "-U", "postgres", "--auth-local=trust",
            "--auth-host=scram-sha-256", "--pwfile=\(passwordFile)", "-E", "UTF8", "--no-locale", "--no-sync",
        ])
        try Self.asServerUser([
            "openssl", "req", "-new", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-newkey", "rsa:2048",
            "-keyout", folder + "/data/server.key", "-out", folder + "/data/server.crt",
        ])
        let configuration = """
            listen_addresses = '127.0.0.1'
            port = \(port)
            unix_socket_directories = '\(folder)'
            fsync = off
            ssl = on
            max_connections = 60
            """
        let handle = FileHandle(forWritingAtPath: folder + "/data/postgresql.conf")
        guard let handle else { throw TestError("no postgresql.conf") }
        handle.seekToEndOfFile()
        handle.write(Data(configuration.utf8))
        try handle.close()
        try start()
    }

    func start() throws {
        try Self.asServerUser([
            "\(Self.binaries)/pg_ctl", "start", "-w", "-t", "60", "-D", folder + "/data", "-l", folder + "/log",
        ])
    }

    func stop() throws {
        try Self.asServerUser(["\(Self.binaries)/pg_ctl", "stop", "-w", "-m", "fast", "-D", folder + "/data"])
    }

    /// Over the unix socket, without a password.
    var dsn: String { "host=\(folder) port=\(port) user=postgres dbname=postgres" }

    /// Over TCP, with a password; to `port`, which may be a proxy's.
    func tcpDSN(port: UInt16? = nil) -> String {
        "host=127.0.0.1 port=\(port ?? self.port) user=postgres dbname=postgres password=\(Self.password)"
    }

    private static func asServerUser(_ command: [String]) throws {
        let pid = try spawn((geteuid() == 0 ? ["runuser", "-u", "postgres", "--"] : []) + command, input: nil)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        guard status == 0 else { throw TestError("\(command[0]) failed") }
    }

    private static func startWatchdog(_ folder: String) throws -> Int32 {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw TestError("no pipe") }
        // No other child may hold it open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let user = geteuid() == 0 ? "runuser -u postgres -- " : ""
        let script = """
            read -r line
            \(user)\(binaries)/pg_ctl stop -w -m immediate -D \(folder)/data >/dev/null 2>&1
            rm -rf \(folder)
            """
        // A session of its own: an interrupt from the terminal must not end it first.
        _ = try spawn(["setsid", "sh", "-c", script], input: ends[0])
        close(ends[0])
        return ends[1]
    }

    /// Starts a program. Not with Foundation's `Process`: that waits for a descriptor which a daemon inherits.
    private static func spawn(_ command: [String], input: Int32?) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        guard posix_spawnp(&pid, command[0], &actions, nil, &arguments, environ) == 0 else {
            throw TestError("could not start \(command[0])")
        }
        return pid
    }
}

struct TestError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Opens a connection to the shared server, runs `body` and closes it, also when it throws.
func withConnection<R>(
    _ parameters: [(String, String)] = [], _ body: (Connection) async throws -> R
) async throws -> R {
    try await withConnection(
        ConnectionSettings(dsn: TestServer.shared.get().dsn, sessionParameters: parameters), body)
}

func withConnection<R>(_ settings: ConnectionSettings, _ body: (Connection) async throws -> R) async throws -> R {
    let connection = try await Connection.open(settings)
    do {
        let value = try await body(connection)
        await connection.close()
        return value
    } catch {
        await connection.close()
        throw error
    }
}

/// Waits until `condition` holds, for as long as a busy machine may take.
func eventually(_ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while try await !condition() {
        guard ContinuousClock.now < end else { throw TestError("it did not come about") }
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// Runs `body` and returns the database error it must throw.
func databaseError(_ body: () async throws -> Void) async throws -> PostgresError {
    do {
        try await body()
    } catch let error as PostgresError {
        return error
    }
    throw TestError("nothing was thrown")
}

/// Whether the connection runs a statement and gives its own answer.
func isUsable(_ connection: Connection) async throws -> Bool {
    try await connection.run { try $0.query("SELECT 1")[0, 0] } == "1"
}

/// A number that threads share.
final class Counter: Sendable {
    private let number = Mutex(0)
    var value: Int { number.withLock { $0 } }
    func add(_ count: Int) { number.withLock { $0 += count } }
    func raise(to least: Int) { number.withLock { $0 = max($0, least) } }
}
