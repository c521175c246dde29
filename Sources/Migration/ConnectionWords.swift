import Settings

/// The words of a libpq connection string for one of Bucardo's databases, as the configuration has them.
struct ConnectionWords {
    private var words: [(key: String, value: String)] = []
    /// The environment variables that the string needs, one for each secret in it.
    private(set) var variables: [String] = []
    /// Words that libpq does not know, by their keys.
    private(set) var unknown: [String] = []

    var isEmpty: Bool { words.isEmpty }

    /// The string with variables in it, as it stands in the configuration but for YAML's quotes.
    var text: String { words.map { $0.key + "=" + $0.value }.joined(separator: " ") }

    func has(_ key: String) -> Bool { words.contains { $0.key == key } }

    init(_ database: BucardoCatalogue.Database, node: String) {
        if database.dsn.value.isEmpty {
            add("service", database.service)
            add("host", database.host)
            add("port", database.port)
            add("dbname", database.database)
        } else {
            addAll(Self.withoutDriver(database.dsn.value), node)
        }
        if !has("user") { add("user", database.user) }
        if database.dsn.value.isEmpty { addAll(database.words.value, node) }
        if !has("passfile") { add("passfile", database.passwordFile) }
        if database.hasPassword && !has("password") { addSecret("password", node) }
    }

    private mutating func add(_ key: String, _ value: String) {
        guard !value.isEmpty else { return }
        guard key != "port" || UInt16(value).map({ $0 > 0 }) ?? false else { return unknown.append("port") }
        words.removeAll { $0.key == key }
        words.append((key, Self.quoted(YAMLText.literal(value))))
    }

    /// A secret is named and never written.
    private mutating func addSecret(_ key: String, _ node: String) {
        let name = NameBook.variable(node, key.uppercased())
        if !variables.contains(name) { variables.append(name) }
        words.removeAll { $0.key == key }
        words.append((key, "'${\(name)}'"))
    }

    /// Adds `key=value` words with semicolons or spaces between.
    private mutating func addAll(_ text: String, _ node: String) {
        for (key, value) in Self.pairs(text) {
            let key = Self.otherNames[key.lowercased()] ?? key.lowercased()
            if Self.secrets.contains(key) {
                addSecret(key, node)
            } else if Self.known.contains(key) {
                add(key, value)
            } else {
                unknown.append(key)
            }
        }
    }

    // MARK: Reading Perl's strings

    /// A DSN of DBI begins with its driver: `dbi:Pg:`.
    private static func withoutDriver(_ dsn: String) -> String {
        guard dsn.lowercased().hasPrefix("dbi:") else { return dsn }
        return String(dsn.dropFirst(4).drop { $0 != ":" }.dropFirst())
    }

    private static func pairs(_ text: String) -> [(String, String)] {
        var pairs: [(String, String)] = []
        var rest = text[...]
        while !rest.isEmpty {
            rest = rest.drop { $0 == ";" || $0.isWhitespace }
            let key = rest.prefix { $0 != "=" && $0 != ";" && !$0.isWhitespace }
            rest = rest[key.endIndex...].drop { $0.isWhitespace }
            guard rest.first == "=" else {
                if !key.isEmpty { pairs.append((String(key), "")) }
                continue
            }
            rest = rest.dropFirst().drop { $0.isWhitespace }
            pairs.append((String(key), value(&rest)))
        }
        return pairs
    }

    /// A value as libpq has it: up to a space or a semicolon, or in single quotes, where a backslash keeps what follows.
    private static func value(_ rest: inout Substring) -> String {
        let isQuoted = rest.first == "'"
        if isQuoted { rest.removeFirst() }
        var value = ""
        while let next = rest.first {
            if isQuoted ? next == "'" : next == ";" || next.isWhitespace { break }
            rest.removeFirst()
            if next == "\\", let kept = rest.popFirst() { value.append(kept) } else { value.append(next) }
        }
        if isQuoted && !rest.isEmpty { rest.removeFirst() }
        return value
    }

    /// A value as it stands in a connection string.
    private static func quoted(_ value: String) -> String {
        let isPlain = value.unicodeScalars.allSatisfy { scalar in
            scalar != "'" && scalar != "\\" && scalar.value > 0x20 && !scalar.properties.isWhitespace
        }
        if isPlain { return value }
        return "'" + value.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }

    private static let otherNames = ["db": "dbname", "database": "dbname", "pass": "password", "username": "user"]
    private static let secrets: Set = ["password", "sslpassword"]
    private static let known: Set = [
        "host", "hostaddr", "port", "dbname", "user", "service", "passfile", "connect_timeout", "client_encoding",
        "options", "application_name", "fallback_application_name", "keepalives", "keepalives_idle",
        "keepalives_interval", "keepalives_count", "tcp_user_timeout", "sslmode", "requiressl", "sslcompression",
        "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslcrldir", "sslsni", "ssl_min_protocol_version",
        "ssl_max_protocol_version", "requirepeer", "krbsrvname", "gsslib", "gssencmode", "channel_binding",
        "target_session_attrs",
    ]
}
