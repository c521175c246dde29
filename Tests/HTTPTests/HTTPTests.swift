import Foundation
import HTTP
import Synchronization
import TestSupport
import Testing

@Suite("Requests over HTTP") struct HTTPTests {
    private let client = HTTPClient()

    private func request(
        _ server: LoopbackServer, _ method: String = "GET", _ path: String = "/", body: String? = nil
    ) -> HTTPRequest {
        HTTPRequest(
            method, url: "http://127.0.0.1:\(server.port)\(path)", shown: "http://127.0.0.1:\(server.port)/",
            body: body.map { Array($0.utf8) })
    }

    private func failure(_ request: HTTPRequest) async -> HTTPError? {
        do {
            _ = try await client.send(request)
            return nil
        } catch { return error as? HTTPError }
    }

    @Test func `status, headers and body arrive, whatever the status`() async throws {
        let server = try LoopbackServer {
            _ = $0.request()
            $0.answer("418 I am a teapot", headers: ["X-Twice: a", "x-twice:  b \t"], body: "körper")
        }
        let response = try await client.send(request(server))
        #expect(response.status == 418)
        #expect(response.values(of: "X-TWICE") == ["a", "b"])
        #expect(response.text == "körper")
    }

    @Test(arguments: ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
    func `method, headers, credentials and body are sent as given`(_ method: String) async throws {
        let heard = Mutex("")
        let server = try LoopbackServer {
            let text = $0.request()
            heard.withLock { $0 = text }
            $0.answer()
        }
        var request = request(server, method, "/a?b=c", body: method == "GET" ? nil : "{}\0x")
        request.headers = [("X-Empty", ""), ("X-One", "1")]
        request.credentials = ("anna", "tr:ue")
        #expect(try await client.send(request).status == 200)
        let text = heard.withLock { $0 }
        #expect(text.hasPrefix("\(method) /a?b=c HTTP/1.1\r\n"))
        #expect(text.contains("\r\nX-Empty:\r\n") && text.contains("\r\nX-One: 1\r\n"))
        #expect(text.contains("\r\nAuthorization: Basic \(Data("anna:tr:ue".utf8).base64EncodedString())\r\n"))
        #expect(!text.contains("Expect:") && !text.contains("Content-Type:"))
        #expect(text.hasSuffix(method == "GET" ? "\r\n\r\n" : "\r\n\r\n{}\0x"))
    }

    @Test func `HEAD waits for no body`() async throws {
        let server = try LoopbackServer {
            _ = $0.request()
            $0.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            $0.waitForEnd()
        }
        #expect(try await client.send(request(server, "HEAD")).body.isEmpty)
    }

    @Test func `redirects are followed only when asked, and the answer is the last one's`() async throws {
        let server = try LoopbackServer {
            $0.request().hasPrefix("GET /new ")
                ? $0.answer(headers: ["X-Second: 2"], body: "there")
                : $0.answer("302 Found", headers: ["Location: /new", "X-First: 1"], body: "elsewhere")
        }
        var request = request(server)
        #expect(try await client.send(request).status == 302)
        request.followsRedirects = true
        let response = try await client.send(request)
        #expect(response.text == "there" && response.values(of: "x-second") == ["2"])
        #expect(response.values(of: "x-first") == [])
    }

    @Test func `a name can be given an address, for one request only`() async throws {
        let server = try LoopbackServer {
            let lines = $0.request().split(separator: "\r\n")
            $0.answer(body: String(lines.first { $0.hasPrefix("Host:") } ?? ""))
        }
        var request = HTTPRequest(url: "http://www.example.invalid:81/", shown: "the page")
        request.resolve = ["www.example.invalid:81:127.0.0.1"]
        #expect(await failure(request)?.kind == .connect)
        request.url = "http://www.example.invalid:\(server.port)/"
        request.resolve = ["www.example.invalid:\(server.port):127.0.0.1"]
        #expect(try await client.send(request).text == "Host: www.example.invalid:\(server.port)")
        request.resolve = []
        #expect(await failure(request)?.kind == .resolve)
    }

    @Test func `what does not answer is told apart`() async throws {
        let port = try closedPort()
        let refused = HTTPRequest(url: "http://anna:secret1@127.0.0.1:\(port)/?token=secret2", shown: "the page")
        let error = try #require(await failure(refused))
        #expect(error.kind == .connect && error.stage == .connecting)
        #expect(error.description.contains("the page") && error.description.contains("127.0.0.1 port \(port)"))
        #expect(!"\(error)\(refused)\(String(reflecting: refused))".contains("secret"))

        let silent = try LoopbackServer { $0.waitForEnd() }
        var slow = request(silent)
        slow.limit = .milliseconds(200)
        #expect(await failure(slow)?.kind == .timeout)
        #expect(await failure(slow)?.stage == .answering)

        let rude = try LoopbackServer { _ = $0.request() }
        #expect(await failure(request(rude))?.kind == .other(52))

        let garbled = try LoopbackServer {
            _ = $0.request()
            $0.write("what?\r\n\r\n")
        }
        let kind = await failure(request(garbled))?.kind
        if case .other = kind {} else { Issue.record("garbled: \(String(describing: kind))") }
        #expect(await failure(HTTPRequest(url: "ftp://127.0.0.1/", shown: "files"))?.kind == .other(1))
    }

    @Test func `an endless answer ends at the limit of bytes`() async throws {
        let server = try LoopbackServer {
            _ = $0.request()
            $0.write("HTTP/1.1 200 OK\r\n\r\n")
            for _ in 0..<100 { $0.write(String(repeating: "x", count: 1000)) }
            $0.waitForEnd()
        }
        var request = request(server)
        request.bodyBytesMax = 5000
        #expect(await failure(request)?.kind == .tooLarge)
        request.cutsBody = true
        #expect(try await client.send(request).body.count == 5000)
    }

    @Test func `a bare connection is made without a byte, or its refusal told`() async throws {
        let heard = Mutex<String?>(nil)
        let server = try LoopbackServer { connection in
            let text = connection.read(until: "\r\n")
            heard.withLock { $0 = text }
        }
        _ = try await client.connect(to: TCPTarget(host: "127.0.0.1", port: server.port, limit: .seconds(60)))
        #expect(try await eventually { heard.withLock { $0 } != nil })
        #expect(heard.withLock { $0 } == "")
        let nobody = TCPTarget(host: "127.0.0.1", port: try closedPort(), limit: .seconds(60))
        let error = await #expect(throws: HTTPError.self) { try await client.connect(to: nobody) }
        #expect(error?.kind == .connect && error?.systemError == ECONNREFUSED)
        #expect(error?.description.contains(nobody.description) ?? false)
    }

    @Test func `no request waits for another`() async throws {
        let silent = try LoopbackServer { $0.waitForEnd() }
        let quick = try LoopbackServer {
            _ = $0.request()
            $0.answer(body: "here")
        }
        let client = client
        let waiting = (0..<20).map { _ in
            Task { [request = request(silent)] in _ = try await client.send(request) }
        }
        for _ in 0..<50 { #expect(try await client.send(request(quick)).text == "here") }
        for task in waiting { task.cancel() }
        for task in waiting {
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        #expect(try await client.send(request(quick)).text == "here")
    }

    @Test func `a task that is cancelled already sends nothing`() async throws {
        let count = Mutex(0)
        let server = try LoopbackServer {
            count.withLock { $0 += 1 }
            _ = $0.request()
            $0.waitForEnd()
        }
        let client = client
        let task = Task { [request = request(server)] in
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await client.send(request)
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(count.withLock { $0 } == 0)
    }

    @Test func `requests are signed for AWS`() async throws {
        let heard = Mutex("")
        let server = try LoopbackServer {
            let text = $0.request()
            heard.withLock { $0 = text }
            $0.answer()
        }
        var request = request(server, "POST", body: "<x/>")
        request.headers = [("Content-Type", "text/xml")]
        request.credentials = ("AKID", "hidden-key")
        request.awsSigV4 = "aws:amz:us-east-1:route53"
        #expect(try await client.send(request).status == 200)
        let text = heard.withLock { $0 }
        #expect(text.contains("Authorization: AWS4-HMAC-SHA256 Credential=AKID/"))
        #expect(text.contains("/us-east-1/route53/aws4_request") && !text.contains("hidden-key"))
    }
}
