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
    /// - Throws: ``HTTPError`` when the server did not take it for every recipient; `CancellationError`.
    public func sendMail(_ mail: MailRequest) async throws {
        _ = try await thread.run(Transfer(mail))
    }
}
