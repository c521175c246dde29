import Foundation
import Glibc
import Model
import TestSupport
import Testing

@testable import Health

@Suite("Looks at web pages and ports") struct WebProbeTests {
    private func page(_ answer: @escaping @Sendable (LoopbackServer.Connection) -> Void) throws -> LoopbackServer {
        try LoopbackServer { connection in
            _ = connection.request()
            answer(connection)
        }
    }

    private func look(_ server: LoopbackServer, _ rest: String = "", timeout: String = "30s") async throws
        -> CheckFinding
    {
        let url = "http://127.0.0.1:\(server.port)/?token=geheim"
        let finding = try await HealthFixture.look("{ http: { url: \"\(url)\"\(rest) } }", timeout: timeout)
        #expect(!finding.reason.contains("geheim"), "\(finding)")
        return finding
    }

    @Test func `the status decides, and any from 200 to 399 does where none is named`() async throws {
        for (status, isUp) in [("200 OK", true), ("302 Found", true), ("404 Not Found", false), ("503 Busy", false)] {
            let server = try page { $0.answer(status, body: "x") }
            #expect(try await look(server).outcome == (isUp ? .up : .down), "\(status)")
            #expect(try await look(server, ", status: 404").outcome == (status.hasPrefix("404") ? .up : .down))
        }
        let server = try page { $0.answer("503 Busy") }
        #expect(try await look(server, ", status: 200, method: HEAD").reason == "status 503 instead of 200")
    }

    @Test func `text, expression and header of the answer decide`() async throws {
        let server = try page { $0.answer(headers: ["X-Site: primary-1"], body: "<h1>Search results</h1>\n42 found\n") }
        for (rest, isUp) in [
            ("contains: \"Search results\"", true), ("contains: \"search results\"", false),
            ("matches: \"^[0-9]+ found$\"", true), ("matches: \"^found\"", false), ("header: X-Site", true),
            ("header: \"x-site: primary\"", true), ("header: \"X-Site: secondary\"", false), ("header: X-Other", false),
        ] {
            let finding = try await look(server, ", " + rest)
            #expect(finding.outcome == (isUp ? .up : .down), "\(rest): \(finding)")
        }
        let found = try #require(try await look(server).result)
        #expect(found.performance.map(\.label) == ["time", "size"] && found.performance[1].value == 33)
    }

    @Test func `a page of any size is looked at, at its beginning`() async throws {
        let server = try page {
            $0.write("HTTP/1.1 200 OK\r\n\r\nhere it is")
            for _ in 0..<200 { $0.write(String(repeating: "x", count: 10_000)) }
        }
        #expect(try await look(server, ", contains: \"here it is\"").outcome == .up)
        #expect(try await look(server, ", contains: \"there\"").reason.hasPrefix("the first 1048576 bytes of the page"))
    }

    @Test func `headers are sent, redirects followed when asked, and another address connected to`() async throws {
        let server = try LoopbackServer { connection in
            let text = connection.request()
            if text.hasPrefix("GET /new ") { return connection.answer(body: "there") }
            let isRight = text.contains("\r\nHost: www.example.org\r\n") && text.contains("\r\nX-Key: 1\r\n")
            isRight ? connection.answer("301 Moved", headers: ["Location: /new"]) : connection.answer("400 Bad Request")
        }
        let check =
            "url: \"http://www.example.org:\(server.port)/\", address: 127.0.0.1, headers: { Host: www.example.org, X-Key: \"1\" }"
        #expect(try await HealthFixture.look("{ http: { \(check), status: 301 } }").outcome == .up)
        let followed = try await HealthFixture.look("{ http: { \(check), follow: true, contains: there } }")
        #expect(followed.outcome == .up, "\(followed)")
    }

    @Test func `a certificate is verified unless that is not wanted`() async throws {
        let server = try await TLSServer.start(name: "www.example.org")
        let check = "url: \"https://www.example.org:\(server.port)/\", address: 127.0.0.1"
        let refused = try await HealthFixture.look("{ http: { \(check) } }")
        #expect(refused.outcome == .down && refused.reason.contains("certificate"), "\(refused)")
        #expect(try await HealthFixture.look("{ http: { \(check), verify: false } }").outcome == .up)
        #expect(
            try await HealthFixture.look("{ http: { \(check), ca_file: \"\(server.certificate)\" } }").outcome == .up)
        await server.stop()
    }

    @Test func `who refuses, hangs up or never answers is down; a name that cannot be found is unknown`() async throws {
        let port = try closedPort()
        let refused = try await HealthFixture.look("{ http: { url: \"http://127.0.0.1:\(port)/\" } }")
        #expect(refused.outcome == .down, "\(refused)")
        #expect(try await look(try page { _ in }).outcome == .down)
        let silent = try await look(try LoopbackServer { $0.waitForEnd() }, timeout: "200ms")
        #expect(silent.outcome == .down && silent.reason.contains("waiting for the answer"), "\(silent)")
        let nameless = try await HealthFixture.look("{ http: { url: \"http://nobody.invalid/\" } }")
        #expect(nameless.outcome == .unknown, "\(nameless)")
    }

    @Test func `a port takes connections, refuses them, or is silent`() async throws {
        let server = try LoopbackServer { $0.waitForEnd() }
        func look(_ port: Int, _ timeout: String = "30s") async throws -> CheckFinding {
            try await HealthFixture.look("{ tcp: { host: 127.0.0.1, port: \(port) } }", timeout: timeout)
        }
        #expect(try await look(server.port).outcome == .up)
        #expect(try await look(try closedPort()).outcome == .down)
        let full = try FullListener()
        let silence = try await look(full.port, "300ms")
        #expect(silence.result == nil && silence.reason.contains("connecting"), "\(silence)")
    }
}

/// A port whose queue is full: the kernel drops whoever knocks, as a machine that is gone would.
private final class FullListener {
    private var descriptors: [Int32] = []
    let port: Int

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        func with(_ body: (UnsafeMutablePointer<sockaddr>) -> Int32) -> Int32 {
            withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) }
            }
        }
        let bound = with { bind(listener, $0, length) }
        let listening = listen(listener, 0)
        let named = with { getsockname(listener, $0, &length) }
        try #require(bound == 0 && listening == 0 && named == 0)
        port = Int(UInt16(bigEndian: address.sin_port))
        descriptors = [listener]
        // More than the queue holds.
        for _ in 0..<8 {
            let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
            let client = socket(AF_INET, type, 0)
            _ = with { connect(client, $0, length) }
            descriptors.append(client)
        }
    }

    deinit { for descriptor in descriptors { close(descriptor) } }
}
