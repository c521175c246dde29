import CLibPQ

/// One database session, on the thread of its connection: straight-line code, where each call returns when the server
/// has answered. It is valid only inside the body of `Connection.run` and must not be kept.
///
/// An interruption (the task is cancelled, the deadline passes) cancels the running statement, reads its end and throws
/// `.cancelled` or `.deadline`; whether the statement took effect is then unknown until the transaction's state is asked.
/// When the server does not react within `cancelGrace`, the connection is closed and `isBroken`.
public final class Session {
    /// How long the server gets to answer a cancel request before the connection is closed instead.
    static let cancelGrace = Duration.seconds(5)

    /// libpq's handle; nil once the session is closed. Only this class and its extensions touch it, on one thread.
    private(set) var connection: OpaquePointer?
    let waker: Waker
    let farewell = FarewellBox()
    /// When the body must be done, and how long it had, for the message.
    var deadline: (instant: ContinuousClock.Instant, allowed: Duration)?
    /// While set, interruptions are put off and this is the only limit: for cleaning up.
    var shield: ContinuousClock.Instant?
    /// The statements that this session prepared, by name.
    var prepared: [String: String] = [:]
    /// Whom to ask when an answer does not come; nil until connected.
    var doubt: Doubt?
    /// Since when the server has owed an answer without a sign of life; nil while it does not.
    var quietSince: ContinuousClock.Instant?
    /// A second session beside the connection's own: its end is not the connection's.
    private let isAuxiliary: Bool
    private var isBusy = false
    private var closeReason: PostgresError?

    init(waker: Waker, isAuxiliary: Bool = false) {
        self.waker = waker
        self.isAuxiliary = isAuxiliary
    }

    deinit { if let connection { PQfinish(connection) } }

    /// The server's version as a number, such as 150018.
    public var serverVersion: Int { Int(PQserverVersion(connection)) }

    /// The process of this session on the server.
    public var backendPID: Int32 { PQbackendPID(connection) }

    /// Whether a transaction is open, failed ones included.
    public var inTransaction: Bool {
        let status = PQtransactionStatus(connection)
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE
    }

    /// Whether the connection is of no more use.
    public var isBroken: Bool { connection == nil }

    /// Runs SQL that may hold several statements, in the simple protocol; rows are dropped.
    public func execute(_ sql: String) throws(PostgresError) {
        try exchange { connection throws(PostgresError) in
            try requireText(sql)
            try require(sql.withCString { PQsendQuery(connection, $0) })
            try receive { PQclear($0) }
        }
    }

    /// Runs one statement with parameters `$1`… as text, in the extended protocol.
    public func query(_ sql: String, _ parameters: [String?] = []) throws(PostgresError) -> QueryResult {
        try exchange { connection throws(PostgresError) in
            try requireText(sql)
            let values = try Parameters(parameters)
            try require(
                sql.withCString { PQsendQueryParams(connection, $0, values.count, nil, values.pointers, nil, nil, 0) })
            return try receiveOne()
        }
    }

    /// Runs `body` while the task's cancellation and the run's deadline are put off, for what must be tried after them,
    /// such as a rollback. Each statement in it fails with `.deadline` when `limit` has passed.
    public func withoutInterruption<R>(within limit: Duration, _ body: () throws -> R) rethrows -> R {
        let outer = shield
        shield = .now + limit
        defer { shield = outer }
        return try body()
    }

    /// Runs `body` between BEGIN and COMMIT; when it throws, the transaction is rolled back, even when it was cancelled.
    /// - Parameter begin: the statement that begins, for other isolation levels.
    public func transaction<R>(begin: String = "BEGIN", _ body: () throws -> R) throws -> R {
        try execute(begin)
        do {
            let value = try body()
            try execute("COMMIT")
            return value
        } catch {
            rollBack()
            throw error
        }
    }

    /// Ends an open transaction without its effects, also after a cancellation or a deadline; closes the connection when
    /// the server does not answer.
    public func rollBack() {
        guard !isBroken, inTransaction else { return }
        do {
            try withoutInterruption(within: Self.cancelGrace) { try execute("ROLLBACK") }
        } catch {
            close(because: PostgresError(.connectionLost, "the connection was closed because it could not roll back"))
        }
    }

    /// Takes over a connected handle.
    func adopt(_ connection: OpaquePointer) { self.connection = connection }

    /// Ends the session; later uses throw `reason`, or that it is closed.
    func close(because reason: PostgresError? = nil) {
        guard let connection else { return }
        closeReason = reason
        self.connection = nil
        if !isAuxiliary { waker.isBroken = true }
        PQfinish(connection)
    }

    /// Frames every use of the connection: refuses one inside another, one on a closed connection, and one that is
    /// interrupted before it began.
    func exchangeRethrowing<R>(_ body: (OpaquePointer) throws -> R) throws -> R {
        let connection = try beginExchange()
        defer { isBusy = false }
        return try body(connection)
    }

    /// `exchangeRethrowing` for bodies that throw nothing but this module's error.
    func exchange<R>(_ body: (OpaquePointer) throws(PostgresError) -> R) throws(PostgresError) -> R {
        let connection = try beginExchange()
        defer { isBusy = false }
        return try body(connection)
    }

    private func beginExchange() throws(PostgresError) -> OpaquePointer {
        guard let connection else { throw closeReason ?? PostgresError(.misuse, "the connection is closed") }
        guard !isBusy else {
            throw PostgresError(.misuse, "a statement cannot run inside a COPY or pipeline of the same connection")
        }
        try checkInterruption()
        isBusy = true
        quietSince = nil
        return connection
    }

    /// Refuses SQL that C would cut short.
    func requireText(_ sql: String) throws(PostgresError) {
        guard !sql.utf8.contains(0) else { throw PostgresError(.misuse, "the SQL holds a NUL byte") }
    }

    /// Turns the refusal of a `PQsend…` or `PQenter…` call into an error.
    func require(_ status: Int32) throws(PostgresError) {
        guard status != 1 else { return }
        if PQstatus(connection) == CONNECTION_BAD { throw lost(nil) }
        throw PostgresError(.misuse, firstLine(PQerrorMessage(connection)) ?? "libpq refused the call")
    }
}
