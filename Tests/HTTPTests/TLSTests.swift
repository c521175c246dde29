import HTTP
import Programs
import TestSupport
import Testing

@Suite("Requests over TLS") struct TLSTests {
    @Test func `a certificate is trusted for its name, its signer and its time only`() async throws {
        let server = try await TLSServer.start(name: "www.example.org")
        let client = HTTPClient()
        func kind(_ change: (inout HTTPRequest) -> Void) async -> HTTPError.Kind? {
            var request = HTTPRequest(url: "https://www.example.org:\(server.port)/", shown: "the page")
            request.resolve = [
                "www.example.org:\(server.port):127.0.0.1", "other.example.org:\(server.port):127.0.0.1",
            ]
            request.caFile = server.certificate
            change(&request)
            do {
                #expect(try await client.send(request).status == 200)
                return nil
            } catch { return (error as? HTTPError)?.kind }
        }
        #expect(await kind { _ in } == nil)
        #expect(await kind { $0.caFile = nil } == .tls)
        #expect(await kind { $0.url = "https://other.example.org:\(server.port)/" } == .tls)
        #expect(
            await kind {
                $0.caFile = nil
                $0.verifiesTLS = false
            } == nil)
        #expect(await kind { $0.caFile = "/nowhere.pem" } == .tls)
        let plain = try LoopbackServer {
            $0.answer("400 Bad Request")
            $0.waitForEnd()
        }
        #expect(await kind { $0.url = "https://127.0.0.1:\(plain.port)/" } == .tls)
        await server.stop()
    }
}
