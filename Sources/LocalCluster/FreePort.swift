import Glibc

/// Ports of the loopback address that nobody listens on.
package enum FreePort {
    /// A port that could be bound a moment ago. It lies below the range from which the kernel takes the ports of outgoing
    /// connections: a cluster needs its port again after a restart, and until then no client may be given it by chance.
    package static func find() throws -> Int {
        for _ in 0..<200 {
            let port = Int.random(in: 10240..<lowestEphemeral())
            if canBind(port) { return port }
        }
        throw LocalClusterError("could not find a free port on 127.0.0.1 in 200 attempts")
    }

    /// A listening socket on a free port of 127.0.0.1, and the port.
    static func listen() throws -> (socket: Int32, port: Int) {
        for _ in 0..<20 {
            let port = try find()
            if let socket = listen(on: port) { return (socket, port) }
        }
        throw LocalClusterError("could not listen on a free port of 127.0.0.1 in 20 attempts")
    }

    static func canBind(_ port: Int) -> Bool {
        guard let socket = listen(on: port) else { return false }
        close(socket)
        return true
    }

    /// A listening socket on 127.0.0.1, non-blocking and close-on-exec; nil when the port is taken.
    static func listen(on port: Int) -> Int32? {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_INET, type, 0)
        guard descriptor >= 0 else { return nil }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let bound = withLoopback(port) { Glibc.bind(descriptor, $0, $1) }
        guard bound == 0, Glibc.listen(descriptor, 256) == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    static func withLoopback<R>(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func lowestEphemeral() -> Int {
        let range = Files.tail(of: "/proc/sys/net/ipv4/ip_local_port_range") ?? ""
        let lowest = range.split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) } ?? 32768
        return lowest > 11000 ? lowest : 65536
    }
}
