/// What went wrong at the database, typed. Its text never holds a password.
public struct PostgresError: Error, Sendable, Equatable {
    /// The class of failure.
    public enum Kind: Sendable, Equatable {
        /// The conninfo string could not be read; its text is not repeated, for it may hold a password.
        case badConnectionSettings
        /// No connection could be made: refused, unreachable, rejected, or past its deadline.
        case connect
        /// The connection was there and is gone: the server ended, the network broke, the peer fell silent.
        case connectionLost
        /// The server answered with an error; `sqlState` says which.
        case server
        /// A deadline passed; the statement was cancelled, or the connection closed when even that got no answer.
        case deadline
        /// The surrounding task was cancelled.
        case cancelled
        /// The connection is used in a way that libpq does not allow, or it answered what it never should.
        case misuse
    }

    public var kind: Kind
    /// SQLSTATE of a server error: five characters such as `23505`.
    public var sqlState: String?
    public var message: String
    public var detail: String?
    public var hint: String?
    /// The server's CONTEXT, such as the PL/pgSQL stack or the COPY line.
    public var context: String?
    public var schema: String?
    public var table: String?
    public var column: String?
    public var constraint: String?

    public init(_ kind: Kind, _ message: String, sqlState: String? = nil) {
        self.kind = kind
        self.message = message
        self.sqlState = sqlState
    }

    /// Whether the server refused one statement, and the next may well succeed: not when the session, the server or the
    /// caller is at an end.
    public var isOfOneStatement: Bool {
        kind == .server && !isConnectionFailure && sqlState != "57014"
    }

    /// Whether a lock was not to be had without waiting, or within `lock_timeout`.
    public var isLockNotAvailable: Bool { sqlState == "55P03" }

    /// Whether a new connection may mend it.
    public var isConnectionFailure: Bool {
        switch kind {
        case .connect, .connectionLost: true
        // 57P01–57P03: the server is shutting down, crashed, or is starting up. 08xxx: connection exceptions.
        case .server: sqlState.map { $0.hasPrefix("57P0") || $0.hasPrefix("08") } ?? false
        case .badConnectionSettings, .deadline, .cancelled, .misuse: false
        }
    }
}

extension PostgresError: CustomStringConvertible {
    public var description: String {
        var text = message
        if let sqlState { text += " (SQLSTATE \(sqlState))" }
        if let detail { text += "; \(detail)" }
        if let hint { text += "; hint: \(hint)" }
        return text
    }
}
