import Foundation
import Glibc
import Synchronization

/// A TCP proxy on 127.0.0.1 that can fall silent without closing, and cut. It lives on threads of its own.
final class TestProxy: Sendable {
    private struct State {
        var isStalled = false
        var isStopped = false
        /// Counts the cuts: a forwarding thread ends when its own count is over.
        var cuts = 0
        var accepted = 0
    }

    let port: UInt16
    private let listener: Int32
    private let target: UInt16
    private let state = Mutex(State())

    /// Forwards to `target` on 127.0.0.1.
    init(to target: UInt16) throws {
        (listener, port) = try listeningSocket()
        self.target = target
        Thread.detachNewThread { self.acceptAll() }
    }

    /// Passes nothing on any more, and closes nothing. New connections are still accepted.
    func stall() { state.withLock { $0.isStalled = true } }
    func resume() { state.withLock { $0.isStalled = false } }
    /// Closes every connection there is.
    func cut() { state.withLock { $0.cuts += 1 } }
    func stop() { state.withLock { $0.isStopped = true } }
    /// How many connections there were so far.
    var accepted: Int { state.withLock { $0.accepted } }

    private func acceptAll() {
        defer { close(listener) }
        while !state.withLock({ $0.isStopped }) {
            var watched = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
            guard poll(&watched, 1, 20) > 0 else { continue }
            let client = accept(listener, nil, nil)
            guard client >= 0 else { continue }
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            state.withLock { $0.accepted += 1 }
            Thread.detachNewThread { self.forward(client) }
        }
    }

    private func forward(_ client: Int32) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer {
            close(client)
            close(server)
        }
        guard connectLocally(server, port: target) else { return }
        let cuts = state.withLock { $0.cuts }
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let (isOver, isStalled) = state.withLock { ($0.isStopped || $0.cuts != cuts, $0.isStalled) }
            if isOver { return }
            var watched = [
                pollfd(fd: client, events: Int16(POLLIN), revents: 0),
                pollfd(fd: server, events: Int16(POLLIN), revents: 0),
            ]
            if isStalled {
                usleep(10_000)
                continue
            }
            guard poll(&watched, 2, 10) > 0 else { continue }
            if watched[0].revents != 0, !pass(from: client, to: server, &buffer) { return }
            if watched[1].revents != 0, !pass(from: server, to: client, &buffer) { return }
        }
    }

    private func pass(from source: Int32, to target: Int32, _ buffer: inout [UInt8]) -> Bool {
        let count = recv(source, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        var sent = 0
        while sent < count {
            let written = buffer.withUnsafeBytes {
                send(target, $0.baseAddress! + sent, count - sent, Int32(MSG_NOSIGNAL))
            }
            guard written > 0 else { return false }
            sent += written
        }
        return true
    }
}

/// A socket that listens on a free port of 127.0.0.1, and the port.
func listeningSocket() throws -> (Int32, UInt16) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = localAddress(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(listener, $0, length) | listen(listener, 64) | getsockname(listener, $0, &length)
        }
    }
    guard status == 0 else { throw TestError("no free port") }
    return (listener, UInt16(bigEndian: address.sin_port))
}

/// A TCP port that nobody uses at the moment.
func freePort() throws -> UInt16 {
    let (listener, port) = try listeningSocket()
    close(listener)
    return port
}

private func localAddress(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
}

private func connectLocally(_ descriptor: Int32, port: UInt16) -> Bool {
    var address = localAddress(port: port)
    return withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}
