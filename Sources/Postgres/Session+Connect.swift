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
            PQsetnonblocking(connection, 1)
            _ = PQsetNoticeReceiver(connection, receiveNotice, Unmanaged.passUnretained(farewell).toOpaque())
            try setParameters(settings.parametersToSet(serverVersion: serverVersion))
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
            if try wait(for: events) != 0 { status = PQconnectPoll(connection) }
        }
    }

    private func connectFailure(_ connection: OpaquePointer, _ settings: ConnectionSettings) -> PostgresError {
        let lines = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
        // One line for each address that was tried.
        var text = lines.split(separator: "\n").map { $0.drop { $0 == "\t" } }.joined(separator: "; ")
        // libpq puts no password in its messages, as far as is known; this is the belt to those braces.
        for secret in [PQpass(connection).map { String(cString: $0) }, Conninfo(settings.dsn)?["password"]] {
            if let secret, secret.utf8.count > 2 { text = text.replacing(secret, with: "***") }
        }
        return PostgresError(.connect, text.isEmpty ? "no connection to \(settings.safeDescription)" : text)
    }

    /// One round trip for all: `set_config` takes values as `postgresql.conf` does, whatever the type of the setting.
    private func setParameters(_ parameters: [(String, String)]) throws(PostgresError) {
        guard !parameters.isEmpty else { return }
        let calls = parameters.indices.map { "pg_catalog.set_config($\($0 * 2 + 1), $\($0 * 2 + 2), false)" }
        _ = try query("SELECT " + calls.joined(separator: ", "), parameters.flatMap { [$0.0, $0.1] })
    }
}
