/// Sends requests, any number of them side by side, on one thread of its own. No request waits for another, and no thread
/// of Swift's pool waits at all.
///
/// Connections are kept and used again, unless a request asks for one of its own.
public final class HTTPClient: Sendable {
    private let thread: TransferThread

    public init() { thread = TransferThread() }

    deinit { thread.stop() }

    /// Sends a request and returns the answer, whatever its status.
    ///
    /// - Throws: ``HTTPError`` when there is no answer; `CancellationError` when the task was cancelled. In both cases the
    ///   request may have reached the server.
    public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let began = ContinuousClock.now
        let ended = try await thread.run(Transfer(request))
        return HTTPResponse(
            status: ended.status, headers: ended.headers, body: ended.body, elapsed: ContinuousClock.now - began)
    }

    /// Hands a mail to a server.
    ///
    /// It goes to those recipients whom the server takes.
    ///
    /// - Throws: ``HTTPError`` when the server took it for nobody; `CancellationError`.
    public func sendMail(_ mail: MailRequest) async throws {
        _ = try await thread.run(Transfer(mail))
    }

    /// Makes a connection and closes it, without a byte in between.
    ///
    /// - Returns: how long it took until the connection stood.
    /// - Throws: ``HTTPError`` when there is none; `CancellationError`.
    public func connect(to target: TCPTarget) async throws -> Duration {
        let began = ContinuousClock.now
        _ = try await thread.run(Transfer(target))
        return ContinuousClock.now - began
    }
}
