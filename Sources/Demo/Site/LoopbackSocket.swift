import Glibc

/// Sockets on the addresses of this machine that lie in 127.0.0.0/8: each site of the demo has one of its own.
enum LoopbackSocket {
    /// A socket that is bound; nil when the address and port are not to be had.
    static func bound(_ kind: __socket_type, address: String, port: Int) -> Int32? {
        let descriptor = socket(AF_INET, Int32(kind.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var own = sockaddr_in()
        own.sin_family = sa_family_t(AF_INET)
        own.sin_port = UInt16(port).bigEndian
        guard inet_pton(AF_INET, address, &own.sin_addr) == 1 else {
            close(descriptor)
            return nil
        }
        let isBound = withUnsafePointer(to: &own) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isBound else {
            close(descriptor)
            return nil
        }
        return descriptor
    }
}
