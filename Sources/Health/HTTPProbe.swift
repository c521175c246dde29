import Glibc
import HTTP
import Model
import Settings

/// Asks for a web page.
struct HTTPProbe: HealthProbe {
    let check: HTTPCheck
    let timeout: Duration
    let client: HTTPClient

    /// Nobody looks for a text further down than this.
    static let bodyBytesMax = 1 << 20

    func look() async -> CheckFinding {
        // Ours to mend: that says nothing of the page.
        if let file = check.caFile, access(file, R_OK) != 0 {
            return .unknown("\(file) cannot be read: \(String(cString: strerror(errno)))")
        }
        do {
            let response = try await client.send(request)
            return .told(judge(response))
        } catch let error as HTTPError {
            return NetworkFailure.finding(error)
        } catch {
            return .unknown("the look was broken off")
        }
    }

    private var request: HTTPRequest {
        var request = HTTPRequest(
            check.method, url: check.url.value, shown: String(check.description.dropFirst(check.method.count + 1)),
            headers: check.headers.map { ($0.name, $0.value.value) }, limit: timeout, connectLimit: timeout)
        request.verifiesTLS = check.verifiesTLS
        request.caFile = check.caFile
        request.followsRedirects = check.followsRedirects
        request.bodyBytesMax = Self.bodyBytesMax
        request.cutsBody = true
        request.usesFreshConnection = true
        // A proxy's answer is not the site's.
        request.usesProxy = false
        if let address = check.address {
            let bracketed = { (text: String) in text.contains(":") ? "[\(text)]" : text }
            request.resolve = ["\(bracketed(check.place.host)):\(check.place.port):\(bracketed(address.description))"]
        }
        return request
    }

    /// Whether an answer is what it should be.
    func judge(_ response: HTTPResponse) -> CheckResult {
        let performance = [
            PerformanceDatum.seconds("time", response.elapsed),
            PerformanceDatum("size", Double(response.body.count), unit: "B"),
        ]
        func down(_ reason: String) -> CheckResult { CheckResult(.down, reason, performance: performance) }
        if let status = check.status {
            guard response.status == status else { return down("status \(response.status) instead of \(status)") }
        } else if !(200...399).contains(response.status) {
            return down("status \(response.status)")
        }
        if let wanted = check.answerHeader {
            let values = response.values(of: wanted.name)
            if values.isEmpty { return down("the answer has no header \(wanted.name)") }
            if let text = wanted.text, !values.contains(where: { $0.contains(text) }) {
                return down("the header \(wanted.name) does not hold \"\(text)\"")
            }
        }
        let place =
            response.body.count < Self.bodyBytesMax ? "the page" : "the first \(Self.bodyBytesMax) bytes of the page"
        if let text = check.contains, !response.text.contains(text) {
            return down("\(place) does not hold \"\(text)\"")
        }
        if let pattern = check.matches, !pattern.matches(response.body) {
            return down("no line of \(place) matches \(pattern)")
        }
        return CheckResult(.up, "status \(response.status)", performance: performance)
    }
}

/// Asks whether connections are taken.
struct TCPProbe: HealthProbe {
    let place: NetworkPlace
    let timeout: Duration
    let client: HTTPClient

    func look() async -> CheckFinding {
        do {
            let time = try await client.connect(to: TCPTarget(host: place.host, port: place.port, limit: timeout))
            return .up("takes connections", [.seconds("time", time)])
        } catch let error as HTTPError {
            return NetworkFailure.finding(error)
        } catch {
            return .unknown("the look was broken off")
        }
    }
}

/// What a failed request says of the other side.
enum NetworkFailure {
    static func finding(_ error: HTTPError) -> CheckFinding {
        switch (error.kind, error.stage) {
        // Whether the name is gone or our resolver is: nobody can tell from here.
        case (.resolve, _), (.timeout, .resolving): .unknown(error.description)
        case (.connect, _):
            // A refusal is an answer. That there is no way there may be our own doing.
            error.systemError == ECONNREFUSED || error.systemError == ECONNRESET
                ? .down(error.description) : .silence(error.description)
        case (.timeout, .connecting): .silence(error.description)
        // Somebody took the connection, and then did nothing.
        case (.timeout, .securing), (.timeout, .answering): .down(error.description)
        case (.tls, _), (.tooLarge, _): .down(error.description)
        case (.other(let code), _): isOurs(code) ? .unknown(error.description) : .down(error.description)
        }
    }

    /// What libcurl could not even begin: wrong settings, no memory. Numbers as in `curl.h`.
    private static func isOurs(_ code: Int) -> Bool { [1, 2, 3, 4, 26, 27, 43, 45, 48].contains(code) }
}
