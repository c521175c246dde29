import Foundation
import Glibc
import Synchronization

/// A server on 127.0.0.1 that does with each connection what a test says, each on a thread of its own. It is gone when the
/// test lets go of it.
public final class LoopbackServer: Sendable {
    /// One connection, for blocking use on its thread.
    public struct Connection: Sendable {
        fileprivate let descriptor: Int32

        /// What has come until a text is in it; less when the other side ends first.
        public func read(until end: String) -> String {
            var bytes: [UInt8] = []
            var byte: UInt8 = 0
            while Glibc.read(descriptor, &byte, 1) == 1 {
                bytes.append(byte)
                if byte == end.utf8.last, String(decoding: bytes, as: UTF8.self).hasSuffix(end) { break }
            }
            return String(decoding: bytes, as: UTF8.self)
        }

        /// So many bytes; less when the other side ends first.
        public func read(count: Int) -> String {
            var bytes: [UInt8] = []
            var byte: UInt8 = 0
            while bytes.count < count, Glibc.read(descriptor, &byte, 1) == 1 { bytes.append(byte) }
            return String(decoding: bytes, as: UTF8.self)
        }

        /// The same as bytes.
        public func bytes(_ count: Int) -> [UInt8] {
            var bytes: [UInt8] = []
            var byte: UInt8 = 0
            while bytes.count < count, Glibc.read(descriptor, &byte, 1) == 1 { bytes.append(byte) }
            return bytes
        }

        public func write(bytes: [UInt8]) { _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

        public func write(_ text: String) {
            _ = text.withCString { send(descriptor, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
        }

        /// Reads a request with the body that its header announces.
        public func request() -> String {
            let head = read(until: "\r\n\r\n")
            let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
            let count = line.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
            return head + read(count: count)
        }

        /// An answer with a body; the connection is to be closed after it.
        public func answer(_ status: String = "200 OK", headers: [String] = [], body: String = "") {
            let lines =
                ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)", "Connection: close"] + headers
            write(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
        }

        /// Waits until the other side has gone.
        public func waitForEnd() { while !read(count: 1).isEmpty {} }
    }

    /// The sockets of connections that are being served. A number in it is not given to another file meanwhile.
    private final class Open: Sendable {
        private let descriptors = Mutex<Set<Int32>>([])

        func add(_ descriptor: Int32) { descriptors.withLock { _ = $0.insert(descriptor) } }

        func end(_ descriptor: Int32) {
            descriptors.withLock {
                $0.remove(descriptor)
                close(descriptor)
            }
        }

        func shutDown() {
            descriptors.withLock { for descriptor in $0 { shutdown(descriptor, Int32(SHUT_RDWR)) } }
        }
    }

    public let port: Int
    private let listener: Int32
    private let open = Open()

    /// Listens. Each connection is closed when `serve` returns.
    public init(_ serve: @escaping @Sendable (Connection) -> Void) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 64) == 0 ? getsockname(listener, $0, &length) : -1
            }
        }
        guard listener >= 0, status == 0 else { throw ProgramError("no server on 127.0.0.1: error \(errno)") }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        let open = open
        // It ends, and closes the socket, when the server's going away has shut that down.
        Thread.detachNewThread {
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { break }
                open.add(descriptor)
                Thread.detachNewThread {
                    serve(Connection(descriptor: descriptor))
                    open.end(descriptor)
                }
            }
            close(listener)
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        open.shutDown()
    }
}

/// A port of 127.0.0.1 that somebody listened on a moment ago and nobody does now.
public func closedPort() throws -> Int { try LoopbackServer { _ in }.port }
