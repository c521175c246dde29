import Foundation

/// What tells whether the active site is well, and how often it is asked.
public struct HealthSettings: Sendable, Equatable {
    public let every: Duration
    /// So many failures in a row make it down.
    public let fall: Int
    /// So many successes in a row make it up again.
    public let rise: Int
    public let checks: [HealthCheck]

    static func read(_ value: Value, _ names: Names) -> HealthSettings? {
        guard let section = value.section(.health) else { return nil }
        let every = section["every"].map { $0.duration(least: "100ms") } ?? .seconds(5)
        let fall = section["fall"].map { $0.number(1...1000) } ?? 3
        let rise = section["rise"].map { $0.number(1...1000) } ?? 5
        let checks = section.required("checks")?.list()?.map { HealthCheck.read($0, names) }
        guard let every, let fall, let rise, let checks else { return nil }
        return HealthSettings(every: every, fall: fall, rise: rise, checks: checks.compactMap { $0 })
    }
}

/// One thing to ask.
public enum HealthCheck: Sendable, Equatable {
    /// A web page.
    case http(HTTPCheck)
    /// A database.
    case sql(SQLCheck)
    /// A program with the exit status of a Nagios plug-in.
    case exec(ExecCheck)

    static func read(_ value: Value, _ names: Names) -> HealthCheck? {
        guard let section = value.section(.check) else { return nil }
        let kinds = section.keys.names.compactMap { section[$0] }
        if value.isEmptyMapping {
            value.report("is no check", remedy: "write it like \(Keys.check.example(of: "http") ?? "http")")
        }
        for other in kinds.dropFirst() {
            other.report("is a second check in one place", remedy: "begin each check with a dash of its own")
        }
        let http = section["http"].map { HTTPCheck.read($0) }
        let sql = section["sql"].map { SQLCheck.read($0, names) }
        let exec = section["exec"].map { ExecCheck.read($0) }
        if let http { return http.map { .http($0) } }
        if let sql { return sql.map { .sql($0) } }
        return exec.flatMap { $0.map { .exec($0) } }
    }
}

/// Whether a web page answers as it should.
public struct HTTPCheck: Sendable, Equatable, CustomStringConvertible {
    /// May hold a password or a token; `description` has neither.
    public let url: Secret
    public let method: String
    /// The status that is well; any from 200 to 399 when nil.
    public let status: Int?
    /// A text that the page must hold.
    public let contains: String?
    /// The check as it can be shown: the URL without credentials and query.
    public let description: String

    static func read(_ value: Value) -> HTTPCheck? {
        guard let section = value.section(.httpCheck) else { return nil }
        let url = section.required("url")?.url()
        let method = section["method"].map { $0.choice(among: ["GET", "HEAD", "OPTIONS", "POST"]) } ?? "GET"
        let status = section["status"].map { $0.number(100...599) }
        let contains = section["contains"].map { $0.text() }
        if method == "HEAD", contains != nil {
            section["contains"]?.report(
                "looks for a text, and the answer to HEAD has none", remedy: "use method: GET, or leave contains out")
        }
        guard let url, let method else { return nil }
        return HTTPCheck(
            url: Secret(url.text), method: method, status: status ?? nil, contains: contains ?? nil,
            description: "\(method) \(url.shown)")
    }
}

/// Whether a database answers.
public struct SQLCheck: Sendable, Equatable {
    public let node: String
    /// Whether a row is written as well.
    public let write: Bool

    static func read(_ value: Value, _ names: Names) -> SQLCheck? {
        guard let section = value.section(.sqlCheck) else { return nil }
        let node = section.required("node")?.reference(to: "node", among: names.nodes)
        let write = section["write"]?.flag() ?? false
        return node.map { SQLCheck(node: $0, write: write) }
    }
}

/// Whether a program finds it well.
public struct ExecCheck: Sendable, Equatable {
    /// The program by its whole path, and its arguments. No shell takes them apart.
    public let command: [String]

    static func read(_ value: Value) -> ExecCheck? {
        guard let section = value.section(.execCheck) else { return nil }
        guard let entry = section.required("command"), let words = entry.list() else { return nil }
        let command = words.compactMap { $0.text() }
        guard command.count == words.count else { return nil }
        guard command[0].hasPrefix("/") else {
            words[0].report("must be the whole path of a program, not \(words[0].shown)", remedy: "begin it with /")
            return nil
        }
        return ExecCheck(command: command)
    }
}

extension Value {
    /// A URL of the web, and what can be shown of it. An error repeats nothing of it.
    fileprivate func url() -> (text: String, shown: String)? {
        guard let text = text("a URL") else { return nil }
        guard let parts = URLComponents(string: text), let scheme = parts.scheme, let host = parts.host, !host.isEmpty,
            ["http", "https"].contains(scheme)
        else {
            report("must be a URL", remedy: "begin it with https:// or http:// and a host name")
            return nil
        }
        let port = parts.port.map { ":\($0)" } ?? ""
        return (text, "\(scheme)://\(host)\(port)\(parts.percentEncodedPath)")
    }
}
