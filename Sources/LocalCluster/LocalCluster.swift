import Glibc

/// A throw-away Postgres cluster: made in a folder, reached on the loopback address, gone with the process that made it.
///
/// It works as root, where the server runs as `postgres` (or `nobody`), and as an ordinary user. A supervisor process
/// stands behind it: when this process ends, even by SIGKILL, the server is stopped and the folder removed.
///
/// The server trusts its clients unless a password is given, and it does not flush to disk: it survives `kill9()`, but
/// not the loss of power.
public actor LocalCluster {
    /// How a server is told to stop.
    public enum StopMode: Sendable {
        /// Waits for the clients to leave.
        case smart
        /// Disconnects the clients.
        case fast
        /// Ends at once; the next start recovers.
        case immediate

        var signal: Int32 {
            switch self {
            case .smart: SIGTERM
            case .fast: SIGINT
            case .immediate: SIGQUIT
            }
        }
    }

    /// The server programs in use.
    public nonisolated let installation: PostgresInstallation
    /// The name given at the start, for people.
    public nonisolated let name: String
    /// The cluster's own folder.
    public nonisolated let folder: String
    /// The address that the server listens on.
    public nonisolated let host = "127.0.0.1"
    /// The port that the server listens on; the same after every restart.
    public nonisolated let port: Int
    /// The folder of the server's Unix socket.
    public nonisolated let socketDirectory: String
    /// The superuser's name.
    public nonisolated let superuser = "postgres"
    /// The data directory.
    public nonisolated var dataDirectory: String { "\(folder)/data" }
    /// The server's process id by its own account (the first line of `postmaster.pid`); nil when none is there. After
    /// ``kill9()`` it is that of the dead server, until the next start.
    public nonisolated var postmasterPID: Int32? { postmasterFile().first.flatMap { Int32($0) } }

    /// How long a start, with the recovery it may need, and a stop may take.
    public static let patience: Duration = .seconds(120)

    /// The process id of the supervisor that stands behind this cluster.
    public nonisolated let supervisorPID: Int32

    nonisolated let password: String?
    private var supervisor: Supervisor
    private var program: Int32?
    private var isEmpty = true
    private var exitStatus: Int32 = 0
    private var isDestroyed = false

    /// Makes a cluster and starts its server.
    ///
    /// - Parameters:
    ///   - installation: The server programs.
    ///   - name: The name of the cluster's folder, and of the cluster in the process list.
    ///   - folder: Where the cluster's folder is made; made itself if it is missing, and then removed with the last cluster.
    ///   - settings: Settings of the server, over those for throw-away use.
    ///   - encoding: The encoding of the databases.
    ///   - locale: The locale of the databases; `C` is used where this machine lacks it.
    ///   - password: The superuser's password, asked of every client then; nil trusts every client of this machine.
    /// - Throws: ``LocalClusterError``, with the end of the server's log.
    public static func start(
        installation: PostgresInstallation, name: String, folder: String, settings: [String: String] = [:],
        encoding: String = "UTF8", locale: String = "C.UTF-8", password: String? = nil
    ) async throws -> LocalCluster {
        let place = try ClusterPlace.prepare(name: name, folder: folder)
        let cluster = try LocalCluster(installation: installation, place: place, password: password)
        do {
            try await cluster.initialize(encoding: encoding, locale: locale, settings: settings, account: place.account)
            try await cluster.start()
            return cluster
        } catch {
            await cluster.destroy()
            throw error
        }
    }

    private init(installation: PostgresInstallation, place: ClusterPlace, password: String?) throws {
        self.installation = installation
        self.name = place.name
        self.folder = place.folder
        self.socketDirectory = place.socketFolder
        self.port = try FreePort.find()
        self.password = password
        let supervisor = try Supervisor(
            account: place.account, folder: place.folder, socketFolder: place.extraFolder, parent: place.removableParent
        )
        self.supervisorPID = supervisor.processID
        self.supervisor = supervisor
    }

    /// A connection string, over TCP on the loopback address.
    ///
    /// - Parameters:
    ///   - database: The database to connect to.
    ///   - user: The role to connect as. In a cluster with a password, every role must have been given the same one.
    ///   - port: Another port to reach the server by, such as a proxy's.
    public nonisolated func dsn(database: String = "postgres", user: String = "postgres", port: Int? = nil) -> String {
        var parts = ["host=\(host)", "port=\(port ?? self.port)", "dbname=\(Self.quoted(database))"]
        parts.append("user=\(Self.quoted(user))")
        if let password { parts.append("password=\(Self.quoted(password))") }
        return parts.joined(separator: " ")
    }

    /// The last lines of the server's log.
    ///
    /// - Parameter lines: How many.
    public nonisolated func logTail(_ lines: Int = 20) -> String {
        let all = Files.tail(of: "\(folder)/log")?.split(separator: "\n") ?? []
        return all.suffix(lines).joined(separator: "\n")
    }

    // MARK: Starting and stopping

    /// Starts the server and waits until it takes connections. Does nothing when it runs.
    ///
    /// - Throws: ``LocalClusterError`` when it does not come up, with the end of its log.
    public func start() async throws {
        try takeEvents()
        guard program == nil else { return }
        let deadline = ContinuousClock.now + Self.patience
        // Between a stop and a start, somebody can have taken the port for a moment.
        while true {
            try await spawn(["\(installation.binDirectory)/postgres", "-D", dataDirectory])
            if try await isReady(before: deadline) { return }
            let log = logTail()
            guard log.contains("could not bind"), ContinuousClock.now < deadline else {
                throw LocalClusterError("could not start cluster \(name): the server ended", log: log)
            }
            await Self.pause(.milliseconds(200))
        }
    }

    /// Stops the server and waits until it and all its processes are gone. Does nothing when none runs.
    ///
    /// - Parameter mode: How it is told to.
    /// - Throws: ``LocalClusterError`` when it has not stopped in ``patience``.
    public func stop(mode: StopMode = .fast) async throws {
        try takeEvents()
        guard program != nil else { return }
        try supervisor.signal(mode.signal)
        let deadline = ContinuousClock.now + Self.patience
        while program != nil || !isEmpty {
            guard ContinuousClock.now < deadline else {
                throw LocalClusterError("could not stop cluster \(name) in \(Self.patience)", log: logTail())
            }
            await Self.pause(.milliseconds(5))
            try takeEvents()
        }
    }

    /// Stops the server and starts it again, on the same port.
    ///
    /// - Parameter mode: How it is told to stop.
    public func restart(mode: StopMode = .fast) async throws {
        try await stop(mode: mode)
        try await start()
    }

    /// Kills the server as a crash would: SIGKILL to the postmaster, then, for those that do not notice that within two
    /// seconds, to its other processes. Returns when all are gone; ``start()`` recovers.
    public func kill9() async throws {
        try takeEvents()
        guard program != nil else { return }
        try supervisor.signal(SIGKILL)
        let deadline = ContinuousClock.now + .seconds(2)
        while program != nil || !isEmpty, ContinuousClock.now < deadline {
            await Self.pause(.milliseconds(5))
            try takeEvents()
        }
        if program == nil && isEmpty { return }
        try supervisor.killAll()
        while program != nil || !isEmpty {
            await Self.pause(.milliseconds(5))
            try takeEvents()
        }
    }

    /// Makes the server stop answering without closing its connections: SIGSTOP to every process of it.
    /// ``resume()`` ends that. A frozen server can be killed and destroyed, and not be stopped otherwise.
    public func freeze() throws { try signalAll(SIGSTOP) }

    /// Ends ``freeze()``.
    public func resume() throws { try signalAll(SIGCONT) }

    /// Stops the server at once and removes the cluster's folder. The cluster cannot be used afterwards.
    public func destroy() async {
        guard !isDestroyed else { return }
        isDestroyed = true
        program = nil
        supervisor.close()
        while !supervisor.hasEnded() { await Self.pause(.milliseconds(5)) }
    }

    // MARK: Parts

    private func initialize(
        encoding: String, locale: String, settings: [String: String], account: ServerAccount?
    ) async throws {
        var arguments = ["\(installation.binDirectory)/initdb", "-D", dataDirectory, "-U", superuser, "--no-sync"]
        arguments += ["-E", encoding]
        if let password {
            try Files.write(password + "\n", to: "\(folder)/password")
            try Files.give("\(folder)/password", to: account)
            arguments += ["-A", "scram-sha-256", "--pwfile=\(folder)/password"]
        } else {
            arguments += ["-A", "trust"]
        }
        var status = try await finish(arguments + ["--locale=\(locale)"])
        if status != 0 && logTail().contains("locale") { status = try await finish(arguments + ["--locale=C"]) }
        unlink("\(folder)/password")
        guard status == 0 else {
            throw LocalClusterError("could not make cluster \(name): initdb failed", log: logTail())
        }
        let all = ClusterSettings.text(
            given: settings, name: name, port: port, host: host, socketDirectory: socketDirectory)
        try Files.write(all, to: "\(dataDirectory)/postgresql.auto.conf")
        try Files.give("\(dataDirectory)/postgresql.auto.conf", to: account)
    }

    /// Runs a program to its end and returns its exit status.
    private func finish(_ arguments: [String]) async throws -> Int32 {
        try await spawn(arguments)
        while program != nil {
            await Self.pause(.milliseconds(5))
            try takeEvents()
        }
        return exitStatus
    }

    private func spawn(_ arguments: [String]) async throws {
        try takeEvents()
        try supervisor.run(arguments)
        while true {
            switch supervisor.nextEvent() {
            case .spawned(let processID):
                program = processID
                isEmpty = false
                return
            case .refused(let reason):
                throw LocalClusterError("could not run \(arguments[0]): \(String(cString: strerror(reason)))")
            case .gone: throw supervisorIsGone()
            case .exited, .empty: break
            case nil: await Self.pause(.milliseconds(1))
            }
        }
    }

    /// Waits until the server takes connections. False when it has ended instead.
    private func isReady(before deadline: ContinuousClock.Instant) async throws -> Bool {
        while true {
            try takeEvents()
            guard let program else { return false }
            let file = postmasterFile()
            if file.first == "\(program)", file.count >= 8, file[7].hasPrefix("ready") { return true }
            guard ContinuousClock.now < deadline else {
                try await kill9()
                throw LocalClusterError("could not start cluster \(name) in \(Self.patience)", log: logTail())
            }
            await Self.pause(.milliseconds(5))
        }
    }

    private func takeEvents() throws {
        guard !isDestroyed else { throw LocalClusterError("could not use cluster \(name): it was destroyed") }
        while let event = supervisor.nextEvent() {
            switch event {
            case .exited(let status):
                program = nil
                exitStatus = status
            case .empty: isEmpty = true
            case .gone: throw supervisorIsGone()
            case .spawned, .refused: break
            }
        }
    }

    private func supervisorIsGone() -> LocalClusterError {
        LocalClusterError("could not reach the supervisor of cluster \(name): it was killed", log: logTail())
    }

    private func signalAll(_ number: Int32) throws {
        try takeEvents()
        guard let program else { throw LocalClusterError("could not signal cluster \(name): it does not run") }
        // The postmaster first when freezing, so that it starts no process meanwhile, and last when resuming.
        let children = Processes.children(of: program)
        for processID in number == SIGSTOP ? [program] + Processes.children(of: program) : children + [program] {
            kill(processID, number)
        }
        guard number == SIGSTOP else { return }
        for processID in Processes.children(of: program) { kill(processID, number) }
    }

    private nonisolated func postmasterFile() -> [Substring] {
        Files.tail(of: "\(dataDirectory)/postmaster.pid")?.split(separator: "\n", omittingEmptySubsequences: false)
            ?? []
    }

    /// Waits, also in a cancelled task: what was begun to be stopped must be seen stopped.
    private static func pause(_ time: Duration) async {
        guard Task.isCancelled else {
            try? await Task.sleep(for: time)
            return
        }
        await Task.detached { try? await Task.sleep(for: time) }.value
    }

    private static func quoted(_ value: String) -> String {
        var quoted = "'"
        for character in value {
            if character == "'" || character == "\\" { quoted.append("\\") }
            quoted.append(character)
        }
        return quoted + "'"
    }
}
