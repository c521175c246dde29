import Foundation
import Glibc

/// Answers as a Postgres server of an old version would, as far as connecting goes.
final class OldServer: Sendable {
    let port: Int
    private let listener: Int32

    /// - Parameter version: what it calls itself: "14.9".
    init(version: String) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let isOpen = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isOpen else { throw POSIXError(.EADDRINUSE) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread {
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else { return }
                Thread.detachNewThread {
                    Self.serve(client, version)
                    close(client)
                }
            }
        }
    }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private static func serve(_ client: Int32, _ version: String) {
        guard var length = number(client) else { return }
        // A request for encryption has a code for its body; it is declined, and the real start follows.
        while let body = read(client, length - 4), body.count == 4 {
            write(client, [UInt8(ascii: "N")])
            guard let next = number(client) else { return }
            length = next
        }
        write(client, message("R", [0, 0, 0, 0]))
        for (name, value) in [("server_version", version), ("client_encoding", "UTF8"), ("server_encoding", "UTF8")] {
            write(client, message("S", Array(name.utf8) + [0] + Array(value.utf8) + [0]))
        }
        write(client, message("K", [0, 0, 0, 1, 0, 0, 0, 2]) + message("Z", [UInt8(ascii: "I")]))
        // Whatever is asked has one row of one column: "1".
        let column = Array("a".utf8) + [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25, 255, 255, 255, 255, 255, 255, 0, 0]
        while let kind = read(client, 1)?.first, let length = number(client), read(client, length - 4) != nil {
            switch kind {
            case UInt8(ascii: "P"): write(client, message("1", []))
            case UInt8(ascii: "B"): write(client, message("2", []))
            case UInt8(ascii: "D"): write(client, message("T", [0, 1] + column))
            case UInt8(ascii: "E"):
                write(client, message("D", [0, 1, 0, 0, 0, 1, 49]) + message("C", Array("SELECT 1".utf8) + [0]))
            case UInt8(ascii: "S"): write(client, message("Z", [UInt8(ascii: "I")]))
            default: return
            }
        }
    }

    private static func message(_ kind: Character, _ body: [UInt8]) -> [UInt8] {
        let length = UInt32(body.count + 4)
        return Array(String(kind).utf8)
            + stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: length >> $0) } + body
    }

    private static func number(_ client: Int32) -> Int? {
        read(client, 4)?.reduce(0) { $0 << 8 | Int($1) }
    }

    private static func read(_ client: Int32, _ count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var part = [UInt8](repeating: 0, count: count - bytes.count)
            let got = recv(client, &part, part.count, 0)
            guard got > 0 else { return nil }
            bytes += part.prefix(got)
        }
        return bytes
    }

    private static func write(_ client: Int32, _ bytes: [UInt8]) {
        _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
