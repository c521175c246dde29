import Foundation
import HTTP
import Model

/// A provider's interface on the web: requests with a limit, failures as `DNSError`.
struct WebInterface: Sendable {
    let title: String
    let limit: Duration
    private let client = HTTPClient()

    init(title: String, limit: Duration) { (self.title, self.limit) = (title, limit) }

    /// Sends a request. Any status is an answer.
    ///
    /// - Parameters:
    ///   - path: what errors call it besides the provider; holds no secret.
    ///   - changes: whether it changes something when it arrives.
    func send(
        _ method: String, url: String, path: String, headers: [(name: String, value: String)], body: [UInt8]? = nil,
        changes: Bool, adjust: (inout HTTPRequest) -> Void = { _ in }
    ) async throws(DNSError) -> HTTPResponse {
        var request = HTTPRequest(
            method, url: url, shown: path, headers: headers, body: body, limit: limit,
            connectLimit: min(limit, .seconds(5)))
        request.bodyBytesMax = 32 << 20
        adjust(&request)
        do { return try await client.send(request) } catch let error as HTTPError {
            throw told(error, changes: changes)
        } catch {
            throw DNSError(
                changes ? .noAnswer : .unreachable, "\(title) was not waited for: interrupted",
                hint: "look at the zone before trying again")
        }
    }

    private func told(_ error: HTTPError, changes: Bool) -> DNSError {
        let mayHaveArrived = changes && error.stage == .answering
        let hint =
            switch error.kind {
            case .resolve: "mend the provider's url, or the name servers of this machine"
            case .connect: "see whether the provider is up and whether this machine may reach it"
            case .tls: "see whether the certificate is the provider's and still valid"
            case .timeout: "try again, or raise dns.timeout"
            case .tooLarge, .other: "see what answers at the provider's url"
            }
        return DNSError(mayHaveArrived ? .noAnswer : .unreachable, "\(title): \(error)", hint: hint)
    }

    /// Reads a JSON answer.
    func json<Answer: Decodable>(_ response: HTTPResponse, _ type: Answer.Type) throws(DNSError) -> Answer {
        do { return try JSONDecoder().decode(Answer.self, from: Data(response.body)) } catch {
            throw DNSError(
                .badAnswer, "\(title) answered status \(response.status) and what cannot be read",
                hint: "see what answers at the provider's url")
        }
    }

    static func body(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map(Array.init) ?? []
    }

    /// A text for a URL's query: everything but letters, digits and `-._~` as `%` and its bytes (RFC 3986 §2.3), which is
    /// also how it is signed.
    static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            let isPlain =
                ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
                || "-._~".unicodeScalars.contains(scalar)
            if isPlain { return String(Character(scalar)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }

    /// Names and values for a query or a form, in the order of their names: libcurl before 8.3 signs a query as it stands,
    /// and it must be sorted.
    static func form(_ values: [String: String]) -> String {
        values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map {
            encoded($0.key) + "=" + encoded($0.value)
        }.joined(separator: "&")
    }
}
