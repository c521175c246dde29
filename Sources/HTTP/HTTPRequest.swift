/// A request to a web server, or to whatever speaks HTTP.
///
/// It may hold secrets in its URL, headers, body and credentials: printed, it is its method and ``shown``.
public struct HTTPRequest: Sendable {
    /// `https://…` or `http://…`; may hold secrets and is never printed.
    public var url: String
    /// What errors call it: the URL without secrets, or any name.
    public var shown: String
    public var method: String
    /// What is sent beside what HTTP itself needs.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]?
    /// How long the whole may take, from the name's look-up to the last byte of the answer.
    public var limit: Duration
    /// How long it may take until the connection stands, TLS included. Not longer than ``limit``.
    public var connectLimit: Duration
    /// Whether the certificate and its name are verified.
    public var verifiesTLS = true
    /// Certificates to trust instead of the system's: a PEM file.
    public var caFile: String?
    public var followsRedirects = false
    public var credentials: (user: String, password: String)?
    /// Signs the request with the credentials as keys; the text of `CURLOPT_AWS_SIGV4`: `aws:amz:us-east-1:route53`.
    public var awsSigV4: String?
    /// Where to connect instead of asking for the name: `HOST:PORT:ADDRESS`, an IPv6 address in brackets. Holds for this
    /// request only, and leaves the name that is asked for and verified as it is.
    public var resolve: [String] = []
    /// An answer with a larger body is an error, or is cut off there.
    public var bodyBytesMax = 8 << 20
    /// Whether a body that is too large is cut off, which is no error.
    public var cutsBody = false
    /// Whether a connection of its own is made, and the name asked for again. A check wants to know whether that goes.
    public var usesFreshConnection = false
    /// Whether it goes by the proxy that the environment names (`https_proxy` and its like).
    public var usesProxy = true

    public init(
        _ method: String = "GET", url: String, shown: String, headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil, limit: Duration = .seconds(30), connectLimit: Duration = .seconds(10)
    ) {
        self.method = method
        self.url = url
        self.shown = shown
        self.headers = headers
        self.body = body
        self.limit = limit
        self.connectLimit = connectLimit
    }
}

extension HTTPRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "\(method) \(shown)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

/// What a server answered. Any status is an answer.
public struct HTTPResponse: Sendable {
    public let status: Int
    /// As they came; of redirects that were followed, the last answer's.
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]
    /// From the call to the last byte.
    public let elapsed: Duration

    /// The body as UTF-8; what is none is replaced.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The values of the headers of that name, whatever the case of its letters.
    public func values(of name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }
}
