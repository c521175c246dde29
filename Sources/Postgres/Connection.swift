/// One connection to a server, on a thread of its own.
///
/// Work is handed to it as synchronous bodies, one for each unit of work (a transaction, a batch): bodies never
/// interleave, and while one waits for the server it holds up its own thread and no other.
///
/// Close it when done. Dropping the last reference closes it as well.
public actor Connection {
    private let thread: SessionThread
    private let waker: Waker
    private let session: Session

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private init() throws(PostgresError) {
        thread = SessionThread(name: "pg-session")
        waker = try Waker()
        session = Session(waker: waker)
        try thread.start()
    }

    deinit { thread.stop() }

    /// Connects and sets the session up.
    /// - Throws: `.badConnectionSettings`; `.connect` when there is no connection within the settings' `connectTimeout`;
    ///   `.server` when a session parameter is refused; `.cancelled`. Name resolution cannot be interrupted: the error
    ///   then comes after it.
    public static func open(_ settings: ConnectionSettings) async throws -> Connection {
        try settings.validate()
        let connection = try Connection()
        do {
            try await connection.connect(settings)
        } catch {
            await connection.close()
            throw error
        }
        return connection
    }

    /// Runs `body` with the session, on the connection's thread.
    ///
    /// Cancelling the task interrupts whatever wait is in progress: the statement is cancelled, or, when the server does
    /// not react, the connection closed, and `.cancelled` thrown. The connection is usable afterwards unless `isBroken`; a
    /// transaction that was open still is (see `rollBack()`).
    /// - Parameters:
    ///   - deadline: for the body as a whole, counted from its start; when it passes, the running statement is cancelled in
    ///     the same way and `.deadline` thrown.
    ///   - body: gets the session, which must not leave it.
    public func run<R: Sendable>(
        deadline: Duration? = nil, _ body: @Sendable (Session) throws -> R
    ) async throws -> R {
        let number = waker.reserveRun()
        return try await withTaskCancellationHandler {
            try perform(number, deadline, body)
        } onCancel: { [waker] in
            waker.cancel(run: number)
        }
    }

    /// Ends a transaction that was left open, even when the calling task is cancelled; closes the connection when the
    /// server does not answer.
    public func rollBack() { session.rollBack() }

    /// Makes a `waitForNotification` in progress, or the next one, return at once with nothing.
    public nonisolated func wake() { waker.wake() }

    /// Whether the connection is of no more use, and another must be opened. Waits for a body in progress.
    public var isBroken: Bool { session.isBroken }

    /// Whether the connection was not yet found to be broken, nor closed.
    public nonisolated var isOpen: Bool { !waker.isBroken }

    /// Ends the session, after a body in progress, and its thread.
    public func close() {
        session.close()
        thread.stop()
    }

    private func connect(_ settings: ConnectionSettings) async throws {
        let number = waker.reserveRun()
        try await withTaskCancellationHandler {
            try begin(number, nil)
            defer { waker.endRun() }
            try session.connect(settings)
        } onCancel: { [waker] in
            waker.cancel(run: number)
        }
    }

    private func perform<R>(_ number: UInt64, _ deadline: Duration?, _ body: (Session) throws -> R) throws -> R {
        try begin(number, deadline)
        defer {
            waker.endRun()
            session.deadline = nil
        }
        return try body(session)
    }

    private func begin(_ number: UInt64, _ deadline: Duration?) throws(PostgresError) {
        waker.begin(run: number)
        guard !Task.isCancelled else {
            waker.endRun()
            throw .cancelled()
        }
        session.deadline = deadline.map { (.now + $0, $0) }
    }
}
