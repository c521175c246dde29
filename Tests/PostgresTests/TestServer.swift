import Glibc
import LocalCluster
import Postgres
import Synchronization
import TestSupport

/// A throw-away server that asks for a password and speaks TLS.
enum TestServer {
    static let password = "correct-horse-battery"

    /// The one that the suites share; nobody stops it in between.
    static var shared: LocalCluster { get async throws { try await starting.value } }
    private static let starting = Task { try await start("postgres-tests") }

    /// A server of the caller's own, which is to be destroyed by it.
    static func start(_ name: String) async throws -> LocalCluster {
        let server = try await TestServers.own(name, password: password)
        do {
            try await makeCertificate(in: server.dataDirectory)
            try await withConnection(ConnectionSettings(dsn: server.dsn())) { connection in
                try await connection.run { session in
                    try session.execute("ALTER SYSTEM SET ssl = on")
                    try session.execute("SELECT pg_reload_conf()")
                }
            }
        } catch {
            await server.destroy()
            throw error
        }
        return server
    }

    /// A self-signed certificate, and its key as the server's account wants it: its own, and read by nobody else.
    private static func makeCertificate(in folder: String) async throws {
        let (key, certificate) = (folder + "/server.key", folder + "/server.crt")
        try run([
            "openssl", "req", "-new", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-newkey", "rsa:2048",
            "-keyout", key, "-out", certificate,
        ])
        var owner = stat()
        guard stat(folder, &owner) == 0 else { throw TestError("no \(folder)") }
        for file in [key, certificate] {
            guard chown(file, owner.st_uid, owner.st_gid) == 0, chmod(file, 0o600) == 0 else {
                throw TestError("could not give \(file) to the server")
            }
        }
    }

    private static func run(_ command: [String]) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor: Int32 in 0...2 {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        guard posix_spawnp(&pid, command[0], &actions, nil, &arguments, environ) == 0 else {
            throw TestError("could not start \(command[0])")
        }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        guard status == 0 else { throw TestError("\(command[0]) failed") }
    }
}

struct TestError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Opens a connection to the shared server, runs `body` and closes it, also when it throws. It is not encrypted: with TLS
/// an error in the middle of a COPY shows only at its end.
func withConnection<R>(
    _ parameters: [(String, String)] = [], _ body: (Connection) async throws -> R
) async throws -> R {
    let dsn = try await TestServer.shared.dsn() + " sslmode=disable"
    return try await withConnection(ConnectionSettings(dsn: dsn, sessionParameters: parameters), body)
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
