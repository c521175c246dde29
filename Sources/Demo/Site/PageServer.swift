import Foundation
import Glibc
import LocalCluster

/// A web server with one page, at the address of a site. It answers 503 while there is no page to show, as a site does
/// whose database is gone.
final class PageServer: Sendable {
    let address: String
    let port: Int
    /// What is shown; nil for nothing.
    let page = Shared<String?>(nil)
    private let listener: Int32

    /// Nil when the port is taken there.
    private init?(address: String, port: Int) {
        guard let listener = LoopbackSocket.bound(SOCK_STREAM, address: address, port: port),
            listen(listener, 64) == 0
        else { return nil }
        (self.address, self.port, self.listener) = (address, port, listener)
    }

    /// A server for each address, all on one port: the name leads to an address only.
    static func start(at addresses: [String]) throws -> [PageServer] {
        for _ in 0..<20 {
            let port = try FreePort.find()
            let servers = addresses.compactMap { PageServer(address: $0, port: port) }
            guard servers.count == addresses.count else {
                for server in servers { server.stop() }
                continue
            }
            for server in servers { server.startThread() }
            return servers
        }
        throw DemoError("could not listen on \(addresses.joined(separator: " and ")), addresses of this machine")
    }

    private func startThread() {
        let (listener, page) = (listener, page)
        Thread.detachNewThread {
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else {
                    if errno == EINTR || errno == ECONNABORTED { continue }
                    break
                }
                Self.answer(descriptor, page.value)
                close(descriptor)
            }
            close(listener)
        }
    }

    /// Ends it. The thread closes the socket, so that its number is nobody else's before.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private static func answer(_ descriptor: Int32, _ page: String?) {
        // Nobody who is slow keeps the others waiting for long.
        var limit = timeval(tv_sec: 1, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        var head: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while head.count < 16_384, !String(decoding: head, as: UTF8.self).contains("\r\n\r\n") {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            head += buffer.prefix(count)
        }
        let body = page ?? "The database does not answer.\n"
        let status = page == nil ? "503 Service Unavailable" : "200 OK"
        let answer =
            "HTTP/1.1 \(status)\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: \(body.utf8.count)\r\n"
            + "Connection: close\r\n\r\n\(body)"
        let bytes = Array(answer.utf8)
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
