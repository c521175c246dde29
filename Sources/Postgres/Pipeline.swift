import CLibPQ
import Glibc

/// The statements of one `Session.pipeline`. They are sent as they are added and answered at the end; a statement is
/// never waited for by itself. Nothing here throws: what fails is kept, the rest is skipped, and `Session.pipeline` throws
/// it.
public struct Pipeline {
    private let exchange: PipelineExchange

    init(_ exchange: PipelineExchange) { self.exchange = exchange }

    /// Adds one statement with parameters as text.
    public mutating func query(_ sql: String, _ parameters: [String?] = []) {
        exchange.send(.query) { connection throws(PostgresError) in
            try exchange.session.requireText(sql)
            let values = try Parameters(parameters)
            try exchange.session.require(
                PQsendQueryParams(connection, sql, values.count, nil, values.pointers, nil, nil, 0))
            return sql.utf8.count + values.byteCount
        }
    }

    /// Adds a prepared statement.
    public mutating func prepared(_ name: String, _ parameters: [String?]) {
        exchange.send(.query) { connection throws(PostgresError) in
            try exchange.session.requireText(name)
            let values = try Parameters(parameters)
            try exchange.session.require(
                PQsendQueryPrepared(connection, name, values.count, values.pointers, nil, nil, 0))
            return values.byteCount
        }
    }

    /// Adds a prepared statement whose parameters are values of another result's rows: those of the first row in the order of
    /// `columns`, then those of the next. Their bytes go from that result into the send buffer without a stop between.
    public mutating func prepared(
        _ name: String, of result: QueryResult, rows: some Sequence<Int>, columns: Range<Int>
    ) {
        exchange.send(.query) { connection throws(PostgresError) in
            try exchange.session.requireText(name)
            var pointers: [UnsafePointer<CChar>?] = []
            var byteCount = 0
            for row in rows {
                for column in columns {
                    pointers.append(result.isNull(row, column) ? nil : result.cString(row, column))
                    byteCount += result.byteCount(row, column)
                }
            }
            // libpq has copied the values when the call returns.
            let status = withExtendedLifetime(result) {
                PQsendQueryPrepared(connection, name, Int32(pointers.count), pointers, nil, nil, 0)
            }
            try exchange.session.require(status)
            return byteCount
        }
    }

    /// Prepares a statement as `Session.prepare` does, in line with the others. It has no result in the pipeline's list.
    public mutating func prepareIfNeeded(_ name: String, _ sql: String) {
        guard exchange.known(name) != sql else { return }
        if exchange.known(name) != nil {
            exchange.send(.forget(name)) { connection throws(PostgresError) in
                try exchange.session.requireText(name)
                let statement = "DEALLOCATE \(SQLText.identifier(name))"
                try exchange.session.require(PQsendQueryParams(connection, statement, 0, nil, nil, nil, nil, 0))
                return statement.utf8.count
            }
        }
        exchange.send(.prepare(name, sql)) { connection throws(PostgresError) in
            try exchange.session.requireText(name + sql)
            try exchange.session.require(PQsendPrepare(connection, name, sql, 0, nil))
            return sql.utf8.count
        }
    }
}

/// The state of one pipeline in progress: what was sent, what was answered, and what went wrong first.
final class PipelineExchange {
    enum Command {
        case query
        case prepare(String, String)
        case forget(String)
        /// Sent to fail, so that nothing before it takes effect.
        case spoiler
    }

    /// How many bytes may wait in libpq's buffer before the socket must take them.
    private static let unsentBytesMost = 64 * 1024

    let session: Session
    private var commands: [Command] = []
    private var answered = 0
    private var unsentBytes = 0
    private var announced: [String: String] = [:]
    private var isSynced = false
    private(set) var results: [QueryResult] = []
    /// The first error that the server answered with.
    private(set) var serverFailure: PostgresError?
    /// The first error of sending.
    private(set) var sendFailure: PostgresError?

    init(session: Session) { self.session = session }

    /// The SQL of a prepared statement, as it will be when the pipeline gets that far.
    func known(_ name: String) -> String? { announced[name] ?? session.prepared[name] }

    /// Queues one command and sends when enough is queued.
    /// - Parameter queue: gives it to libpq and returns about how many bytes it has.
    func send(_ command: Command, _ queue: (OpaquePointer) throws(PostgresError) -> Int) {
        guard sendFailure == nil, let connection = session.connection else { return }
        do {
            unsentBytes += try queue(connection) + 32
            commands.append(command)
            if case .prepare(let name, let sql) = command { announced[name] = sql }
            if unsentBytes >= Self.unsentBytesMost { try pump(connection) }
        } catch {
            sendFailure = error
        }
    }

    /// Sends what is queued while taking what is answered: were either side only sending, both could wait for ever.
    private func pump(_ connection: OpaquePointer) throws(PostgresError) {
        unsentBytes = 0
        while PQflush(connection) == 1 {
            let ready = try session.wait(for: POLLIN | POLLOUT)
            guard ready & ~POLLOUT != 0 else { continue }
            guard PQconsumeInput(connection) == 1 else { throw session.lost(serverFailure) }
            while answered < commands.count, PQisBusy(connection) == 0 { take(PQgetResult(connection)) }
        }
        try session.checkInterruption()
    }

    /// Ends the pipeline and reads it to its end.
    func finish() throws(PostgresError) {
        try sync()
        try drain()
    }

    /// Ends the pipeline so that nothing of it takes effect, unless the server was told to commit inside it.
    func finishWithoutEffect() throws(PostgresError) {
        if !isSynced, !commands.isEmpty {
            // Any failing command will do; this one shows in the server's log what it is for.
            try session.require(
                PQsendQueryPrepared(session.connection, "switchback abandoned the pipeline", 0, nil, nil, nil, 0))
            commands.append(.spoiler)
        }
        try finish()
    }

    private func sync() throws(PostgresError) {
        guard !isSynced else { return }
        try session.require(PQpipelineSync(session.connection))
        isSynced = true
    }

    private func drain() throws(PostgresError) {
        var emptyAnswers = 0
        while true {
            let result = try session.nextResult()
            if PQresultStatus(result) == PGRES_PIPELINE_SYNC {
                PQclear(result)
                break
            }
            if PQstatus(session.connection) == CONNECTION_BAD {
                take(result)
                throw session.lost(serverFailure)
            }
            // Each command's results end with one nil; a sync that never comes must not be waited for in circles.
            emptyAnswers = result == nil ? emptyAnswers + 1 : 0
            guard emptyAnswers < 3 else { throw session.lost(PostgresError(.misuse, "the pipeline has no end")) }
            take(result)
        }
        try session.require(PQexitPipelineMode(session.connection))
    }

    private func take(_ result: OpaquePointer?) {
        guard let result else {
            answered += 1
            return
        }
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: accept(result)
        case PGRES_PIPELINE_ABORTED: PQclear(result)
        default:
            if case .spoiler? = commands.indices.contains(answered) ? commands[answered] : nil {
            } else {
                serverFailure = serverFailure ?? PostgresError(result: result, connection: session.connection)
            }
            PQclear(result)
        }
    }

    private func accept(_ result: OpaquePointer) {
        let command = commands.indices.contains(answered) ? commands[answered] : .spoiler
        switch command {
        case .query: results.append(QueryResult(taking: result))
        case .prepare(let name, let sql):
            session.prepared[name] = sql
            PQclear(result)
        case .forget(let name):
            session.prepared[name] = nil
            PQclear(result)
        case .spoiler: PQclear(result)
        }
    }
}

extension Session {
    /// Sends many statements and then reads all their answers: one round trip, one sync at the end, so that outside a
    /// transaction they are one. Sending and receiving go on together, whatever the sizes. COPY cannot be in it.
    /// - Parameter body: adds the statements. When it throws, nothing of the pipeline takes effect (an open transaction is
    ///   failed) and the error is thrown on.
    /// - Returns: one result for each statement, in order, without those of `prepareIfNeeded`.
    /// - Throws: the first server error; the statements after it did not run. The session is usable afterwards.
    public func pipeline(_ body: (inout Pipeline) throws -> Void) throws -> [QueryResult] {
        try exchangeRethrowing { connection in
            try require(PQenterPipelineMode(connection))
            let exchange = PipelineExchange(session: self)
            do {
                var pipeline = Pipeline(exchange)
                try body(&pipeline)
                if let failure = exchange.sendFailure { throw failure }
                try exchange.finish()
            } catch {
                throw stop(exchange, because: error)
            }
            try conclude(exchange.serverFailure)
            return exchange.results
        }
    }

    private func stop(_ exchange: PipelineExchange, because cause: any Error) -> any Error {
        guard !isBroken else { return cause }
        let drain = { () throws(PostgresError) in try exchange.finishWithoutEffect() }
        if let error = cause as? PostgresError, error.isInterruption { return abandon(because: cause, drain) }
        do {
            try drain()
            return cause
        } catch {
            return abandon(because: cause, drain)
        }
    }
}
