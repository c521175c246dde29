import CLibPQ
import Glibc

/// COPY in both directions. The bytes are passed through as they are, text format or any other.
extension Session {
    /// How many bytes are gathered before `copyOut` passes them on, and sent before `copyIn` looks at the server.
    static let copyChunkBytes = 64 * 1024

    /// Runs `COPY … TO STDOUT`.
    /// - Parameter chunk: gets the rows in order, whole ones, gathered to about 64 KiB; the bytes are valid during the
    ///   call. When it throws, the statement is cancelled and the error thrown on; the session is usable afterwards.
    /// - Returns: how many rows the server counted.
    public func copyOut(_ sql: String, _ chunk: (UnsafeRawBufferPointer) throws -> Void) throws -> Int {
        try exchangeRethrowing { connection in
            try startCopy(sql, expecting: PGRES_COPY_OUT)
            let gathered = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.copyChunkBytes, alignment: 16)
            defer { gathered.deallocate() }
            do {
                try passRows(through: gathered, to: chunk)
            } catch {
                throw abandon(because: error) { () throws(PostgresError) in
                    try leaveCopy(PGRES_COPY_OUT)
                    var ignored: PostgresError?
                    try readToEnd(&ignored) { PQclear($0) }
                }
            }
            return try receiveRowCount()
        }
    }

    /// Runs `COPY … FROM STDIN`.
    /// - Parameter body: writes the bytes. When it throws, the server is told to take none of them and the error is thrown
    ///   on; the session is usable afterwards.
    /// - Returns: how many rows the server took.
    public func copyIn(_ sql: String, _ body: (inout CopyWriter) throws -> Void) throws -> Int {
        try exchangeRethrowing { connection in
            try startCopy(sql, expecting: PGRES_COPY_IN)
            do {
                var writer = CopyWriter(session: self)
                try body(&writer)
                try writer.push()
            } catch {
                throw stopCopyIn(because: error)
            }
            try require(PQputCopyEnd(connection, nil))
            return try receiveRowCount()
        }
    }

    /// The next message of a COPY OUT, which is one row.
    /// - Returns: nil at the end or on an error, which the result that follows tells apart. The caller frees the row with
    ///   `PQfreemem`.
    func nextCopyRow() throws(PostgresError) -> (start: UnsafeMutablePointer<CChar>, count: Int)? {
        var isLost = false
        while true {
            var row: UnsafeMutablePointer<CChar>?
            let count = PQgetCopyData(connection, &row, 1)
            if count > 0, let row { return (row, Int(count)) }
            if count < 0 || isLost { return nil }
            try wait(for: POLLIN)
            isLost = PQconsumeInput(connection) == 0
        }
    }

    /// Stands for the server's own error until that is read.
    fileprivate static let copyRefused = PostgresError(.server, "the server refused the rows")

    private func startCopy(_ sql: String, expecting status: ExecStatusType) throws(PostgresError) {
        try requireText(sql)
        try require(sql.withCString { PQsendQuery(connection, $0) })
        var failure: PostgresError?
        do {
            let result = try nextResult()
            defer { PQclear(result) }
            let answer = PQresultStatus(result)
            if answer == status { return }
            switch answer {
            case PGRES_FATAL_ERROR: failure = PostgresError(result: result, connection: connection)
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                failure = PostgresError(.misuse, "the COPY goes the other way")
                try leaveCopy(answer)
            default: failure = PostgresError(.misuse, "the statement is no COPY")
            }
            try readToEnd(&failure) { PQclear($0) }
        } catch {
            throw abandon(because: error) { () throws(PostgresError) in
                var ignored: PostgresError?
                try readToEnd(&ignored) { PQclear($0) }
            }
        }
        try conclude(failure)
    }

    private func passRows(
        through gathered: UnsafeMutableRawBufferPointer, to chunk: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var used = 0
        func deliver() throws {
            guard used > 0 else { return }
            let bytes = UnsafeRawBufferPointer(rebasing: gathered[..<used])
            used = 0
            try chunk(bytes)
        }
        while let row = try nextCopyRow() {
            defer { PQfreemem(row.start) }
            let bytes = UnsafeRawBufferPointer(start: row.start, count: row.count)
            if row.count > gathered.count - used { try deliver() }
            if row.count > gathered.count {
                try chunk(bytes)
            } else {
                UnsafeMutableRawBufferPointer(rebasing: gathered[used...]).copyMemory(from: bytes)
                used += row.count
            }
        }
        try deliver()
    }

    private func receiveRowCount() throws(PostgresError) -> Int {
        var rows = 0
        try receive { result in
            rows = rowsTouched(by: result)
            PQclear(result)
        }
        return rows
    }

    /// Ends a COPY IN without its rows.
    /// - Returns: the error to throw: `cause`, or what the server said when the connection broke.
    private func stopCopyIn(because cause: any Error) -> any Error {
        guard !isBroken else { return cause }
        // The text reaches the server's log, so that it says nothing of the cause, which may be about data.
        PQputCopyEnd(connection, "the sender gave up")
        let isInterruption = (cause as? PostgresError)?.isInterruption ?? false
        var failure: PostgresError?
        let drain = { () throws(PostgresError) in
            var ignored: PostgresError?
            try self.readToEnd(&ignored) { PQclear($0) }
        }
        if isInterruption { return abandon(because: cause, drain) }
        do {
            try readToEnd(&failure) { PQclear($0) }
        } catch {
            return abandon(because: cause, drain)
        }
        let reason = PQstatus(connection) == CONNECTION_BAD ? lost(failure) : failure
        switch cause as? PostgresError {
        case Self.copyRefused?: return reason ?? cause
        case let error? where error.kind == .connectionLost: return reason ?? cause
        default: return cause
        }
    }
}

/// Writes the bytes of one `copyIn`. It is valid only inside its body.
public struct CopyWriter {
    private let session: Session
    private var unsentBytes = 0

    init(session: Session) { self.session = session }

    /// Sends bytes, which need not end with a row. Waits while the server takes no more, so that memory stays bounded.
    /// - Throws: `.cancelled`, `.deadline`, `.connectionLost`. That the server refuses a row is thrown by `copyIn`.
    public mutating func write(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) {
        var rest = bytes
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Session.copyChunkBytes))
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
            try session.putCopyData(piece)
            unsentBytes += piece.count
            if unsentBytes >= Session.copyChunkBytes { try push() }
        }
    }

    /// Sends text.
    public mutating func write(_ text: String) throws(PostgresError) {
        var text = text
        // The closure cannot throw typed, so that its error is carried out by hand.
        let outcome = text.withUTF8 { utf8 in
            Result { () throws(PostgresError) in try write(UnsafeRawBufferPointer(utf8)) }
        }
        try outcome.get()
    }

    /// Waits until all that was written has left for the server.
    mutating func push() throws(PostgresError) {
        unsentBytes = 0
        try session.flushCopyData()
    }
}

extension Session {
    fileprivate func putCopyData(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) {
        let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        while true {
            let status = PQputCopyData(connection, start, Int32(bytes.count))
            if status == 1 { return }
            guard status == 0 else { throw copyLost() }
            try waitToSend()
        }
    }

    fileprivate func flushCopyData() throws(PostgresError) {
        while PQflush(connection) == 1 { try waitToSend() }
        try checkInterruption()
        // After a failed write libpq drops what it is given without a word, so that the server's end is looked for here.
        var socket = pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0)
        if poll(&socket, 1, 0) > 0 { try takeWordFromServer() }
        if PQstatus(connection) == CONNECTION_BAD { throw copyLost() }
    }

    private func waitToSend() throws(PostgresError) {
        let ready = try wait(for: POLLIN | POLLOUT)
        if ready & ~POLLOUT != 0 { try takeWordFromServer() }
    }

    /// Reads what the server says in the middle of a COPY IN. A server that has refused a row drops all that follows until
    /// the end of the COPY, and libpq looks at an error only then: seen here, it saves sending the rest for nothing.
    private func takeWordFromServer() throws(PostgresError) {
        if isErrorWaiting() { throw Self.copyRefused }
        if PQconsumeInput(connection) == 0 { throw copyLost() }
    }

    /// Whether the next message in the socket is an error: `E`, a length, and as its first field `S`, the severity. Where
    /// the bytes are encrypted, or a notice came first, it is not seen and shows at the end of the COPY.
    private func isErrorWaiting() -> Bool {
        guard PQsslInUse(connection) == 0, PQgssEncInUse(connection) == 0 else { return false }
        var head = [UInt8](repeating: 0, count: 6)
        let count = recv(PQsocket(connection), &head, head.count, Int32(MSG_PEEK | MSG_DONTWAIT))
        return count == head.count && head[0] == UInt8(ascii: "E") && head[5] == UInt8(ascii: "S")
    }

    private func copyLost() -> PostgresError {
        PostgresError(.connectionLost, firstLine(PQerrorMessage(connection)) ?? "the connection to the server is gone")
    }
}
