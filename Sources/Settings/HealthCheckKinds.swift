import Foundation
public import Model

/// Whether a web page answers as it should.
public struct HTTPCheck: Sendable, Equatable, CustomStringConvertible {
    /// May hold a password or a token; `description` has neither.
    public let url: Secret
    public let method: String
    /// The status that is well; any from 200 to 399 when nil.
    public let status: Int?
    /// A text that the page must hold.
    public let contains: String?
    /// An expression that a line of the page must match.
    public let matches: LinePattern?
    /// A header that the answer must have: its name, and a text that its value must hold; nil when any value will do.
    public let answerHeader: HeaderText?
    /// What is sent besides.
    public let headers: [HTTPHeader]
    /// Where to connect instead of asking for the URL's host.
    public private(set) var address: IPAddress?
    /// Whether the certificate is verified.
    public let verifiesTLS: Bool
    /// Certificates to trust instead of the system's.
    public let caFile: String?
    public let followsRedirects: Bool
    /// The host and port that are connected to.
    public let place: NetworkPlace
    /// The check as it can be shown: the URL without credentials and query.
    public let description: String

    /// The same page, asked of an address.
    public func at(_ address: IPAddress) -> HTTPCheck {
        var check = self
        check.address = address
        return check
    }

    /// A header's name, and what its value must hold.
    public struct HeaderText: Sendable, Equatable {
        public let name: String
        public let text: String?
    }

    static func read(_ value: Value) -> HTTPCheck? {
        guard let section = value.section(.httpCheck) else { return nil }
        let url = section.required("url")?.url()
        let method = section["method"].map { $0.choice(among: ["GET", "HEAD", "OPTIONS", "POST"]) } ?? "GET"
        let status = section["status"].map { $0.number(100...599) }
        let contains = section["contains"].map { $0.text() }
        let matches = section["matches"].map { $0.linePattern() }
        for key in ["contains", "matches"] where method == "HEAD" && section[key] != nil {
            section[key]?.report(
                "looks for a text, and the answer to HEAD has none", remedy: "use method: GET, or leave \(key) out")
        }
        let answerHeader = section["header"].map { $0.headerText() }
        let headers = section["headers"].map { $0.headers() } ?? []
        let address = section["address"].map { $0.address() }
        let verify = section["verify"].map { $0.flag() } ?? true
        let caFile = section["ca_file"].map { $0.absolutePath() }
        let follow = section["follow"].map { $0.flag() } ?? false
        guard let url, let method, let headers, let verify, let follow else { return nil }
        return HTTPCheck(
            url: Secret(url.text), method: method, status: status ?? nil, contains: contains ?? nil,
            matches: matches ?? nil, answerHeader: answerHeader ?? nil, headers: headers, address: address ?? nil,
            verifiesTLS: verify, caFile: caFile ?? nil, followsRedirects: follow, place: url.place,
            description: "\(method) \(url.shown)")
    }
}

/// A header of a request. Its value may be a token.
public struct HTTPHeader: Sendable, Equatable {
    public let name: String
    public let value: Secret
}

/// A host and a port.
public struct NetworkPlace: Sendable, Hashable, CustomStringConvertible {
    /// A name or an address.
    public let host: String
    public let port: Int
    /// `HOST:PORT`; an IPv6 address in brackets.
    public var description: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    static func read(_ value: Value) -> NetworkPlace? {
        guard let section = value.section(.tcpCheck) else { return nil }
        let host = section.required("host")?.host()
        let port = section.required("port")?.number(1...65535)
        guard let host, let port else { return nil }
        return NetworkPlace(host: host, port: port)
    }
}

/// Whether a database answers, takes writes and is up to date.
public struct SQLCheck: Sendable, Equatable {
    public let node: String
    /// Whether a row is written as well.
    public let write: Bool
    /// How far what arrives at the node may be behind.
    public let lagMax: Duration?
    /// How many rows may be on their way to the node.
    public let pendingRowsMax: Int?

    static func read(_ value: Value, _ names: Names) -> SQLCheck? {
        guard let section = value.section(.sqlCheck) else { return nil }
        let node = section.required("node")?.reference(to: "node", among: names.nodes)
        let write = section["write"]?.flag() ?? false
        let lag = section["max_lag"]?.duration()
        let rows = section["max_pending_rows"]?.number(0...1_000_000_000_000)
        return node.map { SQLCheck(node: $0, write: write, lagMax: lag, pendingRowsMax: rows) }
    }
}

/// Whether a program finds it well.
public struct ExecCheck: Sendable, Equatable {
    /// The program by its whole path, and its arguments. No shell takes them apart.
    public let command: [String]
    /// Variables on top of this process's own; they may hold secrets.
    public let environment: [String: Secret]
    /// Whether WARNING is a failure.
    public let warningIsDown: Bool

    static func read(_ value: Value) -> ExecCheck? {
        guard let section = value.section(.execCheck) else { return nil }
        let command = section.required("command")?.command()
        let environment = section["environment"].map { $0.environment() } ?? [:]
        let warning = section["warning"].map { $0.choice(among: ["up", "down"]) } ?? "up"
        guard let command, let environment, let warning else { return nil }
        return ExecCheck(command: command, environment: environment, warningIsDown: warning == "down")
    }
}

/// Whether a file was written lately, at the machine that this process runs on.
public struct FileAgeCheck: Sendable, Equatable {
    public let path: String
    public let ageMax: Duration

    static func read(_ value: Value) -> FileAgeCheck? {
        guard let section = value.section(.fileAgeCheck) else { return nil }
        let path = section.required("path")?.absolutePath()
        let age = section.required("max_age")?.duration()
        guard let path, let age else { return nil }
        return FileAgeCheck(path: path, ageMax: age)
    }
}
