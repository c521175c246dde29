/// How to connect, and how the session is set up.
public struct ConnectionSettings: Sendable {
    /// A libpq conninfo string or URI. `service=` and password files work as in libpq. Where it names several hosts, they
    /// are tried in order within `connectTimeout` together.
    public var dsn: String
    /// What `pg_stat_activity` shows. It overrides an `application_name` of the dsn.
    public var applicationName: String
    /// For all of connecting: name resolution, every host, TLS, authentication and the session's parameters.
    public var connectTimeout: Duration
    /// After how long without a sign of life from the peer's machine the kernel gives the connection up: TCP keepalives
    /// and `tcp_user_timeout` are set from it, unless the dsn sets them. A machine that lives while its server is stuck
    /// is not noticed by it; that is what `doubtAfter` and deadlines are for.
    public var silenceTimeout: Duration
    /// After how long without a byte, while an answer is due, another connection asks the server whether the session is
    /// still at work. When it is not, or nothing answers, the connection is given up with `.connectionLost`.
    public var doubtAfter: Duration
    /// Server settings for the session, by name, applied on every connect after and over the ones this module always
    /// makes (see `standardParameters`). Values are as in `postgresql.conf` without its quotes.
    public var sessionParameters: [(String, String)]

    public init(
        dsn: String, applicationName: String = "switchback", connectTimeout: Duration = .seconds(10),
        silenceTimeout: Duration = .seconds(30), doubtAfter: Duration = .seconds(30),
        sessionParameters: [(String, String)] = []
    ) {
        self.dsn = dsn
        self.applicationName = applicationName
        self.connectTimeout = connectTimeout
        self.silenceTimeout = silenceTimeout
        self.doubtAfter = doubtAfter
        self.sessionParameters = sessionParameters
    }

    /// What every session is set to, so that text means the same on both sides of a copy whatever the database, the role
    /// and `postgresql.conf` say. With `lc_monetary` at `C`, `money` is written as what is stored; what that means, and
    /// whether it means the same elsewhere, is the caller's to find out.
    public static let standardParameters: [(String, String)] = [
        ("search_path", "pg_catalog, pg_temp"),
        ("datestyle", "ISO, YMD"),
        ("intervalstyle", "postgres"),
        ("extra_float_digits", "3"),
        ("bytea_output", "hex"),
        ("lc_monetary", "C"),
        ("timezone", "UTC"),
        ("default_transaction_isolation", "read committed"),
        ("default_transaction_read_only", "off"),
        ("default_transaction_deferrable", "off"),
        ("statement_timeout", "0"),
        ("lock_timeout", "0"),
        ("idle_in_transaction_session_timeout", "0"),
        ("row_security", "off"),
    ]

    /// Checks the dsn without connecting.
    /// - Throws: `.badConnectionSettings`, whose text repeats none of the dsn's values.
    public func validate() throws(PostgresError) {
        _ = try parsedDSN()
        for (name, value) in sessionParameters where (name + value).utf8.contains(0) || name.isEmpty {
            throw bad("a session parameter has no name or holds a NUL byte")
        }
        if applicationName.utf8.contains(0) { throw bad("the application name holds a NUL byte") }
    }

    /// Where the dsn leads, for messages: `host=db1 port=5432 dbname=x user=y`. Never the password.
    public var safeDescription: String {
        guard let parsed = try? parsedDSN() else { return "an unreadable connection string" }
        var words: [String] = []
        let service = parsed["service"]
        if let service { words.append("service=\(service)") }
        // What a service file says is not known here, and then the defaults would be guesses.
        let defaults = service == nil ? Conninfo.defaults() : nil
        for keyword in ["host", "port", "dbname", "user"] {
            let hostAddress = keyword == "host" ? parsed["hostaddr"] : nil
            if let value = parsed[keyword] ?? hostAddress ?? defaults?[keyword] { words.append("\(keyword)=\(value)") }
        }
        return words.joined(separator: " ")
    }

    /// Whether the dsn surely leads to a server on this machine: to a socket or a loopback address, and nowhere else.
    public var isOnThisMachine: Bool {
        guard let parsed = try? parsedDSN(), parsed["service"] == nil else { return false }
        let named = parsed["hostaddr"] ?? parsed["host"] ?? Conninfo.defaults()?["host"] ?? ""
        return named.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { host in
            host.isEmpty || host.hasPrefix("/") || host.hasPrefix("127.") || ["localhost", "::1"].contains(host)
        }
    }

    private func parsedDSN() throws(PostgresError) -> Conninfo {
        guard let parsed = Conninfo(dsn) else {
            throw bad(
                "the connection string cannot be read",
                hint: "it is key=value words, where a value with spaces stands in single quotes, or a postgresql:// URI"
            )
        }
        // An unescaped @ or / in a URI's password lands in the host, the port or the database, and from there in messages.
        if Self.hasStrayDelimiter(dsn) {
            throw bad(
                "the connection string's URI holds an @ or / that is not part of its structure",
                hint: "write @ as %40 and / as %2F inside user, password and database")
        }
        let ports = parsed["port"]?.split(separator: ",", omittingEmptySubsequences: false) ?? []
        guard ports.allSatisfy({ $0.isEmpty || UInt16($0).map { $0 > 0 } ?? false }) else {
            throw bad("the connection string's port is not a number between 1 and 65535")
        }
        return parsed
    }

    /// libpq's keywords and values, in the order in which later ones win.
    var startupParameters: [(String, String)] {
        let silence = max(1, Int(silenceTimeout.components.seconds))
        // Keepalive probes begin after half of the time, and the other half holds three of them.
        return [
            ("keepalives", "1"),
            ("keepalives_idle", String(max(1, silence / 2))),
            ("keepalives_interval", String(max(1, silence / 6))),
            ("keepalives_count", "3"),
            ("tcp_user_timeout", String(silence * 1000)),
            ("dbname", dsn),
            ("application_name", applicationName),
            ("client_encoding", "UTF8"),
        ]
    }

    /// The server settings to make after connecting; a session parameter replaces a standard one of the same name.
    func parametersToSet(serverVersion: Int) -> [(String, String)] {
        var parameters = Self.standardParameters
        if serverVersion >= 140_000 { parameters.append(("idle_session_timeout", "0")) }
        if serverVersion >= 170_000 { parameters.append(("transaction_timeout", "0")) }
        let own = Set(sessionParameters.map { $0.0.lowercased() })
        return parameters.filter { !own.contains($0.0) } + sessionParameters
    }

    private func bad(_ message: String, hint: String? = nil) -> PostgresError {
        var error = PostgresError(.badConnectionSettings, message)
        error.hint = hint
        return error
    }

    /// Whether a URI holds, before its query, an `@` besides the one that ends the credentials.
    private static func hasStrayDelimiter(_ dsn: String) -> Bool {
        guard let scheme = ["postgresql://", "postgres://"].first(where: dsn.hasPrefix) else { return false }
        var rest = dsn.dropFirst(scheme.count)
        // libpq ends the credentials at the first @, if no slash comes before it.
        let credentials = rest.prefix { $0 != "@" && $0 != "/" }
        rest = rest[credentials.endIndex...]
        if rest.first == "@" { rest.removeFirst() }
        return rest.prefix { $0 != "?" }.contains("@")
    }
}

extension ConnectionSettings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "\(safeDescription) application_name=\(applicationName)" }
    public var debugDescription: String { description }
    /// `dump` and failing test expectations show a mirror: it holds what the description holds.
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}
