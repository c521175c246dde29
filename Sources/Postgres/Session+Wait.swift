import CLibPQ
import Glibc

/// Waiting for the server, being interrupted in it, and reading a statement to its end.
extension Session {
    /// Throws when the task is cancelled or the deadline has passed.
    func checkInterruption() throws(PostgresError) {
        if let shield {
            if shield <= .now { throw PostgresError(.deadline, "no answer within the time for cleaning up") }
            return
        }
        if waker.isCancelled { throw .cancelled() }
        if let deadline, deadline.instant <= .now {
            throw PostgresError(.deadline, "not done within \(deadline.allowed)")
        }
    }

    /// Waits until the socket is ready for one of `events`, or somebody rings; may also return for no reason.
    /// - Parameters:
    ///   - events: `POLLIN`, `POLLOUT`, both, or 0 to wait for a ring only.
    ///   - limit: returns at this moment, if nothing came before; then no answer is due, and silence is no wonder.
    /// - Returns: what the socket is ready for; 0 when nothing.
    /// - Throws: `.cancelled`, `.deadline`; `.connectionLost` when the server owes an answer that will not come.
    @discardableResult
    func wait(for events: Int32, until limit: ContinuousClock.Instant? = nil) throws(PostgresError) -> Int32 {
        try checkInterruption()
        var end = shield ?? deadline?.instant
        if let limit { end = end.map { min($0, limit) } ?? limit }
        let doubtful = doubtBegins(isAnswerDue: limit == nil && events != 0)
        if let doubtful { end = end.map { min($0, doubtful) } ?? doubtful }
        // TLS may hold decrypted bytes while the socket is silent: then no wait is long.
        if PQsslInUse(connection) == 1 {
            let soon = ContinuousClock.Instant.now + .milliseconds(200)
            end = end.map { min($0, soon) } ?? soon
        }
        var watched = [
            // The socket is asked for every time: libpq may open another while connecting.
            pollfd(fd: events == 0 ? -1 : PQsocket(connection), events: Int16(events), revents: 0),
            pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        let count = poll(&watched, 2, milliseconds(until: end))
        if count < 0 && errno != EINTR {
            throw PostgresError(.connectionLost, "could not wait for the server: \(errorText(errno))")
        }
        if count > 0 && watched[1].revents != 0 {
            // Silenced before the reasons are looked at, so that a ring in between is not lost.
            waker.silence()
        }
        let ready = count > 0 ? Int32(watched[0].revents) : 0
        if ready != 0 { quietSince = nil }
        if ready == 0 || watched[1].revents != 0 { try checkInterruption() }
        if ready == 0, let doubtful, doubtful <= .now { try resolveDoubt() }
        return ready
    }

    /// The next result of the statement in progress, sending what is still unsent meanwhile.
    /// - Returns: nil at the statement's end. The caller frees a result.
    func nextResult() throws(PostgresError) -> OpaquePointer? {
        while true {
            let unsent = PQflush(connection)
            guard PQisBusy(connection) == 1 else { break }
            let ready = try wait(for: unsent == 1 ? POLLIN | POLLOUT : POLLIN)
            // When the connection is gone, libpq makes a last result out of what it still holds.
            if ready & ~POLLOUT != 0 || PQsslInUse(connection) == 1, PQconsumeInput(connection) == 0 { break }
        }
        return PQgetResult(connection)
    }

    /// Reads the statement in progress to its end. An interruption cancels it; a server error is thrown after the end.
    /// - Parameter take: gets each good result, and frees it.
    func receive(_ take: (OpaquePointer) -> Void) throws(PostgresError) {
        var failure: PostgresError?
        do {
            try readToEnd(&failure, take)
        } catch {
            throw abandon(because: error) { () throws(PostgresError) in
                var ignored: PostgresError?
                try readToEnd(&ignored) { PQclear($0) }
            }
        }
        try conclude(failure)
    }

    /// Reads a statement of which one result is expected.
    func receiveOne() throws(PostgresError) -> QueryResult {
        var results: [QueryResult] = []
        try receive { results.append(QueryResult(taking: $0)) }
        guard let result = results.last else { throw PostgresError(.misuse, "the server gave no result") }
        return result
    }

    /// Throws what the statement failed with; notes that the connection is gone when it is.
    func conclude(_ failure: PostgresError?) throws(PostgresError) {
        if PQstatus(connection) == CONNECTION_BAD { throw lost(failure) }
        if let failure { throw failure }
    }

    /// Closes a connection that broke, and says why: in the server's words when it left any.
    func lost(_ failure: PostgresError?) -> PostgresError {
        let text = firstLine(PQerrorMessage(connection)) ?? "the connection to the server is gone"
        var reason = PostgresError(.connectionLost, text)
        if let last = [failure, farewell.error].compactMap({ $0 }).first(where: { $0.sqlState != nil }) {
            reason = last
        }
        close(because: reason)
        return reason
    }

    /// Reads results until there are no more, keeping the first error.
    func readToEnd(
        _ failure: inout PostgresError?, _ take: (OpaquePointer) -> Void
    ) throws(PostgresError) {
        while let result = try nextResult() {
            switch PQresultStatus(result) {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_SINGLE_TUPLE: take(result)
            case PGRES_EMPTY_QUERY: PQclear(result)
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                defer { PQclear(result) }
                failure = failure ?? PostgresError(.misuse, "COPY needs copyIn or copyOut")
                try leaveCopy(PQresultStatus(result))
            default:
                failure = failure ?? PostgresError(result: result, connection: connection)
                PQclear(result)
            }
        }
    }

    /// Ends a COPY that nobody wants, so that results can be read on: left alone, libpq would report it for ever.
    func leaveCopy(_ status: ExecStatusType) throws(PostgresError) {
        switch status {
        case PGRES_COPY_IN: PQputCopyEnd(connection, "no rows are sent here")
        case PGRES_COPY_OUT: while let row = try nextCopyRow() { PQfreemem(row.start) }
        default: throw lost(PostgresError(.misuse, "a replication stream has no place here"))
        }
    }

    /// Cancels the statement in progress and brings the session to rest, within `cancelGrace`; closes the connection when
    /// that does not succeed. No other statement can start before the cancel request has ended, so that it hits none.
    /// - Returns: `cause`, for throwing it.
    func abandon<E: Error>(because cause: E, _ drain: () throws(PostgresError) -> Void) -> E {
        guard let connection else { return cause }
        let outer = shield
        shield = .now + Self.cancelGrace
        defer { shield = outer }
        do {
            guard let request = CancelRequest.start(for: connection, waker: waker) else {
                throw PostgresError(.connectionLost, "no cancel request could be sent")
            }
            try drain()
            while !request.isFinished { try wait(for: 0) }
            try conclude(nil)
        } catch {
            close(
                because: PostgresError(
                    .connectionLost, "the connection was closed because a cancelled statement did not end"))
        }
        return cause
    }

    /// The timeout for `poll`: rounded up, so that it does not return before the moment.
    private func milliseconds(until end: ContinuousClock.Instant?) -> Int32 {
        guard let end else { return -1 }
        let parts = (end - .now).components
        guard parts.seconds >= 0 && parts.attoseconds >= 0 else { return 0 }
        let milliseconds =
            min(parts.seconds, 1_000_000) * 1000 + (parts.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int32(milliseconds)
    }
}
