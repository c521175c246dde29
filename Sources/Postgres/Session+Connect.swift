import CLibPQ
import Glibc

/// Making the connection, and setting the session up.
extension Session {
    /// Connects within the settings' timeout.
    /// - Throws: `.connect` when there is no connection, `.server` when a session parameter is refused, `.cancelled`.
    func connect(_ settings: ConnectionSettings) throws(PostgresError) {
        deadline = (.now + settings.connectTimeout, settings.connectTimeout)
        defer { deadline = nil }
        try checkInterruption()
        let connection = try start(settings)
        adopt(connection)
        do {
            try pollUntilConnected(connection, settings)
            PQsetErrorVerbosity(connection, PQERRORS_DEFAULT)
            PQsetnonblocking(connection, 1)
            _ = PQsetNoticeReceiver(connection, receiveNotice, Unmanaged.passUnretained(farewell).toOpaque())
            doubt = Doubt(
                settings: settings,
                backend: try setParameters(settings.parametersToSet(serverVersion: serverVersion)))
        } catch {
            close(because: error)
            guard error.kind == .deadline else { throw error }
            throw PostgresError(
                .connect, "no connection to \(settings.safeDescription) within \(settings.connectTimeout)")
        }
    }

    private func start(_ settings: ConnectionSettings) throws(PostgresError) -> OpaquePointer {
        let parameters = settings.startupParameters
        var keywords: [UnsafeMutablePointer<CChar>?] = parameters.map { strdup($0.0) }
        var values: [UnsafeMutablePointer<CChar>?] = parameters.map { strdup($0.1) }
        defer { for text in keywords + values { free(text) } }
        keywords.append(nil)
        values.append(nil)
        let connection = keywords.withUnsafeBufferPointer { keywords in
            values.withUnsafeBufferPointer { values in
                keywords.withMemoryRebound(to: UnsafePointer<CChar>?.self) { keywords in
                    values.withMemoryRebound(to: UnsafePointer<CChar>?.self) { values in
                        PQconnectStartParams(keywords.baseAddress, values.baseAddress, 1)
                    }
                }
            }
        }
        guard let connection else { throw PostgresError(.connect, "no memory for a connection") }
        // While connecting, libpq gives the server's errors as text only; the verbose one holds the SQLSTATE.
        PQsetErrorVerbosity(connection, PQERRORS_VERBOSE)
        return connection
    }

    private func pollUntilConnected(
        _ connection: OpaquePointer, _ settings: ConnectionSettings
    ) throws(PostgresError) {
        // As the documentation says: before the first PQconnectPoll, behave as if it had asked for writing.
        var status = PQstatus(connection) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while status != PGRES_POLLING_OK {
            guard status != PGRES_POLLING_FAILED else { throw connectFailure(connection, settings) }
            let events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT
            // With TLS, what is waited for may be decrypted already, and then the socket stays silent.
            if try wait(for: events) != 0 || PQsslInUse(connection) == 1 { status = PQconnectPoll(connection) }
        }
    }

    private func connectFailure(_ connection: OpaquePointer, _ settings: ConnectionSettings) -> PostgresError {
        let message = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
        var sqlState: String?
        // One line for each address that was tried, and the verbose form's places in the server's source.
        let lines = message.split(separator: "\n").filter { !$0.hasPrefix("LOCATION:") }.map { line in
            guard let (state, text) = Self.splittingSQLState(line) else { return String(line.drop { $0 == "\t" }) }
            sqlState = state
            return text
        }
        var text = lines.joined(separator: "; ")
        // libpq puts no password in its messages, as far as is known; this is the belt to those braces.
        for secret in [PQpass(connection).map { String(cString: $0) }, Conninfo(settings.dsn)?["password"]] {
            if let secret, secret.utf8.count > 2 { text = text.replacing(secret, with: "***") }
        }
        if text.isEmpty { text = "no connection to \(settings.safeDescription)" }
        return PostgresError(.connect, text, sqlState: sqlState)
    }

    /// Takes `28P01` out of `… FATAL:  28P01: password authentication failed …`.
    private static func splittingSQLState(_ line: Substring) -> (state: String, text: String)? {
        guard let severity = line.firstRange(of: "FATAL:  ") ?? line.firstRange(of: "ERROR:  ") else { return nil }
        let rest = line[severity.upperBound...]
        let state = rest.prefix(5)
        let isState =
            state.utf8.count == 5 && state.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
        guard isState, rest.dropFirst(5).hasPrefix(": ") else { return nil }
        return (String(state), String(line[..<severity.lowerBound]) + rest.dropFirst(7))
    }

    /// One round trip for all: `set_config` takes values as `postgresql.conf` does, whatever the type of the setting.
    /// - Returns: the session's process at the server.
    private func setParameters(_ parameters: [(String, String)]) throws(PostgresError) -> String {
        let calls = parameters.indices.map { ", pg_catalog.set_config($\($0 * 2 + 1), $\($0 * 2 + 2), false)" }
        let answer = try query(
            "SELECT pg_catalog.pg_backend_pid()" + calls.joined(), parameters.flatMap { [$0.0, $0.1] })
        return answer[0, 0] ?? ""
    }
}
