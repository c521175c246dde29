import Foundation
import Synchronization

/// A web server for a provider's interface: one request at a time, answered from a state.
final class WebStub<State: Sendable>: Sendable {
    struct Request: Sendable {
        let method: String
        /// Without the query.
        let path: String
        /// In the order in which it came, still encoded.
        let query: String
        let headers: [String: String]
        let body: String

        var values: [String: String] { Self.form(query) }
        var form: [String: String] { Self.form(body) }

        private static func form(_ text: String) -> [String: String] {
            var values: [String: String] = [:]
            for pair in text.split(separator: "&") {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                    $0.replacing("+", with: " ").removingPercentEncoding ?? ""
                }
                values[parts[0]] = parts.count > 1 ? parts[1] : ""
            }
            return values
        }

        init(_ text: String) {
            let parts = text.components(separatedBy: "\r\n\r\n")
            let lines = parts[0].components(separatedBy: "\r\n")
            let words = lines[0].split(separator: " ").map(String.init)
            method = words.first ?? ""
            let target = (words.count > 1 ? words[1] : "").split(
                separator: "?", maxSplits: 1, omittingEmptySubsequences: false
            ).map(String.init)
            path = target.first ?? ""
            query = target.count > 1 ? target[1] : ""
            var headers: [String: String] = [:]
            for line in lines.dropFirst() {
                guard let colon = line.firstIndex(of: ":") else { continue }
                headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                    in: .whitespaces)
            }
            self.headers = headers
            body = parts.dropFirst().joined(separator: "\r\n\r\n")
        }
    }

    struct Answer: Sendable {
        var status = "200 OK"
        var headers: [String] = []
        var body: String
        /// Whether the connection ends without an answer, though the request was carried out.
        var isLost = false
    }

    private let server: LoopbackServer
    private let box: Box

    final class Box: Sendable {
        let state: Mutex<State>
        let heard = Mutex<[Request]>([])
        init(_ state: sending State) { self.state = Mutex(state) }
    }

    var url: String { "http://127.0.0.1:\(server.port)" }
    /// Every request, in order.
    var heard: [Request] { box.heard.withLock { $0 } }

    init(_ state: State, _ answer: @escaping @Sendable (Request, inout State) -> Answer) throws {
        let box = Box(state)
        self.box = box
        server = try LoopbackServer { connection in
            let request = Request(connection.request())
            guard !request.method.isEmpty else { return }
            box.heard.withLock { $0.append(request) }
            let answer = box.state.withLock { answer(request, &$0) }
            if answer.isLost { return }
            connection.answer(answer.status, headers: answer.headers, body: answer.body)
        }
    }

    func with<Result: Sendable>(_ body: (inout State) -> Result) -> Result { box.state.withLock { body(&$0) } }
}
